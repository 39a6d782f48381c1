package batchnorm_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/batchnorm"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

const eps = 1e-3

// train builds y of x, γ and β with the statistics of the batch.
func train(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	s, err := op.Apply(batchnorm.Stats{Eps: eps}, in[0])
	if err != nil {
		return nil, err
	}
	return op.Apply(batchnorm.Norm{Train: true}, in[0], s, in[1], in[2])
}

// eval builds y of x, γ, β and running statistics.
func eval(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	s, err := op.Apply(batchnorm.Fixed{Eps: eps}, in[3], in[4])
	if err != nil {
		return nil, err
	}
	return op.Apply(batchnorm.Norm{}, in[0], s, in[1], in[2])
}

// channel returns the indices of the numbers of a channel.
func channel(x []int, c int) (at []int) {
	plane := 1
	for _, s := range x[2:] {
		plane *= s
	}
	for i := range x[0] {
		for p := range plane {
			at = append(at, (i*x[1]+c)*plane+p)
		}
	}
	return at
}

func standardize(
	x optest.Array, gamma, beta []float64, moments func(c int, v []float64) (mean, variance float64),
) []float64 {
	out := make([]float64, len(x.Data))
	for c := range x.Shape[1] {
		at := channel(x.Shape, c)
		v := make([]float64, len(at))
		for i, j := range at {
			v[i] = x.Data[j]
		}
		mean, variance := moments(c, v)
		for i, j := range at {
			out[j] = gamma[c]*(v[i]-mean)/math.Sqrt(variance+eps) + beta[c]
		}
	}
	return out
}

func trainRef(in ...optest.Array) []float64 {
	return standardize(in[0], in[1].Data, in[2].Data, func(_ int, v []float64) (float64, float64) {
		return stat.PopMeanVariance(v, nil)
	})
}

func evalRef(in ...optest.Array) []float64 {
	return standardize(in[0], in[1].Data, in[2].Data, func(c int, _ []float64) (float64, float64) {
		return in[3].Data[c], in[4].Data[c]
	})
}

// then builds y with what follows in the same pass.
func then(k batchnorm.Norm, fixed bool) func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	return func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		k.Train = !fixed
		s, err := op.Apply(batchnorm.Stats{Eps: eps}, in[0])
		if fixed {
			s, err = op.Apply(batchnorm.Fixed{Eps: eps}, in[3], in[4])
		}
		if err != nil {
			return nil, err
		}
		inputs := append(gorgonia.Nodes{in[0], s}, in[1:3]...)
		if k.Add {
			inputs = append(inputs, in[len(in)-1])
		}
		return op.Apply(k, inputs...)
	}
}

func thenRef(k batchnorm.Norm, ref func(in ...optest.Array) []float64) func(in ...optest.Array) []float64 {
	return func(in ...optest.Array) []float64 {
		y := ref(in...)
		for i := range y {
			if k.Add {
				y[i] += in[len(in)-1].Data[i]
			}
			if k.ReLU {
				y[i] = max(y[i], 0)
			}
		}
		return y
	}
}

func TestWhatFollowsABatchNorm(t *testing.T) {
	var cases []optest.Case
	for _, shape := range [][]int{{7, 3}, {3, 4, 5, 5}, {4, 33, 3, 13}} {
		c := shape[1]
		in := []optest.Array{optest.Normal(11, 2, shape...), optest.Normal(2, 1, c), optest.Normal(3, 1, c)}
		mean, variance := optest.Normal(4, 1, c), optest.Normal(5, 1, c).Map(func(v float64) float64 {
			return v*v +
				0.1
		})
		mean.Const, variance.Const = true, true
		for _, k := range []batchnorm.Norm{{ReLU: true}, {Add: true}, {Add: true, ReLU: true}} {
			for _, fixed := range []bool{false, true} {
				in, ref := slices.Clone(in), trainRef
				if fixed {
					in, ref = append(in, mean, variance), evalRef
				}
				if k.Add {
					in = append(in, optest.Normal(6, 1, shape...))
				}
				smooth := func(in ...optest.Array) bool { // no output nearer to the kink than the checks move it
					for _, v := range thenRef(batchnorm.Norm{Add: k.Add}, ref)(in...) {
						if math.Abs(v) < 1e-4 {
							return false
						}
					}
					return true
				}
				cases = append(cases, optest.Case{Name: fmt.Sprintf("%v %+v %v", shape, k, fixed),
					Build: then(k, fixed), Ref: thenRef(k, ref), Smooth: smooth, In: in, Tol32: 1e-4})
			}
		}
	}
	optest.Run(t, cases)
}

func TestBatchNorm(t *testing.T) {
	var cases []optest.Case
	for _, shape := range [][]int{{2, 1}, {7, 3}, {3, 4, 5, 5}, {1, 2, 3, 1}, {5, 3, 1, 1}, {4, 70, 9, 13}} {
		c := shape[1]
		x, gamma, beta := optest.Normal(1, 2, shape...), optest.Normal(2, 1, c), optest.Normal(3, 1, c)
		mean, variance := optest.Normal(4, 1, c), optest.Normal(5, 1, c).Map(func(v float64) float64 {
			return v*v +
				0.1
		})
		mean.Const, variance.Const = true, true
		cases = append(cases,
			optest.Case{Name: fmt.Sprintf("%v train", shape), Build: train, Ref: trainRef,
				In: []optest.Array{x, gamma, beta}, Tol32: 1e-4},
			optest.Case{Name: fmt.Sprintf("%v eval", shape), Build: eval, Ref: evalRef,
				In: []optest.Array{x, gamma, beta, mean, variance}})
	}
	optest.Run(t, cases)
}

// A channel that is far from 0 loses the digits that its numbers do not have, and
// no more.
func TestStatisticsOfAChannelFarFromZero(t *testing.T) {
	x := optest.Normal(1, 1, 50, 1, 4, 4).Map(func(v float64) float64 { return float64(float32(v + 1e4)) })
	y, err := optest.Eval(tensor.Float32, train, x, optest.Of([]float64{1}, 1), optest.Of([]float64{0}, 1))
	require.NoError(t, err)
	mean, variance := stat.PopMeanVariance(y, nil)
	require.InDelta(t, 0, mean, 1e-6)
	require.InDelta(t, 1/(1+eps), variance, 1e-3)
}

func TestRunningStatistics(t *testing.T) {
	x := optest.Normal(1, 3, 6, 2, 2, 2)
	for _, variance := range []bool{false, true} {
		build := func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
			k := batchnorm.Stats{Eps: eps}
			s, err := op.Apply(k, in[0])
			if err != nil {
				return nil, err
			}
			return op.Apply(batchnorm.Running{Of: k, Variance: variance, Momentum: 0.25, Count: 24}, in[1], s)
		}
		got, err := optest.Eval(tensor.Float64, build, x, optest.Of([]float64{8, 16}, 2))
		require.NoError(t, err)
		for c, before := range []float64{8, 16} {
			var v []float64
			for _, j := range channel(x.Shape, c) {
				v = append(v, x.Data[j])
			}
			now := stat.Mean(v, nil)
			if variance {
				now = stat.Variance(v, nil) // unbiased
			}
			require.InDelta(t, 0.75*before+0.25*now, got[c], 1e-12)
		}
	}
}

func TestBadBatchNorm(t *testing.T) {
	one := optest.Zeros(1)
	_, err := optest.Eval(tensor.Float64, train, optest.Zeros(1, 3), optest.Zeros(3), optest.Zeros(3))
	require.ErrorContains(t, err, "x is (1, 3): one number a channel has no variance")
	_, err = optest.Eval(tensor.Float64, train, optest.Zeros(2, 3), one, optest.Zeros(3))
	require.ErrorContains(t, err, "statistics, γ and β have lengths 3, 1 and 3, want 3")
	_, err = optest.Eval(tensor.Float64, then(batchnorm.Norm{Add: true}, false), optest.Zeros(2, 3), optest.Zeros(3),
		optest.Zeros(3), optest.Zeros(2, 2))
	require.ErrorContains(t, err, "x is (2, 3) but (2, 2) is to be added")
	_, err = optest.Eval(tensor.Float64, func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		return op.Apply(batchnorm.Stats{Eps: -1}, in...)
	}, optest.Zeros(2, 3))
	require.ErrorContains(t, err, "ε is -1")
	_, err = optest.Eval(tensor.Float64, eval, optest.Zeros(2, 3), optest.Zeros(3), optest.Zeros(3), optest.Zeros(3),
		one)
	require.ErrorContains(t, err, "mean and variance have lengths 3 and 1")
	for want, k := range map[string]batchnorm.Running{"momentum is 1.5": {Momentum: 1.5},
		"length 1 but the batch's are (2, 3), want 2×1": {}} {
		_, err = optest.Eval(tensor.Float64, func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
			return op.Apply(k, in...)
		}, one, optest.Zeros(2, 3))
		require.ErrorContains(t, err, want)
	}
}

func BenchmarkBatchNorm(b *testing.B) {
	var cases []optest.Case
	for _, s := range [][2]int{{64, 32}, {512, 4}} {
		cases = append(cases, optest.Case{Name: fmt.Sprintf("32x%dx%dx%d", s[0], s[1], s[1]), Build: train,
			In: []optest.Array{optest.Normal(1, 1, 32, s[0], s[1], s[1]), optest.Normal(2, 1, s[0]),
				optest.Normal(3, 1, s[0])}})
	}
	optest.Bench(b, cases)
}
