package normalize_test

import (
	"fmt"
	"math"
	"math/big"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/floats"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/normalize"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

func build(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	return op.Apply(normalize.Rows{}, in...)
}

// ref divides by gonum's norm, which scales to avoid overflow.
func ref(in ...optest.Array) []float64 {
	d := in[0].Shape[1]
	var out []float64
	for i := range in[0].Shape[0] {
		row := append([]float64(nil), in[0].Data[i*d:(i+1)*d]...)
		floats.Scale(1/floats.Norm(row, 2), row)
		out = append(out, row...)
	}
	return out
}

func TestNormalize(t *testing.T) {
	var cases []optest.Case
	for _, s := range [][2]int{{3, 4}, {1, 5}, {5, 1}, {1, 1}, {150, 131}} {
		// A row of one element is at its own kink: y is ±1, with derivative 0.
		x := optest.Normal(1, 1, s[0], s[1]).Map(func(v float64) float64 { return v + math.Copysign(0.2, v) })
		cases = append(cases, optest.Case{Name: fmt.Sprint(s), Build: build, Ref: ref, In: []optest.Array{x}})
	}
	optest.Run(t, cases)
}

// TestNormalizeForgetsLength checks that rows are on the sphere and do not depend
// on the length they had.
func TestNormalizeForgetsLength(t *testing.T) {
	x := optest.Normal(1, 1, 20, 7)
	eval := func(x optest.Array) []float64 {
		y, err := optest.Eval(tensor.Float64, build, x)
		require.NoError(t, err)
		return y
	}
	y := eval(x)
	long := eval(x.Map(func(v float64) float64 { return 1e6 * v }))
	for i := range 20 {
		require.InDelta(t, 1, floats.Norm(y[i*7:(i+1)*7], 2), 1e-14)
	}
	require.InDeltaSlice(t, y, long, 1e-14)
}

// exact returns x/‖x‖ and the gradient by x for the upstream gradient dout, in 2000 bits.
func exact(x, dout []float64) (y, dx []float64) {
	num := func(v float64) *big.Float { return new(big.Float).SetPrec(2000).SetFloat64(v) }
	mul := func(a, b *big.Float) *big.Float { return new(big.Float).SetPrec(2000).Mul(a, b) }
	squares, dot := num(0), num(0)
	for i, v := range x {
		squares.Add(squares, mul(num(v), num(v)))
		dot.Add(dot, mul(num(v), num(dout[i])))
	}
	r := new(big.Float).SetPrec(2000).Sqrt(squares)
	for i, v := range x {
		q, _ := new(big.Float).Quo(num(v), r).Float64()
		along := new(big.Float).Quo(mul(dot, num(v)), squares)
		g, _ := new(big.Float).Quo(new(big.Float).Sub(num(dout[i]), along), r).Float64()
		y, dx = append(y, q), append(dx, g)
	}
	return y, dx
}

// TestNormalizeAtEveryMagnitude compares values and gradients with long arithmetic,
// from subnormal numbers to the largest ones.
func TestNormalizeAtEveryMagnitude(t *testing.T) {
	powers := map[tensor.Dtype][]int{
		tensor.Float32: {-147, -140, -127, -100, -64, -45, -40, -20, 0, 20, 64, 100, 120, 125},
		tensor.Float64: {-1072, -1060, -1022, -900, -540, -500, -300, -45, -40, 0, 62, 64, 300, 500, 532, 900, 1021},
	}
	const n, d = 3, 37
	base := optest.Normal(5, 1, n, d)
	c := optest.Case{Name: "magnitudes", Build: build, In: []optest.Array{base}}
	for dt, exps := range powers {
		most, ulp := math.MaxFloat64, 0x1p-52
		if dt == tensor.Float32 {
			most, ulp = math.MaxFloat32, 0x1p-23
		}
		optest.Places(t, c, dt, func(t *testing.T, run optest.Runner) {
			for _, e := range exps {
				x := base.Map(func(v float64) float64 {
					v = math.Ldexp(v, e)
					if dt == tensor.Float32 {
						v = float64(float32(v))
					}
					return math.Max(-most, math.Min(v, most))
				})
				out, grads, err := run(x)
				require.NoError(t, err)
				dout := optest.Weights(n * d)
				if dt == tensor.Float32 {
					for i, v := range dout {
						dout[i] = float64(float32(v))
					}
				}
				for i := range n {
					lo, hi := i*d, (i+1)*d
					y, dx := exact(x.Data[lo:hi], dout[lo:hi])
					require.InDelta(t, 1, floats.Norm(out[lo:hi], 2), 4*ulp, "2^%d", e)
					require.InDeltaSlice(t, y, out[lo:hi], 4*ulp, "2^%d", e)
					for j, want := range dx {
						got := grads[0][lo+j]
						if math.Abs(want) > most*(1-ulp) {
							require.True(t, math.IsInf(got, int(math.Copysign(1, want))), "2^%d: %v, want %v", e, got,
								want)
							continue
						}
						least := 2 * math.SmallestNonzeroFloat64
						if dt == tensor.Float32 {
							least = 2 * math.SmallestNonzeroFloat32
						}
						size := math.Min(floats.Norm(dx, math.Inf(1)), most)
						require.InDelta(t, want/size, got/size, 16*ulp+least/size, "2^%d, element %d", e, j)
					}
				}
			}
		})
	}
}

// Rows of one batch do not disturb each other, and one without a direction is named.
func TestNormalizeRefusesRowsWithoutDirection(t *testing.T) {
	good := []float64{3, 4, 3e-40, 4e-40, 3e38, 1e38}
	c := optest.Case{Name: "no direction", Build: build, In: []optest.Array{optest.Of(good, 3, 2)}}
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		optest.Places(t, c, dt, func(t *testing.T, run optest.Runner) {
			for want, row := range map[string][]float64{
				"row 1 of 3 is 0 and has no direction": {0, 0}, "row 1 of 3 holds NaN": {1, math.NaN()},
				"row 1 of 3 holds +Inf": {math.Inf(-1), 2},
			} {
				_, _, err := run(optest.Of([]float64{1, 2, row[0], row[1], row[0], row[1]}, 3, 2))
				require.ErrorContains(t, err, want)
				sentinel := op.ErrNotFinite
				if row[0] == 0 {
					sentinel = op.ErrInput
				}
				require.True(t, errors.Is(err, sentinel), "%v", err)
			}
			out, _, err := run(optest.Of(good, 3, 2))
			require.NoError(t, err)
			require.InDeltaSlice(t, []float64{0.6, 0.8, 0.6, 0.8, 3 / math.Sqrt(10), 1 / math.Sqrt(10)}, out, 3e-6)
		})
	}
}

// TestRowsOfZeroMayStay: 0, with the gradient 0, beside rows that are normalized.
func TestRowsOfZeroMayStay(t *testing.T) {
	zero := func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(normalize.Rows{Zero: true}, in...) }
	x := optest.Of([]float64{3, 4, 0, 0, 5e-39, 0}, 3, 2)
	c := optest.Case{Name: "zero stays", Build: zero, In: []optest.Array{x}}
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		optest.Places(t, c, dt, func(t *testing.T, run optest.Runner) {
			out, grads, err := run(x)
			require.NoError(t, err)
			require.InDeltaSlice(t, []float64{0.6, 0.8, 0, 0, 1, 0}, out, 1e-6)
			require.Equal(t, []float64{0, 0}, grads[0][2:4])
			_, _, err = run(optest.Of([]float64{3, 4, math.NaN(), 0, 1, 0}, 3, 2))
			require.True(t, errors.Is(err, op.ErrNotFinite))
		})
	}
}
