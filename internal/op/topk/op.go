// Package topk marks the largest elements of each row.
//
//	out = 1 at the k largest of a row, of equal ones the first, and 0 elsewhere
//
// # Method
//
// Hoare's quickselect finds the least that is marked, in O(d) expected; a device counts for
// each element how many come before it, in O(d²).
//
// # Numerics
//
// Exact. NaN counts as +∞, so that a diverged element is among the marked. The marks are
// constant wherever they are differentiable: it is not differentiable. Multiply x by them
// to let the gradient through where they are 1.
package topk

import (
	"math"

	"gorgonia.org/tensor"

	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// Mask is the op, for x of any rank from 1 and rows along its last axis.
type Mask struct {
	K int // from 1 to the length of a row
}

// Spec implements op.Op.
func (k Mask) Spec() op.Spec {
	return op.Spec{
		In: []op.Input{op.Any}, Kernel: op.Both(k, bind, bind),
		Shape: func(in []tensor.Shape) (tensor.Shape, error) {
			x := in[0]
			if len(x) == 0 || k.K < 1 || k.K > x[len(x)-1] {
				return nil, op.Errorf("top k: the %d largest of the rows of %v, want from 1 to a row's length", k.K, x)
			}
			return x.Clone(), nil
		},
		Scratch: func(in []tensor.Shape) int { return in[0].TotalSize() },
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			d := a.Shape[len(a.Shape)-1]
			return a.Kernel("topk", ptx.Of("topk/topk"), "topk_mask", launch.Elements(a.N()), launch.I(a.N()),
				launch.I(d), a.Y(), a.X(0), launch.I(k.K))
		},
		DeviceScratch: func(*op.DeviceArgs) (int, error) { return 0, nil },
	}
}

func bind[T op.Float](k Mask, a *op.Args[T]) op.Run {
	d := a.Shape[len(a.Shape)-1]
	return a.Rows(func(lo, hi int) {
		for i := lo; i < hi; i++ {
			mark(a.Out[i*d:(i+1)*d], a.In[0][i*d:(i+1)*d], a.Scratch[i*d:(i+1)*d], k.K)
		}
	})
}

// key returns what v is ordered by.
func key[T op.Float](v T) T {
	if v != v {
		return T(math.Inf(1))
	}
	return v
}

func mark[T op.Float](out, x, buf []T, k int) {
	for j, v := range x {
		buf[j] = key(v)
	}
	least := place(buf, len(x)-k)
	equal := k // how many of that size are marked
	for _, v := range x {
		if key(v) > least {
			equal--
		}
	}
	for j, v := range x {
		v = key(v)
		out[j] = 0
		if v == least && equal > 0 {
			equal--
			out[j] = 1
		} else if v > least {
			out[j] = 1
		}
	}
}

// place returns the number at place k of the ascending order of x, which it reorders:
// Hoare's find, around the middle of three.
func place[T op.Float](x []T, k int) T {
	lo, hi := 0, len(x)-1
	for lo < hi {
		a, b, c := x[lo], x[lo+(hi-lo)/2], x[hi]
		pivot := max(min(a, b), min(max(a, b), c))
		i, j := lo, hi
		for i <= j {
			for x[i] < pivot {
				i++
			}
			for x[j] > pivot {
				j--
			}
			if i <= j {
				x[i], x[j] = x[j], x[i]
				i++
				j--
			}
		}
		switch {
		case k <= j:
			hi = j
		case k >= i:
			lo = i
		default:
			return x[k]
		}
	}
	return x[k]
}
