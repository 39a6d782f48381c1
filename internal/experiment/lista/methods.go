package lista

import (
	"math"
	"strings"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/sparse"
)

// A method is a way to recover codes: an algorithm with one number to tune, or a
// network to train.
type method struct {
	name  string
	grid  []float64 // of λ or α, for an algorithm
	solve func(p *problem, x *mat.Dense, value float64, watch sparse.Callback) error

	net func(p *problem) (layers.Unrolled, error)
	lr  float64 // of Adam at first
	// of training end to end, by default: the fewer there is to learn, the fewer
	steps int
	loss  func(p *problem) (losses.Loss, data.Source, error) // nil is the error of the codes
}

// dir returns the name of the folder of a method.
func (m method) dir() string { return strings.ToLower(m.name) }

// lambdas are the λ that ISTA and FISTA are tuned over.
func lambdas() []float64 {
	var grid []float64
	for v := 0.0125; v < 0.9; v *= math.Sqrt2 {
		grid = append(grid, v)
	}
	return grid
}

// alphas are the thresholds that AMP is tuned over.
func alphas() []float64 {
	var grid []float64
	for v := 0.8; v < 2.45; v += 0.1 {
		grid = append(grid, v)
	}
	return grid
}

// methods lists the methods of the benchmark.
func methods() []method {
	return []method{
		{name: "ISTA", grid: lambdas(), solve: ista},
		{name: "FISTA", grid: lambdas(), solve: fista},
		{name: "AMP", grid: alphas(), solve: amp},
		{name: "LISTA", lr: 2e-3, steps: 12_000, net: func(p *problem) (layers.Unrolled, error) {
			return layers.NewLISTA(layers.LISTAConfig{UnrollConfig: p.unroll(startLambda), Untied: true})
		}},
		{name: "LISTA-CP", lr: 4e-3, steps: 12_000, net: func(p *problem) (layers.Unrolled, error) {
			return layers.NewLISTACP(layers.LISTACPConfig{UnrollConfig: p.unroll(startLambda), Untied: true,
				VectorTheta: true})
		}},
		{name: "LISTA-CPSS", lr: 2e-3, steps: 8000, net: func(p *problem) (layers.Unrolled, error) {
			return layers.NewLISTACP(layers.LISTACPConfig{UnrollConfig: p.unroll(startLambda), Untied: p.cfg.Untied,
				Select: selection()})
		}},
		{name: "ALISTA", lr: 5e-3, steps: 4000, net: func(p *problem) (layers.Unrolled, error) {
			return layers.NewALISTA(layers.ALISTAConfig{UnrollConfig: p.unroll(startLambda), Select: selection()})
		}},
		{name: "TiLISTA", lr: 2e-3, steps: 6000, net: func(p *problem) (layers.Unrolled, error) {
			return layers.NewTiLISTA(layers.TiLISTAConfig{UnrollConfig: p.unroll(startLambda), Select: selection()})
		}},
		{name: "Step-LISTA", lr: 3e-3, steps: 6000, loss: lasso, net: func(p *problem) (layers.Unrolled, error) {
			return layers.NewStepLISTA(layers.StepLISTAConfig{UnrollConfig: p.unroll(stepLambda)})
		}},
	}
}

// startLambda is the λ of the LASSO that networks solve before they are trained on codes:
// that of the papers.
const startLambda = 0.4

// selection is the support selection of the papers.
func selection() layers.Selection { return layers.Selection{P: 1.2, Max: 13} }

func (p *problem) unroll(lambda float64) layers.UnrollConfig {
	return layers.UnrollConfig{Name: "net", A: p.a, Layers: p.cfg.Layers, Lambda: lambda}
}

func methodNames() []string {
	var names []string
	for _, m := range methods() {
		names = append(names, m.name)
	}
	return names
}

func ista(p *problem, x *mat.Dense, lambda float64, watch sparse.Callback) error {
	a, err := sparse.NewMatrix(p.a)
	if err != nil {
		return err
	}
	_, err = sparse.ISTA{Stop: sparse.Stop{MaxIter: p.cfg.Layers}, Callback: watch}.Solve(sparse.Problem{A: a, X: x,
		Lambda: lambda})
	return err
}

func fista(p *problem, x *mat.Dense, lambda float64, watch sparse.Callback) error {
	a, err := sparse.NewMatrix(p.a)
	if err != nil {
		return err
	}
	_, err = sparse.FISTA{Stop: sparse.Stop{MaxIter: p.cfg.Layers}, Callback: watch}.Solve(sparse.Problem{A: a, X: x,
		Lambda: lambda})
	return err
}

func amp(p *problem, x *mat.Dense, alpha float64, watch sparse.Callback) error {
	a, err := sparse.NewMatrix(p.a)
	if err != nil {
		return err
	}
	_, err = sparse.AMP{Alpha: alpha, Iters: p.cfg.Layers, Callback: watch}.Solve(a, x)
	if errors.Is(err, sparse.ErrDiverged) {
		return nil // the curve says so
	}
	return err
}

// stepLambda is the λ whose LASSO Step-LISTA learns to solve: it is trained without codes.
const stepLambda = 0.1

// lasso returns the objective of Step-LISTA, and batches whose targets are the
// samples.
func lasso(p *problem) (losses.Loss, data.Source, error) {
	a, err := nn.NewParam("dictionary", tensor.Float32, p.cfg.M, p.cfg.N)
	if err != nil {
		return nil, nil, err
	}
	if err := nn.SetFloats(a.Value, p.a.RawMatrix().Data); err != nil {
		return nil, nil, err
	}
	source, err := p.source(batch)
	if err != nil {
		return nil, nil, err
	}
	itself, err := data.NewReconstruct(source)
	return losses.LASSO{A: a, Lambda: stepLambda}, itself, err
}
