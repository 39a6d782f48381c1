package conformance

import (
	"fmt"
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/prox"
)

// goldenShrink is support selection: the outputs by q, in percent.
func goldenShrink(r *Reference, dt tensor.Dtype) ([]comparison, error) {
	v, err := r.Params.Floats("v")
	if err != nil {
		return nil, err
	}
	theta, err := r.Params.Float("theta", math.NaN())
	if err != nil {
		return nil, err
	}
	cases, err := get[map[string]struct{ Out []float64 }](r.Params, "out", nil)
	if err != nil {
		return nil, err
	}
	var cs []comparison
	for q, want := range cases {
		var percent float64
		if _, err := fmt.Sscan(q, &percent); err != nil {
			return nil, errors.Wrapf(err, "q %q", q)
		}
		got, err := evaluate(dt, func(g *nn.Graph, u *gorgonia.Node) (*gorgonia.Node, error) {
			t, err := constant(g, dt, "theta", []float64{theta}, 1)
			if err != nil {
				return nil, err
			}
			return prox.Select(u, t, percent)
		}, v, 1, len(v))
		if err != nil {
			return nil, err
		}
		cs = append(cs, comparison{"q " + q, got, want.Out})
	}
	return cs, nil
}

// goldenLISTA is an untrained LISTA of some layers on one sample, and the weight
// of ALISTA.
func goldenLISTA(r *Reference, dt tensor.Dtype) ([]comparison, error) {
	a, err := r.Params.matrix("A")
	if err != nil {
		return nil, err
	}
	b, err := r.Params.Floats("b")
	if err != nil {
		return nil, err
	}
	codes, err := get[[][]float64](r.Params, "init_LISTA_layers1to4", nil)
	if err != nil {
		return nil, err
	}
	scale, theta := math.NaN(), math.NaN()
	if err := numbers(r.Params, map[string]*float64{"L_scaled": &scale, "theta": &theta}); err != nil {
		return nil, err
	}
	net, err := layers.NewLISTA(layers.LISTAConfig{UnrollConfig: layers.UnrollConfig{
		Name: "net", A: a, Layers: len(codes), Lambda: theta * scale, Scale: scale, Dtype: dt}})
	if err != nil {
		return nil, err
	}
	var cs []comparison
	for i, want := range codes {
		got, err := evaluate(dt, func(g *nn.Graph, x *gorgonia.Node) (*gorgonia.Node, error) {
			zs, err := net.Iterate(g, x, i+1)
			if err != nil {
				return nil, err
			}
			return zs[i], nil
		}, b, 1, len(b))
		if err != nil {
			return nil, err
		}
		cs = append(cs, comparison{fmt.Sprintf("layer %d", i+1), got, want})
	}
	return cs, nil
}

// evaluate runs a graph of one input.
func evaluate(
	dt tensor.Dtype, build func(g *nn.Graph, x *gorgonia.Node) (*gorgonia.Node, error), data []float64, shape ...int,
) ([]float64, error) {
	g := nn.NewGraph(nn.Eval)
	x, err := constant(g, dt, "x", data, shape...)
	if err != nil {
		return nil, err
	}
	out, err := build(g, x)
	if err != nil {
		return nil, err
	}
	p, err := nn.Compile(g, nn.Outputs{Values: gorgonia.Nodes{out}})
	if err != nil {
		return nil, err
	}
	defer p.Close()
	if err := p.Run(); err != nil {
		return nil, err
	}
	v, err := p.Value(out)
	if err != nil {
		return nil, err
	}
	return nn.Floats(nil, v)
}

// constant adds numbers as an input of a graph.
func constant(g *nn.Graph, dt tensor.Dtype, name string, data []float64, shape ...int) (*gorgonia.Node, error) {
	v := tensor.New(tensor.WithShape(shape...), tensor.Of(dt))
	if err := nn.SetFloats(v, data); err != nil {
		return nil, err
	}
	return g.Input(name, v)
}
