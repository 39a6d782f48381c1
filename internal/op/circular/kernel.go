package circular

import (
	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/op"
)

// A samples is a loop over samples with scratch for each worker.
type samples[T op.Float] struct {
	pool    *par.Pool
	n, size int
	scratch []T
	do      func(scratch []T, i int)
}

func newSamples[T op.Float](pool *par.Pool, n, size int, do func(scratch []T, i int)) *samples[T] {
	return &samples[T]{pool, n, size, make([]T, size*pool.Workers()), do}
}

func (t *samples[T]) run() error {
	t.pool.Run(t, t.n, 1)
	return nil
}

// Range implements par.Task.
func (t *samples[T]) Range(worker, lo, hi int) {
	for i := lo; i < hi; i++ {
		t.do(t.scratch[worker*t.size:(worker+1)*t.size], i)
	}
}

// windows calls do for every run of numbers that a row of x and a row of the
// windows' matrix (window×(h·w)) have in common: x[at:at+n] is m[to:to+n].
func (l layout) windows(do func(at, to, n int)) {
	row := 0
	for c := range l.c {
		for r := range l.kh {
			for s := range l.kw {
				for i := range l.h {
					from, to := (c*l.h+(i+r)%l.h)*l.w, (row*l.h+i)*l.w
					do(from+s, to, l.w-s)
					if s > 0 {
						do(from, to+l.w-s, s)
					}
				}
				row++
			}
		}
	}
}

func bindCorrelate[T op.Float](_ Correlate, a *op.Args[T]) op.Run {
	l := layoutOf(a.Shapes[0], a.Shapes[1])
	k, size := l.window(), l.h*l.w
	return newSamples(a.Pool, l.n, k*size, func(m []T, i int) {
		x := a.In[0][i*l.c*size:]
		l.windows(func(at, to, n int) { copy(m[to:to+n], x[at:at+n]) })
		lin.Gemm(nil, false, false, l.out, size, k, 1, a.In[1], k, m, size, 0, a.Out[i*l.out*size:], size)
	}).run
}

func bindGradX[T op.Float](_ gradX, a *op.Args[T]) op.Run {
	l := layoutOf(a.Shapes[2], a.Shapes[1])
	k, size := l.window(), l.h*l.w
	return newSamples(a.Pool, l.n, k*size, func(m []T, i int) {
		lin.Gemm(nil, true, false, k, size, l.out, 1, a.In[1], k, a.In[0][i*l.out*size:], size, 0, m, size)
		dx := a.Out[i*l.c*size : (i+1)*l.c*size]
		clear(dx)
		l.windows(func(at, to, n int) { simd.Add(dx[at:at+n], dx[at:at+n], m[to:to+n]) })
	}).run
}

// bindGradW adds up the samples in their order.
func bindGradW[T op.Float](_ gradW, a *op.Args[T]) op.Run {
	l := layoutOf(a.Shapes[1], a.Shapes[2])
	k, size := l.window(), l.h*l.w
	m := a.Scratch[:k*size]
	return func() error {
		beta := T(0)
		for i := range l.n {
			x := a.In[1][i*l.c*size:]
			l.windows(func(at, to, n int) { copy(m[to:to+n], x[at:at+n]) })
			lin.Gemm(a.Pool, false, true, l.out, k, size, 1, a.In[0][i*l.out*size:], size, m, size, beta, a.Out, k)
			beta = 1
		}
		return nil
	}
}
