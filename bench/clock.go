package main

import (
	"time"

	"github.com/pkg/errors"
)

// A clock returns the time since some moment.
type clock func() time.Duration

// newClock returns the wall clock, or, with cpu, the processor time of the process, which on one thread is the time
// on an otherwise idle machine, except for the effect of other processes on its caches.
func newClock(cpu bool, threads int) (clock, error) {
	if !cpu {
		start := time.Now()
		return func() time.Duration { return time.Since(start) }, nil
	}
	if threads != 1 {
		return nil, errors.Errorf("-cpu with %d threads, want 1: times of several would be added", threads)
	}
	if _, ok := cpuTime(); !ok {
		return nil, errors.New("-cpu: this system does not tell processor time")
	}
	return func() time.Duration { t, _ := cpuTime(); return t }, nil
}

// least returns the least time of some runs of f, in seconds.
func (c clock) least(runs int, f func()) float64 {
	best := time.Duration(1<<63 - 1)
	for range runs {
		start := c()
		f()
		best = min(best, c()-start)
	}
	return best.Seconds()
}
