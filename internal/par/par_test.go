package par_test

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/par"
)

// visits counts how often each index is visited and by which chunk.
type visits struct {
	count []atomic.Int32
	lo    []int
	busy  []atomic.Bool
	clash atomic.Bool
}

func newVisits(n, workers int) *visits {
	return &visits{count: make([]atomic.Int32, n), lo: make([]int, n), busy: make([]atomic.Bool, workers)}
}

func (v *visits) Range(worker, lo, hi int) {
	if v.busy[worker].Swap(true) {
		v.clash.Store(true)
	}
	for i := lo; i < hi; i++ {
		v.count[i].Add(1)
		v.lo[i] = lo
	}
	v.busy[worker].Store(false)
}

func pools(t *testing.T) map[string]*par.Pool {
	m := map[string]*par.Pool{"nil": nil}
	for _, w := range []int{1, 2, 3, 8} {
		p := par.New(w)
		t.Cleanup(p.Close)
		m[fmt.Sprint(w)] = p
	}
	return m
}

func TestRunVisitsEachIndexOnceInFixedChunks(t *testing.T) {
	for name, p := range pools(t) {
		t.Run(name, func(t *testing.T) {
			for _, n := range []int{0, 1, 2, 7, 64, 1000} {
				for _, grain := range []int{-1, 0, 1, 3, 64, 5000} {
					v := newVisits(n, p.Workers())
					p.Run(v, n, grain)
					for i := range n {
						require.EqualValues(t, 1, v.count[i].Load())
						require.Equal(t, i-i%max(grain, 1), v.lo[i])
					}
					require.False(t, v.clash.Load(), "two chunks on one worker at a time")
				}
			}
		})
	}
}

func TestRunUsesSeveralWorkers(t *testing.T) {
	p := par.New(3)
	defer p.Close()
	require.Equal(t, 3, p.Workers())
	var meet sync.WaitGroup // passes only if three chunks run at the same time
	meet.Add(3)
	p.Loop(3, 1, func(lo, hi int) { meet.Done(); meet.Wait() }).Do()
}

func TestZeroWorkersIsGOMAXPROCS(t *testing.T) {
	p := par.New(0)
	defer p.Close()
	require.Equal(t, runtime.GOMAXPROCS(0), p.Workers())
}

func TestManySmallLoopsAreComplete(t *testing.T) {
	p := par.New(8)
	defer p.Close()
	var sum atomic.Int64
	l := p.Loop(9, 1, func(lo, hi int) { sum.Add(int64(lo)) })
	for i := range 3000 {
		if i%500 == 0 {
			time.Sleep(time.Millisecond) // lets the workers park
		}
		sum.Store(0)
		l.Do()
		require.EqualValues(t, 36, sum.Load())
	}
}

func TestNestedRunIsSerialAndComplete(t *testing.T) {
	p := par.New(2)
	defer p.Close()
	var sum atomic.Int64
	p.Loop(4, 1, func(lo, hi int) {
		last := -1
		p.Loop(10, 2, func(a, b int) {
			assert.Greater(t, a, last)
			last = a
			sum.Add(int64(b - a))
		}).Do()
	}).Do()
	require.EqualValues(t, 40, sum.Load())
}

func TestRunFromManyGoroutines(t *testing.T) {
	p := par.New(2)
	defer p.Close()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 100 {
				v := newVisits(50, 2)
				p.Run(v, 50, 3)
				for i := range v.count {
					assert.EqualValues(t, 1, v.count[i].Load())
				}
			}
		})
	}
	all.Wait()
}

func TestPanicReachesTheCaller(t *testing.T) {
	for name, p := range pools(t) {
		t.Run(name, func(t *testing.T) {
			for bad := range 5 {
				require.PanicsWithValue(t, "boom", func() {
					p.Loop(5, 1, func(lo, hi int) {
						if lo == bad {
							panic("boom")
						}
					}).Do()
				})
			}
			v := newVisits(100, p.Workers())
			p.Run(v, 100, 1)
			for i := range v.count {
				require.EqualValues(t, 1, v.count[i].Load(), "the pool works after a panic")
			}
		})
	}
}

func TestClosedPoolRunsOnTheCaller(t *testing.T) {
	p := par.New(4)
	p.Close()
	p.Close()
	(*par.Pool)(nil).Close()
	n := 0
	p.Loop(10, 1, func(lo, hi int) { n++ }).Do()
	require.Equal(t, 10, n)
}

func TestDroppedPoolEndsItsGoroutines(t *testing.T) {
	before := runtime.NumGoroutine()
	func() { par.New(5).Loop(10, 1, func(lo, hi int) {}).Do() }()
	for range 200 {
		runtime.GC()
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%d goroutines before, %d after", before, runtime.NumGoroutine())
}

func TestDoAllocatesNothing(t *testing.T) {
	for name, p := range pools(t) {
		t.Run(name, func(t *testing.T) {
			sums := make([]float64, 100)
			l := p.Loop(100, 1, func(lo, hi int) { sums[lo]++ })
			v := newVisits(64, p.Workers())
			require.Zero(t, testing.AllocsPerRun(100, func() { l.Do(); p.Run(v, 64, 2) }))
		})
	}
}

func BenchmarkDo(b *testing.B) {
	p := par.New(0)
	defer p.Close()
	l := p.Loop(p.Workers(), 1, func(lo, hi int) {})
	b.ReportAllocs()
	for b.Loop() {
		l.Do()
	}
}
