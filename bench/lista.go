package main

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/initializer"
	"github.com/whitebox-nn/whitebox/optim"
)

// listas are of a small and a large batch.
func listas(of func(int) int) []workload { return []workload{listaStep(of(64)), listaStep(of(512))} }

// listaStep is one step of Adam on the mean squared error of the last code of
// LISTA: 16 layers with matrices of their own, 250 measurements, 500 atoms. The
// first layer has no matrix on the codes, which are 0 there; the peer multiplies
// them nevertheless.
func listaStep(batch int) workload {
	w := listaOf(fmt.Sprintf("lista16_step_b%d", batch), batch, 250, 500, 16)
	w.runs = 15
	return w
}

// listaOf is such a step of m measurements, n atoms and so many layers.
func listaOf(name string, batch, m, n, depth int) workload {
	return workload{name: name,
		prepare: func(o nn.Options) (run, free func() error, err error) {
			a := mat.NewDense(m, n, nil)
			rng := nn.Rand(0, "a")
			a.Apply(func(int, int, float64) float64 { return rng.NormFloat64() / math.Sqrt(float64(m)) }, a)
			net, err := layers.NewLISTA(layers.LISTAConfig{
				UnrollConfig: layers.UnrollConfig{Name: "lista", A: a, Layers: depth}, Untied: true, UntiedB: true,
			})
			if err != nil {
				return nil, nil, err
			}
			for _, p := range net.Params() {
				var init nn.Initializer = initializer.Constant{Value: 0.1} // as the peer begins
				switch {
				case strings.HasSuffix(p.Name, ".b"):
					init = initializer.Normal{Std: 0.05}
				case strings.HasSuffix(p.Name, ".w"):
					init = initializer.Normal{Std: 0.01}
				}
				if err := init.Fill(p, nn.Rand(0, p.Name)); err != nil {
					return nil, nil, err
				}
			}
			p, err := listaProgram(net, batch, m, n, o)
			if err != nil {
				return nil, nil, err
			}
			opt, err := optim.NewAdam(net.Params(), optim.Constant(1e-3), optim.Adam{})
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

func listaProgram(net layers.Layer, batch, m, n int, o nn.Options) (p *nn.Program, err error) {
	defer build.Catch(&err, "build")
	g := nn.NewGraph(nn.Train)
	x, z := build.Must(normal(g, "x", batch, m)), build.Must(normal(g, "z", batch, n))
	loss := build.Must(losses.MSE{}.Loss(g, build.Must(net.Forward(g, x)), z))
	return nn.Compile(g, nn.Outputs{Loss: loss, Wrt: net.Params()}, o)
}
