package data

import (
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// rows is a table of numbers, one sample a row.
type rows interface {
	len() int
	width() int
	fill(dst *tensor.Dense, to, from int) // dst's row to becomes row from
	fill64(dst []float64, from int)
	rowsAt(indices []int) rows
	beyond32() bool // some numbers may be beyond float32, or below its normal numbers

	// wide returns row i before it is scaled, and the scale, if its numbers may have more digits than
	// float32.
	wide(i int) (row []float64, scale float64, ok bool)

	// err returns why a row could not be read, and was filled with NaN; nil of rows in memory.
	err() error
}

// numbers is rows of d numbers, each scale times what is stored, or of those
// that index lists if it is not nil.
type numbers[T Element] struct {
	x      []T
	scale  float64
	d      int
	index  []int
	beyond bool // some numbers, scaled, are beyond float32, or below its normal numbers
}

func (r numbers[T]) beyond32() bool { return r.beyond }

func (r numbers[T]) err() error { return nil }

func (r numbers[T]) wide(i int) (row []float64, scale float64, ok bool) {
	row, ok = any(r.row(i)).([]float64)
	return row, r.scale, ok
}

func (r numbers[T]) len() int {
	if r.index != nil {
		return len(r.index)
	}
	return len(r.x) / r.d
}

func (r numbers[T]) width() int { return r.d }

func (r numbers[T]) row(i int) []T {
	if r.index != nil {
		i = r.index[i]
	}
	return r.x[i*r.d : (i+1)*r.d]
}

func (r numbers[T]) fill(dst *tensor.Dense, to, from int) {
	switch dst.Dtype() {
	case tensor.Float32:
		convert(dst.Float32s()[to*r.d:(to+1)*r.d], r.row(from), r.scale)
	case tensor.Float64:
		convert(dst.Float64s()[to*r.d:(to+1)*r.d], r.row(from), r.scale)
	}
}

func (r numbers[T]) fill64(dst []float64, from int) { convert(dst, r.row(from), r.scale) }

// rowsAt returns the rows of indices, on the same memory.
func (r numbers[T]) rowsAt(indices []int) rows {
	index := make([]int, len(indices))
	for k, i := range indices {
		if r.index != nil {
			i = r.index[i]
		}
		index[k] = i
	}
	r.index = index
	return r
}

// convert stores scale·src in dst.
func convert[D float32 | float64, T Element](dst []D, src []T, scale float64) {
	if scale == 1 {
		for k, v := range src {
			dst[k] = D(v)
		}
		return
	}
	for k, v := range src {
		dst[k] = D(scale * float64(v))
	}
}

// checkRow reports row to of dst, which is row from of r, whose rows are called what, if
// it could not be read, float32 could not hold one of its numbers, or all of it but 0 became 0.
func checkRow(what string, r rows, dst *tensor.Dense, to, from int) error {
	if err := r.err(); err != nil {
		return err
	}
	if !r.beyond32() || dst.Dtype() != tensor.Float32 {
		return nil
	}
	d := r.width()
	row := make([]float64, d)
	r.fill64(row, from)
	most, kept := 0.0, float32(0)
	for k, v := range dst.Float32s()[to*d : (to+1)*d] {
		if v-v != 0 {
			return errors.Wrapf(ErrInput,
				"%s %d holds %v at element %d, and float32 ends at %.2g: scale the data, or compute in float64", what,
				from, row[k], k, math.MaxFloat32)
		}
		most, kept = max(most, math.Abs(row[k])), max(kept, v, -v)
	}
	if most > 0 && kept == 0 {
		return errors.Wrapf(ErrInput,
			"%s %d holds numbers up to %v, which are 0 in float32: scale the data, or compute in float64", what, from,
			most)
	}
	return nil
}
