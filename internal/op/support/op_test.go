package support_test

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/support"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

func selectBy(q float64) func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	return func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		tau, err := op.Apply(support.Percentile{Q: q}, in[0])
		if err != nil {
			return nil, err
		}
		return op.Apply(support.Select{}, in[0], in[1], tau)
	}
}

// ref sorts.
func ref(q float64) func(in ...optest.Array) []float64 {
	return func(in ...optest.Array) []float64 {
		d := in[0].Shape[1]
		out := make([]float64, len(in[0].Data))
		for lo := 0; lo < len(out); lo += d {
			var m []float64
			for _, v := range in[0].Data[lo : lo+d] {
				m = append(m, math.Abs(v))
			}
			sort.Float64s(m)
			tau := m[int(math.RoundToEven(float64(d-1)*(100-q)/100))]
			for j, v := range in[0].Data[lo : lo+d] {
				t := in[1].Data[j%len(in[1].Data)]
				switch a := math.Abs(v); {
				case a > t && a > tau:
					out[lo+j] = v
				default:
					out[lo+j] = math.Copysign(math.Max(a-t, 0), v)
				}
			}
		}
		return out
	}
}

// smooth reports that no element is near to a threshold, and no two magnitudes so
// near to each other that another would be τ.
func smooth(in ...optest.Array) bool {
	m := slices.Clone(in[0].Data)
	for i, v := range m {
		m[i] = math.Abs(v)
		if math.Abs(m[i]-in[1].Data[i%in[0].Shape[1]%len(in[1].Data)]) < 1e-4 {
			return false
		}
	}
	sort.Float64s(m)
	for i := range m[1:] {
		if m[i+1]-m[i] < 1e-4 {
			return false
		}
	}
	return true
}

func TestSelect(t *testing.T) {
	var cases []optest.Case
	for _, q := range []float64{0, 10, 30, 50, 100} {
		for _, l := range []int{1, 9} {
			cases = append(cases, optest.Case{Name: fmt.Sprintf("q %v, %d thresholds", q, l), Build: selectBy(q),
				Ref: ref(q), Smooth: smooth,
				In: []optest.Array{optest.Normal(3, 1, 4, 9),
					optest.Normal(4, 0.02, l).Map(func(v float64) float64 { return 0.4 + v })}})
		}
	}
	cases = append(cases, optest.Case{Name: "one element", Build: selectBy(30), Ref: ref(30), Smooth: smooth,
		In: []optest.Array{optest.Of([]float64{2}, 1, 1), optest.Of([]float64{0.5}, 1)}})
	optest.Run(t, cases)
}

// TestSelectedCounts are those of the authors' schedule, q = min(1.2·t, 13) percent
// of 500.
func TestSelectedCounts(t *testing.T) {
	for layer, want := range []int{6, 12, 18, 24, 30, 36, 42, 48, 54, 60, 65, 65, 65, 65, 65, 65} {
		u := optest.Normal(uint64(layer), 1, 1, 500)
		out, err := optest.Eval(tensor.Float64, selectBy(math.Min(1.2*float64(layer+1), 13)), u,
			optest.Zeros(1).Map(func(float64) float64 { return 1e-9 }))
		require.NoError(t, err)
		passed := 0
		for i, v := range out {
			if v == u.Data[i] {
				passed++
			}
		}
		require.Equal(t, want, passed, "layer %d", layer)
	}
}

func TestEqualMagnitudesDoNotPass(t *testing.T) {
	u := optest.Of([]float64{1, -1, 1, 1, 3, -2}, 1, 6)
	out, err := optest.Eval(tensor.Float64, selectBy(60), u, optest.Of([]float64{0.5}, 1)) // τ = 1
	require.NoError(t, err)
	require.Equal(t, []float64{0.5, -0.5, 0.5, 0.5, 3, -2}, out)
}

func TestNaNStaysAndPassesNothing(t *testing.T) {
	u := optest.Of([]float64{math.NaN(), 5, 1}, 1, 3)
	out, err := optest.Eval(tensor.Float32, selectBy(90), u, optest.Of([]float64{0.5}, 1))
	require.NoError(t, err)
	require.True(t, math.IsNaN(out[0]))
	require.Equal(t, []float64{4.5, 0.5}, out[1:])
}

func largest(s int) func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	return func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(support.Top{S: s}, in...) }
}

func topRef(s int) func(in ...optest.Array) []float64 {
	return func(in ...optest.Array) []float64 {
		d := in[0].Shape[1]
		out := make([]float64, len(in[0].Data))
		for lo := 0; lo < len(out); lo += d {
			order := make([]int, d)
			for j := range order {
				order[j] = lo + j
			}
			sort.SliceStable(order, func(a, b int) bool {
				return math.Abs(in[0].Data[order[a]]) > math.Abs(in[0].Data[order[b]])
			})
			for _, i := range order[:min(s, d)] {
				out[i] = in[0].Data[i]
			}
		}
		return out
	}
}

func TestTop(t *testing.T) {
	var cases []optest.Case
	for _, s := range []int{1, 3, 8, 20} {
		cases = append(cases, optest.Case{Name: fmt.Sprint(s), Build: largest(s), Ref: topRef(s),
			In: []optest.Array{optest.Normal(6, 1, 3, 8)}})
	}
	optest.Run(t, cases)
	out, err := optest.Eval(tensor.Float64, largest(2), optest.Of([]float64{1, -2, 2, 2}, 1, 4))
	require.NoError(t, err)
	require.Equal(t, []float64{0, -2, 2, 0}, out, "of equal magnitudes the first")
}

func TestBadSettings(t *testing.T) {
	for _, q := range []float64{-1, 101, math.NaN()} {
		_, err := optest.Eval(tensor.Float64, selectBy(q), optest.Zeros(2, 3), optest.Zeros(1))
		require.ErrorIs(t, err, op.ErrInput)
	}
	_, err := optest.Eval(tensor.Float64, selectBy(5), optest.Zeros(2, 3), optest.Zeros(2))
	require.ErrorContains(t, err, "u is 2×3, θ has length 2 and τ 2, want 3 or 1, and 2")
	_, err = optest.Eval(tensor.Float64, largest(0), optest.Zeros(2, 3))
	require.ErrorContains(t, err, "0 largest, want at least 1")
}
