package extend

import (
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
	"github.com/whitebox-nn/whitebox/optim"
)

// Lion is the optimizer
//
//	p ← p − lr·sgn(β₁m + (1−β₁)g)        m ← β₂m + (1−β₂)g
//
// Reference: Chen et al. Symbolic discovery of optimization algorithms. NeurIPS 2023.
type Lion struct{ LR, Beta1, Beta2 float64 }

// New returns the optimizer of params.
func (l Lion) New(params []*nn.Param) (*optim.Optimizer, error) {
	return optim.NewRule(params, optim.Rule{
		States:  []string{"m"},
		Op:      func(p []*nn.Param) op.Op { return lion{N: len(p)} },
		Count:   3,
		Numbers: func(_ int, dst []float64) { dst[0], dst[1], dst[2] = l.LR, l.Beta1, l.Beta2 },
	})
}

// lion is the op of a step: inputs p, g and m of each parameter, and the numbers.
type lion struct{ N int }

// Spec implements op.Op.
func (k lion) Spec() op.Spec {
	s := op.Spec{Kernel: op.Both(k, bindLion, bindLion), Device: k.device}
	for i := range k.N {
		s.In = append(s.In, op.Any, op.Any, op.Any)
		s.Writes = append(s.Writes, 3*i, 3*i+2)
	}
	s.In = append(s.In, op.Wide(1))
	return s
}

func bindLion[T op.Float](k lion, a *op.Args[T]) op.Run {
	numbers, steps := a.WideIn[3*k.N], op.Sequence{}
	for i := range k.N {
		p, g, m := a.In[3*i], a.In[3*i+1], a.In[3*i+2]
		steps.Add(a.Loop(len(p), op.Grain, func(lo, hi int) {
			lr, b1, b2 := T(numbers[0]), T(numbers[1]), T(numbers[2])
			for j := lo; j < hi; j++ {
				switch u := b1*m[j] + (1-b1)*g[j]; {
				case u > 0:
					p[j] -= lr
				case u < 0:
					p[j] += lr
				}
				m[j] = b2*m[j] + (1-b2)*g[j]
			}
		}), nil)
	}
	run, _ := steps.Run() // no error was added
	return run
}

// device is one launch for all parameters.
func (k lion) device(a *op.DeviceArgs) (op.Run, error) {
	all, first := make([]launch.Tensor, k.N), 0
	for i := range all {
		t := launch.Tensor{N: a.Shapes[3*i].TotalSize(), First: first}
		copy(t.At[:], a.In[3*i:3*i+3])
		all[i], first = t, first+t.N
	}
	return a.Tensors("lion", lionPTX, "lion_step", all, a.X(3*k.N))
}
