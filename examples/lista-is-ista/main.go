// Command lista-is-ista unrolls ten iterations of ISTA into a network, shows that they
// are the same numbers, and trains the network to do better in as many layers.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
	"github.com/whitebox-nn/whitebox/sparse"
	"github.com/whitebox-nn/whitebox/train"
)

const m, n, iterations, lambda = 25, 50, 10, 0.1

func main() {
	ctx := context.Background()
	set, columns, err := data.SparseCodes(data.SparseCodesConfig{Samples: 2000, Measurements: m, Atoms: n,
		Density: 0.06, Seed: 1})
	check(err)
	dictionary := mat.NewDense(m, n, columns)
	x, codes := must(set.Matrix()), must(set.TargetMatrix())

	a := must(sparse.NewMatrix(dictionary))
	l := must(sparse.Lipschitz(a)) // one over the step, of both
	solver := sparse.ISTA{Step: sparse.Step{L: l}, Stop: sparse.Stop{MaxIter: iterations}}
	ista := must(solver.Solve(sparse.Problem{A: a, X: x, Lambda: lambda}))
	body := must(layers.NewLISTA(layers.LISTAConfig{UnrollConfig: layers.UnrollConfig{
		Name: "lista", A: dictionary, Layers: iterations, Lambda: lambda, Scale: l, Dtype: tensor.Float64}}))
	network := must(models.NewLISTANet(models.LISTANetConfig{Body: body}))
	output := must(train.NewPredictor(train.Output(network), tensor.Float64, set.Len(), set.Shape(), nn.Options{}))
	z := must(output.Collect(ctx, set))[0]

	var difference mat.Dense
	difference.Sub(z, ista.Z)
	fmt.Printf("ISTA, %d iterations:    NMSE %6.2f dB\n", iterations, must(sparse.NMSE(ista.Z, codes)))
	fmt.Printf("LISTA before training: NMSE %6.2f dB, differs from ISTA by %.0e at most\n", must(sparse.NMSE(z, codes)),
		mat.Max(&difference))

	batches := must(data.NewBatches(set, data.BatchConfig{Size: 200, Shuffle: true}))
	adam := must(optim.NewAdam(network.Params(), optim.Constant(0.001), optim.Adam{}))
	loop := train.Loop{Model: network, Loss: losses.MSE{}, Optimizer: adam, Source: batches, Steps: 500}
	check(loop.Run(ctx))
	check(loop.Close())
	z = must(output.Collect(ctx, set))[0]
	fmt.Printf("LISTA after training:  NMSE %6.2f dB\n", must(sparse.NMSE(z, codes)))
}

func must[T any](v T, err error) T {
	check(err)
	return v
}

func check(err error) {
	if err != nil {
		slog.Error(err.Error())
		os.Exit(1)
	}
}
