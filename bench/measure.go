package main

import (
	stderrors "errors"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/nn"
)

// A Line is the result of one workload, as printed.
type Line struct {
	Workload string  `json:"workload"`
	Impl     string  `json:"impl"`
	MS       float64 `json:"ms"`     // median
	MinMS    float64 `json:"min_ms"` // least

	FirstMS float64 `json:"first_ms,omitempty"` // until the first run was over
	PeakMiB float64 `json:"peak_mib,omitempty"` // of a device's memory
	Threads int     `json:"threads,omitempty"`  // where several numbers are timed

	ResidentMiB float64 `json:"resident_mib,omitempty"` // the most of the process while it ran, where the system tells
	Level       string  `json:"level,omitempty"`        // the instruction set of ours
}

// A workload prepares something to be timed.
type workload struct {
	name string
	runs int  // at least; 0 is -runs
	host bool // it computes on the host whatever the device is
	// prepare returns one run, and what frees it.
	prepare func(o nn.Options) (run func() error, free func() error, err error)
}

// measureAll times the workloads that begin with one of the prefixes in only, and
// gives each line to print. One that fails does not keep the others from being timed.
func measureAll(c clock, only string, o nn.Options, runs int, print func(line any) error) (lines []Line, err error) {
	if o.Workers < 1 || runs < 1 {
		return nil, errors.Errorf("%d threads and %d runs, want at least 1 each", o.Workers, runs)
	}
	chosen, err := choose(only, o.Device != nil)
	if err != nil {
		return nil, err
	}
	for _, wl := range chosen {
		l, e := measure(c, wl, o, runs)
		if e == nil {
			lines, e = append(lines, l), print(l)
		}
		if e != nil {
			err = stderrors.Join(err, errors.WithMessage(e, wl.name))
		}
		if stderrors.Is(e, cuda.ErrDeviceLost) { // for the others too
			break
		}
	}
	return lines, err
}

// choose returns the workloads that begin with one of the prefixes in only.
func choose(only string, onDevice bool) (chosen []workload, err error) {
	prefixes := strings.FieldsFunc(only, func(r rune) bool { return r == ',' })
	for _, wl := range workloads(1) {
		if len(prefixes) > 0 && !slices.ContainsFunc(prefixes,
			func(p string) bool { return strings.HasPrefix(wl.name, p) }) || wl.host && onDevice {
			continue
		}
		chosen = append(chosen, wl)
	}
	if len(chosen) == 0 {
		return nil, errors.Errorf("no workload begins with any of %q", prefixes)
	}
	return chosen, nil
}

// measure times a workload.
func measure(c clock, wl workload, o nn.Options, runs int) (l Line, err error) {
	begin, wait := c(), waiter(o)
	if o.Device != nil {
		o.Device.ResetPeak()
	}
	run, free, err := wl.prepare(o)
	if err != nil {
		return l, err
	}
	defer func() {
		if e := free(); err == nil {
			err = e
		}
	}()
	prepared := c()
	memory := newGauge()
	begin += c() - prepared
	once := func(start time.Duration) (float64, error) {
		if err := run(); err != nil {
			return 0, err
		}
		err := wait()
		return float64((c() - start).Nanoseconds()) / 1e6, err
	}
	first, err := once(begin)
	ms := make([]float64, max(runs, wl.runs))
	for i := 0; i < len(ms) && err == nil; i++ {
		ms[i], err = once(c())
	}
	if err != nil {
		return l, err
	}
	slices.Sort(ms)
	round := func(v float64) float64 { return math.Round(v*1e3) / 1e3 }
	l = Line{Workload: wl.name, Impl: "whitebox", MS: round(ms[len(ms)/2]), MinMS: round(ms[0]), FirstMS: round(first),
		ResidentMiB: round(memory.mib()), Level: simd.Active().String()}
	if o.Device != nil {
		l.PeakMiB = round(float64(o.Device.PeakMemory()) / (1 << 20))
	}
	return l, nil
}

// waiter returns what waits until everything on the device is done.
func waiter(o nn.Options) func() error {
	if o.Device == nil {
		return func() error { return nil }
	}
	return func() error { return o.Device.Synchronize() }
}
