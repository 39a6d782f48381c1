package optest

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/opkit"
)

// inner is ⟨x, w⟩ for x of any rank and w a vector of as many elements: the
// loss that every case is differentiated through. It is not differentiable in w.
type inner struct{ rank int }

func (k inner) Ranks() (in []int, out int) { return []int{k.rank, 1}, 0 }

func (k inner) Shape([]tensor.Shape) (tensor.Shape, error) { return tensor.ScalarShape(), nil }

func (k inner) Wrt() []bool { return []bool{true, false} }

func (k inner) Grad(in gorgonia.Nodes, _, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	dx, err := opkit.Apply(innerGrad{k}, in[0], in[1], dout)
	return gorgonia.Nodes{dx, nil}, err
}

func (k inner) Bind32(a *opkit.Args[float32]) opkit.Run { return bindInner(a) }
func (k inner) Bind64(a *opkit.Args[float64]) opkit.Run { return bindInner(a) }

func bindInner[T opkit.Float](a *opkit.Args[T]) opkit.Run {
	return func() error {
		var sum float64
		for i, v := range a.In[0] {
			sum += float64(v) * float64(a.In[1][i])
		}
		a.Out[0] = T(sum)
		return nil
	}
}

// innerGrad is dout · w in the shape of x: inputs x, w and the scalar dout.
type innerGrad struct{ of inner }

func (k innerGrad) Ranks() (in []int, out int) { return []int{k.of.rank, 1, 0}, k.of.rank }

func (k innerGrad) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil }

func (k innerGrad) Bind32(a *opkit.Args[float32]) opkit.Run { return bindInnerGrad(a) }
func (k innerGrad) Bind64(a *opkit.Args[float64]) opkit.Run { return bindInnerGrad(a) }

func bindInnerGrad[T opkit.Float](a *opkit.Args[T]) opkit.Run {
	return func() error {
		for i, w := range a.In[1] {
			a.Out[i] = w * a.In[2][0]
		}
		return nil
	}
}

// first is the one element of a vector, as a scalar.
type first struct{}

func (first) Ranks() (in []int, out int) { return []int{1}, 0 }

func (first) Shape([]tensor.Shape) (tensor.Shape, error) { return tensor.ScalarShape(), nil }

func (first) Wrt() []bool { return []bool{true} }

func (first) Grad(in gorgonia.Nodes, _, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	dx, err := opkit.Apply(lifted{}, dout)
	return gorgonia.Nodes{dx}, err
}

func (first) Bind32(a *opkit.Args[float32]) opkit.Run { return bindCopy(a) }
func (first) Bind64(a *opkit.Args[float64]) opkit.Run { return bindCopy(a) }

// lifted is a scalar as a vector of length 1.
type lifted struct{}

func (lifted) Ranks() (in []int, out int) { return []int{0}, 1 }

func (lifted) Shape([]tensor.Shape) (tensor.Shape, error) { return tensor.Shape{1}, nil }

func (lifted) Bind32(a *opkit.Args[float32]) opkit.Run { return bindCopy(a) }
func (lifted) Bind64(a *opkit.Args[float64]) opkit.Run { return bindCopy(a) }

func bindCopy[T opkit.Float](a *opkit.Args[T]) opkit.Run {
	return func() error {
		a.Out[0] = a.In[0][0]
		return nil
	}
}
