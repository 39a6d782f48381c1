package op

import (
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/cuda"
	"github.com/whitebox-nn/whitebox/internal/sizes"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// DeviceArgs are the operands of an op on a device, bound once for many runs: as
// Args, but addresses.
type DeviceArgs struct {
	Dtype  tensor.Dtype // of the operands that are not wide
	In     []launch.Ptr
	Shapes []tensor.Shape
	Out    launch.Ptr
	Shape  tensor.Shape
	Work   launch.Ptr // scratch, at a multiple of launch.Align
	Status launch.Ptr // 64 bits, 0 before every run: see Report

	// Owned are what the op made on the device besides, such as a plan: they give
	// it back when the program is closed, or at once after an error of Device.
	Owned []func() error

	queue
}

// A queue is where a machine of a device puts an op. It is for ops of this module,
// which call the device's libraries; others have Kernel, Gemm, Syrk and Copy.
type queue struct{ Stream *cuda.Stream }

// orNone returns a, or one without operands for nil.
func (a *DeviceArgs) orNone() *DeviceArgs {
	if a == nil {
		return &DeviceArgs{}
	}
	return a
}

// device returns the device that the op is put on; nil, whose methods say so, is none.
func (a *DeviceArgs) device() *cuda.Device { return a.orNone().Stream.Device() }

// BindDevice returns the run of k on the operands of a, whose Dtype it sets. Of out and
// in it takes dtypes and shapes, not the memory.
func (s *Spec) BindDevice(k Op, out Operand, in []Operand, a *DeviceArgs) (run Run, err error) {
	switch {
	case s == nil || s.Device == nil || a == nil:
		return nil, Errorf("%s: it declares no device, or there are no operands for one", Name(k))
	case len(in) != len(s.In) || len(a.In) != len(in):
		return nil, Errorf("%s: %d inputs at %d addresses, want %d", Name(k), len(in), len(a.In), len(s.In))
	}
	a.Dtype, a.Shape, a.Shapes = s.Dtype(out.Dtype, in), out.Shape, shapesOf(in)
	for _, x := range append([]Operand{out}, in...) {
		if _, ok := sizes.Product(x.Shape...); !ok {
			return nil, Errorf("%s: a tensor of shape %v: a kernel counts up to %d", Name(k), x.Shape, sizes.Most)
		}
	}
	err = contained(func() error {
		run, err = s.Device(a)
		return err
	})
	return run, err
}

// ScratchOnDevice returns how many bytes of scratch a run on a device needs, for a of
// which Dtype, Shapes and the stream are known.
func (s *Spec) ScratchOnDevice(a *DeviceArgs) (int, error) {
	if s == nil || a == nil {
		return 0, Errorf("op: scratch of no op, or for no operands")
	}
	if s.DeviceScratch != nil {
		return s.DeviceScratch(a)
	}
	return 8 * s.WorkspaceOf(a.Dtype, a.Shapes), nil
}

// Double reports whether the graph is of float64.
func (a *DeviceArgs) Double() bool { return a.orNone().Dtype == tensor.Float64 }

// Real is v as an argument of the graph's dtype.
func (a *DeviceArgs) Real(v float64) launch.Arg {
	if a.Double() {
		return launch.F64(v)
	}
	return launch.F32(float32(v))
}

// X is input i as an argument, and address 0 for an input that is not there.
func (a *DeviceArgs) X(i int) launch.Arg {
	if a == nil || i < 0 || i >= len(a.In) {
		return launch.P(0)
	}
	return launch.P(a.In[i])
}

// Y is the output as an argument.
func (a *DeviceArgs) Y() launch.Arg { return launch.P(a.orNone().Out) }

// N is the number of elements of the output.
func (a *DeviceArgs) N() int { return Operand{Shape: a.orNone().Shape}.Size() }

// Kernel returns the run of the kernel name of a module, to which _f32 or _f64 is
// added.
func (a *DeviceArgs) Kernel(module, ptx, name string, shape launch.Shape, args ...launch.Arg) (Run, error) {
	m, err := a.device().Module(module, ptx)
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
func (a *DeviceArgs) Gemm(g launch.Gemm) (Run, error) {
	b, err := a.device().BLAS()
	if err != nil {
		return nil, err
	}
	return func() error { return b.Gemm(a.Stream, &g) }, nil
}

// Syrk returns the run of a Gram matrix.
func (a *DeviceArgs) Syrk(g launch.Syrk) (Run, error) {
	b, err := a.device().BLAS()
	if err != nil {
		return nil, err
	}
	return func() error { return b.Syrk(a.Stream, &g) }, nil
}

// Copy returns the run of a copy within the device.
func (a *DeviceArgs) Copy(to, from launch.Ptr, bytes int) Run {
	s := a.orNone().Stream
	return func() error { return s.Copy(to, from, bytes) }
}

// Tensors returns the run of the kernel name of a module on many tensors in one launch:
// NAME(int parts, const Part<T>* table, …args), of which each_part in device.cuh makes
// a loop.
func (a *DeviceArgs) Tensors(module, ptx, name string, tensors []launch.Tensor, args ...launch.Arg) (Run, error) {
	bytes := 4
	if a.Double() {
		bytes = 8
	}
	if a == nil {
		return nil, Errorf("op: %s on no operands", name)
	}
	table := a.device().NewTable(bytes, "the tensors of "+name)
	a.Owned = append(a.Owned, table.Free)
	if err := table.Set(a.Stream, tensors); err != nil {
		return nil, err
	}
	parts, at := table.Args()
	return a.Kernel(module, ptx, name, table.Shape(), append([]launch.Arg{parts, at}, args...)...)
}
