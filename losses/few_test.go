package losses_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/nn"
)

// TestLossesOfOneSample works the means over one sample out by hand: none is over two, or over none.
func TestLossesOfOneSample(t *testing.T) {
	z, codes := mat.NewDense(1, 2, []float64{1, -2}), mat.NewDense(1, 2, []float64{3, 1})
	a := atoms(t, mat.NewDense(2, 2, []float64{1, 0, 0, 1}))
	for _, dt := range []tensor.Dtype{tensor.Float64, tensor.Float32} {
		if dt == tensor.Float32 { // the dictionary of the other dtype
			var err error
			a, err = nn.NewParam("a", dt, 2, 2)
			require.NoError(t, err)
			require.NoError(t, nn.SetFloats(a.Value, []float64{1, 0, 0, 1}))
		}
		for name, c := range map[string]struct {
			loss losses.Loss
			want float64
		}{
			"LASSO": {losses.LASSO{A: a, Lambda: 0.5}, (4+9)/2.0 + 0.5*3},
			"codes": {losses.CodeError{}, (4 + 9) / 2.0},
			"deep":  {watched{losses.DeepSupervision{Weights: []float64{1, 2}}}, (4+9)/2.0 + 2*(1+25)/2.0},
			"last":  {watched{losses.DeepSupervision{Weights: []float64{0, 2}}}, 2 * (1 + 25) / 2.0},
			"first": {watched{losses.DeepSupervision{Weights: []float64{1}}}, (4 + 9) / 2.0},
		} {
			m, err := measure(c.loss, dt, z, codes)
			require.NoError(t, err, name)
			require.Equal(t, c.want, m.loss, name)
		}
	}
}

// TestALASSOSaysWhichOfItsPartsIsMissing leaves out each alone; what has the wrong rank is another error.
func TestALASSOSaysWhichOfItsPartsIsMissing(t *testing.T) {
	const missing = "no dictionary A, no codes, or no samples"
	g := nn.NewGraph(nn.Train)
	input := func(name string, shape ...int) *gorgonia.Node {
		n, err := g.Input(name, tensor.New(tensor.WithShape(shape...), tensor.Of(tensor.Float64)))
		require.NoError(t, err)
		return n
	}
	scalar, err := nn.Sum(input("s", 2, 2))
	require.NoError(t, err)
	z, x := input("z", 3, 2), input("x", 3, 2)
	vector := input("v", 2)
	a := atoms(t, mat.NewDense(2, 2, []float64{1, 0, 0, 1}))
	for _, c := range []struct {
		name   string
		a      *nn.Param
		out, x *gorgonia.Node
		is     bool
	}{
		{"no dictionary", nil, z, x, true}, {"no codes", a, nil, x, true}, {"no samples", a, z, nil, true},
		{"a scalar for codes", a, scalar, x, true}, {"a vector for codes", a, vector, x, false},
		{"a scalar for samples", a, z, scalar, false},
	} {
		_, err := losses.LASSO{A: c.a}.Loss(g, c.out, c.x)
		if c.is {
			require.ErrorContains(t, err, missing, c.name)
			continue
		}
		require.Error(t, err, c.name)
		require.NotContains(t, err.Error(), missing, c.name)
	}
	_, err = losses.LASSO{A: a}.Loss(g, z, x)
	require.NoError(t, err)
}
