package op

import (
	"unsafe"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/sizes"
)

// An Operand is the memory of a dense, row-major float32 or float64 tensor.
type Operand struct {
	Dtype tensor.Dtype
	Shape tensor.Shape
	Bytes []byte
}

// OperandOf returns the memory of v. It is v's own, unless v is a scalar or is
// not contiguous and row-major: then it is a copy.
func OperandOf(v gorgonia.Value) (Operand, error) {
	switch v := v.(type) {
	case *tensor.Dense:
		if v.RequiresIterator() || v.DataOrder().IsColMajor() {
			v = v.Materialize().(*tensor.Dense)
		}
		x := Operand{Dtype: v.Dtype(), Shape: v.Shape()}
		switch data := v.Data().(type) {
		case []float32:
			x.Bytes = Bytes(data)
		case []float64:
			x.Bytes = Bytes(data)
		case float32: // a tensor of rank 0
			x.Bytes = Bytes([]float32{data})
		case float64:
			x.Bytes = Bytes([]float64{data})
		default:
			return x, errors.Wrapf(ErrInput, "dtype %v, want float32 or float64", v.Dtype())
		}
		return x, nil
	case gorgonia.Scalar:
		switch data := v.Data().(type) {
		case float32:
			return Operand{tensor.Float32, tensor.ScalarShape(), Bytes([]float32{data})}, nil
		case float64:
			return Operand{tensor.Float64, tensor.ScalarShape(), Bytes([]float64{data})}, nil
		}
	}
	return Operand{}, errors.Wrapf(ErrInput, "a %T of %v, want float32 or float64", v, v)
}

// NewOperand returns zeroed memory for a tensor; one without memory, which Spec.Bind
// refuses, if dt is no floating-point type or the shape has sides below 0 or more than
// 2³⁰ elements.
func NewOperand(dt tensor.Dtype, shape tensor.Shape) Operand {
	x := Operand{Dtype: dt, Shape: shape}
	if _, ok := sizes.Product(shape...); !ok {
		return x
	}
	n := x.Len()
	x.Bytes = Bytes(make([]float64, (n+7)/8))[:n] // aligned for float64
	return x
}

// Size returns the number of elements, which is 1 for a scalar.
func (x Operand) Size() int {
	n := 1
	for _, d := range x.Shape {
		n *= d
	}
	return n
}

// Len returns the number of bytes, 0 if x is neither float32 nor float64.
func (x Operand) Len() int { return x.Size() * width(x.Dtype) }

// width returns the bytes of an element, 0 of a type that is none of ours.
func width(dt tensor.Dtype) int {
	switch dt {
	case tensor.Float32:
		return 4
	case tensor.Float64:
		return 8
	}
	return 0
}

// whole reports an operand that is not memory of its dtype and shape.
func (x Operand) whole() error {
	n, ok := sizes.Product(x.Shape...)
	switch {
	case !ok:
		return Errorf("shape %v has a side below 0, or more than %d elements", x.Shape, sizes.Most)
	case width(x.Dtype) == 0:
		return Errorf("dtype %v, want float32 or float64", x.Dtype)
	case len(x.Bytes) != n*width(x.Dtype):
		return Errorf("%d bytes for %v of shape %v, want %d", len(x.Bytes), x.Dtype, x.Shape, n*width(x.Dtype))
	}
	return nil
}

// Value returns x as Gorgonia wants it: a tensor that shares x's memory, or a
// Scalar, which is a copy. It is nil if x's memory is not that of its shape, or empty.
func (x Operand) Value() gorgonia.Value {
	if x.whole() != nil || len(x.Bytes) == 0 {
		return nil
	}
	scalar := len(x.Shape) == 0
	switch {
	case scalar && x.Dtype == tensor.Float32:
		return gorgonia.NewF32(Slice[float32](x.Bytes)[0])
	case scalar:
		return gorgonia.NewF64(Slice[float64](x.Bytes)[0])
	}
	return x.Dense()
}

// Dense returns x as a tensor that shares x's memory. A scalar becomes a vector
// of length 1. It is nil if x's memory is not that of its shape, or empty.
func (x Operand) Dense() *tensor.Dense {
	if x.whole() != nil || len(x.Bytes) == 0 {
		return nil
	}
	shape := x.Shape
	if len(shape) == 0 {
		shape = tensor.Shape{1}
	}
	if x.Dtype == tensor.Float32 {
		return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(Slice[float32](x.Bytes)))
	}
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(Slice[float64](x.Bytes)))
}

// Bytes returns the memory of s.
func Bytes[T Float](s []T) []byte {
	if len(s) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&s[0])), len(s)*int(unsafe.Sizeof(s[0])))
}

// Slice returns b, whose start must be aligned for T, as elements.
func Slice[T Float](b []byte) []T {
	if len(b) == 0 {
		return nil
	}
	var zero T
	return unsafe.Slice((*T)(unsafe.Pointer(&b[0])), len(b)/int(unsafe.Sizeof(zero)))
}
