package models_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/conv"
)

// The multiply-adds of ResNet-18 on a 32×32 image are known to be 0.56·10⁹.
func TestSummaryOfAResNet(t *testing.T) {
	r := resnet(t, models.ResNetConfig{NoHead: true})
	s, err := models.Summarize(r, 1, 3, 32, 32)
	require.NoError(t, err)
	require.Equal(t, nn.Size(r.Params()), s.Params)
	require.Equal(t, 2*4800, s.Frozen, "a mean and a variance of each of 4800 channels")
	require.InEpsilon(t, 2*0.5554e9, float64(s.FLOPs), 0.002)
	var params int
	var flops int64
	for _, row := range s.Rows {
		params, flops = params+row.Params, flops+row.FLOPs
	}
	require.Equal(t, s.Params, params)
	require.Equal(t, s.FLOPs, flops)
	require.Equal(t, models.Row{Layer: "conv1", Op: "conv.Conv", Shape: []int{1, 64, 32, 32}, Params: 1728,
		FLOPs: 2 * 1728 * 1024, Bytes: 4 * 64 * 1024}, shaped(s.Rows[0]))
	require.Equal(t, models.Row{Layer: "bn1", Op: "batchnorm.Norm", Shape: []int{1, 64, 32, 32}, Params: 128,
		Bytes: 4 * 64 * 1024}, shaped(s.Rows[1]))
	require.Greater(t, s.Train, s.Eval)
	require.GreaterOrEqual(t, s.Eval, 2*4*64*1024)
}

// shaped returns a row whose shape is a plain slice.
func shaped(r models.Row) models.Row {
	r.Shape = append([]int(nil), r.Shape...)
	return r
}

func TestSummaryIsATable(t *testing.T) {
	s, err := models.Summarize(mlp(t, models.MLPConfig{Dims: []int{6, 5, 3}}), 4, 1, 2, 3)
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSuffix(s.String(), "\n"), "\n")
	require.Regexp(t, `^layer +operation +output +parameters +MFLOP +MB$`, lines[0])
	require.Regexp(t, `^– +reshape.Reshape +4×6 +– +– +0.00$`, lines[1])
	require.Regexp(t, `^mlp.linear0 +linear.Affine +4×5 +35 +0.00 +0.00$`, lines[2])
	require.Regexp(t, `^4×1×2×3 in: 53 parameters, 0 fixed; 0.00 GFLOP forward; memory`, lines[len(lines)-1])
}

// A layer that is applied twice has its parameters once.
func TestSummaryCountsSharedParametersOnce(t *testing.T) {
	l, err := layers.NewLinear(layers.LinearConfig{Name: "l", In: 3, Out: 3})
	require.NoError(t, err)
	s, err := models.Summarize(layers.Sequential{l, layers.ReLU{}, l}, 2, 3)
	require.NoError(t, err)
	require.Equal(t, 12, s.Params)
	require.Equal(t, []int{12, 0, 0}, []int{s.Rows[0].Params, s.Rows[1].Params, s.Rows[2].Params})
}

func TestSummaryOfNoParameters(t *testing.T) {
	s, err := models.Summarize(layers.MaxPool{Window: conv.Window{Kernel: conv.Pair(2)}}, 1, 2, 4, 4)
	require.NoError(t, err)
	require.Zero(t, s.Params)
	require.Zero(t, s.Train)
	_, err = models.Summarize(layers.Flatten{}, 0, 2)
	require.ErrorContains(t, err, "models: summary: inputs of [0 2]")
	_, err = models.Summarize(mlp(t, models.MLPConfig{Dims: []int{6, 3}}), 4, 5)
	require.ErrorContains(t, err, "x is 4×5")
}
