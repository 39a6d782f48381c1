package spectrum

import (
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/cuda"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// shortSide is up to what side the transforms are products. So short a product is
// bound by memory, as a fast transform is, and it needs no cuFFT.
const shortSide = 16

// short reports whether l is for products.
func (l layout) short() bool { return l.h <= shortSide && l.w <= shortSide }

// transformOf is l as cuFFT has it: images, which it halves along the last axis,
// and signals, along their only one.
func (l layout) transformOf(dt tensor.Dtype, inverse bool) cuda.Transform {
	t := cuda.Transform{Double: dt == tensor.Float64, Inverse: inverse, Sides: []int{l.h}, Batch: l.n * l.c}
	if l.image {
		t.Sides = append(t.Sides, l.w)
	}
	return t
}

// sides returns what a Half of spectrum.cu is made of.
func (l layout) sides() (args []launch.Arg, numbers int) {
	h, w, image := 1, l.h, 0
	if l.image {
		h, w, image = l.h, l.w, 1
	}
	return []launch.Arg{launch.I(l.n), launch.I(l.c), launch.I(h), launch.I(w), launch.I(image)},
		2 * l.n * l.c * h * (w/2 + 1)
}

// fftRoom is how many bytes the spectra and cuFFT's work take.
func (l layout) fftRoom(d *cuda.Device, dt tensor.Dtype, inverse bool) (int, error) {
	_, numbers := l.sides()
	if numbers > mostNumbers {
		return 0, op.Errorf("spectrum: %d signals of %d×%d have spectra of %d numbers, a kernel counts up to %d",
			l.n*l.c, l.h, l.w, numbers, mostNumbers)
	}
	f, err := d.FFT()
	if err != nil {
		return 0, err
	}
	p, err := f.Plan(l.transformOf(dt, inverse))
	if err != nil {
		return 0, err
	}
	return op.PiecesRoom(numbers*int(dt.Size()), p.Work), p.Free()
}

// bindFFT prepares a transform from x to z, or from z to x, which the program frees.
func (l layout) bindFFT(a *op.DeviceArgs, inverse bool) (op.Run, error) {
	f, err := a.Stream.Device().FFT()
	if err != nil {
		return nil, err
	}
	p, err := f.Plan(l.transformOf(a.Dtype, inverse))
	if err != nil {
		return nil, err
	}
	a.Owned = append(a.Owned, p.Free)
	half, numbers := l.sides()
	w := a.Pieces()
	spectra := w.Take(numbers * int(a.Dtype.Size()))
	if err := p.Bind(a.Stream, w.Take(p.Work)); err != nil {
		return nil, err
	}
	var s op.Sequence
	if inverse {
		s.Add(kernel(a, "unsorted", launch.Elements(numbers/2), append(half, launch.P(spectra), a.X(0))...))
		s.Add(func() error { return p.Do(a.Out, spectra) }, nil)
	} else {
		s.Add(func() error { return p.Do(spectra, a.In[0]) }, nil)
		s.Add(kernel(a, "sorted", launch.Elements(a.N()), append(half, launch.I(l.freqs()), a.Y(),
			launch.P(spectra))...))
	}
	return s.Run()
}
