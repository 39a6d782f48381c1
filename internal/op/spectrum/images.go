package spectrum

import (
	"math"

	"github.com/whitebox-nn/whitebox/internal/fourier"
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/op"
)

// columns are the fast transforms of images along the first axis, whose lanes are the
// columns as they lie.
type columns[T op.Float] struct {
	layout
	plan   *fourier.Real[T]
	wide   int           // columns of a block
	parts  int           // of an image
	x      []T           // images h×w
	rows   []T           // f×2w an image
	blocks [2]*blocks[T] // to rows, and back
}

func newColumns[T op.Float](l layout, pool *par.Pool) *columns[T] {
	c := &columns[T]{layout: l, plan: fourier.NewReal[T](l.h), wide: min(l.w, lanesOf(l.h))}
	c.parts = ceil(l.w, c.wide)
	for i, do := range []func(work []T, b int){c.forward, c.backward} {
		c.blocks[i] = newBlocks(pool, l.n*l.c*c.parts, (l.h+2*c.plan.Freqs())*c.wide+c.plan.Work(c.wide), do)
	}
	return c
}

// run stores the rows of images, or with back set the images of rows.
func (c *columns[T]) run(x, rows []T, back bool) {
	c.x, c.rows = x, rows
	if back {
		c.blocks[1].run()
	} else {
		c.blocks[0].run()
	}
}

// forward stores the rows of some columns of an image.
func (c *columns[T]) forward(work []T, b int) {
	image, at := b/c.parts, b%c.parts*c.wide
	f, lanes := c.plan.Freqs(), min(c.wide, c.w-at)
	spectrum := work[:2*f*lanes]
	c.plan.Forward(spectrum, c.x[image*c.h*c.w+at:], c.w, lanes, work[2*f*lanes:])
	own := c.rows[image*f*2*c.w+at:]
	simd.Copy(own, 2*c.w, spectrum, lanes, f, lanes)
	simd.Copy(own[c.w:], 2*c.w, spectrum[f*lanes:], lanes, f, lanes)
}

// backward is the adjoint of forward.
func (c *columns[T]) backward(work []T, b int) {
	image, at := b/c.parts, b%c.parts*c.wide
	f, lanes := c.plan.Freqs(), min(c.wide, c.w-at)
	spectrum, signals, rest := work[:2*f*lanes], work[2*f*lanes:(2*f+c.h)*lanes], work[(2*f+c.h)*lanes:]
	own := c.rows[image*f*2*c.w+at:]
	simd.Copy(spectrum, lanes, own, 2*c.w, f, lanes)
	simd.Copy(spectrum[f*lanes:], lanes, own[c.w:], 2*c.w, f, lanes)
	c.plan.Adjoint(signals, spectrum, lanes, rest)
	simd.Copy(c.x[image*c.h*c.w+at:], c.w, signals, lanes, c.h, lanes)
}

// lines are the fast transforms of complex rows of w numbers, the second axis of
// images, some rows at a time.
type lines[T op.Float] struct {
	w, count, lanes int
	plan            *fourier.Plan[T]
	in, out         []T
	inverse         bool
	blocks          *blocks[T]
}

func newLines[T op.Float](l layout, pool *par.Pool) *lines[T] {
	x := &lines[T]{w: l.w, count: l.n * l.c * l.half(), lanes: lanesOf(l.w), plan: fourier.NewPlan[T](l.w)}
	x.blocks = newBlocks(pool, ceil(x.count, x.lanes), 4*l.w*x.lanes+x.plan.Work(x.lanes), x.block)
	return x
}

// run stores the transforms of rows, real parts first, or with inverse set their
// inverse, both unitary.
func (x *lines[T]) run(out, in []T, inverse bool) {
	x.out, x.in, x.inverse = out, in, inverse
	x.blocks.run()
}

// block transforms some rows.
func (x *lines[T]) block(work []T, b int) {
	lo := b * x.lanes
	lanes := min(x.lanes, x.count-lo)
	size := 2 * x.w * lanes
	from, to := fourier.NewPlanes(work[:size], x.w, lanes), fourier.NewPlanes(work[size:2*size], x.w, lanes)
	own := x.in[lo*2*x.w:]
	simd.Transpose(from.Re, lanes, own, 2*x.w, lanes, x.w)
	simd.Transpose(from.Im, lanes, own[x.w:], 2*x.w, lanes, x.w)
	if x.inverse {
		from, to = from.Swapped(), to.Swapped()
	}
	x.plan.Transform(to, from, lanes, work[2*size:])
	if x.inverse {
		to = to.Swapped()
	}
	done := work[size : 2*size]
	simd.Affine(done, T(1/math.Sqrt(float64(x.w))), done, 0)
	own = x.out[lo*2*x.w:]
	simd.Transpose(own, 2*x.w, to.Re, lanes, x.w, lanes)
	simd.Transpose(own[x.w:], 2*x.w, to.Im, lanes, x.w, lanes)
}
