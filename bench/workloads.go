package main

import (
	"fmt"
	"math"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/initializer"
	"github.com/whitebox-nn/whitebox/optim"
)

// workloads lists what is timed, under the names that peers use: with shrink 1. With
// more the sizes are divided by it, for a trial of each kind.
func workloads(shrink int) (ws []workload) {
	of := func(n int) int { return max(2, n/shrink) }
	for _, family := range []func(of func(int) int) []workload{
		gemms,
		codingRates,
		sparseWorkloads,
		pursuits,
		decompositions,
		clusterings,
		subspaces,
		perceptrons,
		convolutions,
		reduNets,
		listas,
		resnets,
		transformers,
	} {
		ws = append(ws, family(of)...)
	}
	return ws
}

// gemms are products of square matrices.
func gemms(of func(int) int) (ws []workload) {
	for _, n := range []int{128, 512, 1024, 2048} {
		ws = append(ws, gemm("nn", of(n)))
	}
	return append(ws, gemm("tn", of(1024)), gemm("nt", of(1024)))
}

// perceptrons are steps on two losses.
func perceptrons(of func(int) int) []workload {
	return []workload{mlp("mcr2", of(512), losses.MCR2{Classes: 10}, true),
		mlp("ce", of(512), losses.CrossEntropy{}, false)}
}

// gemm is the product of two n×n matrices, the first or the second transposed. On a
// device the matrices and the product stay there.
func gemm(form string, n int) workload {
	return workload{name: fmt.Sprintf("gemm_%s_%d", form, n), runs: 15,
		prepare: func(o nn.Options) (run, free func() error, err error) {
			defer build.Catch(&err, "build")
			g := nn.NewGraph(nn.Eval)
			var in []*gorgonia.Node
			for _, name := range []string{"a", "b"} {
				p, err := parameter(name, n, n)
				if err != nil {
					return nil, nil, err
				}
				in = append(in, build.Must(g.Bind(p)))
			}
			if err := g.Probe("c", build.Must(nn.MatMul(in[0], in[1], form == "tn", form == "nt"))); err != nil {
				return nil, nil, err
			}
			return program(nn.Compile(g, nn.Outputs{}, o))
		}}
}

// mlp is one step of SGD with momentum on a perceptron 784-512-128, 10 classes.
func mlp(name string, batch int, loss losses.Loss, normalize bool) workload {
	return perceptron(fmt.Sprintf("mlp_%s_step_b%d", name, batch), []int{784, 512, 128}, batch, loss, normalize)
}

// perceptron is one step of SGD with momentum on a perceptron of those widths.
func perceptron(name string, dims []int, batch int, loss losses.Loss, normalize bool) workload {
	return workload{name: name,
		prepare: func(o nn.Options) (run, free func() error, err error) {
			m, err := models.NewMLP(models.MLPConfig{Dims: dims, Normalize: normalize})
			if err != nil {
				return nil, nil, err
			}
			p, err := trainingProgram(m, loss, batch, o)
			if err != nil {
				return nil, nil, err
			}
			opt, err := optim.NewSGD(m.Params(), optim.Constant(0.01), optim.SGD{Momentum: 0.9})
			if err != nil {
				return nil, nil, err
			}
			return func() error {
				if err := p.Run(); err != nil {
					return err
				}
				return opt.Step(p.Grads())
			}, p.Close, nil
		}}
}

func trainingProgram(m layers.Layer, loss losses.Loss, batch int, o nn.Options) (p *nn.Program, err error) {
	defer build.Catch(&err, "build")
	g := nn.NewGraph(nn.Train)
	x := build.Must(normal(g, "x", batch, 784))
	y := build.Must(labels(g, batch, 10))
	l := build.Must(loss.Loss(g, build.Must(m.Forward(g, x)), y))
	return nn.Compile(g, nn.Outputs{Loss: l, Wrt: m.Params()}, o)
}

// program returns the run and the close of a compiled graph.
func program(p *nn.Program, err error) (run, free func() error, _ error) {
	if err != nil {
		return nil, nil, err
	}
	return p.Run, p.Close, nil
}

// normal adds an input of standard normal draws.
func normal(g *nn.Graph, name string, shape ...int) (*gorgonia.Node, error) {
	p, err := parameter(name, shape...)
	if err != nil {
		return nil, err
	}
	return g.Input(name, p.Value)
}

// parameter returns a parameter of standard normal draws.
func parameter(name string, shape ...int) (*nn.Param, error) {
	p, err := nn.NewParam(name, tensor.Float32, shape...)
	if err != nil {
		return nil, err
	}
	return p, (initializer.Normal{Std: 1}).Fill(p, nn.Rand(0, name))
}

// labels adds the labels 0, 1, …, k−1, 0, 1, ….
func labels(g *nn.Graph, n, k int) (*gorgonia.Node, error) { return labelsOf(g, tensor.Float32, n, k) }

// labelsOf is labels of a dtype.
func labelsOf(g *nn.Graph, dt tensor.Dtype, n, k int) (*gorgonia.Node, error) {
	y, values := tensor.New(tensor.WithShape(n), tensor.Of(dt)), make([]float64, n)
	for i := range values {
		values[i] = float64(i % k)
	}
	if err := nn.SetFloats(y, values); err != nil {
		return nil, err
	}
	return g.Input("labels", y)
}

// normalizeRows puts each row of d elements on the unit sphere.
func normalizeRows[T float32 | float64](z []T, d int) {
	for lo := 0; lo < len(z); lo += d {
		row, sum := z[lo:lo+d], 0.0
		for _, v := range row {
			sum += float64(v) * float64(v)
		}
		for i := range row {
			row[i] /= T(math.Sqrt(sum))
		}
	}
}
