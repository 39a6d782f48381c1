package par

import (
	"math"
	"runtime"
	"sync/atomic"
)

// group is the part of a pool that its goroutines know, so that an unused Pool
// can be collected while they wait.
//
// A loop is open to workers from open to shut. gate holds, in one word, the number of the loop (the upper 32 bits),
// whether it is open, and how many workers are inside. A worker enters by compare-and-swap, only if the loop is open;
// the leader shuts the gate when no chunk is left and waits until it is empty. So a worker that comes late never sees
// a loop that is only half set up, and the loop does not wait for it.
type group struct {
	gate    atomic.Uint64
	leader  parking // where the leader waits for the last worker
	places  []parking
	stopped atomic.Bool

	// The loop; written by the leader while the gate is shut and empty.
	task     Task
	n, grain int
	cursor   cursor
	panicked atomic.Pointer[panicked]
}

const (
	gateOpen  = 1 << 31
	gateCount = gateOpen - 1
	gateLoop  = 1 << 32 // the least bit of the loop's number
)

// panicked is the value of a task's panic.
type panicked struct{ value any }

func newGroup(workers int) *group {
	c := &group{places: make([]parking, workers)}
	c.leader.wake = make(chan struct{}, 1)
	for i := range c.places {
		c.places[i].wake = make(chan struct{}, 1)
		go c.work(i)
	}
	return c
}

// stop ends the workers; no loop may be running.
func (c *group) stop() {
	if !c.stopped.Swap(true) {
		c.wakeAll()
	}
}

func (c *group) wakeAll() {
	for i := range c.places {
		c.places[i].unpark()
	}
}

// lead opens the gate, works, and returns when all chunks are done.
func (c *group) lead(t Task, n, grain int) {
	c.task, c.n, c.grain = t, n, grain
	c.cursor.next.Store(0)
	c.gate.Store((c.gate.Load()&^(gateLoop-1) + gateLoop) | gateOpen)
	c.wakeAll()
	c.chunks(0)
	c.gate.And(^uint64(gateOpen))
	c.leader.await(c.empty)
	c.task = nil
	if x := c.panicked.Swap(nil); x != nil {
		panic(x.value)
	}
}

func (c *group) empty() bool { return c.gate.Load()&gateCount == 0 }

// chunks takes chunks until none is left.
func (c *group) chunks(worker int) {
	defer c.catch()
	for {
		lo := (c.cursor.next.Add(1) - 1) * int64(c.grain)
		if lo >= int64(c.n) {
			return
		}
		c.task.Range(worker, int(lo), min(int(lo)+c.grain, c.n))
	}
}

// catch keeps the first panic for the leader and drops the chunks not begun.
func (c *group) catch() {
	if x := recover(); x != nil {
		c.panicked.CompareAndSwap(nil, &panicked{x})
		c.cursor.next.Store(math.MaxInt64 / 2 / int64(c.grain))
	}
}

// work is the life of worker i+1.
func (c *group) work(i int) {
	var seen uint64 // the number of the last loop taken part in
	news := func() bool {
		g := c.gate.Load()
		return c.stopped.Load() || g&gateOpen != 0 && g/gateLoop != seen
	}
	for {
		c.places[i].await(news)
		if c.stopped.Load() {
			return
		}
		g := c.gate.Load()
		if g&gateOpen == 0 || g/gateLoop == seen || !c.gate.CompareAndSwap(g, g+1) {
			continue
		}
		seen = g / gateLoop
		c.chunks(i + 1)
		if g = c.gate.Add(^uint64(0)); g&(gateOpen|gateCount) == 0 {
			c.leader.unpark()
		}
	}
}

// parking is where one goroutine waits: it spins first, then blocks.
type parking struct {
	parked atomic.Bool
	wake   chan struct{}
	_      [48]byte // a cache line each
}

// The waits between two looks grow; together they take some microseconds.
const (
	spins = 40
	looks = 30
)

// await returns when ready reports true. The goroutine that makes it true calls unpark.
func (w *parking) await(ready func() bool) {
	for range spins {
		for range looks {
			if ready() {
				return
			}
		}
		runtime.Gosched()
	}
	for {
		w.parked.Store(true)
		if ready() {
			if !w.parked.CompareAndSwap(true, false) {
				<-w.wake // unpark is on its way
			}
			return
		}
		<-w.wake
		if ready() {
			return
		}
	}
}

// unpark wakes the goroutine if it is parked.
func (w *parking) unpark() {
	if w.parked.Load() && w.parked.CompareAndSwap(true, false) {
		w.wake <- struct{}{}
	}
}
