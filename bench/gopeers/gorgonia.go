package main

import (
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// input adds a node of that value.
func input(g *G.ExprGraph, name string, x []float32, shape ...int) *G.Node {
	return G.NodeFromAny(g, tensor.New(tensor.WithShape(shape...), tensor.WithBacking(x)), G.WithName(name))
}

// machine returns the run of a graph.
func machine(g *G.ExprGraph, opts ...G.VMOpt) func() error {
	vm := G.NewTapeMachine(g, opts...)
	return func() error {
		vm.Reset()
		return vm.RunAll()
	}
}

func gorgoniaProduct(n int) (func() error, error) {
	g := G.NewGraph()
	_, err := G.Mul(input(g, "a", normal(n*n, 1), n, n), input(g, "b", normal(n*n, 1), n, n))
	return machine(g), err
}

// gorgoniaConvolution is in its only layout, channels first.
func gorgoniaConvolution(batch, channels, side int) (func() error, error) {
	g := G.NewGraph()
	x := input(g, "x", normal(batch*channels*side*side, 1), batch, channels, side, side)
	w := input(g, "w", normal(9*channels*channels, 0.05), channels, channels, 3, 3)
	_, err := G.Conv2d(x, w, tensor.Shape{3, 3}, []int{1, 1}, []int{1, 1}, []int{1, 1})
	return machine(g), err
}

// gorgoniaStep is a step of gradient descent with momentum on a perceptron 784-512-128 and
// cross-entropy; the labels are the first ten classes, one-hot, as its examples have them.
func gorgoniaStep(batch int) (run func() error, err error) {
	const features, hidden, classes = 784, 512, 128
	oneHot := make([]float32, batch*classes)
	for i := range batch {
		oneHot[i*classes+i%10] = 1
	}
	g := G.NewGraph()
	x, y := input(g, "x", normal(batch*features, 1), batch, features), input(g, "y", oneHot, batch, classes)
	w1 := input(g, "w1", normal(features*hidden, 0.05), features, hidden)
	b1 := input(g, "b1", normal(hidden, 0), 1, hidden)
	w2 := input(g, "w2", normal(hidden*classes, 0.05), hidden, classes)
	b2 := input(g, "b2", normal(classes, 0), 1, classes)
	must := func(n *G.Node, e error) *G.Node {
		if err == nil {
			err = e
		}
		return n
	}
	row := []byte{0} // the bias is repeated along the samples
	z := must(G.Rectify(must(G.BroadcastAdd(must(G.Mul(x, w1)), b1, nil, row))))
	p := must(G.SoftMax(must(G.BroadcastAdd(must(G.Mul(z, w2)), b2, nil, row))))
	loss := must(G.Neg(must(G.Mean(must(G.HadamardProd(must(G.Log(p)), y))))))
	if err != nil {
		return nil, err
	}
	params := G.Nodes{w1, b1, w2, b2}
	if _, err := G.Grad(loss, params...); err != nil {
		return nil, err
	}
	once := machine(g, G.BindDualValues(params...))
	solver := G.NewMomentum(G.WithLearnRate(1e-4), G.WithMomentum(0.9))
	return func() error {
		if err := once(); err != nil {
			return err
		}
		return solver.Step(G.NodesToValueGrads(params))
	}, nil
}
