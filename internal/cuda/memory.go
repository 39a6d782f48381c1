package cuda

import (
	stderrors "errors"
	"fmt"
	"unsafe"

	"github.com/pkg/errors"
)

// A Mem is an allocation in device memory.
type Mem struct {
	Ptr  Ptr
	Size int // bytes

	d    *Device
	what string
}

// Alloc returns that many bytes of device memory, which hold arbitrary values.
// what names them in messages. Errors: ErrOutOfMemory, with what is free.
func (d *Device) Alloc(size int, what string) (*Mem, error) {
	if err := d.within("Alloc"); err != nil {
		return nil, err
	}
	if size < 0 {
		return nil, errors.Errorf("cuda: %s of %d bytes", what, size)
	}
	m := &Mem{Size: size, d: d, what: what}
	if size == 0 {
		return m, nil
	}
	err := d.check("cuMemAlloc", d.call(d.memAlloc, uintptr(unsafe.Pointer(&m.Ptr)), uintptr(size)))
	if err == nil {
		d.live.Add(1)
		d.peak.Store(max(d.peak.Load(), d.held.Add(int64(size))))
		return m, nil
	}
	if !stderrors.Is(err, ErrOutOfMemory) {
		return nil, errors.WithMessagef(err, "%s, %s", what, amount(size))
	}
	free, total, e := d.MemInfo()
	if e != nil {
		return nil, errors.WithMessagef(err, "%s needs %s", what, amount(size))
	}
	return nil, errors.WithMessagef(err, "%s needs %s, %s of %s are free on %s", what, amount(size), amount(int(free)),
		amount(int(total)), d.info.Name)
}

// MemInfo returns the free and the total bytes of the device's memory. Other processes may be using it too.
func (d *Device) MemInfo() (free, total int64, err error) {
	if err := d.within("MemInfo"); err != nil {
		return 0, 0, err
	}
	f, t := new(uint64), new(uint64)
	err = d.check("cuMemGetInfo", d.call(d.memGetInfo, uintptr(unsafe.Pointer(f)), uintptr(unsafe.Pointer(t))))
	return int64(*f), int64(*t), err
}

// PeakMemory returns the most bytes of device memory that were allocated on d at one
// time since Open or ResetPeak, with the scratch of cuBLAS. What the driver and the
// libraries take for themselves, some hundred MiB, is not in it.
func (d *Device) PeakMemory() int64 {
	if d == nil {
		return 0
	}
	return d.peak.Load()
}

// ResetPeak makes PeakMemory begin anew, with what is allocated now.
func (d *Device) ResetPeak() {
	if d == nil {
		return
	}
	d.peak.Store(d.held.Load())
}

// Free gives the memory back, once; further calls do nothing.
func (m *Mem) Free() error {
	if m == nil || m.d.none() || m.Ptr == 0 {
		return nil
	}
	if err := m.d.within("Free"); err != nil {
		return err
	}
	p := m.Ptr
	m.Ptr = 0
	m.d.live.Add(-1)
	m.d.held.Add(-int64(m.Size))
	return errors.WithMessage(m.d.check("cuMemFree", m.d.call(m.d.memFree, uintptr(p))), m.what)
}

// amount returns a number of bytes as people say it.
func amount(n int) string {
	const units = "KMGT"
	v, u := float64(n), -1
	for v >= 1000 && u < len(units)-1 {
		v, u = v/1024, u+1
	}
	if u < 0 {
		return fmt.Sprintf("%d bytes", n)
	}
	return fmt.Sprintf("%.3g %ciB", v, units[u])
}

// A Pinned is host memory that the device copies to and from by itself.
type Pinned struct {
	Bytes []byte

	d   *Device
	ptr unsafe.Pointer
}

// AllocPinned returns that many bytes of pinned memory.
func (d *Device) AllocPinned(size int, what string) (*Pinned, error) {
	if err := d.within("AllocPinned"); err != nil {
		return nil, err
	}
	p := &Pinned{d: d}
	if size == 0 {
		return p, nil
	}
	if err := d.check("cuMemHostAlloc", d.call(d.memHostAlloc, uintptr(unsafe.Pointer(&p.ptr)), uintptr(size),
		0)); err != nil {
		return nil, errors.WithMessagef(err, "%s needs %s of pinned host memory", what, amount(size))
	}
	d.live.Add(1)
	p.Bytes = unsafe.Slice((*byte)(p.ptr), size)
	return p, nil
}

// Free gives the memory back, once.
func (p *Pinned) Free() error {
	if p == nil || p.ptr == nil {
		return nil
	}
	if err := p.d.within("Free"); err != nil {
		return err
	}
	at := p.ptr
	p.ptr, p.Bytes = nil, nil
	p.d.live.Add(-1)
	return p.d.check("cuMemFreeHost", p.d.call(p.d.memFreeHost, uintptr(at)))
}

// Upload copies src to device memory at dst. If src is pinned the copy may not be
// over when Upload returns: src may not be changed before the stream is.
func (s *Stream) Upload(dst Ptr, src []byte) error {
	if s.none() {
		return missing("Upload")
	}
	if len(src) == 0 {
		return nil
	}
	s.Moved.In += int64(len(src))
	return s.d.check("cuMemcpyHtoDAsync", s.d.hot(s.d.memcpyHtoD, uintptr(dst), uintptr(unsafe.Pointer(&src[0])),
		uintptr(len(src)), s.handle))
}

// Download copies from device memory at src to dst, as Upload.
func (s *Stream) Download(dst []byte, src Ptr) error {
	if s.none() {
		return missing("Download")
	}
	if len(dst) == 0 {
		return nil
	}
	s.Moved.Out += int64(len(dst))
	return s.d.check("cuMemcpyDtoHAsync", s.d.hot(s.d.memcpyDtoH, uintptr(unsafe.Pointer(&dst[0])), uintptr(src),
		uintptr(len(dst)), s.handle))
}

// Copy copies size bytes within the device's memory.
func (s *Stream) Copy(dst, src Ptr, size int) error {
	if s.none() {
		return missing("Copy")
	}
	if size == 0 || dst == src {
		return nil
	}
	s.Moved.Launches++
	return s.d.check("cuMemcpyDtoDAsync", s.d.hot(s.d.memcpyDtoD, uintptr(dst), uintptr(src), uintptr(size), s.handle))
}

// Fill sets size bytes of device memory.
func (s *Stream) Fill(dst Ptr, value byte, size int) error {
	if s.none() {
		return missing("Fill")
	}
	if size == 0 {
		return nil
	}
	s.Moved.Launches++
	return s.d.check("cuMemsetD8Async", s.d.hot(s.d.memset, uintptr(dst), uintptr(value), uintptr(size), s.handle))
}
