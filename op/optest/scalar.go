package optest

import (
	"fmt"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/engine"
	"github.com/whitebox-nn/whitebox/op"
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

// Eval builds an op on in and runs it once on the engine. Errors: arrays whose data are
// not of their shapes, and what build and the op report.
func Eval(dt tensor.Dtype, build func(in ...*gorgonia.Node) (*gorgonia.Node, error), in ...Array) ([]float64, error) {
	if build == nil || dt != tensor.Float32 && dt != tensor.Float64 {
		return nil, op.Errorf("optest: no function to build the op, or dtype %v, want float32 or float64", dt)
	}
	g := gorgonia.NewGraph()
	nodes := make(gorgonia.Nodes, len(in))
	for i, a := range in {
		if err := a.check(); err != nil {
			return nil, errors.WithMessagef(err, "input %d", i)
		}
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
