// Package dense copies tensors of float32 and float64.
package dense

import "gorgonia.org/tensor"

// Copy copies src to dst, of one dtype and size.
func Copy(dst, src *tensor.Dense) {
	switch dst.Dtype() {
	case tensor.Float32:
		copy(dst.Float32s(), src.Float32s())
	case tensor.Float64:
		copy(dst.Float64s(), src.Float64s())
	}
}

// Like returns zeros of v's shape and dtype.
func Like(v *tensor.Dense) *tensor.Dense {
	return tensor.New(tensor.WithShape(v.Shape().Clone()...), tensor.Of(v.Dtype()))
}
