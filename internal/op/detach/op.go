// Package detach is the identity that no gradient passes.
//
//	out = x
//
// # Method
//
// The engine lets the output take the input's memory where no later op reads the input; elsewhere it is a copy.
//
// # Gradient
//
// It is not differentiable: what lies before it is a constant.
package detach

import "github.com/whitebox-nn/whitebox/op"

// Detach is the op of it: input x of any rank, output as x.
type Detach struct{}

// Spec implements op.Op.
func (k Detach) Spec() op.Spec {
	return op.Spec{
		In:      []op.Input{op.Any},
		InPlace: op.Take(0),
		Kernel:  op.Both(k, bind, bind),
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			return a.Copy(a.Out, a.In[0], a.N()*int(a.Dtype.Size())), nil
		},
	}
}

func bind[T op.Float](_ Detach, a *op.Args[T]) op.Run {
	return func() error {
		copy(a.Out, a.In[0]) // no work where they are one slice
		return nil
	}
}
