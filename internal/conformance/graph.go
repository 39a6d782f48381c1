package conformance

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/nn"
)

// A bench is a graph whose inputs are parameters, so that everything can be
// differentiated by.
type bench struct {
	g    *nn.Graph
	r    *Reference
	dt   tensor.Dtype
	wrt  []*nn.Param
	name []string
}

func newBench(r *Reference, dt tensor.Dtype) *bench {
	return &bench{g: nn.NewGraph(nn.Train), r: r, dt: dt}
}

// in adds the tensor of the first name that the reference has as an input that
// gradients are taken by. A number is a vector of length 1.
func (b *bench) in(names ...string) (*gorgonia.Node, error) {
	name := names[0]
	for _, other := range names {
		if _, ok := b.r.Tensors[other]; ok {
			name = other
			break
		}
	}
	t, err := b.r.tensor(name)
	if err != nil {
		return nil, err
	}
	shape := t.Shape
	if len(shape) == 0 {
		shape = []int{1}
	}
	p, err := nn.NewParam(name, b.dt, shape...)
	if err != nil {
		return nil, err
	}
	b.wrt, b.name = append(b.wrt, p), append(b.name, name)
	if err := nn.SetFloats(p.Value, t.Data); err != nil {
		return nil, err
	}
	return b.g.Bind(p)
}

// inOr adds a tensor as a vector of length d, or, if the reference has none of the
// names, a constant one.
func (b *bench) inOr(name string, value float64, d int, names ...string) *gorgonia.Node {
	if _, ok := b.r.find(names...); ok {
		return build.Must(nn.Reshape(build.Must(b.in(names...)), d))
	}
	data := make([]float64, d)
	for i := range data {
		data[i] = value
	}
	return build.Must(b.fixed(name, data, d))
}

// fixed adds numbers as an input that no gradient is taken by.
func (b *bench) fixed(name string, data []float64, shape ...int) (*gorgonia.Node, error) {
	v := tensor.New(tensor.WithShape(shape...), tensor.Of(b.dt))
	if err := nn.SetFloats(v, data); err != nil {
		return nil, err
	}
	return b.g.Input(name, v)
}

// want names what the reference says of a value.
type want struct {
	node *gorgonia.Node
	name string
}

// compare runs the graph and compares values, and the gradients of loss with the
// reference's tensors of the names that gradient gives them; a nil loss has none.
func (b *bench) compare(loss *gorgonia.Node, values []want, gradient func(input string) string) ([]comparison, error) {
	out := nn.Outputs{Loss: loss}
	if loss != nil {
		out.Wrt = b.wrt
	}
	for _, v := range values {
		out.Values = append(out.Values, v.node)
	}
	p, err := nn.Compile(b.g, out)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	if err := p.Run(); err != nil {
		return nil, err
	}
	var cs []comparison
	add := func(name string, v *tensor.Dense) error {
		t, ok := b.r.Tensors[name]
		if !ok {
			return nil // the reference is silent about it
		}
		got, err := nn.Floats(nil, v)
		cs = append(cs, comparison{name, got, t.Data})
		return err
	}
	for _, v := range values {
		got, err := p.Value(v.node)
		if err != nil {
			return nil, err
		}
		if err := add(v.name, got); err != nil {
			return nil, err
		}
	}
	for i, d := range p.Grads() {
		if err := add(gradient(b.name[i]), d); err != nil {
			return nil, err
		}
	}
	return cs, nil
}

// op compares out and the gradients of Σ out∘G, as the op_ files have them.
func (b *bench) op(out *gorgonia.Node) ([]comparison, error) {
	g, err := b.r.tensor("G")
	if err != nil {
		return nil, err
	}
	loss := out
	if out.IsScalar() {
		if len(g.Data) != 1 {
			return nil, errors.Errorf("G has shape %v for a scalar", g.Shape)
		}
		loss, err = nn.Scale(out, g.Data[0])
	} else {
		var w *gorgonia.Node
		if w, err = b.fixed("G", g.Data, g.Shape...); err != nil {
			return nil, err
		}
		if loss, err = nn.Mul(out, w); err != nil {
			return nil, err
		}
		loss, err = nn.Sum(loss)
	}
	if err != nil {
		return nil, err
	}
	return b.compare(loss, []want{{out, "out"}}, func(in string) string { return "grad_" + in })
}
