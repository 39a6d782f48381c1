package cuda

import "unsafe"

// A Stream is a queue of work, done in order.
type Stream struct {
	Moved Traffic // since the stream was made, but for what graphs replay
	Waits int64   // how often Synchronize has found the stream empty

	d      *Device
	handle uintptr
}

// A Traffic counts what was asked of a device.
type Traffic struct {
	Launches int64 // kernels, library calls, copies and fills within the device
	In, Out  int64 // bytes from and to the host
}

// Since returns what was asked since it was before.
func (t Traffic) Since(before Traffic) Traffic {
	return Traffic{t.Launches - before.Launches, t.In - before.In, t.Out - before.Out}
}

// Plus returns the sum.
func (t Traffic) Plus(more Traffic) Traffic {
	return Traffic{t.Launches + more.Launches, t.In + more.In, t.Out + more.Out}
}

const nonBlocking = 1

// NewStream returns an empty stream.
func (d *Device) NewStream() (*Stream, error) {
	if err := d.within("NewStream"); err != nil {
		return nil, err
	}
	s := &Stream{d: d}
	if err := d.check("cuStreamCreate", d.call(d.streamCreate, uintptr(unsafe.Pointer(&s.handle)),
		nonBlocking)); err != nil {
		return nil, err
	}
	d.live.Add(1)
	return s, nil
}

// none reports whether s is no stream of a device.
func (s *Stream) none() bool { return s == nil || s.d.none() }

// none reports whether e is no event of a device.
func (e *Event) none() bool { return e == nil || e.d.none() }

// Device returns the device of the stream.
func (s *Stream) Device() *Device {
	if s == nil {
		return nil
	}
	return s.d
}

// Synchronize waits until the stream is empty.
func (s *Stream) Synchronize() error {
	if s.none() {
		return missing("Synchronize")
	}
	if err := s.d.check("cuStreamSynchronize", s.d.hot(s.d.streamSynchronize, s.handle)); err != nil {
		return err
	}
	s.Waits++
	return nil
}

// Free gives the stream back, once.
func (s *Stream) Free() error {
	if s.none() {
		return nil
	}
	return s.d.release("cuStreamDestroy", s.d.streamDestroy, &s.handle)
}

// An Event is a mark in a stream.
type Event struct {
	d      *Device
	handle uintptr
}

// NewEvent returns an event that is not recorded.
func (d *Device) NewEvent() (*Event, error) {
	if err := d.within("NewEvent"); err != nil {
		return nil, err
	}
	e := &Event{d: d}
	if err := d.check("cuEventCreate", d.call(d.eventCreate, uintptr(unsafe.Pointer(&e.handle)), 0)); err != nil {
		return nil, err
	}
	d.live.Add(1)
	return e, nil
}

// Record puts the event at the end of s.
func (e *Event) Record(s *Stream) error {
	if e.none() || s.none() {
		return missing("Record")
	}
	return e.d.check("cuEventRecord", e.d.hot(e.d.eventRecord, e.handle, s.handle))
}

// Wait makes what s gets from now on wait for the event.
func (s *Stream) Wait(e *Event) error {
	if s.none() || e.none() {
		return missing("Wait")
	}
	return s.d.check("cuStreamWaitEvent", s.d.hot(s.d.streamWaitEvent, s.handle, e.handle, 0))
}

// Since returns the milliseconds between two events that are over.
func (e *Event) Since(start *Event) (float32, error) {
	if e.none() || start.none() {
		return 0, missing("Since")
	}
	ms := new(float32)
	err := e.d.check("cuEventElapsedTime", e.d.call(e.d.eventElapsed, uintptr(unsafe.Pointer(ms)), start.handle,
		e.handle))
	return *ms, err
}

// Free gives the event back, once.
func (e *Event) Free() error {
	if e.none() {
		return nil
	}
	return e.d.release("cuEventDestroy", e.d.eventDestroy, &e.handle)
}
