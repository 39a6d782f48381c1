package spectrum

import (
	"math"

	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/op"
)

// halfMatrix returns the transform of the first axis: 2f×h, the cosines and then
// the sines of each frequency, weighted.
func halfMatrix[T op.Float](h int) []T {
	f := h/2 + 1
	m := make([]T, 2*f*h)
	for p := range f {
		w := math.Sqrt(2 / float64(h))
		if p == 0 || 2*p == h {
			w = 1 / math.Sqrt(float64(h))
		}
		for t := range h {
			sin, cos := math.Sincos(2 * math.Pi * float64(p*t%h) / float64(h))
			m[p*h+t], m[(f+p)*h+t] = T(w*cos), T(-w*sin)
		}
	}
	if h%2 == 0 { // sin(πt) is 0
		clear(m[(2*f-1)*h:])
	}
	return m
}

// wholeMatrix returns the transform of the second axis: 2w×2w, such that [a b] times
// it is the transform of the complex row a + ib, real parts first.
func wholeMatrix[T op.Float](w int) []T {
	m := make([]T, 4*w*w)
	for t := range w {
		for q := range w {
			sin, cos := math.Sincos(2 * math.Pi * float64(q*t%w) / float64(w))
			c, s := T(cos/math.Sqrt(float64(w))), T(-sin/math.Sqrt(float64(w)))
			m[t*2*w+q], m[t*2*w+w+q] = c, s
			m[(w+t)*2*w+q], m[(w+t)*2*w+w+q] = -s, c
		}
	}
	return m
}

// bindForward transforms signals at once, or what a product transforms to scratch, a
// sample after the other, and sorts that by frequency.
func bindForward[T op.Float](_ Forward, a *op.Args[T]) op.Run {
	l := layoutOf(a.Shapes[0])
	return bindForwardBy(l, l.method(), a)
}

func bindForwardBy[T op.Float](l layout, m method, a *op.Args[T]) op.Run {
	if !l.image && m.first {
		return newSignals(l, a.Pool, a.In[0], a.Out, true).run
	}
	transform, sorted := newTransform(l, m, a), bindSort(l, a, a.Out, true)
	return func() error {
		transform.forward(a.In[0])
		sorted()
		return nil
	}
}

func bindInverse[T op.Float](k Inverse, a *op.Args[T]) op.Run {
	l := k.layout(a.Shapes[0])
	return bindInverseBy(l, l.method(), a)
}

func bindInverseBy[T op.Float](l layout, m method, a *op.Args[T]) op.Run {
	if !l.image && m.first {
		return newSignals(l, a.Pool, a.Out, a.In[0], false).run
	}
	transform, sorted := newTransform(l, m, a), bindSort(l, a, a.In[0], false)
	return func() error {
		sorted()
		transform.backward(a.Out)
		return nil
	}
}

// A transform is bound to scratch: the spectra of all channels of all samples, one
// after the other, each 2f numbers, or for images f rows of 2w. An axis is either a
// matrix or a fast transform.
type transform[T op.Float] struct {
	layout
	a           *op.Args[T]
	half, whole []T
	columns     *columns[T]
	lines       *lines[T]
	spectra     []T
	rows        []T // of images, after the first axis
}

func newTransform[T op.Float](l layout, m method, a *op.Args[T]) *transform[T] {
	t := &transform[T]{layout: l, a: a}
	size := l.n * l.c * 2 * l.freqs()
	t.spectra = a.Scratch[:size]
	if l.image && m.first {
		t.columns = newColumns[T](l, a.Pool)
	} else {
		t.half = halfMatrix[T](l.h)
	}
	if !l.image {
		return t
	}
	t.rows = a.Scratch[size : 2*size]
	if m.second {
		t.lines = newLines[T](l, a.Pool)
	} else {
		t.whole = wholeMatrix[T](l.w)
	}
	return t
}

// forward is bound by arithmetic.
func (t *transform[T]) forward(x []T) {
	f, h, w, signals := t.layout.half(), t.h, t.w, t.n*t.c
	if !t.image {
		lin.Gemm(t.a.Pool, false, true, signals, 2*f, h, 1, x, h, t.half, h, 0, t.spectra, 2*f)
		return
	}
	if t.columns != nil {
		t.columns.run(x, t.rows, false)
	} else {
		for part := range 2 { // real, imaginary
			lin.GemmBatch(t.a.Pool, signals, false, false, f, w, h, 1, t.half[part*f*h:], h, 0, x, w, h*w, 0,
				t.rows[part*w:], 2*w, f*2*w)
		}
	}
	if t.lines != nil {
		t.lines.run(t.spectra, t.rows, false)
		return
	}
	lin.Gemm(t.a.Pool, false, false, signals*f, 2*w, 2*w, 1, t.rows, 2*w, t.whole, 2*w, 0, t.spectra, 2*w)
}

// backward is the transpose of forward.
func (t *transform[T]) backward(x []T) {
	f, h, w, signals := t.layout.half(), t.h, t.w, t.n*t.c
	if !t.image {
		lin.Gemm(t.a.Pool, false, false, signals, h, 2*f, 1, t.spectra, 2*f, t.half, h, 0, x, h)
		return
	}
	if t.lines != nil {
		t.lines.run(t.rows, t.spectra, true)
	} else {
		lin.Gemm(t.a.Pool, false, true, signals*f, 2*w, 2*w, 1, t.spectra, 2*w, t.whole, 2*w, 0, t.rows, 2*w)
	}
	if t.columns != nil {
		t.columns.run(x, t.rows, true)
		return
	}
	for part := range 2 {
		lin.GemmBatch(t.a.Pool, signals, true, false, h, w, f, 1, t.half[part*f*h:], h, 0, t.rows[part*w:], 2*w, f*2*w,
			T(part), x, w, h*w)
	}
}

// bindSort moves numbers between scratch, where a sample's channels lie one after
// the other, and z (f×n×2c). It is bound by memory.
func bindSort[T op.Float](l layout, a *op.Args[T], z []T, toZ bool) func() {
	spectra, f := a.Scratch[:l.n*l.c*2*l.freqs()], l.half()
	rows, width := 1, f // of frequencies
	if l.image {
		rows, width = f, l.w
	}
	ldz, lds := l.n*2*l.c, rows*2*width
	loop := a.Pool.Loop(l.n, max(1, (1<<14)/(lds*l.c)), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			for r := range rows {
				for part := range 2 {
					s := spectra[i*l.c*lds+r*2*width+part*width:]
					d := z[r*width*ldz+i*2*l.c+part*l.c:]
					if toZ {
						simd.Transpose(d, ldz, s, lds, l.c, width)
					} else {
						simd.Transpose(s, lds, d, ldz, width, l.c)
					}
				}
			}
		}
	})
	return loop.Do
}
