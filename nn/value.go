package nn

import (
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

var nan = math.NaN()

// isEmpty reports whether v has no elements: it is nil, or a zero tensor.Dense.
func isEmpty(v *tensor.Dense) bool {
	return v == nil || v.Dtype().Type == nil || v.Size() == 0 || v.Uintptr() == 0
}

// scalar returns the one element of v, NaN if it is of another type.
func scalar(v *tensor.Dense) float64 {
	switch v.Dtype() { // not Data, which allocates
	case tensor.Float32:
		return float64(v.Float32s()[0])
	case tensor.Float64:
		return v.Float64s()[0]
	}
	return nan
}

// Floats appends the elements of v to dst, as float64.
func Floats(dst []float64, v *tensor.Dense) ([]float64, error) {
	if isEmpty(v) {
		return dst, errors.New("nn: numbers of no tensor")
	}
	if v.RequiresIterator() || v.DataOrder().IsColMajor() {
		return dst, errors.Errorf(
			"nn: numbers of a view or a column-major tensor of shape %v: make it contiguous and row-major", v.Shape())
	}
	switch v.Dtype() {
	case tensor.Float32:
		for _, x := range v.Float32s() {
			dst = append(dst, float64(x))
		}
	case tensor.Float64:
		dst = append(dst, v.Float64s()...)
	default:
		return dst, errors.Errorf("nn: a tensor of %v, want float32 or float64", v.Dtype())
	}
	return dst, nil
}

// float32Overflow is the least number that float32 rounds to infinity: half a unit in the
// last place above its largest.
const float32Overflow = 0x1.ffffffp127

// overflows says whether x is finite and float32 rounds it to infinity.
func overflows(x float64) bool {
	magnitude := math.Abs(x)
	return magnitude >= float32Overflow && magnitude <= math.MaxFloat64
}

// SetFloats stores src in v, rounding to v's dtype. Errors: a finite number that float32
// does not hold (ErrInput), before anything is stored; another size or dtype.
func SetFloats(v *tensor.Dense, src []float64) error {
	if isEmpty(v) {
		return errors.Errorf("nn: %d numbers for no tensor", len(src))
	}
	if v.RequiresIterator() || v.DataOrder().IsColMajor() {
		return errors.Errorf(
			"nn: numbers for a view or a column-major tensor of shape %v: make it contiguous and row-major", v.Shape())
	}
	if v.Size() != len(src) {
		return errors.Errorf("nn: %d numbers for a tensor of shape %v", len(src), v.Shape())
	}
	switch v.Dtype() {
	case tensor.Float32:
		for i, x := range src {
			if overflows(x) {
				return errors.Wrapf(ErrInput,
					"nn: number %d of %d is %v, and float32 ends at %.2g: scale the numbers, or use float64", i,
					len(src), x, math.MaxFloat32)
			}
		}
		dst := v.Float32s()
		for i, x := range src {
			dst[i] = float32(x)
		}
	case tensor.Float64:
		copy(v.Float64s(), src)
	default:
		return errors.Errorf("nn: a tensor of %v, want float32 or float64", v.Dtype())
	}
	return nil
}
