// Command own-layer writes a layer, a residual block with a learned step, and a loss, MCR² with a penalty on the steps.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
	"github.com/whitebox-nn/whitebox/train"
)

// Residual is y = x + η·ReLU(x Wᵀ + b), with a step η that is learned.
type Residual struct {
	linear *layers.Linear
	step   *nn.Param
}

func NewResidual(name string, d int) *Residual {
	step := must(nn.NewParam(name+".step", tensor.Float32, 1))
	check(nn.SetFloats(step.Value, []float64{0.5}))
	return &Residual{must(layers.NewLinear(layers.LinearConfig{Name: name, In: d, Out: d})), step}
}

func (r *Residual) Forward(g *nn.Graph, x *gorgonia.Node) (y *gorgonia.Node, err error) {
	defer nn.Catch(&err, "residual")
	u := nn.Must(nn.ReLU(nn.Must(r.linear.Forward(g, x))))
	return nn.Add(x, nn.Must(nn.MulScalar(u, nn.Must(g.Bind(r.step)))))
}

func (r *Residual) Params() []*nn.Param { return append(r.linear.Params(), r.step) }

// Reduction is −ΔR + μ·‖steps‖², to be minimised.
type Reduction struct {
	Classes int
	Mu      float64
	Steps   []*nn.Param `json:"-"`
}

func (l Reduction) Loss(g *nn.Graph, out, labels *gorgonia.Node) (loss *gorgonia.Node, err error) {
	defer nn.Catch(&err, "reduction")
	loss = nn.Must(losses.MCR2{Classes: l.Classes, Eps2: 0.5}.Loss(g, out, labels))
	for _, s := range l.Steps {
		loss = nn.Must(nn.Add(loss, nn.Must(nn.Scale(nn.Must(nn.SumSquares(nn.Must(g.Bind(s)))), l.Mu))))
	}
	return loss, nil
}

func main() {
	first, second := NewResidual("first", 4), NewResidual("second", 4)
	model := layers.Sequential{first, second, layers.Normalize{}}
	loss := Reduction{Classes: 3, Mu: 0.01, Steps: []*nn.Param{first.step, second.step}}
	batches := must(data.NewBatches(must(data.AllIris()), data.BatchConfig{Size: 150}))
	adam := must(optim.NewAdam(model.Params(), optim.Constant(0.02), optim.Adam{}))
	loop := train.Loop{Model: model, Loss: loss, Optimizer: adam, Source: batches, Steps: 300}
	check(loop.Run(context.Background()))
	fmt.Printf("after 300 steps: −ΔR + penalty %.4f, η %.3f and %.3f\n", loop.Program().Loss(),
		first.step.Value.Float32s()[0], second.step.Value.Float32s()[0])
	check(loop.Close())
}

func must[T any](v T, err error) T { check(err); return v }
func check(err error) {
	if err != nil {
		slog.Error(err.Error())
		os.Exit(1)
	}
}
