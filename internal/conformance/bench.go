package conformance

import (
	"slices"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/nn"
)

// A bench is a graph whose inputs are parameters, so that everything can be
// differentiated by, and the comparisons so far.
type bench struct {
	*Reference
	g     *nn.Graph
	dt    tensor.Dtype
	wrt   []*nn.Param
	name  []string // of wrt, in the file
	found []comparison
}

// A comparison is one tensor of ours beside the reference's.
type comparison struct {
	name      string
	got, want []float64
}

func newBench(r *Reference, dt tensor.Dtype) *bench {
	return &bench{Reference: r, g: nn.NewGraph(nn.Train), dt: dt}
}

// equal compares with the tensor of that name, which the case must have.
func (b *bench) equal(name string, got ...float64) {
	b.found = append(b.found, comparison{name, got, b.tensor(name).Data})
}

// expect is equal, or nothing where the case is silent about it.
func (b *bench) expect(name string, got ...float64) {
	if b.has(name) != "" {
		b.equal(name, got...)
	}
}

// in adds the tensor of the first name that the case has as an input that
// gradients are taken by. A number is a vector of length 1.
func (b *bench) in(names ...string) *gorgonia.Node {
	t := b.tensor(names...)
	shape := t.Shape
	if len(shape) == 0 {
		shape = []int{1}
	}
	p := b.param(b.has(names...), t.Data, shape)
	b.wrt, b.name = append(b.wrt, p), append(b.name, p.Name)
	return must(b.g.Bind(p))
}

// param returns a parameter with values.
func (b *bench) param(name string, values []float64, shape []int) *nn.Param {
	p := must(nn.NewParam(name, b.dt, shape...))
	setFloats(p.Value, values)
	return p
}

// maybe is in, nil if the case has none of the tensors.
func (b *bench) maybe(names ...string) *gorgonia.Node {
	if b.has(names...) == "" {
		return nil
	}
	return b.in(names...)
}

// vector adds a tensor as a vector of length d, or, if the case has none of the
// names, a constant one.
func (b *bench) vector(value float64, d int, names ...string) *gorgonia.Node {
	if b.has(names...) == "" {
		return b.fixed(names[0], slices.Repeat([]float64{value}, d), d)
	}
	return must(nn.Reshape(b.in(names...), d))
}

// fixed adds numbers as an input that no gradient is taken by.
func (b *bench) fixed(name string, data []float64, shape ...int) *gorgonia.Node {
	v := tensor.New(tensor.WithShape(shape...), tensor.Of(b.dt))
	setFloats(v, data)
	return must(b.g.Input(name, v))
}

// given adds the tensor of the first name that the case has as such an input.
func (b *bench) given(names ...string) *gorgonia.Node {
	t := b.tensor(names...)
	return b.fixed(b.has(names...), t.Data, t.Shape...)
}

// want names what the reference says of a value.
type want struct {
	node *gorgonia.Node
	name string
}

// compare runs the graph and compares values, and the gradients of loss, whose names
// in the file are a prefix and the input's; a nil loss has none.
func (b *bench) compare(loss *gorgonia.Node, prefix string, values ...want) {
	nodes := make(gorgonia.Nodes, len(values))
	for i, v := range values {
		nodes[i] = v.node
	}
	got, grads := b.run(loss, nodes...)
	for i, v := range values {
		b.expect(v.name, got[i]...)
	}
	for i, d := range grads {
		b.expect(prefix+b.name[i], d...)
	}
}

// run returns the values of nodes, and the gradients of loss if it is not nil.
func (b *bench) run(loss *gorgonia.Node, nodes ...*gorgonia.Node) (values, grads [][]float64) {
	out := nn.Outputs{Loss: loss, Values: nodes}
	if loss != nil {
		out.Wrt = b.wrt
	}
	p := must(nn.Compile(b.g, out))
	defer p.Close()
	build.Check(p.Run())
	for _, n := range nodes {
		values = append(values, getFloats(must(p.Value(n))))
	}
	for _, d := range p.Grads() {
		grads = append(grads, getFloats(d))
	}
	return values, grads
}

// op compares out, and the gradients of Σ out∘G, as the op_ files have them, and values.
func (b *bench) op(out *gorgonia.Node, values ...want) {
	b.compare(b.weighted(out), "grad_", append(values, want{out, "out"})...)
}

// weighted returns Σ out∘G.
func (b *bench) weighted(out *gorgonia.Node) *gorgonia.Node {
	if g := b.tensor("G"); out.IsScalar() {
		if len(g.Data) != 1 {
			fail("G has shape %v for a scalar", g.Shape)
		}
		return must(nn.Scale(out, g.Data[0]))
	}
	return must(nn.Sum(must(nn.Mul(out, b.given("G")))))
}

func getFloats(v *tensor.Dense) []float64 { return must(nn.Floats(nil, v)) }

func setFloats(v *tensor.Dense, values []float64) { build.Check(nn.SetFloats(v, values)) }

// matrix returns a tensor of two dimensions.
func (b *bench) matrix(names ...string) *mat.Dense {
	t := b.tensor(names...)
	if len(t.Shape) != 2 || len(t.Data) == 0 {
		fail("%s has shape %v, want a matrix", names[0], t.Shape)
	}
	return mat.NewDense(t.Shape[0], t.Shape[1], slices.Clone(t.Data))
}

// transposed returns mᵀ, for papers that have samples as columns.
func transposed(m *mat.Dense) *mat.Dense { return mat.DenseCopyOf(m.T()) }

// elements returns the elements of a matrix, row by row.
func elements(m *mat.Dense) []float64 { return mat.DenseCopyOf(m).RawMatrix().Data }
