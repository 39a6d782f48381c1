package optest

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/engine"
)

// Scalar builds an op with a scalar output on in and runs it once on the engine:
// for tests of what an op refuses.
func Scalar(dt tensor.Dtype, build func(in ...*gorgonia.Node) (*gorgonia.Node, error), in ...Array) (float64, error) {
	out, err := Eval(dt, build, in...)
	if err != nil {
		return 0, err
	}
	return out[0], nil
}

// Eval builds an op on in and runs it once on the engine.
func Eval(dt tensor.Dtype, build func(in ...*gorgonia.Node) (*gorgonia.Node, error), in ...Array) ([]float64, error) {
	g := gorgonia.NewGraph()
	nodes := make(gorgonia.Nodes, len(in))
	for i, a := range in {
		v := dense(dt, a)
		nodes[i] = gorgonia.NewTensor(g, v.Dtype(), len(a.Shape), gorgonia.WithName(fmt.Sprintf("in%d", i)),
			gorgonia.WithShape(a.Shape...), gorgonia.WithValue(v))
	}
	out, err := build(nodes...)
	if err != nil {
		return nil, err
	}
	p, err := engine.Compile(gorgonia.Nodes{out}, engine.Config{Workers: 1})
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
	return floats(v), nil
}
