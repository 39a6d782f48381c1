// Package update is what the transforms and the rules of an optimizer do to many
// tensors at once, as ops that write to their inputs.
//
//	Decay            g ← g + c₀fp
//	Scale            g ← c₀fg
//	Clamp            g ← min(max(g, −c₀), c₀)
//	Momentum         m ← c₀m + c₁g        g ← c₂g + c₃m
//	Moments          m ← m + c₁(g − m)    v ← c₂v + c₃g²    g ← c₀m/(√v·c₄ + c₅)
//	Subtract         p ← p − g
//	Descend          p ← p − c₀(g + c₁fp)
//	DescendMomentum  g ← g + c₁fp         m ← c₂m + c₃g     p ← p − c₀(c₄g + c₅m)
//	Average          a ← a + c₀(p − a)
//	Exchange         a, p ← p, a
//	Copy             u ← g
//	Clip             g ← ag, if a < 1: see Measure
//
// for a parameter p, its gradient or update g, what is remembered of it, numbers c of
// the step, and a factor f of the parameter's own.
//
// # Method
//
// All that changes from step to step is an input of numbers, so that a program is
// bound once. On a device a step is one launch for all tensors of a dtype.
//
// # Gradient
//
// They are not differentiable.
//
// # Numerics
//
// In the graph's dtype, bound by memory: every array is read once and written once.
// Sums, of the norm of an update, run in float64 in a fixed order.
//
// # References
//
// Those of package optim, whose formulas and order these are.
package update

import (
	"fmt"
	"strconv"
	"strings"

	"gorgonia.org/tensor"

	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// A Kind is what a Step does to each tensor; its value is the name of the kernel.
type Kind string

// The kinds, with the inputs of each parameter.
const (
	Decay           Kind = "decay"            // p, g
	Scale           Kind = "scale"            // p, g
	Clamp           Kind = "clamp"            // p, g
	Momentum        Kind = "momentum"         // p, g, m
	Moments         Kind = "moments"          // p, g, m, v
	Subtract        Kind = "subtract"         // p, g
	Descend         Kind = "descend"          // p, g
	DescendMomentum Kind = "descend_momentum" // p, g, m
	Average         Kind = "average"          // p, a
	Exchange        Kind = "exchange"         // p, a
	Copy            Kind = "copy"             // p, g, u
	Clip            Kind = "clip"             // p, g, of a gate
)

// shape returns how many inputs a parameter has, and which of them are written.
func (k Kind) shape() (inputs int, writes []int) {
	switch k {
	case Decay, Scale, Clamp, Clip:
		return 2, []int{1}
	case Momentum:
		return 3, []int{1, 2}
	case Moments:
		return 4, []int{1, 2, 3}
	case Subtract:
		return 2, []int{0}
	case Descend:
		return 2, []int{0, 1}
	case DescendMomentum:
		return 3, []int{0, 2}
	case Average:
		return 2, []int{1}
	case Exchange:
		return 2, []int{0, 1}
	}
	return 3, []int{2} // Copy
}

// Step is the op: the inputs of its Kind for each parameter, the numbers, and last the
// gate, if it obeys one. Its output is the first input that it writes.
type Step struct {
	Kind    Kind
	Factors string // the factor of each parameter: see Factors
	Gate    bool   // it writes nothing where the gate is 0: see Measure
}

// Gated returns the op that obeys a gate.
func (k Step) Gated() op.Op {
	k.Gate = true
	return k
}

// Factors returns factors as an attribute.
func Factors(f ...float64) string {
	words := make([]string, len(f))
	for i, v := range f {
		words[i] = strconv.FormatFloat(v, 'g', -1, 64)
	}
	return strings.Join(words, " ")
}

func factors(s string) []float64 {
	words := strings.Fields(s)
	f := make([]float64, len(words))
	for i, w := range words {
		_, _ = fmt.Sscan(w, &f[i]) // as Factors wrote it
	}
	return f
}

// Spec implements op.Op.
func (k Step) Spec() op.Spec {
	s := op.Spec{Kernel: op.Both(k, bind, bind), Device: k.device}
	inputs, writes := k.Kind.shape()
	for i := range factors(k.Factors) {
		for range inputs {
			s.In = append(s.In, op.Any)
		}
		for _, w := range writes {
			s.Writes = append(s.Writes, inputs*i+w)
		}
	}
	s.Shape = func(in []tensor.Shape) (tensor.Shape, error) { return in[writes[0]].Clone(), nil }
	s.In = append(s.In, op.Wide(1))
	if k.Gate {
		s.In = append(s.In, op.Wide(1))
	}
	return s
}

// device is one launch for all parameters.
func (k Step) device(a *op.DeviceArgs) (op.Run, error) {
	inputs, _ := k.Kind.shape()
	fs := factors(k.Factors)
	return a.Tensors("update", ptx.Of("update/update"), "update_"+string(k.Kind), tensors(a, inputs, fs),
		a.X(inputs*len(fs)), a.X(inputs*len(fs)+1)) // address 0 is no gate
}

func tensors(a *op.DeviceArgs, inputs int, factors []float64) []launch.Tensor {
	all, first := make([]launch.Tensor, len(factors)), 0
	for i, f := range factors {
		t := launch.Tensor{N: op.Operand{Shape: a.Shapes[inputs*i]}.Size(), First: first, Factor: f}
		copy(t.At[:], a.In[inputs*i:inputs*(i+1)])
		all[i], first = t, first+t.N
	}
	return all
}
