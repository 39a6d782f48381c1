package data

import (
	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
)

// Matrix returns the samples as the rows of a matrix, n×d, for the packages that compute on matrices: sparse,
// subspace, coding and metrics. It is a copy, of 8·n·d bytes.
//
// Errors: ErrInput of a set without samples.
func (s *Set) Matrix() (*mat.Dense, error) { return s.safe().rows((*Set).Row) }

// TargetMatrix returns the targets as the rows of a matrix: vectors, or the class as one
// number. It is a copy.
//
// Errors: ErrInput of a set without samples.
func (s *Set) TargetMatrix() (*mat.Dense, error) { return s.safe().rows((*Set).Target) }

func (s *Set) rows(row func(s *Set, dst []float64, i int) ([]float64, error)) (*mat.Dense, error) {
	if s.Len() == 0 {
		return nil, errors.Wrap(ErrInput, "data: a matrix of no samples")
	}
	var all []float64
	for i := range s.Len() {
		var err error
		if all, err = row(s, all, i); err != nil {
			return nil, err
		}
		if i == 0 {
			all = append(make([]float64, 0, s.Len()*len(all)), all...)
		}
	}
	return mat.NewDense(s.Len(), len(all)/s.Len(), all), nil
}
