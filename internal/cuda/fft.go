package cuda

import (
	"unsafe"

	"github.com/pkg/errors"
)

// An FFT is cuFFT on a device: batches of transforms of real signals.
type FFT struct {
	d *Device
	fftFunctions
}

type fftFunctions struct {
	create, destroy, autoAllocation, makePlan, workArea, setStream uintptr
	r2c, c2r, d2z, z2d                                             uintptr
}

// FFT returns cuFFT, loaded at the first call. Errors: ErrUnavailable.
func (d *Device) FFT() (*FFT, error) {
	if err := d.within("FFT"); err != nil {
		return nil, err
	}
	if d.fft != nil {
		return d.fft, nil
	}
	l, err := open("cuFFT", "libcufft.so.12", "libcufft.so.11", "libcufft.so.10", "libcufft.so")
	if err != nil {
		return nil, err
	}
	f := &FFT{d: d}
	err = l.resolve([]symbol{
		{"cufftCreate", &f.create, false}, {"cufftDestroy", &f.destroy, false},
		{"cufftSetAutoAllocation", &f.autoAllocation, false}, {"cufftMakePlanMany", &f.makePlan, false},
		{"cufftSetWorkArea", &f.workArea, false}, {"cufftSetStream", &f.setStream, false},
		{"cufftExecR2C", &f.r2c, false}, {"cufftExecC2R", &f.c2r, false},
		{"cufftExecD2Z", &f.d2z, false}, {"cufftExecZ2D", &f.z2d, false},
	})
	if err != nil {
		return nil, err
	}
	d.fft = f
	return f, nil
}

// A Transform is a batch of discrete Fourier transforms of real signals over one
// axis or two, without a factor, in float64 if Double and else in float32:
//
//	X(p) = Σₜ x(t) exp(−2πi Σₐ pₐtₐ/Tₐ)
//
// Signals are dense, one after the other. Of the spectrum, complex numbers of two
// reals each, the last axis has the frequencies 0, …, ⌊T/2⌋ only. Inverse is from
// such a half of a Hermitian spectrum to the real Σₚ X(p) exp(+2πi …), and spoils
// the spectrum.
type Transform struct {
	Double, Inverse bool
	Sides           []int // T of each axis, the last one adjacent in memory
	Batch           int
}

// kind returns the function that does it, its name, and how cuFFT calls the type.
func (f *FFT) kind(t Transform) (function uintptr, name string, kind uintptr) {
	switch {
	case t.Double && t.Inverse:
		return f.z2d, "cufftExecZ2D", 0x6c
	case t.Double:
		return f.d2z, "cufftExecD2Z", 0x6a
	case t.Inverse:
		return f.c2r, "cufftExecC2R", 0x2c
	}
	return f.r2c, "cufftExecR2C", 0x2a
}

// A Plan is a Transform that is ready to be done. Free it.
type Plan struct {
	Work int // bytes of device memory that it works in, which Bind gives it

	t        Transform
	f        *FFT
	handle   int32
	function uintptr
	name     string
	stream   *Stream
}

// Plan prepares t. It takes a while, and memory of the device for tables, but
// none for work.
func (f *FFT) Plan(t Transform) (*Plan, error) {
	if f == nil || len(t.Sides) < 1 || len(t.Sides) > 2 {
		return nil, errors.Errorf("cuda: a plan of %d axes, want 1 or 2, of FFT of a device", len(t.Sides))
	}
	if err := f.d.within("Plan"); err != nil {
		return nil, err
	}
	p := &Plan{t: t, f: f}
	if err := p.check("cufftCreate", f.d.call(f.create, uintptr(unsafe.Pointer(&p.handle)))); err != nil {
		return nil, err
	}
	f.d.live.Add(1)
	if err := p.make(); err != nil {
		if e := p.Free(); e != nil {
			return nil, errors.WithMessagef(err, "%v; and then", e)
		}
		return nil, err
	}
	return p, nil
}

func (p *Plan) make() error {
	f := p.f
	if err := p.check("cufftSetAutoAllocation", f.d.call(f.autoAllocation, uintptr(p.handle), 0)); err != nil {
		return err
	}
	sides, work := make([]int32, len(p.t.Sides)), new(uint64)
	for i, n := range p.t.Sides {
		sides[i] = int32(n)
	}
	var kind uintptr
	p.function, p.name, kind = f.kind(p.t)
	// Without the layouts "embed", signals and spectra are dense.
	r := f.d.call(f.makePlan, uintptr(p.handle), uintptr(len(sides)), uintptr(unsafe.Pointer(&sides[0])), 0, 1, 0, 0, 1,
		0,
		kind, uintptr(p.t.Batch), uintptr(unsafe.Pointer(work)))
	p.Work = int(*work)
	if err := p.check("cufftMakePlanMany", r); err != nil {
		return err
	}
	return f.d.Synchronize() // its tables may come by a stream for which ours does not wait
}

// none reports whether p is no plan of a device, or was given back.
func (p *Plan) none() bool { return p == nil || p.f == nil || p.f.d.none() }

// Bind gives the plan its stream and its p.Work bytes of memory.
func (p *Plan) Bind(s *Stream, work Ptr) error {
	if p.none() || s.none() {
		return missing("Bind")
	}
	f := p.f
	if err := p.check("cufftSetStream", f.d.call(f.setStream, uintptr(p.handle), s.handle)); err != nil {
		return err
	}
	p.stream = s
	if p.Work == 0 {
		return nil
	}
	return p.check("cufftSetWorkArea", f.d.call(f.workArea, uintptr(p.handle), uintptr(work)))
}

// Do puts the transform into the stream that the plan is bound to. in and out are
// not the same memory, and each is aligned for a complex number.
func (p *Plan) Do(out, in Ptr) error {
	if p.none() || p.stream.none() {
		return missing("Do")
	}
	p.stream.Moved.Launches++
	r := p.f.d.hot(p.function, uintptr(p.handle), uintptr(in), uintptr(out))
	if int32(r) == 0 {
		return nil
	}
	return p.check(p.name, r)
}

func (p *Plan) check(call string, r uintptr) error {
	if len(p.t.Sides) == 1 {
		return checkStatus(fftStatus, call, r, "%d signals of %d", p.t.Batch, p.t.Sides[0])
	}
	return checkStatus(fftStatus, call, r, "%d signals of %d×%d", p.t.Batch, p.t.Sides[0], p.t.Sides[1])
}

// Free gives the plan back, once.
func (p *Plan) Free() error {
	if p == nil || p.f == nil {
		return nil
	}
	f := p.f
	p.f = nil
	f.d.live.Add(-1)
	return p.check("cufftDestroy", f.d.call(f.destroy, uintptr(p.handle)))
}
