package cuda

import (
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/pkg/errors"
)

// A Device is a GPU in use. Programs on one Device take turns; several Devices
// work at the same time.
//
// Close, Info, Do, Live, PeakMemory, ResetPeak and String may be called from any
// goroutine. All other methods, and those of what they return, are for within a
// function that runs in Do.
type Device struct {
	*api
	info   Info
	handle int32
	ctx    uintptr

	mu      sync.Mutex // held in Do
	inside  bool
	closed  bool
	live    atomic.Int64 // allocations, streams and events that are not freed
	held    atomic.Int64 // bytes that are allocated
	peak    atomic.Int64 // the most of held
	modules map[string]*Module
	blas    *BLAS
	solver  *Solver
	fft     *FFT
	compute *Stream
	copies  *Stream
}

// Open returns device number i, of those that Devices lists, ready to compute.
// Errors: ErrUnavailable, with what is missing.
func Open(i int) (*Device, error) {
	a, n, err := start()
	if err != nil {
		return nil, err
	}
	if i < 0 || i >= n {
		return nil, errors.Wrapf(ErrUnavailable, "there is no device %d: the driver finds %d, from 0 to %d", i, n, n-1)
	}
	d := &Device{api: a, modules: make(map[string]*Module)}
	if d.info, err = a.describe(i); err != nil {
		return nil, unavailable(err)
	}
	if d.info.Compute[0] < 7 {
		return nil, errors.Wrapf(ErrUnavailable, "device %d, %s, has compute capability %d.%d, want 7.0 or newer", i,
			d.info.Name, d.info.Compute[0], d.info.Compute[1])
	}
	if err := a.check("cuDeviceGet", a.call(a.deviceGet, uintptr(unsafe.Pointer(&d.handle)), uintptr(i))); err != nil {
		return nil, unavailable(err)
	}
	if err := a.check("cuDevicePrimaryCtxRetain", a.call(a.primaryCtxRetain, uintptr(unsafe.Pointer(&d.ctx)),
		uintptr(d.handle))); err != nil {
		return nil, unavailable(err)
	}
	return d, nil
}

// Info returns what is known of the device.
func (d *Device) Info() Info {
	if d == nil {
		return Info{}
	}
	return d.info
}

// String returns the name of the device and its number.
func (d *Device) String() string {
	if d == nil {
		return "no device"
	}
	return d.info.Name + " (cuda:" + strconv.Itoa(d.info.Index) + ")"
}

// Live returns how many allocations, streams and events of d are not freed.
func (d *Device) Live() int {
	if d == nil {
		return 0
	}
	return int(d.live.Load())
}

// Do runs f with d's context on the thread, and nothing else of d at that time.
// f may not call Do or Close.
func (d *Device) Do(f func() error) error {
	if d.none() || f == nil {
		return missing("Do")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return errors.Wrapf(ErrClosed, "device %v", d.info.Name)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	d.inside = true
	defer func() { d.inside = false }()
	if err := d.check("cuCtxSetCurrent", d.hot(d.ctxSetCurrent, d.ctx)); err != nil {
		return err
	}
	return f()
}

// within reports a call from outside of Do.
func (d *Device) within(call string) error {
	if d.none() {
		return missing(call)
	}
	if !d.inside {
		return errors.Errorf("cuda: %s outside of Device.Do", call)
	}
	return nil
}

// Close gives the device back. It is an error, and d stays open, if something on
// it has not been freed: the programs are to be closed first.
func (d *Device) Close() error {
	if d.none() {
		return nil
	}
	if n := d.Live(); n > 0 {
		return errors.Errorf("cuda: close of device %v with %d allocations, streams and events that are not freed: "+
			"close its programs first", d.info.Name, n)
	}
	var first error
	keep := func(err error) {
		if first == nil {
			first = err
		}
	}
	d.mu.Lock()
	done := d.closed
	d.mu.Unlock()
	if done {
		return nil
	}
	keep(d.Do(func() error {
		keep(d.closeOwn())
		for _, m := range d.modules {
			keep(d.check("cuModuleUnload", d.call(d.moduleUnload, m.handle)))
		}
		keep(d.blas.close())
		keep(d.solver.close())
		return nil
	}))
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	keep(d.check("cuDevicePrimaryCtxRelease", d.call(d.primaryCtxRelease, uintptr(d.handle))))
	return first
}

// Synchronize waits for everything on the device.
func (d *Device) Synchronize() error {
	if d.none() {
		return missing("Synchronize")
	}
	return d.check("cuCtxSynchronize", d.call(d.ctxSynchronize))
}

// Compute returns the stream in which programs and optimizers on d work, one after
// the other. It belongs to the device.
func (d *Device) Compute() (*Stream, error) {
	if d.none() {
		return nil, missing("Compute")
	}
	return d.own(&d.compute)
}

// Copies returns the stream in which the next batch goes to d, while Compute's
// work goes on. It belongs to the device.
func (d *Device) Copies() (*Stream, error) {
	if d.none() {
		return nil, missing("Copies")
	}
	return d.own(&d.copies)
}

func (d *Device) own(s **Stream) (*Stream, error) {
	if *s != nil {
		return *s, nil
	}
	made, err := d.NewStream()
	if err == nil {
		d.live.Add(-1)
		*s = made
	}
	return made, err
}

// closeOwn frees the device's own streams.
func (d *Device) closeOwn() error {
	var first error
	for _, s := range []*Stream{d.compute, d.copies} {
		if s == nil {
			continue
		}
		d.live.Add(1)
		if err := s.Free(); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// release destroys what a handle stands for, once, by the function of a call.
func (d *Device) release(call string, function uintptr, handle *uintptr) error {
	h := *handle
	if h == 0 {
		return nil
	}
	*handle = 0
	d.live.Add(-1)
	return d.check(call, d.call(function, h))
}

// none reports whether d is no device that Open returned.
func (d *Device) none() bool { return d == nil || d.api == nil }

// missing is the error of a call of what no device has made.
func missing(call string) error {
	return errors.Errorf("cuda: %s of what no device has made: see Open", call)
}
