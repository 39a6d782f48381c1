package cuda

import "bytes"

// A Mirror is host memory and its copy on a device. One of the two is newer, or
// may be: the host's at first, the device's from a call of Written until one of
// Pull or Changed.
//
// While the host's is newer, Push compares it with what was uploaded last, so that code that writes to it does not
// have to report that.
type Mirror struct {
	Host []byte

	d        *Device
	mem      *Mem
	uploaded []byte // nil before the first Push
	ahead    bool   // the device's is newer
}

// NewMirror returns a mirror of host on d. Nothing is copied yet.
func NewMirror(d *Device, host []byte, name string) (*Mirror, error) {
	mem, err := d.Alloc(len(host), name)
	if err != nil {
		return nil, err
	}
	return &Mirror{Host: host, d: d, mem: mem}, nil
}

// none reports whether m is no mirror that NewMirror made.
func (m *Mirror) none() bool { return m == nil || m.mem == nil }

// Device returns the device that the copy is on.
func (m *Mirror) Device() *Device {
	if m == nil {
		return nil
	}
	return m.d
}

// Ptr returns where the copy is.
func (m *Mirror) Ptr() Ptr {
	if m.none() {
		return 0
	}
	return m.mem.Ptr
}

// Uploaded reports whether the copy on the device has ever been written.
func (m *Mirror) Uploaded() bool {
	if m == nil {
		return false
	}
	return m.ahead || m.uploaded != nil
}

// Push makes the copy on the device that of the host, if the host's may be newer.
func (m *Mirror) Push() error {
	if m.none() {
		return missing("Push")
	}
	if m.ahead || m.uploaded != nil && bytes.Equal(m.uploaded, m.Host) {
		return nil
	}
	s, err := m.d.Compute()
	if err != nil {
		return err
	}
	m.uploaded = append(m.uploaded[:0], m.Host...)
	return s.Upload(m.mem.Ptr, m.uploaded)
}

// Written says that the device has written to its copy, in the stream Compute.
func (m *Mirror) Written() {
	if m == nil {
		return
	}
	m.ahead = true
}

// Changed says that the host's is the newer one, whatever the device has written.
func (m *Mirror) Changed() {
	if m == nil {
		return
	}
	m.ahead = false
}

// Pull makes the host's memory that of the device, if that is newer.
func (m *Mirror) Pull() error {
	if m.none() {
		return missing("Pull")
	}
	if !m.ahead {
		return nil
	}
	s, err := m.d.Compute()
	if err != nil {
		return err
	}
	if err := s.Download(m.Host, m.mem.Ptr); err != nil {
		return err
	}
	if err := s.Synchronize(); err != nil {
		return err
	}
	m.uploaded, m.ahead = append(m.uploaded[:0], m.Host...), false
	return nil
}

// Free gives the device's memory back. What it was ahead by is lost: Pull first.
func (m *Mirror) Free() error {
	if m == nil {
		return nil
	}
	return m.mem.Free()
}
