package safetensors

import (
	"encoding/binary"
	"math"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/half"
)

// Real is a floating-point number that Reals gives.
type Real interface{ float32 | float64 }

// Reals returns a copy of the elements of the tensor of that name, which must be
// of the given shape and of F64, F32, F16 or BF16, as T. Every F16 and BF16 is a
// float32 and every float32 a float64. An F64 that is no float32 is rounded to
// the nearest one if round says so. NaN stay NaN; those of T's own dtype keep
// their bits.
//
// Errors: there is no such tensor, or it is of another dtype or shape; an element
// is no T and round is false, or it is finite and beyond the largest T
// (ErrMismatch).
func Reals[T Real](f *File, name string, round bool, shape ...int) ([]T, error) {
	i, err := f.find(name, shape)
	if err != nil {
		return nil, err
	}
	var width int
	var decode func(b []byte) float64
	switch dt := f.Tensors[i].DType; dt {
	case dtypeOf[T]():
		t, err := f.load(i)
		if err != nil {
			return nil, err
		}
		return Values[T](t)
	case F64:
		width, decode = 8, func(b []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b)) }
	case F32:
		width, decode = 4, func(b []byte) float64 {
			return float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))
		}
	case F16:
		width, decode = 2, func(b []byte) float64 { return half.Float64(binary.LittleEndian.Uint16(b)) }
	case BF16:
		width, decode = 2, func(b []byte) float64 {
			return float64(math.Float32frombits(uint32(binary.LittleEndian.Uint16(b)) << 16))
		}
	default:
		return nil, errors.Wrapf(ErrMismatch,
			"safetensors: tensor %q is %s, want %s, or another of F64, F32, F16 and BF16", name, dt, dtypeOf[T]())
	}
	t, err := f.load(i)
	if err != nil {
		return nil, err
	}
	out := make([]T, len(t.Data)/width)
	for k := range out {
		v := decode(t.Data[k*width:])
		out[k] = T(v)
		switch back := float64(out[k]); {
		case back == v, v != v:
		case back-back != 0:
			return nil, errors.Wrapf(ErrMismatch,
				"safetensors: tensor %q is %s, and its element %d, %v, is beyond the largest %s", t.Name, t.DType, k, v,
				dtypeOf[T]())
		case !round:
			return nil, errors.Wrapf(ErrMismatch,
				"safetensors: tensor %q is %s, and its element %d, %v, is no %s: ask for rounding", t.Name, t.DType, k,
				v, dtypeOf[T]())
		}
	}
	return out, nil
}
