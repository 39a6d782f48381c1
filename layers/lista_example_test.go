package layers_test

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/sparse"
)

// An untrained LISTA is ISTA: the code after its third layer is that after the
// third iteration.
func ExampleLISTA() {
	a := mat.NewDense(3, 4, []float64{0.6, 0, 0.8, 0.36, 0.8, 0.6, 0, 0.48, 0, 0.8, 0.6, 0.8})
	samples := []float64{1, 0.25, -0.5}

	op := must(sparse.NewMatrix(a))
	scale := 1.001 * must(sparse.Lipschitz(op))
	ista := sparse.ISTA{Step: sparse.Step{L: scale}, Stop: sparse.Stop{MaxIter: 3}}
	solved := must(ista.Solve(sparse.Problem{A: op, X: mat.NewDense(1, 3, samples), Lambda: 0.1}))

	lista := must(layers.NewLISTA(layers.LISTAConfig{UnrollConfig: layers.UnrollConfig{
		Name: "lista", A: a, Layers: 16, Lambda: 0.1, Dtype: tensor.Float64}}))
	g := nn.NewGraph(nn.Eval)
	x := must(g.Input("x", tensor.New(tensor.WithShape(1, 3), tensor.WithBacking(samples))))
	codes := must(lista.Iterate(g, x, 3))
	p := must(nn.Compile(g, nn.Outputs{Values: codes}))
	if err := p.Run(); err != nil {
		panic(err)
	}
	fmt.Printf("ISTA  %.4f\n", solved.Z.RawRowView(0))
	fmt.Printf("LISTA %.4f\n", must(p.Value(codes[2])).Float64s())
	// Output:
	// ISTA  [0.4874 -0.2428 0.2298 -0.0274]
	// LISTA [0.4874 -0.2428 0.2298 -0.0274]
}

// Every network of the family is used alike; they differ in what they learn.
func ExampleUnrolled() {
	a := mat.NewDense(250, 500, nil)
	a.Apply(func(i, j int, _ float64) float64 {
		if i == j%250 {
			return 1
		}
		return 0
	}, a)
	cfg := layers.UnrollConfig{Name: "net", A: a}
	selected := layers.Selection{P: 1.2, Max: 13}
	for _, c := range []struct {
		name string
		net  layers.Unrolled
	}{
		{"LISTA", must(layers.NewLISTA(layers.LISTAConfig{UnrollConfig: cfg, Untied: true}))},
		{"LISTA-CPSS", must(layers.NewLISTACP(layers.LISTACPConfig{UnrollConfig: cfg, Untied: true,
			Select: selected}))},
		{"TiLISTA", must(layers.NewTiLISTA(layers.TiLISTAConfig{UnrollConfig: cfg, Select: selected}))},
		{"ALISTA", must(layers.NewALISTA(layers.ALISTAConfig{UnrollConfig: cfg, Select: selected}))},
		{"Step-LISTA", must(layers.NewStepLISTA(layers.StepLISTAConfig{UnrollConfig: cfg}))},
	} {
		fmt.Printf("%-10s %8d numbers to learn, %d of them in layer 16\n", c.name, nn.Size(c.net.Params()),
			nn.Size(c.net.Stage(16)))
	}
	// Output:
	// LISTA       3875016 numbers to learn, 250001 of them in layer 16
	// LISTA-CPSS  2000016 numbers to learn, 125001 of them in layer 16
	// TiLISTA      125032 numbers to learn, 2 of them in layer 16
	// ALISTA           32 numbers to learn, 2 of them in layer 16
	// Step-LISTA       16 numbers to learn, 1 of them in layer 16
}
