package op

import (
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/cuda"
)

// DeviceArgs are the operands of an op on a device, bound once for many runs: as
// Args, but addresses.
type DeviceArgs struct {
	Stream *cuda.Stream
	Dtype  tensor.Dtype // of the operands that are not wide
	In     []cuda.Ptr
	Shapes []tensor.Shape
	Out    cuda.Ptr
	Shape  tensor.Shape
	Work   cuda.Ptr // scratch, at a multiple of cuda.Align
	Status cuda.Ptr // 64 bits, 0 before every run: see Explained

	// Owned are what the op made on the device besides, such as a plan: they give
	// it back when the program is closed, or at once after an error of BindCUDA.
	Owned []func() error
}

// BindDevice returns the run of k on the operands of a, whose Dtype it sets.
func (s *Spec) BindDevice(k Op, out Operand, in []Operand, a *DeviceArgs) (Run, error) {
	a.Dtype, a.Shape = s.Dtype(out.Dtype, in), out.Shape
	a.Shapes = make([]tensor.Shape, len(in))
	for i, x := range in {
		a.Shapes[i] = x.Shape
	}
	for _, x := range append([]Operand{out}, in...) {
		if x.Size() > 1<<30 {
			return nil, Errorf("%s: a tensor of shape %v has %d elements, a kernel counts up to %d", Name(k), x.Shape, x.Size(), 1<<30)
		}
	}
	return s.Device(a)
}

// ScratchOnDevice returns how many bytes of scratch a run on a device needs.
func (s *Spec) ScratchOnDevice(d *cuda.Device, dt tensor.Dtype, in []tensor.Shape) (int, error) {
	if s.DeviceScratch != nil {
		return s.DeviceScratch(d, dt, in)
	}
	return 8 * s.WorkspaceOf(dt, in), nil
}

// Double reports whether the graph is of float64.
func (a *DeviceArgs) Double() bool { return a.Dtype == tensor.Float64 }

// Real is v as an argument of the graph's dtype.
func (a *DeviceArgs) Real(v float64) cuda.Arg {
	if a.Double() {
		return cuda.F64(v)
	}
	return cuda.F32(float32(v))
}

// X is input i as an argument.
func (a *DeviceArgs) X(i int) cuda.Arg { return cuda.P(a.In[i]) }

// Y is the output as an argument.
func (a *DeviceArgs) Y() cuda.Arg { return cuda.P(a.Out) }

// N is the number of elements of the output.
func (a *DeviceArgs) N() int { return Operand{Shape: a.Shape}.Size() }

// Kernel returns the run of the kernel name of a module, to which _f32 or _f64 is
// added.
func (a *DeviceArgs) Kernel(module, ptx, name string, shape cuda.Shape, args ...cuda.Arg) (Run, error) {
	m, err := a.Stream.Device().Module(module, ptx)
	if err != nil {
		return nil, err
	}
	suffix := "_f32"
	if a.Double() {
		suffix = "_f64"
	}
	l, err := m.Launch(name+suffix, shape, args...)
	if err != nil {
		return nil, err
	}
	return func() error { return l.Do(a.Stream) }, nil
}

// Gemm returns the run of a product.
func (a *DeviceArgs) Gemm(g cuda.Gemm) (Run, error) {
	b, err := a.Stream.Device().BLAS()
	if err != nil {
		return nil, err
	}
	return func() error { return b.Gemm(a.Stream, &g) }, nil
}

// A Sequence collects runs, until the first error.
type Sequence struct {
	runs []Run
	err  error
}

// Add adds a run, or keeps the first error.
func (s *Sequence) Add(r Run, err error) {
	if s.err == nil {
		s.err = err
	}
	s.runs = append(s.runs, r)
}

// Run returns the run of all in their order.
func (s *Sequence) Run() (Run, error) {
	runs := s.runs
	return func() error {
		for _, r := range runs {
			if err := r(); err != nil {
				return err
			}
		}
		return nil
	}, s.err
}

// Syrk returns the run of a Gram matrix.
func (a *DeviceArgs) Syrk(g cuda.Syrk) (Run, error) {
	b, err := a.Stream.Device().BLAS()
	if err != nil {
		return nil, err
	}
	return func() error { return b.Syrk(a.Stream, &g) }, nil
}
