package models_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/sparse"
)

// supervised compiles a step of training net by loss, and runs it on four samples.
func supervised(t *testing.T, net *models.LISTANet, loss losses.Loss) (p *nn.Program, codes *mat.Dense) {
	t.Helper()
	g := nn.NewGraph(nn.Train)
	input := func(name string, values []float64, d int) *gorgonia.Node {
		n, err := g.Input(name, tensor.New(tensor.WithShape(4, d), tensor.WithBacking(values)))
		require.NoError(t, err)
		return n
	}
	truth := draws(3, 36)
	for i := range truth {
		if i%3 != 0 {
			truth[i] = 0
		}
	}
	x, y := input("x", draws(2, 20), 5), input("y", truth, 9)
	out, err := net.Forward(g, x)
	require.NoError(t, err)
	l, err := loss.Loss(g, out, y)
	require.NoError(t, err)
	p, err = nn.Compile(g, nn.Outputs{Loss: l, Wrt: net.Params()})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, p.Close()) })
	require.NoError(t, p.Run())
	return p, mat.NewDense(4, 9, truth)
}

// TestCompareMeasuresEveryLayer compares the probes of each layer with what package
// sparse makes of its code.
func TestCompareMeasuresEveryLayer(t *testing.T) {
	net := listaNet(t, 3)
	p, truth := supervised(t, net, losses.Compared{Of: losses.CodeError{}, Model: net})
	for layer := 1; layer <= 3; layer++ {
		v, err := p.Probe(fmt.Sprint("lista.z", layer))
		require.NoError(t, err)
		z := mat.NewDense(4, 9, v.Float64s())
		nmse, err := sparse.NMSE(z, truth)
		require.NoError(t, err)
		support, err := sparse.NewSupport(z, truth, 0)
		require.NoError(t, err)
		for name, want := range map[string]float64{"nmse_db": nmse, "precision": support.Precision,
			"recall": support.Recall, "sparsity": support.Size} {
			require.InDelta(t, want, p.Scalar(fmt.Sprint("lista.", name, layer)), 1e-12, "%s of layer %d", name, layer)
		}
		require.Less(t, support.Precision, 1.0)
		require.Greater(t, support.Recall, 0.0)
	}
}

// TestComparingCostsNoGradient: the gradient has the same bits, and what is not asked
// for is not computed.
func TestComparingCostsNoGradient(t *testing.T) {
	net := listaNet(t, 3)
	plain, _ := supervised(t, net, losses.CodeError{})
	compared, _ := supervised(t, net, losses.Compared{Of: losses.CodeError{}, Model: net})
	require.Equal(t, plain.Loss(), compared.Loss())
	for i, d := range plain.Grads() {
		require.Equal(t, d.Float64s(), compared.Grads()[i].Float64s())
	}
	require.Len(t, compared.Ops(), len(plain.Ops())+3*4,
		"one pass and three figures a layer, and none of them differentiated")
}

// TestVectorThresholdsShowTheirMean: what a log can show is one number.
func TestVectorThresholdsShowTheirMean(t *testing.T) {
	body, err := layers.NewLISTACP(layers.LISTACPConfig{
		UnrollConfig: layers.UnrollConfig{Name: "body", A: mat.NewDense(5, 9, draws(1, 45)), Layers: 2,
			Dtype: tensor.Float64}, VectorTheta: true,
	})
	require.NoError(t, err)
	net, err := models.NewLISTANet(models.LISTANetConfig{Name: "net", Body: body, Watch: true})
	require.NoError(t, err)
	theta := net.Thresholds()[1].Value.Float64s()
	theta[0] += 9
	p, _ := supervised(t, net, losses.CodeError{})
	require.InDelta(t, theta[1]+1, p.Scalar("net.theta2"), 1e-12)
}

func TestCompareReports(t *testing.T) {
	net := listaNet(t, 2)
	g := nn.NewGraph(nn.Train)
	x, err := g.Input("x", tensor.New(tensor.WithShape(2, 5), tensor.Of(tensor.Float64)))
	require.NoError(t, err)
	require.ErrorContains(t, net.Compare(g, x), `the graph has no probe "lista.z1": call Forward before`)
	_, err = net.Forward(g, x)
	require.NoError(t, err)
	require.ErrorIs(t, net.Compare(g, x), nn.ErrInput)
	_, err = losses.Compared{Model: net}.Loss(g, x, x)
	require.ErrorContains(t, err, "Of is <nil>")
}
