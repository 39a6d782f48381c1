package conformance

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

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

// in adds a tensor of the reference as an input that gradients are taken by.
func (b *bench) in(name string) (*gorgonia.Node, error) {
	t, err := b.r.tensor(name)
	if err != nil {
		return nil, err
	}
	p, err := nn.NewParam(name, b.dt, t.Shape...)
	if err != nil {
		return nil, err
	}
	b.wrt, b.name = append(b.wrt, p), append(b.name, name)
	if err := nn.SetFloats(p.Value, t.Data); err != nil {
		return nil, err
	}
	return b.g.Bind(p)
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
		t, err := b.r.tensor(name)
		if err != nil {
			return err
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
