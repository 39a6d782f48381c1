// Package adam is one step of Adam on many parameters at once, as an op that
// writes to its inputs.
//
//	g ← g + λp
//	m ← m + (1−β₁)(g − m)
//	v ← β₂v + (1−β₂)g²
//	p ← κp − lr·m/(√v/√(1−β₂ᵗ) + ε)
//
// # Method
//
// All that changes from step to step is an input of numbers, so that a program is
// bound once, and a device replays it: see Numbers.
//
// # Gradient
//
// It is not differentiable.
//
// # Numerics
//
// Bound by memory: p, g, m and v are read once, p, m and v written once.
//
// # References
//
// Kingma, Ba. Adam: a method for stochastic optimization. ICLR 2015, algorithm 1.
package adam

import (
	"gorgonia.org/tensor"

	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// Step is the op: inputs p, g, m and v of each parameter, and last the Numbers. It
// writes to p, m and v; its output is the first p.
type Step struct {
	Decays string // a letter a parameter: 1 if weight decay is for it, else 0
	Gate   bool   // one more input is the gate of the step: where it is 0, nothing is written
}

// Gated returns the op that obeys a gate: see update.Measure.
func (k Step) Gated() op.Op {
	k.Gate = true
	return k
}

// Numbers are the last input, a wide vector, in the order of the fields.
type Numbers struct {
	Rate           float64 // lr/(1−β₁ᵗ)
	L2, Keep       float64 // λ and κ of the parameters that decay; 0 and 1 of the others
	W1, B2, W2     float64 // 1−β₁, β₂, 1−β₂
	RootInverse, E float64 // 1/√(1−β₂ᵗ), ε
}

// Count is how many Numbers are.
const Count = 8

// Fill stores n in dst.
func (n Numbers) Fill(dst []float64) {
	copy(dst, []float64{n.Rate, n.L2, n.Keep, n.W1, n.B2, n.W2, n.RootInverse, n.E})
}

// Spec implements op.Op.
func (k Step) Spec() op.Spec {
	s := op.Spec{Kernel: op.Both(k, bind, bind), Device: k.device,
		FLOPs: func(in []tensor.Shape) (n int64) {
			for i := range len(k.Decays) {
				n += 15 * op.Elements(in[4*i:])
			}
			return n
		}}
	for i := range len(k.Decays) {
		s.In = append(s.In, op.Any, op.Any, op.Any, op.Any)
		s.Writes = append(s.Writes, 4*i, 4*i+2, 4*i+3)
	}
	s.In = append(s.In, op.Wide(1))
	if k.Gate {
		s.In = append(s.In, op.Wide(1))
	}
	return s
}

const grain = 1 << 15 // elements of a chunk: some tens of microseconds of memory traffic

func bind[T op.Float](k Step, a *op.Args[T]) op.Run {
	var decays, stays simd.Adam[T]
	runs := make([]op.Run, len(k.Decays))
	for i, letter := range k.Decays {
		p, g, m, v, c := a.In[4*i], a.In[4*i+1], a.In[4*i+2], a.In[4*i+3], &stays
		if letter == '1' {
			c = &decays
		}
		runs[i] = a.Loop(len(p), grain, func(lo, hi int) { simd.AdamStep(p[lo:hi], m[lo:hi], v[lo:hi], g[lo:hi], *c) })
	}
	n, gate := a.WideIn[4*len(k.Decays)], a.WideIn[len(a.WideIn)-1]
	return func() error {
		if k.Gate && gate[0] == 0 {
			return nil
		}
		stays = simd.Adam[T]{LR: T(n[0]), Decay: 1, W1: T(n[3]), B2: T(n[4]), W2: T(n[5]), Root: T(n[6]), Eps: T(n[7])}
		decays = stays
		decays.L2, decays.Decay = T(n[1]), T(n[2])
		for _, run := range runs {
			if err := run(); err != nil {
				return err
			}
		}
		return nil
	}
}

// device is one launch for all parameters.
func (k Step) device(a *op.DeviceArgs) (op.Run, error) {
	tensors := make([]launch.Tensor, len(k.Decays))
	for i, letter := range k.Decays {
		tensors[i] = launch.Tensor{At: [4]launch.Ptr(a.In[4*i:]), N: op.Operand{Shape: a.Shapes[4*i]}.Size(),
			Factor: float64(letter - '0')}
	}
	return a.Tensors("adam", ptx.Of("adam/adam"), "adam_step", tensors, a.X(4*len(k.Decays)),
		a.X(4*len(k.Decays)+1)) // address 0 is no gate
}
