package engine

import (
	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/cuda"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// Sums are the sums of tensors of one dtype on a device over several runs of a
// program. All their methods are for within Device.Do.
type Sums struct {
	stream      *cuda.Stream
	mem         *cuda.Mem
	table       *cuda.Table
	at          []launch.Ptr
	add, divide *cuda.Launch
}

// NewSums returns sums of tensors of so many elements at from, each of 4 or 8 bytes.
func NewSums(d *cuda.Device, from []launch.Ptr, elements []int, bytes int) (s *Sums, err error) {
	s = &Sums{table: d.NewTable(bytes, "the sums of gradients")}
	defer func() {
		if err != nil {
			if e := s.Free(); e != nil {
				err = errors.WithMessagef(err, "%v; and then", e)
			}
		}
	}()
	if s.stream, err = d.Compute(); err != nil {
		return s, err
	}
	total := 0
	for _, n := range elements {
		total += upTo(n*bytes, launch.Align)
	}
	if s.mem, err = d.Alloc(total, "the sums of gradients"); err != nil {
		return s, err
	}
	rows, at := make([]launch.Tensor, len(from)), s.mem.Ptr
	for i, n := range elements {
		rows[i] = launch.Tensor{At: [4]launch.Ptr{at, from[i]}, N: n}
		s.at = append(s.at, at)
		at += launch.Ptr(upTo(n*bytes, launch.Align))
	}
	if err := s.table.Set(s.stream, rows); err != nil || len(rows) == 0 {
		return s, err
	}
	return s, s.bind(d, bytes)
}

// bind prepares the launches.
func (s *Sums) bind(d *cuda.Device, bytes int) error {
	suffix := "_f32"
	if bytes == 8 {
		suffix = "_f64"
	}
	m, err := d.Module("engine", stockPTX)
	if err != nil {
		return err
	}
	n, table := s.table.Args()
	if s.add, err = m.Launch("engine_accumulate"+suffix, s.table.Shape(), n, table, launch.I(0)); err != nil {
		return err
	}
	s.divide, err = m.Launch("engine_divide"+suffix, s.table.Shape(), n, table, launch.F64(1))
	return err
}

// At returns where sum i is.
func (s *Sums) At(i int) launch.Ptr { return s.at[i] }

// Add adds the tensors to the sums, or makes them the sums if they are the first.
func (s *Sums) Add(first bool) error {
	if s.add == nil {
		return nil
	}
	s.add.Set(2, launch.I(0))
	if first {
		s.add.Set(2, launch.I(1))
	}
	return s.add.Do(s.stream)
}

// Divide makes the tensors the sums divided by n.
func (s *Sums) Divide(n int) error {
	if s.divide == nil {
		return nil
	}
	s.divide.Set(2, launch.F64(float64(n)))
	return s.divide.Do(s.stream)
}

// Free frees the memory.
func (s *Sums) Free() error {
	if s == nil {
		return nil
	}
	err := s.table.Free()
	if e := s.mem.Free(); err == nil {
		err = e
	}
	return err
}
