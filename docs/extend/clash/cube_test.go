package clash_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"

	"example.org/extend/clash"
	"github.com/whitebox-nn/whitebox/nn/activation"
	"github.com/whitebox-nn/whitebox/op/optest"
)

// TestKernelsOfOneNameInTwoModules computes GELU(x)³, whose two kernels have one name.
func TestKernelsOfOneNameInTwoModules(t *testing.T) {
	build := func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		y, err := activation.GELU(in[0])
		require.NoError(t, err)
		return clash.Cube(y)
	}
	ref := func(in ...optest.Array) []float64 {
		return in[0].Map(func(x float64) float64 { return math.Pow(x*math.Erfc(-x/math.Sqrt2)/2, 3) }).Data
	}
	optest.Run(t, []optest.Case{{Name: "x", Build: build, Ref: ref, In: []optest.Array{optest.Normal(1, 1, 30, 7)}}})
}
