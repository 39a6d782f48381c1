package data

import (
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// none is the inner source of a source that was not made by its New function: it has no batches, and asking for one
// is an error.
type none struct{}

var _ Source = none{}

func (none) Next(_, _ *tensor.Dense) error { return errNone() }
func (none) BatchSize() int                { return 0 }
func (none) Batches() int                  { return 0 }
func (none) SampleShape() []int            { return []int{} }
func (none) TargetShape() []int            { return []int{} }
func (none) Position() Position            { return Position{} }
func (none) Seek(Position) error           { return errNone() }

func errNone() error {
	return errors.Wrap(ErrInput, "data: a source without batches: make it by its New function")
}

// zero returns p, or a zero value if it is nil.
func zero[T any](p *T) *T {
	if p == nil {
		return new(T)
	}
	return p
}

// orNone returns s, or none if it is nil.
func orNone(s Source) Source {
	if s == nil {
		return none{}
	}
	return s
}

// checkSource reports a source without batches, or with shapes that are too large for memory.
func checkSource(s Source) error {
	if s.BatchSize() < 1 || s.Batches() < 1 {
		return errors.Wrapf(ErrInput, "a source of %d batches of %d samples, want at least 1 of each", s.Batches(),
			s.BatchSize())
	}
	for _, shape := range [][]int{s.SampleShape(), s.TargetShape()} {
		if !fitsMemory(append([]int{s.BatchSize()}, shape...)...) {
			return errors.Wrapf(ErrInput, "a source of batches of %d of %v, want at most %d numbers", s.BatchSize(),
				shape, maxNumbers)
		}
	}
	return nil
}

// safe returns s, or an empty set if s was not made by a New function.
func (s *Set) safe() *Set {
	if s == nil || s.x == nil {
		return &Set{x: numbers[float64]{scale: 1, d: 1}, shape: []int{}, target: []int{}}
	}
	return s
}

// poison marks, by NaN, a sample that a [Transform] could not transform.
func poison[T float32 | float64](dst []T) {
	for i := range dst {
		dst[i] = T(math.NaN())
	}
}
