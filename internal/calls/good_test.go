package calls

import (
	"bytes"
	"context"
	"fmt"
	"image/color"
	"io"
	"math/rand/v2"
	"reflect"
	"strings"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

// A choice is a way of making a value.
type choice struct {
	note string
	make func(b *builder) any
}

// intsOf returns plausible integers for a parameter of that name.
func intsOf(name string) []int64 {
	switch strings.ToLower(name) {
	case "k", "classes", "clusters", "groups":
		return []int64{2, 2, 2, 3}
	case "h", "w", "height", "width":
		return []int64{4}
	case "depth":
		return []int64{10, 2}
	case "steps", "batch", "size", "n":
		return []int64{1, 2, 3, 6}
	case "iterations", "iters", "max", "maxiters", "epochs", "every":
		return []int64{3, 5, 0}
	}
	return []int64{1, 2, 3, 4, 6, 0}
}

// floatsOf returns plausible numbers for a parameter of that name.
func floatsOf(name string) []float64 {
	switch strings.ToLower(name) {
	case "eps2", "eps", "tol", "lr", "energy", "share":
		return []float64{0.5, 0.5, 0.1}
	case "width", "height":
		return []float64{2, 3}
	}
	return []float64{0.5, 1, 0.1, 0.01, 2, 0}
}

// stringsOf returns plausible texts for a parameter of that name.
func stringsOf(name string) []string {
	switch strings.ToLower(name) {
	case "path":
		return []string{"file", "new"}
	case "dir":
		return []string{"dir", "."}
	case "url":
		return []string{"http://127.0.0.1:1/x"}
	}
	return []string{"a", "b", "loss"}
}

// dense returns a matrix of normal numbers.
func dense(r, c int) choice {
	return choice{fmt.Sprintf("%d×%d", r, c), func(b *builder) any { return mat.NewDense(r, c, normal(b.rng, r*c)) }}
}

// normal returns n normal numbers.
func normal(rng *rand.Rand, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = rng.NormFloat64()
	}
	return x
}

// node returns an input of a graph.
func node(dt tensor.Dtype, shape ...int) choice {
	return choice{fmt.Sprintf("%v%v", dt, shape), func(b *builder) any {
		return b.input(b.tensor(dt, shape...))
	}}
}

// tensor returns a tensor of normal numbers.
func (b *builder) tensor(dt tensor.Dtype, shape ...int) *tensor.Dense {
	n := tensor.Shape(shape).TotalSize()
	x := normal(b.rng, n)
	if dt == tensor.Float32 {
		y := make([]float32, n)
		for i, v := range x {
			y[i] = float32(v)
		}
		return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(y))
	}
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(x))
}

// input puts v into the graph of the call.
func (b *builder) input(v *tensor.Dense) *gorgonia.Node {
	n, err := b.graph().Input(b.name("x"), v)
	if err != nil {
		return nil
	}
	return n
}

// labels are of six samples, in two classes.
func (b *builder) labels() *tensor.Dense {
	return tensor.New(tensor.WithShape(6), tensor.WithBacking([]float64{0, 1, 0, 1, 0, 1}))
}

func param(dt tensor.Dtype, shape ...int) choice {
	return choice{fmt.Sprintf("%v%v", dt, shape), func(b *builder) any {
		p := &nn.Param{Name: b.name("p"), Value: b.tensor(dt, shape...)}
		b.params = append(b.params, p)
		return p
	}}
}

// byHand are ways of making values of types that no function of ours returns.
var byHand = map[reflect.Type][]choice{
	reflect.TypeFor[*mat.Dense](): {dense(6, 4), dense(6, 4), dense(6, 4), dense(4, 4), dense(4, 6), dense(6, 2),
		dense(3, 6), dense(2, 4)},
	reflect.TypeFor[*gorgonia.Node](): {
		node(tensor.Float64, 6, 4), node(tensor.Float64, 6, 4), node(tensor.Float64, 4), node(tensor.Float64, 6),
		node(tensor.Float64, 4, 4),
		node(tensor.Float64, 6, 2), node(tensor.Float64, 2), node(tensor.Float64, 1), node(tensor.Float64, 6, 2, 4, 4),
		node(tensor.Float64, 6, 2, 4),
		node(tensor.Float64, 2, 4, 4), node(tensor.Float64, 3, 2, 3, 3), node(tensor.Float64, 6, 3, 4),
		node(tensor.Float64, 2, 2), node(tensor.Float64, 3, 6, 4),
		node(tensor.Float32, 6, 4),
		{"labels", func(b *builder) any { return b.input(b.labels()) }},
		{"scalar", func(b *builder) any { return scalar(b) }},
	},
	reflect.TypeFor[*tensor.Dense](): {
		{"float64 6×4", func(b *builder) any { return b.tensor(tensor.Float64, 6, 4) }},
		{"float32 6×4", func(b *builder) any { return b.tensor(tensor.Float32, 6, 4) }},
		{"float32 2×4", func(b *builder) any { return b.tensor(tensor.Float32, 2, 4) }},
		{"float64 4", func(b *builder) any { return b.tensor(tensor.Float64, 4) }},
		{"float64 2", func(b *builder) any { return b.tensor(tensor.Float64, 2) }},
		{"labels", func(b *builder) any { return b.labels() }},
	},
	reflect.TypeFor[*nn.Param](): {param(tensor.Float64, 4, 4), param(tensor.Float32, 4),
		param(tensor.Float64, 4), param(tensor.Float32, 6, 4)},
	reflect.TypeFor[*nn.Graph](): {{"graph", func(b *builder) any { return b.graph() }}},
	reflect.TypeFor[tensor.Dtype](): {{"float64", func(*builder) any { return tensor.Float64 }},
		{"float32", func(*builder) any { return tensor.Float32 }}},
	reflect.TypeFor[context.Context](): {{"context", func(b *builder) any { return b.ctx }}},
	reflect.TypeFor[io.Writer]():       {{"buffer", func(*builder) any { return &bytes.Buffer{} }}},
	reflect.TypeFor[io.Reader](): {{"text", func(*builder) any {
		return strings.NewReader("step,loss\n1,0.5\n")
	}}, {"zeros", func(*builder) any { return bytes.NewReader(make([]byte, 64)) }}},
	reflect.TypeFor[*rand.Rand]():    {{"rng", func(*builder) any { return newRand(1) }}},
	reflect.TypeFor[color.Color]():   {{"black", func(*builder) any { return color.Black }}},
	reflect.TypeFor[mat.Matrix]():    {dense(6, 4), dense(4, 4), dense(6, 16)},
	reflect.TypeFor[mat.Symmetric](): {{"6×6", func(b *builder) any { return symmetric(b, 6) }}},
	reflect.TypeFor[[]int](): {ints("labels", 0, 1, 0, 1, 0, 1), ints("shape", 4), ints("shape", 2, 4, 4),
		ints("sizes", 3, 3), ints("rows", 2, 2), ints("indices", 0, 1), ints("ranks", 1, 1)},
	reflect.TypeFor[[]float64](): {floats(4), floats(6), floats(24), floats(16), floats(2), floats(1)},
	reflect.TypeFor[[]float32](): {{"24", func(b *builder) any { return b.tensor(tensor.Float32, 24).Data() }},
		{"32", func(b *builder) any { return b.tensor(tensor.Float32, 32).Data() }}},
	reflect.TypeFor[op.Op](): {opChoice(twice{}), opChoice(twice{}), opChoice(op.Slope{Of: twice{}}),
		opChoice(gated{}), opChoice(op.Partial{Of: gated{}, I: 1})},
	reflect.TypeFor[gorgonia.Value](): {
		{"6×4", func(b *builder) any { return b.tensor(tensor.Float64, 6, 4) }},
		{"float32 4", func(b *builder) any { return b.tensor(tensor.Float32, 4) }},
		{"number", func(*builder) any { return gorgonia.NewF64(1.5) }},
	},
	reflect.TypeFor[optest.Array](): {{"6×4",
		func(*builder) any { return optest.Normal(1, 1, 6, 4) }}},
	reflect.TypeFor[func(...*gorgonia.Node) (*gorgonia.Node, error)](): {
		{"first", func(*builder) any { return first }}},
	reflect.TypeFor[func(*nn.Graph) (*gorgonia.Node, error)](): {
		{"loss", func(b *builder) any { return b.lossOf }}},
	reflect.TypeFor[error](): {{"error",
		func(*builder) any { return io.ErrUnexpectedEOF }}},
	reflect.TypeFor[func(*gorgonia.Node) (*gorgonia.Node, error)](): {{"same", func(*builder) any { return same }}},
}

// twice is a pointwise op, and gated one of two operands.
type twice struct{}

func (k twice) Spec() op.Spec {
	return op.Pointwise(k, op.Function{Value: func(x float64) float64 { return 2 * x },
		Slope: func(float64) float64 { return 2 }, Name: "twice", PTX: "none"})
}

type gated struct{}

func (k gated) Spec() op.Spec {
	return op.Elementwise(k, op.Formula{
		Value: func(x, p, _, _ float64) float64 { return x * p },
		Partials: []func(x, p, q, r float64) float64{
			func(_, p, _, _ float64) float64 { return p }, func(x, _, _, _ float64) float64 { return x },
		},
		Name: "gated", PTX: "none",
	})
}

func opChoice(k op.Op) choice { return choice{op.Name(k), func(*builder) any { return k }} }

// lossOf builds the sum of the parameters of the call.
func (b *builder) lossOf(g *nn.Graph) (sum *gorgonia.Node, err error) {
	for _, p := range b.params {
		x, err := g.Bind(p)
		if err != nil {
			return nil, err
		}
		if x, err = nn.SumSquares(x); err != nil {
			return nil, err
		}
		if sum == nil {
			sum = x
		} else if sum, err = nn.Add(sum, x); err != nil {
			return nil, err
		}
	}
	if sum == nil {
		return nil, io.ErrUnexpectedEOF
	}
	return sum, nil
}

// first is the sum of the first node.
func first(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	if len(in) == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	return nn.Sum(in[0])
}

func same(n *gorgonia.Node) (*gorgonia.Node, error) { return n, nil }

func scalar(b *builder) *gorgonia.Node {
	n, err := nn.Sum(b.input(b.tensor(tensor.Float64, 3)))
	if err != nil {
		return nil
	}
	return n
}

func symmetric(b *builder, n int) *mat.SymDense {
	s := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			s.SetSym(i, j, b.rng.Float64())
		}
	}
	return s
}

func ints(note string, x ...int) choice {
	return choice{note, func(*builder) any { return append([]int(nil), x...) }}
}

func floats(n int) choice {
	return choice{fmt.Sprintf("%d numbers", n), func(b *builder) any {
		x := normal(b.rng, n)
		for i := range x {
			x[i] = x[i]*x[i] + 0.1
		}
		return x
	}}
}

// named returns those of all whose note is the name of the parameter.
func named(all []choice, name string) (hints []choice, ok bool) {
	switch name {
	case "predicted", "clusters", "Labels":
		name = "labels"
	case "in":
		name = "shape"
	}
	for _, c := range all {
		if c.note == name {
			hints = append(hints, c)
		}
	}
	return hints, len(hints) > 0
}
