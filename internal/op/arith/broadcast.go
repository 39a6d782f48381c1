package arith

import (
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/op"
)

// maxRank is the highest rank of operands of different shapes.
const maxRank = 8

// dims is a shape as an attribute.
type dims struct {
	Rank int
	Size [maxRank]int
}

func sizesOf(s tensor.Shape) (d dims) {
	d.Rank = len(s)
	copy(d.Size[:], s)
	return d
}

func (d dims) shape() tensor.Shape {
	if d.Rank == 0 {
		return tensor.ScalarShape()
	}
	return append(tensor.Shape(nil), d.Size[:d.Rank]...)
}

// together returns the shape of what x and y are together, as in NumPy.
func together(x, y tensor.Shape) (tensor.Shape, error) {
	if x.Eq(y) {
		return x.Clone(), nil
	}
	rank := max(len(x), len(y))
	if rank > maxRank {
		return nil, op.Errorf("arith: x is %v and y is %v, of different shapes and more than %d axes", x, y, maxRank)
	}
	out := make(tensor.Shape, rank)
	for i := range out {
		a, b := sizeAt(x, i-rank), sizeAt(y, i-rank)
		if a != b && a != 1 && b != 1 {
			return nil, op.Errorf("arith: x is %v but y is %v: at axis %d from the end they have sizes %d and %d, "+
				"want them equal, or one of them 1", x, y, rank-i, a, b)
		}
		if out[i] = max(a, b); min(a, b) == 0 {
			out[i] = 0
		}
	}
	return out, nil
}

// sizeAt returns the size of x at an axis counted from the end, from −1; 1 beyond.
func sizeAt(x tensor.Shape, axis int) int {
	if i := len(x) + axis; i >= 0 {
		return x[i]
	}
	return 1
}

// A walk visits the elements of a tensor, and of two operands that are repeated to meet
// it, by as few axes as possible.
type walk struct {
	size    []int
	strides [3][]int // of the tensor and the operands, in elements; 0 where one is repeated
}

// walkOf returns the walk over out with x and y.
func walkOf(out, x, y tensor.Shape) (w walk) {
	step := [3]int{1, 1, 1}
	for axis := -1; axis >= -len(out); axis-- {
		size := sizeAt(out, axis)
		if size == 1 {
			continue
		}
		var s [3]int
		for i, of := range []tensor.Shape{out, x, y} {
			if n := sizeAt(of, axis); n == size {
				s[i] = step[i]
				step[i] *= n
			}
		}
		if last := len(w.size) - 1; last >= 0 && w.joins(last, s) {
			w.size[last] *= size
			continue
		}
		w.size = append(w.size, size)
		for i := range s {
			w.strides[i] = append(w.strides[i], s[i])
		}
	}
	return w
}

// joins reports whether an axis with strides s goes on where axis k, the one after it,
// ends. Axes are in the order of the last first.
func (w *walk) joins(k int, s [3]int) bool {
	for i := range s {
		if s[i] != w.strides[i][k]*w.size[k] {
			return false
		}
	}
	return true
}

// row returns the length of a row, the innermost axis, and the steps along it.
func (w *walk) row() (n int, step [3]int) {
	if len(w.size) == 0 {
		return 1, [3]int{1, 1, 1}
	}
	return w.size[0], [3]int{w.strides[0][0], w.strides[1][0], w.strides[2][0]}
}

// rows returns how many rows there are.
func (w *walk) rows() int {
	n := 1
	for _, s := range w.size[min(1, len(w.size)):] {
		n *= s
	}
	return n
}

// at returns where row i begins.
func (w *walk) at(i int) (at [3]int) {
	for k := 1; k < len(w.size); k++ {
		j := i % w.size[k]
		i /= w.size[k]
		for m := range at {
			at[m] += j * w.strides[m][k]
		}
	}
	return at
}
