package safetensors

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/pkg/errors"
)

// A DType names the type of a tensor's elements, as the header spells it.
type DType string

// The element types that the format names. F16 and BF16 are the IEEE and the
// truncated 16-bit floats; a BOOL is a byte. The types from F8_E4M3 on can be in
// a file and be copied; nothing here computes with them.
const (
	F64  DType = "F64"
	F32  DType = "F32"
	F16  DType = "F16"
	BF16 DType = "BF16"
	I64  DType = "I64"
	I32  DType = "I32"
	I16  DType = "I16"
	I8   DType = "I8"
	U64  DType = "U64"
	U32  DType = "U32"
	U16  DType = "U16"
	U8   DType = "U8"
	BOOL DType = "BOOL"

	F8E4M3     DType = "F8_E4M3"
	F8E5M2     DType = "F8_E5M2"
	F8E8M0     DType = "F8_E8M0"
	F8E4M3FNUZ DType = "F8_E4M3FNUZ"
	F8E5M2FNUZ DType = "F8_E5M2FNUZ"
	C64        DType = "C64"
	F6E2M3     DType = "F6_E2M3"
	F6E3M2     DType = "F6_E3M2"
	F4         DType = "F4"
)

// Bits returns the bits of an element, 0 if d is unknown. Elements of fewer than
// 8 bits are packed, and a tensor of them fills whole bytes.
func (d DType) Bits() int {
	switch d {
	case F64, I64, U64, C64:
		return 64
	case F32, I32, U32:
		return 32
	case F16, BF16, I16, U16:
		return 16
	case I8, U8, BOOL, F8E4M3, F8E5M2, F8E8M0, F8E4M3FNUZ, F8E5M2FNUZ:
		return 8
	case F6E2M3, F6E3M2:
		return 6
	case F4:
		return 4
	}
	return 0
}

// A Tensor is a named array. Data holds the elements row-major and
// little-endian; New and Values convert from and to Go's numbers. A tensor of
// shape () is a scalar.
type Tensor struct {
	Name  string
	DType DType
	Shape []int
	Data  []byte
}

// Element is a number that New takes and Values gives.
type Element interface {
	float32 | float64 | int64 | uint64 | uint8
}

// New returns a tensor with a copy of data, of the given shape; without a shape
// it is a scalar. NaN keep their bits. Errors: a shape that does not hold
// len(data) elements.
func New[T Element](name string, data []T, shape ...int) (Tensor, error) {
	t := Tensor{Name: name, DType: dtypeOf[T](), Shape: slices.Clone(shape)}
	size, err := t.size()
	if err != nil {
		return Tensor{}, errors.WithMessagef(err, "safetensors: tensor %q", name)
	}
	if n := size / (t.DType.Bits() / 8); n != len(data) {
		return Tensor{}, errors.Errorf("safetensors: tensor %q: shape %v holds %d elements, but there are %d", name,
			shape, n, len(data))
	}
	t.Data, err = binary.Append(make([]byte, 0, size), binary.LittleEndian, data)
	return t, errors.Wrapf(err, "safetensors: tensor %q", name)
}

// Values returns a copy of t's elements. NaN keep their bits. Errors: t is of
// another dtype (ErrMismatch), or Data is not whole elements.
func Values[T Element](t Tensor) ([]T, error) {
	want := dtypeOf[T]()
	if t.DType != want {
		return nil, errors.Wrapf(ErrMismatch, "safetensors: tensor %q is %s, want %s", t.Name, t.DType, want)
	}
	width := want.Bits() / 8
	if len(t.Data)%width != 0 {
		return nil, errors.Errorf("safetensors: tensor %q has %d bytes, not a multiple of %d", t.Name, len(t.Data),
			width)
	}
	data := make([]T, len(t.Data)/width)
	_, err := binary.Decode(t.Data, binary.LittleEndian, data)
	return data, errors.Wrapf(err, "safetensors: tensor %q", t.Name)
}

// dtypeOf returns the DType of T.
func dtypeOf[T Element]() DType {
	switch any(T(0)).(type) {
	case float32:
		return F32
	case float64:
		return F64
	case int64:
		return I64
	case uint64:
		return U64
	}
	return U8
}

// size returns the bytes that t's dtype and shape ask for. The product of the
// dimensions above 0 must be a number of bits too, so that whether a shape is
// good does not hang on the order of its dimensions.
func (t Tensor) size() (int, error) {
	bits := t.DType.Bits()
	if bits == 0 {
		return 0, errors.Errorf("dtype %.40q is unknown", string(t.DType))
	}
	if len(t.Shape) > MaxRank {
		return 0, errors.Errorf("shape has %d dimensions, more than %d", len(t.Shape), MaxRank)
	}
	elements, empty := 1, false
	for i, d := range t.Shape {
		switch {
		case d < 0:
			return 0, errors.Errorf("shape %v: dimension %d is negative", t.Shape, i)
		case d == 0:
			empty = true
		case elements > math.MaxInt/d:
			return 0, errors.Errorf("shape %v of %s is more than %d bytes", t.Shape, t.DType, math.MaxInt)
		default:
			elements *= d
		}
	}
	if empty {
		return 0, nil
	}
	if elements > math.MaxInt/max(bits/8, 1) {
		return 0, errors.Errorf("shape %v of %s is more than %d bytes", t.Shape, t.DType, math.MaxInt)
	}
	if bits >= 8 {
		return elements * (bits / 8), nil
	}
	if elements%4*bits%8 != 0 { // four elements are whole bytes
		return 0, errors.Errorf("shape %v of %s does not fill whole bytes", t.Shape, t.DType)
	}
	return elements/4*bits/2 + elements%4*bits/8, nil
}
