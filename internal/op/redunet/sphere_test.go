package redunet_test

import (
	"math"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/floats"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/redunet"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

// spectra are 3 samples of 4 frequencies of 5 numbers.
const frequencies, many, wide = 4, 3, 5

// sample returns the numbers of sample i, at all frequencies.
func sample(x []float64, i int) (row []float64) {
	for p := range frequencies {
		row = append(row, x[(p*many+i)*wide:(p*many+i+1)*wide]...)
	}
	return row
}

// TestSphereAtEveryMagnitude compares with the same sample, scaled back by a power of 2,
// which is exact, in float64.
func TestSphereAtEveryMagnitude(t *testing.T) {
	powers := map[tensor.Dtype][]int{
		tensor.Float32: {-145, -130, -100, -64, -45, -30, 0, 30, 64, 100, 125},
		tensor.Float64: {-1070, -1022, -900, -540, -400, -45, 0, 40, 300, 500, 532, 900, 1021},
	}
	base := optest.Normal(5, 1, frequencies, many, wide)
	c := optest.Case{Name: "sphere", Build: of(redunet.Sphere{}), In: []optest.Array{base}}
	for dt, exps := range powers {
		ulp, least := 0x1p-52, math.SmallestNonzeroFloat64
		if dt == tensor.Float32 {
			ulp, least = 0x1p-23, math.SmallestNonzeroFloat32
		}
		optest.Places(t, c, dt, func(t *testing.T, run optest.Runner) {
			for _, e := range exps {
				x := base.Map(func(v float64) float64 {
					if v = math.Ldexp(v, e); dt == tensor.Float32 {
						v = float64(float32(v))
					}
					return v
				})
				out, grads, err := run(x)
				require.NoError(t, err)
				for i := range many {
					y, d := sample(x.Map(func(v float64) float64 { return math.Ldexp(v, -e) }).Data, i),
						sample(optest.Weights(len(x.Data)), i)
					r := floats.Norm(y, 2)
					floats.Scale(1/r, y)
					require.InDeltaSlice(t, y, sample(out, i), 8*ulp, "2^%d", e)
					floats.AddScaled(d, -floats.Dot(d, y), y)
					for j, got := range sample(grads[0], i) {
						want := math.Ldexp(d[j]/r, -e)
						if dt == tensor.Float32 {
							want = float64(float32(want))
						}
						if math.IsInf(want, 0) {
							require.Equal(t, want, got, "2^%d", e)
							continue
						}
						size := math.Min(math.Ldexp(floats.Norm(d, 2)/r, -e), math.MaxFloat64)
						require.InDelta(t, 0, (got-want)/size, 32*ulp+4*least/size, "2^%d: %v, want %v", e, got, want)
					}
				}
			}
			bad := base.Map(func(v float64) float64 { return v })
			for p := range frequencies {
				clear(bad.Data[(p*many+1)*wide : (p*many+2)*wide])
			}
			_, _, err := run(bad)
			require.ErrorContains(t, err, "sample 1 of 3 is 0 and has no direction")
			require.True(t, errors.Is(err, op.ErrInput))
			bad.Data[(2*many+1)*wide] = math.Inf(1)
			_, _, err = run(bad)
			require.ErrorContains(t, err, "sample 1 of 3 holds +Inf")
			require.True(t, errors.Is(err, op.ErrNotFinite))
		})
	}
}

// TestMoveAtEveryMagnitude takes a step of 0 with maps of 0: a move is then the
// projection alone.
func TestMoveAtEveryMagnitude(t *testing.T) {
	z := optest.Normal(5, 1, many, wide)
	c := optest.Case{Name: "vectors", Build: of(redunet.Move{}), In: []optest.Array{z, optest.Zeros(wide, wide),
		optest.Zeros(2, wide, wide), optest.Zeros(2)}}
	zs := optest.Normal(6, 1, frequencies, many, 2*wide)
	cs := optest.Case{Name: "spectra", Build: of(redunet.Move{}),
		In: []optest.Array{zs, optest.Zeros(frequencies, 2, wide, wide),
			optest.Zeros(2, frequencies, 2, wide, wide), optest.Zeros(2)}}
	for _, c := range []optest.Case{c, cs} {
		for i := range c.In {
			c.In[i].Const = true
		}
		for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
			optest.Places(t, c, dt, func(t *testing.T, run optest.Runner) {
				want, _, err := run(c.In...)
				require.NoError(t, err)
				for _, e := range []int{-120, -60, 60, 120} {
					if dt == tensor.Float64 {
						e *= 8
					}
					in := append([]optest.Array{c.In[0].Map(func(v float64) float64 { return math.Ldexp(v, e) })},
						c.In[1:]...)
					got, _, err := run(in...)
					require.NoError(t, err)
					require.InDeltaSlice(t, want, got, map[tensor.Dtype]float64{tensor.Float32: 1e-6,
						tensor.Float64: 1e-15}[dt], "2^%d", e)
				}
				in := append([]optest.Array{c.In[0].Map(func(float64) float64 { return 0 })}, c.In[1:]...)
				_, _, err = run(in...)
				require.ErrorContains(t, err, "sample 0 of 3 is 0 and has no direction")
			})
		}
	}
}
