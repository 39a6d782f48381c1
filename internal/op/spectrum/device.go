package spectrum

import (
	"gorgonia.org/tensor"

	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

func kernel(a *op.DeviceArgs, name string, shape launch.Shape, args ...launch.Arg) (op.Run, error) {
	return a.Kernel("spectrum", ptx.Of("spectrum/spectrum"), "spectrum_"+name, shape, args...)
}

// matrices returns how many numbers the matrices of both axes have.
func (l layout) matrices() (half, whole int) {
	half = 2 * l.half() * l.h
	if l.image {
		whole = 4 * l.w * l.w
	}
	return half, whole
}

// mostNumbers is how many numbers a kernel counts up to.
const mostNumbers = 1 << 30

// room is how many bytes the spectra and the matrices take. Every run makes the
// matrices, in less time than the products with them take.
func (l layout) room(dt tensor.Dtype) (int, error) {
	half, whole := l.matrices()
	if max(half, whole, l.spectra()) > mostNumbers {
		return 0, op.Errorf("spectrum: %d signals of %d×%d need matrices of %d and %d numbers and %d of scratch, a "+
			"kernel counts up to %d",
			l.n*l.c, l.h, l.w, half, whole, l.spectra(), mostNumbers)
	}
	return (half + whole + l.spectra()) * int(dt.Size()), nil
}

// spectra is how many numbers the transforms are before they are sorted, of images
// after the first axis and after both.
func (l layout) spectra() int {
	size := l.n * l.c * 2 * l.freqs()
	if l.image {
		return 2 * size
	}
	return size
}

// A deviceTransform is transform on a device, where the matrices are scratch too.
type deviceTransform struct {
	layout
	a                          *op.DeviceArgs
	spectra, rows, half, whole launch.Ptr
}

func newDeviceTransform(l layout, a *op.DeviceArgs) deviceTransform {
	half, _ := l.matrices()
	t := deviceTransform{layout: l, a: a, spectra: a.Work}
	t.rows = t.at(t.spectra, l.n*l.c*2*l.freqs())
	t.half = t.at(t.spectra, l.spectra())
	t.whole = t.at(t.half, half)
	return t
}

// at is the address of element i of what lies at an address.
func (t deviceTransform) at(p launch.Ptr, i int) launch.Ptr {
	return p + launch.Ptr(i*int(t.a.Dtype.Size()))
}

// addMatrices stores the matrices.
func (t deviceTransform) addMatrices(s *op.Sequence) {
	s.Add(kernel(t.a, "half_matrix", launch.Elements(t.layout.half()*t.h), launch.I(t.h), launch.P(t.half)))
	if t.image {
		s.Add(kernel(t.a, "whole_matrix", launch.Elements(t.w*t.w), launch.I(t.w), launch.P(t.whole)))
	}
}

func (t deviceTransform) addForward(s *op.Sequence, x launch.Ptr) {
	f, h, w, signals := t.layout.half(), t.h, t.w, t.n*t.c
	if !t.image {
		s.Add(t.a.Gemm(launch.Gemm{Double: t.a.Double(), TransB: true, M: signals, N: 2 * f, K: h, Alpha: 1, A: x,
			LDA: h, B: t.half, LDB: h, C: t.spectra, LDC: 2 * f}))
		return
	}
	for part := range 2 { // real, imaginary
		s.Add(t.a.Gemm(launch.Gemm{Double: t.a.Double(), M: f, N: w, K: h, Alpha: 1, A: t.at(t.half, part*f*h), LDA: h,
			B: x, LDB: w,
			C: t.at(t.rows, part*w), LDC: 2 * w, Batch: signals, StrideB: h * w, StrideC: f * 2 * w}))
	}
	s.Add(t.a.Gemm(launch.Gemm{Double: t.a.Double(), M: signals * f, N: 2 * w, K: 2 * w, Alpha: 1, A: t.rows,
		LDA: 2 * w, B: t.whole, LDB: 2 * w, C: t.spectra, LDC: 2 * w}))
}

// addBackward is the transpose of addForward.
func (t deviceTransform) addBackward(s *op.Sequence, x launch.Ptr) {
	f, h, w, signals := t.layout.half(), t.h, t.w, t.n*t.c
	if !t.image {
		s.Add(t.a.Gemm(launch.Gemm{Double: t.a.Double(), M: signals, N: h, K: 2 * f, Alpha: 1, A: t.spectra, LDA: 2 * f,
			B: t.half, LDB: h, C: x, LDC: h}))
		return
	}
	s.Add(t.a.Gemm(launch.Gemm{Double: t.a.Double(), TransB: true, M: signals * f, N: 2 * w, K: 2 * w, Alpha: 1,
		A: t.spectra, LDA: 2 * w, B: t.whole, LDB: 2 * w, C: t.rows, LDC: 2 * w}))
	for part := range 2 {
		s.Add(t.a.Gemm(launch.Gemm{Double: t.a.Double(), TransA: true, M: h, N: w, K: f, Alpha: 1,
			A: t.at(t.half, part*f*h), LDA: h, B: t.at(t.rows, part*w), LDB: 2 * w,
			Beta: float64(part), C: x, LDC: w, Batch: signals, StrideB: f * 2 * w, StrideC: h * w}))
	}
}

// addSort moves numbers between scratch and z.
func (t deviceTransform) addSort(s *op.Sequence, z launch.Ptr, toZ int) {
	rows, width := 1, t.layout.half()
	if t.image {
		rows, width = width, t.w
	}
	s.Add(kernel(t.a, "sort", launch.Elements(t.freqs()*t.n*2*t.c), launch.I(t.n), launch.I(t.c), launch.I(rows),
		launch.I(width), launch.P(t.spectra), launch.P(z), launch.I(toZ)))
}

// deviceScratch is for the spectra and the matrices.
func (k Forward) deviceScratch(a *op.DeviceArgs) (int, error) {
	l := layoutOf(a.Shapes[0])
	if !l.short() {
		return l.fftRoom(a.Stream.Device(), a.Dtype, false)
	}
	return l.room(a.Dtype)
}

func (k Forward) device(a *op.DeviceArgs) (op.Run, error) {
	l := layoutOf(a.Shapes[0])
	if !l.short() {
		return l.bindFFT(a, false)
	}
	t := newDeviceTransform(l, a)
	var s op.Sequence
	t.addMatrices(&s)
	t.addForward(&s, a.In[0])
	t.addSort(&s, a.Out, 1)
	return s.Run()
}

// deviceScratch is for the spectra and the matrices.
func (k Inverse) deviceScratch(a *op.DeviceArgs) (int, error) {
	l := k.layout(a.Shapes[0])
	if !l.short() {
		return l.fftRoom(a.Stream.Device(), a.Dtype, true)
	}
	return l.room(a.Dtype)
}

func (k Inverse) device(a *op.DeviceArgs) (op.Run, error) {
	l := k.layout(a.Shapes[0])
	if !l.short() {
		return l.bindFFT(a, true)
	}
	t := newDeviceTransform(l, a)
	var s op.Sequence
	t.addMatrices(&s)
	t.addSort(&s, a.In[0], 0)
	t.addBackward(&s, a.Out)
	return s.Run()
}
