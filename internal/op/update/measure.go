package update

import (
	"fmt"
	"math"
	"unsafe"

	"gorgonia.org/tensor"

	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// GateSize is the length of a gate, the wide vector that the updates of one step share:
//
//	0  1, or 0 where the step is not to be: gated updates then write nothing
//	1  what clipping multiplies by, 1 at most
//	2  of the norm, for each dtype: Σ (x/2ᵉ)², e, and whether Σ x² has left float64
const GateSize = 8

// A Figure is what a Measure looks for in all its tensors together.
type Figure string

// The figures, with the inputs of each parameter and the numbers.
const (
	NotFinite Figure = "not_finite" // p, g: an element that is NaN or infinite closes the gate
	Norm      Figure = "norm"       // p, g: one of all tensors that is not finite; c₀ is the largest norm, c₁ a margin
	Overflow  Figure = "overflow"   // p, g, v: c₀v + c₁(g + c₂fp)² that is not finite
)

func (f Figure) inputs() int {
	if f == Overflow {
		return 3
	}
	return 2
}

// Measure is the op of a figure of many gradients, which it writes to a gate: the inputs
// of its Figure for each parameter, the numbers, the gate. Of parameters of several
// dtypes there are as many, in order. What closes the gate is reported as a Found.
type Measure struct {
	Figure      Figure
	Factors     string // f of each parameter: see Factors
	Opens       bool   // it is the first of a step
	Part, Parts int    // which of the dtypes it is of, from 0
}

// Found is the error of a Measure that closes the gate.
type Found struct {
	Figure  Figure
	Element int     // the first, of all tensors
	Value   float64 // there, or the norm
}

func (f *Found) Error() string {
	return fmt.Sprintf("%s: %v at element %d", f.Figure, f.Value, f.Element)
}

// Unwrap returns op.ErrNotFinite.
func (f *Found) Unwrap() error { return op.ErrNotFinite }

// Spec implements op.Op.
func (k Measure) Spec() op.Spec {
	n := len(factors(k.Factors)) * k.Figure.inputs()
	s := op.Spec{
		WideOut: true, Kernel: op.Both(k, bindMeasure, bindMeasure), Device: k.device, Writes: []int{n + 1},
		Shape:         func(in []tensor.Shape) (tensor.Shape, error) { return gateShape(in[n+1]) },
		DeviceScratch: func(a *op.DeviceArgs) (int, error) { return 8 * k.parts(a), nil },
		Explain: func(f op.Report) error {
			return &Found{k.Figure, int(uint32(f.Number)), float64(f.Value)}
		},
	}
	for range n {
		s.In = append(s.In, op.Any)
	}
	s.In = append(s.In, op.Wide(1), op.Wide(1))
	return s
}

func gateShape(s tensor.Shape) (tensor.Shape, error) {
	if s[0] != GateSize {
		return nil, op.Errorf("update: a gate of %d numbers, want %d", s[0], GateSize)
	}
	return s.Clone(), nil
}

// parts is how many parts the launches of k have.
func (k Measure) parts(a *op.DeviceArgs) (n int) {
	inputs := k.Figure.inputs()
	for i := 0; i+inputs < len(a.Shapes); i += inputs {
		n += (op.Operand{Shape: a.Shapes[i]}.Size() + launch.PartSize - 1) / launch.PartSize
	}
	return n
}

// device queues all that may be needed: what turns out not to be returns at once.
func (k Measure) device(a *op.DeviceArgs) (op.Run, error) {
	last := len(a.In) - 1
	c, gate, status := a.X(last-1), a.X(last), launch.P(a.Status)
	all := tensors(a, k.Figure.inputs(), factors(k.Factors))
	var q op.Sequence
	on := func(name string, args ...launch.Arg) {
		q.Add(a.Tensors("update", ptx.Of("update/update"), "update_"+name, all,
			append([]launch.Arg{c, gate}, args...)...))
	}
	one := func(name string, args ...launch.Arg) {
		q.Add(a.Kernel("update", ptx.Of("update/update"), "update_"+name, launch.One(), append([]launch.Arg{gate},
			args...)...))
	}
	if k.Opens {
		one("open")
	}
	if k.Figure != Norm {
		on(string(k.Figure), status)
		return q.Run()
	}
	n, part, work := launch.I(k.parts(a)), launch.I(k.Part), launch.P(a.Work)
	on("squares", part, work)
	one("sum", n, part, work)
	on("largest", part, work)
	one("exponent", n, part, work)
	on("scaled", part, work)
	one("scaled_sum", n, part, work)
	if k.Part == k.Parts-1 {
		one("clipping", c, launch.I(k.Parts), status)
	}
	return q.Run()
}

// bindMeasure reads the tensors one after the other.
func bindMeasure[T op.Float](k Measure, a *op.Args[T]) op.Run {
	last := len(a.WideIn) - 1
	inputs, c, gate, fs := k.Figure.inputs(), a.WideIn[last-1], a.WideIn[last], factors(k.Factors)
	grads := make([][]T, len(fs))
	for i := range fs {
		grads[i] = a.In[inputs*i+1]
	}
	return func() error {
		if k.Opens {
			gate[0], gate[1] = 1, 1
		}
		if k.Figure == Norm {
			return clipping(k, c, gate, grads)
		}
		first := 0
		for i, g := range grads {
			at, value := FirstNotFinite(g)
			if k.Figure == Overflow {
				by := Second[T]{T(c[0]), T(c[1]), T(c[2] * fs[i])}
				at, value = FirstOverflow(a.In[inputs*i], g, a.In[inputs*i+2], by)
			}
			if at >= 0 {
				gate[0] = 0
				return &Found{k.Figure, first + at, value}
			}
			first += len(g)
		}
		return nil
	}
}

// clipping adds grads to the norm in a gate and, if they are the last, decides by it.
func clipping[T op.Float](k Measure, c, gate []float64, grads [][]T) error {
	sum, hi := 0.0, 0.0
	for _, g := range grads {
		sum += SumSquares(g, 1)
	}
	e := 0
	if !Safe(sum) {
		for _, g := range grads {
			hi = max(hi, Magnitude(g))
		}
		if sum = hi; hi != 0 && hi-hi == 0 {
			e, sum = Exponent(hi), 0
			for _, g := range grads {
				sum += SumSquares(g, math.Ldexp(1, -e))
			}
		}
	}
	gate[2+3*k.Part], gate[3+3*k.Part] = sum, float64(e)
	if k.Part < k.Parts-1 {
		return nil
	}
	norm := math.Ldexp(math.Sqrt(gate[2]), int(gate[3]))
	if k.Parts > 1 {
		norm = math.Hypot(norm, math.Ldexp(math.Sqrt(gate[5]), int(gate[6])))
	}
	if gate[1] = Clipping(c[0], norm, c[1]); gate[1] != gate[1] {
		gate[0] = 0
		return &Found{Norm, 0, norm}
	}
	return nil
}

// Safe reports whether a sum of squares has lost nothing to the range of float64.
func Safe(sum float64) bool { return sum > 1e-280 && sum <= math.MaxFloat64 }

// Exponent returns that of a power of two near hi, which scales exactly.
func Exponent(hi float64) int {
	_, exp := math.Frexp(hi)
	return min(max(exp, -1000), 1000)
}

// Clipping returns what to multiply updates of that norm by, so that it becomes most, or
// less by a margin of its length: 1 is nothing. It is NaN if the norm is not finite.
func Clipping(most, norm, margin float64) float64 {
	if norm-norm != 0 {
		return math.NaN()
	}
	factor := most / (norm + 1e-6)
	if factor >= 1 {
		return 1
	}
	return factor * (1 - margin)
}

// A Second holds the factors of a second moment: v ← Keep·v + Add·(g + L2·p)².
type Second[T op.Float] struct{ Keep, Add, L2 T }

// FirstOverflow returns the place and the value of the first element of g whose second
// moment would be NaN or infinite, −1 and 0 if there is none. Without L2 it reads p and
// v only where there is a gradient above the root of the largest number.
func FirstOverflow[T op.Float](p, g, v []T, c Second[T]) (at int, value float64) {
	root := T(0x1p63)
	if unsafe.Sizeof(root) == 8 {
		root = T(math.Ldexp(1, 511))
	}
	if c.L2 == 0 {
		lo := 0
		for ; lo < len(g) && g[lo] <= root && g[lo] >= -root; lo++ {
		}
		if lo == len(g) {
			return -1, 0
		}
	}
	for k, x := range g {
		if c.L2 != 0 {
			x += c.L2 * p[k]
		}
		if v1 := c.Keep*v[k] + c.Add*x*x; v1-v1 != 0 {
			return k, float64(x)
		}
	}
	return -1, 0
}
