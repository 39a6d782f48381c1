package models_test

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// A network shows what its layers do: here before it is trained, when it is ISTA.
func ExampleLISTANet() {
	const m, n, samples = 20, 40, 100
	set, a, err := data.SparseCodes(data.SparseCodesConfig{Samples: samples, Measurements: m, Atoms: n, Density: 0.1,
		Seed: 1})
	if err != nil {
		panic(err)
	}
	body := must(layers.NewLISTA(layers.LISTAConfig{UnrollConfig: layers.UnrollConfig{
		Name: "body", A: mat.NewDense(m, n, a), Layers: 8, Lambda: 0.1, Dtype: tensor.Float64}}))
	net := must(models.NewLISTANet(models.LISTANetConfig{Body: body, Watch: true}))

	xs, codes := tensor.New(tensor.WithShape(samples, m), tensor.Of(tensor.Float64)),
		tensor.New(tensor.WithShape(samples, n), tensor.Of(tensor.Float64))
	batches := must(data.NewBatches(set, data.BatchConfig{Size: samples}))
	if err := batches.Next(xs, codes); err != nil {
		panic(err)
	}
	g := nn.NewGraph(nn.Eval)
	x, truth := must(g.Input("x", xs)), must(g.Input("codes", codes))
	must(net.Forward(g, x))
	if err := net.Compare(g, truth); err != nil {
		panic(err)
	}
	p := must(nn.Compile(g, nn.Outputs{}))
	if err := p.Run(); err != nil {
		panic(err)
	}
	for _, layer := range []int{1, 4, 8} {
		name := func(what string) string { return fmt.Sprint("lista.", what, layer) }
		fmt.Printf("layer %d: NMSE %.1f dB, %.0f of %d atoms, %.0f %% of them right, %.0f %% of the true ones found\n",
			layer,
			p.Scalar(name("nmse_db")), p.Scalar(name("sparsity")), n, 100*p.Scalar(name("precision")),
			100*p.Scalar(name("recall")))
	}
	// Output:
	// layer 1: NMSE -1.4 dB, 29 of 40 atoms, 13 % of them right, 93 % of the true ones found
	// layer 4: NMSE -2.7 dB, 24 of 40 atoms, 15 % of them right, 92 % of the true ones found
	// layer 8: NMSE -3.6 dB, 19 of 40 atoms, 18 % of them right, 89 % of the true ones found
}
