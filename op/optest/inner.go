package optest

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/op"
)

// inner is ⟨x, w⟩ for x of any rank and w a vector of as many elements: the
// loss that every case is differentiated through. It is not differentiable in w.
type inner struct{}

func (k inner) Spec() op.Spec {
	return op.Spec{
		In: []op.Input{op.Any, 1}, Shape: scalar, Wrt: []bool{true, false}, Kernel: op.Both(k, bindInner, bindInner),
		Grad: func(in gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
			return gorgonia.Nodes{op.Must(op.Apply(innerGrad{}, in[0], in[1], dout)), nil}
		},
	}
}

func scalar([]tensor.Shape) (tensor.Shape, error) { return tensor.ScalarShape(), nil }

func bindInner[T op.Float](_ inner, a *op.Args[T]) op.Run {
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
type innerGrad struct{}

func (k innerGrad) Spec() op.Spec {
	return op.Spec{In: []op.Input{op.Any, 1, 0}, Kernel: op.Both(k, bindInnerGrad, bindInnerGrad)}
}

func bindInnerGrad[T op.Float](_ innerGrad, a *op.Args[T]) op.Run {
	return func() error {
		for i, w := range a.In[1] {
			a.Out[i] = w * a.In[2][0]
		}
		return nil
	}
}

// first is the one element of a vector, as a scalar.
type first struct{}

func (k first) Spec() op.Spec {
	return op.Spec{
		In: []op.Input{1}, Shape: scalar, Kernel: op.Both(k, bindCopy, bindCopy),
		Grad: func(_ gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
			return gorgonia.Nodes{op.Must(op.Apply(lifted{}, dout))}
		},
	}
}

// lifted is a scalar as a vector of length 1.
type lifted struct{}

func (k lifted) Spec() op.Spec {
	return op.Spec{
		In: []op.Input{0}, Kernel: op.Both(k, bindCopy, bindCopy),
		Shape: func([]tensor.Shape) (tensor.Shape, error) { return tensor.Shape{1}, nil },
	}
}

func bindCopy[K any, T op.Float](_ K, a *op.Args[T]) op.Run {
	return func() error {
		a.Out[0] = a.In[0][0]
		return nil
	}
}
