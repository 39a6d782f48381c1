package losses_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/nn"
)

// A comparer sets a probe, the sum of the squares of the target, or fails.
type comparer struct{ err error }

func (c comparer) Compare(g *nn.Graph, target *gorgonia.Node) error {
	if c.err != nil {
		return c.err
	}
	sum, err := nn.SumSquares(target)
	if err != nil {
		return err
	}
	return g.Probe("compared", sum)
}

// TestComparedIsTheLossAndWhatTheModelSays, and wants both.
func TestComparedIsTheLossAndWhatTheModelSays(t *testing.T) {
	z, target := draws(1, 3, 4), draws(2, 3, 4)
	plain := must(t, losses.CodeError{}, z, target)
	got := must(t, losses.Compared{Of: losses.CodeError{}, Model: comparer{}}, z, target)
	require.Equal(t, plain.loss, got.loss)
	require.True(t, mat.Equal(plain.grad, got.grad))
	norm := mat.Norm(target, 2)
	require.InEpsilon(t, norm*norm, got.probes["compared"], 1e-12)
	require.Len(t, got.probes, len(plain.probes)+1)
	require.Equal(t, losses.CodeError{}, losses.Compared{Of: losses.CodeError{}, Model: comparer{}}.Config())

	failed := errors.New("it cannot be compared")
	_, err := measure(losses.Compared{Of: losses.CodeError{}, Model: comparer{failed}}, tensor.Float64, z, target)
	require.ErrorIs(t, err, failed)
	for _, l := range []losses.Compared{{}, {Of: losses.CodeError{}}, {Model: comparer{}}} {
		_, err := measure(l, tensor.Float64, z, target)
		require.ErrorContains(t, err, "want a loss and the model that it trains")
	}
}

// watched is a loss on a network with the codes z and 2z.
type watched struct{ of losses.DeepSupervision }

func (w watched) Loss(g *nn.Graph, out, target *gorgonia.Node) (*gorgonia.Node, error) {
	twice, err := nn.Scale(out, 2)
	if err != nil {
		return nil, err
	}
	w.of.Net = coder{out, twice}
	return w.of.Loss(g, out, target)
}

// coder is a network with these codes; without any it was not called.
type coder gorgonia.Nodes

func (c coder) CodesIn(*nn.Graph) (gorgonia.Nodes, error) {
	if len(c) == 0 {
		return nil, errors.New("it was not called")
	}
	return gorgonia.Nodes(c), nil
}

// TestDeepSupervisionIsItsFormula: half the mean of the squared errors of each layer.
func TestDeepSupervisionIsItsFormula(t *testing.T) {
	z, target := draws(1, 3, 4), draws(2, 3, 4)
	of := func(scale float64) float64 {
		var d mat.Dense
		d.Scale(scale, z)
		d.Sub(&d, target)
		return mat.Norm(&d, 2) * mat.Norm(&d, 2) / 2 / 3
	}
	got := must(t, watched{losses.DeepSupervision{Weights: []float64{0.25, 3}}}, z, target)
	require.InEpsilon(t, of(1), got.probes["code_error1"], 1e-12)
	require.InEpsilon(t, of(2), got.probes["code_error2"], 1e-12)
	require.InEpsilon(t, 0.25*of(1)+3*of(2), got.loss, 1e-12)
	got = must(t, watched{losses.DeepSupervision{Weights: []float64{0, 3}, Name: "deep"}}, z, target)
	require.InEpsilon(t, 3*of(2), got.loss, 1e-12)
	require.Contains(t, got.probes, "deep.code_error2")
	require.NotContains(t, got.probes, "deep.code_error1")
}
