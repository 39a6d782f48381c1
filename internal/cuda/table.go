package cuda

import (
	"slices"
	"unsafe"

	"github.com/whitebox-nn/whitebox/op/launch"
)

// A Table lists many tensors in device memory, so that one launch of a kernel
// computes on all of them. It is cut into parts of at most PartSize elements, a block
// each; device.cuh has the kernels' side of it.
type Table struct {
	d     *Device
	what  string
	bytes int // of an element
	parts []part
	mem   *Mem
}

// PartSize is how many elements a block takes at a time.
const PartSize = launch.PartSize

// A part is Part of device.cuh.
type part struct {
	at       [4]Ptr
	n, first int64
	factor   float64
}

// NewTable returns a table of no tensors, for elements of that many bytes. what names
// it in messages.
func (d *Device) NewTable(bytes int, what string) *Table {
	return &Table{d: d, bytes: bytes, what: what}
}

// Set makes rows the tensors of the table, by a copy in s, unless they are.
func (t *Table) Set(s *Stream, rows []Row) error {
	if t == nil || t.d.none() || s.none() {
		return missing("Set")
	}
	var parts []part
	for _, r := range rows {
		for lo := 0; lo < r.N; lo += PartSize {
			p := part{n: int64(min(PartSize, r.N-lo)), first: int64(r.First + lo), factor: r.Factor}
			for i, at := range r.At {
				if at != 0 {
					p.at[i] = at + Ptr(lo*t.bytes)
				}
			}
			parts = append(parts, p)
		}
	}
	same := slices.Equal(parts, t.parts)
	grown := len(parts) > len(t.parts)
	if t.parts = parts; same || len(parts) == 0 {
		return nil
	}
	if grown {
		if err := t.Free(); err != nil {
			return err
		}
		var err error
		if t.mem, err = t.d.Alloc(len(parts)*int(unsafe.Sizeof(part{})), t.what); err != nil {
			return err
		}
	}
	return s.Upload(t.mem.Ptr, unsafe.Slice((*byte)(unsafe.Pointer(&parts[0])), len(parts)*int(unsafe.Sizeof(part{}))))
}

// Parts returns how many parts there are.
func (t *Table) Parts() int {
	if t == nil {
		return 0
	}
	return len(t.parts)
}

// Args are the first two arguments of a kernel on the table: how many parts there
// are, and where.
func (t *Table) Args() (parts, at Arg) {
	if t == nil || t.mem == nil {
		return launch.I(0), launch.P(0)
	}
	return launch.I(len(t.parts)), launch.P(t.mem.Ptr)
}

// Shape is how many threads run a kernel on the table, with shared memory as Rows.
func (t *Table) Shape() Shape {
	if t == nil {
		return launch.Tensors(0)
	}
	return launch.Tensors(len(t.parts))
}

// Free gives the table's memory back.
func (t *Table) Free() error {
	if t == nil {
		return nil
	}
	return t.mem.Free()
}
