package losses

import (
	"strconv"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/given"
	"github.com/whitebox-nn/whitebox/internal/matrix"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/recovery"
)

// LASSO is the objective of sparse coding, a mean over samples,
//
//	(1/n) Σᵢ ½‖xᵢ − A zᵢ‖² + λ‖zᵢ‖₁
//
// which needs no codes to learn from: the target is what the codes are to explain.
//
// Shapes: out is z, n×d; target is x, n×m; A m×d. Probes: lasso, residual (the first
// term) and l1 (‖z‖₁ a sample). Errors: λ < 0, no A, shapes.
type LASSO struct {
	A      *nn.Param // the dictionary; bound, and only learned if it is optimized
	Lambda float64   // λ, 0 or above
	Name   string    // prefix of the probes
}

var _ Loss = LASSO{}

// Loss implements Loss.
func (l LASSO) Loss(g *nn.Graph, out, target *gorgonia.Node) (loss *gorgonia.Node, err error) {
	defer build.Catch(&err, "losses: LASSO")
	if l.A == nil || build.Rank(target) < 0 || build.Rank(out) < 1 {
		return nil, errors.New("no dictionary A, no codes, or no samples to explain")
	}
	if !(l.Lambda >= 0) || !matrix.Finite(l.Lambda) {
		return nil, errors.Errorf("Lambda is %v, want it 0 or above", l.Lambda)
	}
	n := float64(max(1, out.Shape()[0]))
	r := build.Must(nn.AddLinear(target, out, build.Must(g.Bind(l.A)), -1))
	residual := build.Must(nn.Scale(build.Must(nn.SumSquares(r)), 0.5/n))
	l1 := build.Must(nn.Scale(build.Must(nn.SumMagnitudes(out)), 1/n))
	loss = build.Must(nn.Add(residual, build.Must(nn.Scale(l1, l.Lambda))))
	for _, p := range []struct {
		name string
		node *gorgonia.Node
	}{{"lasso", loss}, {"residual", residual}, {"l1", l1}} {
		build.Check(g.Probe(named(l.Name, p.name), p.node))
	}
	return loss, nil
}

// CodeError is the squared error of codes, a mean over samples,
//
//	(1/n) Σᵢ ½‖zᵢ − zᵢ*‖²
//
// what the LISTA papers train. Shapes: out and target n×d. Probe: code_error.
type CodeError struct {
	Name string // prefix of the probe
}

var _ Loss = CodeError{}

// Loss implements Loss.
func (l CodeError) Loss(g *nn.Graph, out, target *gorgonia.Node) (loss *gorgonia.Node, err error) {
	defer build.Catch(&err, "losses: CodeError")
	if build.Rank(out) < 1 {
		return nil, errors.Wrap(nn.ErrInput, "no codes, n×d")
	}
	sum := build.Must(nn.SquaredDistance(out, target))
	loss = build.Must(nn.Scale(sum, 0.5/float64(max(1, out.Shape()[0]))))
	return loss, g.Probe(named(l.Name, "code_error"), loss)
}

// NMSE is the normalised mean squared error, Σ(z − z*)² / Σ z*², over the batch, or
// in decibels.
//
// Shapes: out and target n×d. Probe: nmse, or nmse_db. Errors: at the run, a target
// of zeros.
type NMSE struct {
	DB   bool   // 10 log₁₀ of it
	Name string // prefix of the probe
}

var _ Loss = NMSE{}

// Loss implements Loss.
func (l NMSE) Loss(g *nn.Graph, out, target *gorgonia.Node) (loss *gorgonia.Node, err error) {
	defer build.Catch(&err, "losses: NMSE")
	loss = build.Must(recovery.NMSE(out, target, l.DB))
	name := "nmse"
	if l.DB {
		name = "nmse_db"
	}
	return loss, g.Probe(named(l.Name, name), loss)
}

// A Coder is a network that gives away the codes of its layers, as models.LISTANet does.
type Coder interface {
	// CodesIn returns the codes of a graph that the network's Forward was called on, z₁, z₂, …, each n×d.
	// Errors: it was not.
	CodesIn(g *nn.Graph) (gorgonia.Nodes, error)
}

// DeepSupervision is deep supervision: the weighted sum of the errors of the codes of all
// layers of a network,
//
//	Σₜ wₜ (1/n) Σᵢ ½‖zᵢₜ − zᵢ*‖²
//
// Shapes: out is not looked at; target n×d. Probes: code_error1, code_error2, … of the
// layers that have a weight. Errors: no Net, no weight above or below 0, more weights than the
// network has codes.
type DeepSupervision struct {
	Net     Coder     // the network that is trained
	Weights []float64 // wₜ, of each layer; 0 leaves it out
	Name    string    // prefix of the probes
}

var _ Loss = DeepSupervision{}

// Loss implements Loss.
func (l DeepSupervision) Loss(g *nn.Graph, _, target *gorgonia.Node) (sum *gorgonia.Node, err error) {
	defer build.Catch(&err, "losses: DeepSupervision")
	if given.Nil(l.Net) {
		return nil, errors.New("no Net, whose codes are to be supervised")
	}
	codes := build.Must(l.Net.CodesIn(g))
	if len(l.Weights) > len(codes) {
		return nil, errors.Errorf("%d Weights for a network of %d codes", len(l.Weights), len(codes))
	}
	for t, w := range l.Weights {
		if w == 0 {
			continue
		}
		z := codes[t]
		if build.Rank(z) < 1 || !matrix.Finite(w) {
			return nil, errors.Errorf("weight %v of layer %d: it is not finite, or the network's code is a scalar", w,
				t+1)
		}
		e := build.Must(nn.Scale(build.Must(nn.SquaredDistance(z, target)), 0.5/float64(max(1, z.Shape()[0]))))
		build.Check(g.Probe(named(l.Name, "code_error"+strconv.Itoa(t+1)), e))
		term := build.Must(nn.Scale(e, w))
		if sum == nil {
			sum = term
		} else {
			sum = build.Must(nn.Add(sum, term))
		}
	}
	if sum == nil {
		return nil, errors.New("no layer has a weight")
	}
	return sum, nil
}
