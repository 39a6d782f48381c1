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
)

// shape returns how many inputs a parameter has, and which of them are written.
func (k Kind) shape() (inputs int, writes []int) {
	switch k {
	case Decay, Scale, Clamp:
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

// Step is the op: the inputs of its Kind for each parameter, and last the numbers. Its
// output is the first input that it writes.
type Step struct {
	Kind    Kind
	Factors string // the factor of each parameter: see Factors
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
	return s
}

// device is one launch for all parameters.
func (k Step) device(a *op.DeviceArgs) (op.Run, error) {
	inputs, _ := k.Kind.shape()
	return a.Tensors("update", ptx.Of("update/update"), "update_"+string(k.Kind),
		tensors(a, inputs, factors(k.Factors)), a.X(len(a.In)-1))
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

// A Figure is what a Measure computes of all its tensors together.
type Figure string

// The figures.
const (
	Squares   Figure = "squares"    // Σ (c₀x)²
	Largest   Figure = "largest"    // max |x|, NaN if there is one
	NotFinite Figure = "not_finite" // the number of the first element that is NaN or infinite, or infinity
)

// Measure is the op of a figure of many gradients: a parameter and its gradient each,
// and last the numbers; its output is a wide vector of length 1.
type Measure struct {
	Figure  Figure
	Tensors int
}

// Spec implements op.Op.
func (k Measure) Spec() op.Spec {
	s := op.Spec{
		WideOut: true, Kernel: op.Both(k, bindMeasure, bindMeasure), Device: k.device,
		Shape: func([]tensor.Shape) (tensor.Shape, error) { return tensor.Shape{1}, nil },
		DeviceScratch: func(a *op.DeviceArgs) (int, error) {
			parts := 0
			for _, x := range a.Shapes[:2*k.Tensors] {
				parts += op.Operand{Shape: x}.Size()/launch.PartSize + 1
			}
			return 8 * parts, nil
		},
	}
	for range k.Tensors {
		s.In = append(s.In, op.Any, op.Any)
	}
	s.In = append(s.In, op.Wide(1))
	return s
}

// device makes a number of each part, then one of these.
func (k Measure) device(a *op.DeviceArgs) (op.Run, error) {
	all := tensors(a, 2, make([]float64, k.Tensors))
	parts := 0
	for _, t := range all {
		parts += (t.N + launch.PartSize - 1) / launch.PartSize
	}
	var q op.Sequence
	q.Add(a.Tensors("update", ptx.Of("update/update"), "update_"+string(k.Figure), all, a.X(2*k.Tensors),
		launch.P(a.Work)))
	q.Add(a.Kernel("update", ptx.Of("update/update"), "update_"+string(k.Figure)+"_of", launch.One(), launch.I(parts),
		a.Y(), launch.P(a.Work)))
	return q.Run()
}
