// Package par splits loops over a pool of persistent workers.
//
// # Determinism
//
// A loop over [0, n) is cut into chunks of grain indices. The cuts depend on n and grain only, never on the number of
// workers or on which of them is faster; a kernel that keeps one partial sum a chunk and adds them up in the order of
// the chunks has the same bits on one worker and on many. Which worker runs a chunk is not determined.
//
// # Cost
//
// A loop allocates nothing. Workers that have just been busy spin for a few
// microseconds and take the next loop in well under one; then they park, and
// waking one costs some microseconds more. The caller works too and never
// waits for a worker that has not begun.
package par

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Task is a loop body. Range does the work of the indices lo, …, hi-1 and may
// run at the same time as Range of other chunks. worker, in [0, Workers()), is
// held by no other chunk of the loop at that time: it names scratch space.
type Task interface {
	Range(worker, lo, hi int)
}

// Pool runs loops on a fixed set of workers. A nil *Pool is valid: it runs
// everything on the caller, as one worker.
type Pool struct {
	mu sync.Mutex // held during a Run
	*group
}

// mostWorkers bounds the number of workers; it is more than any machine has cores.
const mostWorkers = 1024

// New returns a pool of that many workers, the caller of Run among them; 0 is
// GOMAXPROCS, and 1024 is the most. Close it when done; a pool that is dropped unclosed is closed by
// the garbage collector.
func New(workers int) *Pool {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	p := &Pool{group: newGroup(min(workers, mostWorkers) - 1)}
	runtime.AddCleanup(p, (*group).stop, p.group)
	return p
}

// Workers returns the number of workers, the caller of Run among them.
func (p *Pool) Workers() int {
	if p == nil {
		return 1
	}
	return len(p.places) + 1
}

// Close waits for a running loop and ends the workers. Later loops run on the
// caller alone. Closing twice, or a nil pool, does nothing.
func (p *Pool) Close() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stop()
}

// Run calls t.Range for the chunks [0, grain), [grain, 2·grain), … of [0, n)
// and returns when all are done. A grain below 1 is 1. If the pool is busy with
// another loop (Run was called from inside a task, or from two goroutines),
// all chunks run on the caller, in order.
//
// If a chunk panics, the chunks not yet begun are dropped and Run panics with
// the value of the first panic, once the others have ended.
func (p *Pool) Run(t Task, n, grain int) {
	grain = max(grain, 1)
	switch {
	case n <= 0:
		return
	case n <= grain:
		t.Range(0, 0, n)
		return
	case p == nil || len(p.places) == 0 || !p.mu.TryLock():
		serial(t, n, grain)
		return
	}
	defer p.mu.Unlock()
	if p.stopped.Load() {
		serial(t, n, grain)
		return
	}
	p.lead(t, n, grain)
}

// serial runs the chunks in order on the caller.
func serial(t Task, n, grain int) {
	for lo := 0; lo < n; lo += grain {
		t.Range(0, lo, min(lo+grain, n))
	}
}

// cursor hands out chunks. It has a cache line of its own.
type cursor struct {
	_    [64]byte
	next atomic.Int64
	_    [64]byte
}
