package recovery_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/recovery"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

// of returns a figure of codes, or the sums that figures are made of.
func of(figure op.Op) func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	return func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		sums, err := op.Apply(recovery.Sums{}, in...)
		if err != nil || figure == nil {
			return sums, err
		}
		return op.Apply(figure, sums)
	}
}

// codes are Gaussian where a coin says so. Their values are those of float32, so that
// every graph gets the same.
func codes(seed uint64, n, d int, none bool) optest.Array {
	coin := optest.Normal(seed+100, 1, n, d)
	z := optest.Normal(seed, 1, n, d)
	for i, c := range coin.Data {
		if z.Data[i] = float64(float32(z.Data[i])); c < 0.5 || none {
			z.Data[i] = 0
		}
	}
	z.Const = true
	return z
}

// sets returns the sizes of sets of places, and the norms by hypotenuses: another
// method than sums of squares and counters.
func sets(z, truth optest.Array) (e, norm float64, of, there, both map[int]bool) {
	of, there, both = map[int]bool{}, map[int]bool{}, map[int]bool{}
	for i, v := range truth.Data {
		e, norm = math.Hypot(e, z.Data[i]-v), math.Hypot(norm, v)
		if z.Data[i] != 0 {
			of[i] = true
		}
		if v != 0 {
			there[i] = true
		}
	}
	for i := range of {
		if there[i] {
			both[i] = true
		}
	}
	return e, norm, of, there, both
}

func TestFigures(t *testing.T) {
	var cases []optest.Case
	for name, in := range map[string][]optest.Array{
		"small":            {codes(1, 4, 5, false), codes(2, 4, 5, false)},
		"one number":       {codes(3, 1, 1, false), optest.Array{Shape: []int{1, 1}, Data: []float64{2}, Const: true}},
		"several chunks":   {codes(4, 150, 333, false), codes(5, 150, 333, false)},
		"nothing is found": {codes(6, 3, 4, true), codes(7, 3, 4, false)},
	} {
		e, norm, found, there, both := sets(in[0], in[1])
		precision := 1.0
		if len(found) > 0 {
			precision = float64(len(both)) / float64(len(found))
		}
		for figure, want := range map[op.Op][]float64{
			nil: {e * e, norm * norm, float64(len(found)), float64(len(there)), float64(len(both)), 0,
				0, 0, 0},
			recovery.NMSE{}:      {20 * math.Log10(e/norm)},
			recovery.Precision{}: {precision},
			recovery.Recall{}:    {float64(len(both)) / float64(len(there))},
		} {
			title := name + ", sums"
			if figure != nil {
				title = name + ", " + fmt.Sprintf("%T", figure)
			}
			cases = append(cases, optest.Case{Name: title, Build: of(figure), In: in,
				Ref: func(...optest.Array) []float64 { return want }, Tol32: 1e-12})
		}
	}
	optest.Run(t, cases)
}

// TestNothingToRecoverIsNoError: a batch of zeros must not end a training whose loss
// does not mind them.
func TestNothingToRecoverIsNoError(t *testing.T) {
	for figure, want := range map[op.Op]float64{recovery.NMSE{}: math.Inf(1), recovery.Precision{}: 0,
		recovery.Recall{}: 1} {
		v, err := optest.Scalar(tensor.Float32, of(figure), codes(1, 3, 4, false), optest.Zeros(3, 4))
		require.NoError(t, err)
		require.Equal(t, want, v, "%T", figure)
	}
	v, err := optest.Scalar(tensor.Float32, of(recovery.NMSE{}), optest.Zeros(3, 4), optest.Zeros(3, 4))
	require.NoError(t, err)
	require.True(t, math.IsNaN(v))
	v, err = optest.Scalar(tensor.Float64, of(recovery.NMSE{}), codes(1, 3, 4, false), codes(1, 3, 4, false))
	require.NoError(t, err)
	require.Equal(t, math.Inf(-1), v)
}

// TestNMSEAtAnyMagnitude: squares of codes beyond 1e±154 are out of range, their ratio is
// not.
func TestNMSEAtAnyMagnitude(t *testing.T) {
	z, truth := codes(4, 30, 40, false), codes(5, 30, 40, false)
	e, norm, _, _, _ := sets(z, truth)
	want := 20 * math.Log10(e/norm)
	for dt, scales := range map[tensor.Dtype][]float64{
		tensor.Float64: {1, 0x1p-1000, 0x1p-600, 0x1p-500, 0x1p500, 0x1p600, 0x1p1020},
		tensor.Float32: {1, 0x1p-120, 0x1p120},
	} {
		for _, s := range scales {
			times := func(v float64) float64 { return v * s }
			c := optest.Case{Name: fmt.Sprint(s), Build: of(recovery.NMSE{}), In: []optest.Array{z.Map(times),
				truth.Map(times)}}
			optest.Places(t, c, dt, func(t *testing.T, run optest.Runner) {
				out, _, err := run(c.In...)
				require.NoError(t, err)
				require.InEpsilon(t, want, out[0], 1e-11)
			})
		}
	}
	for _, s := range []float64{0x1p-400, 0x1p400} { // of the one to the other
		less := z.Map(func(v float64) float64 { return v * 0x1p-900 })
		c := optest.Case{Name: fmt.Sprint("against ", s), Build: of(recovery.NMSE{}),
			In: []optest.Array{less, truth.Map(func(float64) float64 { return s })}}
		optest.Places(t, c, tensor.Float64, func(t *testing.T, run optest.Runner) {
			out, _, err := run(c.In...)
			require.NoError(t, err)
			require.InDelta(t, 0, out[0], 1e-11)
			out, _, err = run(c.In[1], less)
			require.NoError(t, err)
			_, small, _, _, _ := sets(z, z)
			require.InEpsilon(t, 10*math.Log10(30*40)+20*math.Log10(s)-20*math.Log10(small)+900*20*math.Log10(2),
				out[0], 1e-11)
		})
	}
}

func TestShapesThatDoNotFit(t *testing.T) {
	_, err := optest.Eval(tensor.Float64, of(nil), optest.Zeros(3, 4), optest.Zeros(3, 5))
	require.ErrorIs(t, err, op.ErrInput)
	require.ErrorContains(t, err, "the codes are (3, 4) but the true ones (3, 5)")
	_, err = optest.Eval(tensor.Float64, func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		return op.Apply(recovery.NMSE{}, in...)
	}, optest.Zeros(4))
	require.ErrorContains(t, err, "4 numbers, want the 9 of Sums")
}
