package gelu_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/gelu"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

func build(in ...*gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(gelu.GELU{}, in...) }

// ref is x·Φ(x) with Φ by Simpson's rule for the density from 0 to x.
func ref(in ...optest.Array) []float64 {
	return in[0].Map(func(x float64) float64 {
		const n = 2000
		sum, h := 0.0, x/n
		for i := range n + 1 {
			weight := 2.0 + 2*float64(i%2)
			if i == 0 || i == n {
				weight = 1
			}
			sum += weight * math.Exp(-(float64(i)*h)*(float64(i)*h)/2)
		}
		return x * (0.5 + sum*h/3/math.Sqrt(2*math.Pi))
	}).Data
}

func TestGELU(t *testing.T) {
	var cases []optest.Case
	for _, shape := range [][]int{{}, {1}, {5}, {3, 4}, {2, 3, 2, 2}, {150, 131}} {
		cases = append(cases, optest.Case{Name: fmt.Sprint(shape), Build: build, Ref: ref,
			In: []optest.Array{optest.Normal(1, 2, shape...)}})
	}
	optest.Run(t, cases)
}

func BenchmarkGELU(b *testing.B) {
	optest.Bench(b, []optest.Case{{Name: "512x512", Build: build, In: []optest.Array{optest.Normal(1, 1, 512, 512)}}})
}

// TestGELUAtTheEdges: infinities, NaN, zeros and tiny numbers, of both dtypes, on the host
// and on a device: what 0·∞ would make NaN is 0.
func TestGELUAtTheEdges(t *testing.T) {
	inf, nan, tiny := math.Inf(1), math.NaN(), 0x1p-140
	x := optest.Of([]float64{-inf, inf, nan, 0, tiny, -tiny, -1e30, 1e30}, 8)
	value := []float64{0, inf, nan, 0, tiny / 2, -tiny / 2, 0, 1e30}
	slope := []float64{0, 1, nan, 0.5, 0.5, 0.5, 0, 1}
	for _, dt := range []tensor.Dtype{tensor.Float64, tensor.Float32} {
		optest.Places(t, optest.Case{Name: "edges", Build: build, In: []optest.Array{x}}, dt,
			func(t *testing.T, run optest.Runner) {
				out, grads, err := run(x)
				require.NoError(t, err)
				for i, w := range optest.Weights(len(slope)) {
					near := func(got, want float64) bool {
						return got == want || math.IsNaN(got) && math.IsNaN(want) ||
							math.Abs(got-want) <= 1e-6*math.Abs(want)
					}
					require.True(t, near(out[i], value[i]), "GELU(%v) is %v, want %v", x.Data[i], out[i], value[i])
					require.True(t, near(grads[0][i], w*slope[i]), "slope at %v is %v, want %v", x.Data[i], grads[0][i],
						w*slope[i])
				}
			})
	}
}
