package spectrum

import (
	"github.com/whitebox-nn/whitebox/internal/fourier"
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/op"
)

// A method says which axes take a fast transform; the others take a product.
type method struct{ first, second bool }

// Of a fast transform, an operation on a number costs about as much as perMultiply
// multiply-adds of a product, and moving a number as moves operations: measured, see
// docs/bench/redunet.md.
const (
	perMultiply = 5
	moves       = 6
)

// method returns the faster one by axis: a product takes 2f multiply-adds for a number
// of a signal, or 4w for a complex one.
func (l layout) method() method {
	return method{
		first:  perMultiply*(fourier.CostReal(l.h)+moves) < float64(2*l.half()),
		second: l.image && perMultiply*(fourier.Cost(l.w)+moves) < float64(4*l.w),
	}
}

// lanesOf returns how many signals of n numbers are transformed side by side: enough
// that a call of a vector kernel is worth it, fewer where the cache would overflow.
func lanesOf(n int) int { return min(64, max(32, 1<<16/n)) }

// blocks is a loop over parts of a batch with scratch for each worker.
type blocks[T op.Float] struct {
	pool    *par.Pool
	count   int
	size    int // of one worker's scratch
	scratch []T
	do      func(work []T, i int)
}

func newBlocks[T op.Float](pool *par.Pool, count, size int, do func(work []T, i int)) *blocks[T] {
	return &blocks[T]{pool, count, size, make([]T, size*pool.Workers()), do}
}

func (b *blocks[T]) run() { b.pool.Run(b, b.count, 1) }

// Range implements par.Task.
func (b *blocks[T]) Range(worker, lo, hi int) {
	for i := lo; i < hi; i++ {
		b.do(b.scratch[worker*b.size:(worker+1)*b.size], i)
	}
}

// signals are the fast transforms of all channels of a batch, some whole samples at a
// time, or some channels of one.
type signals[T op.Float] struct {
	layout
	plan              *fourier.Real[T]
	samples, channels int // of a block
	parts             int // of a sample's channels
	blocks            *blocks[T]
	x, z              []T
	toSpectrum        bool
}

func newSignals[T op.Float](l layout, pool *par.Pool, x, z []T, toSpectrum bool) *signals[T] {
	s := &signals[T]{layout: l, plan: fourier.NewReal[T](l.h), x: x, z: z, toSpectrum: toSpectrum}
	s.channels = min(l.c, lanesOf(l.h))
	s.samples = min(l.n, max(1, lanesOf(l.h)/l.c))
	s.parts = ceil(l.c, s.channels)
	lanes := s.samples * s.channels
	s.blocks = newBlocks[T](pool, ceil(l.n, s.samples)*s.parts, (l.h+2*s.plan.Freqs())*lanes+s.plan.Work(lanes),
		s.block)
	return s
}

func (s *signals[T]) run() error {
	s.blocks.run()
	return nil
}

// block transforms one block, between rows of lanes.
func (s *signals[T]) block(work []T, b int) {
	i, c := b/s.parts*s.samples, b%s.parts*s.channels
	samples, channels := min(s.samples, s.n-i), min(s.channels, s.c-c)
	lanes, f := samples*channels, s.plan.Freqs()
	x, spectrum, rest := work[:s.h*lanes], work[s.h*lanes:(s.h+2*f)*lanes], work[(s.h+2*f)*lanes:]
	own := s.x[(i*s.c+c)*s.h:]
	if s.toSpectrum {
		simd.Transpose(x, lanes, own, s.h, lanes, s.h)
		s.plan.Forward(spectrum, x, lanes, lanes, rest)
	}
	for row := range 2 * f { // part 0 the real ones, part 1 the imaginary
		part, p := row/f, row%f
		at := s.z[(p*s.n+i)*2*s.c+part*s.c+c:]
		if s.toSpectrum {
			simd.Copy(at, 2*s.c, spectrum[row*lanes:], channels, samples, channels)
		} else {
			simd.Copy(spectrum[row*lanes:], channels, at, 2*s.c, samples, channels)
		}
	}
	if !s.toSpectrum {
		s.plan.Adjoint(x, spectrum, lanes, rest)
		simd.Transpose(own, s.h, x, lanes, s.h, lanes)
	}
}

func ceil(a, b int) int { return (a + b - 1) / b }
