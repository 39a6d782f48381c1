package optim_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
)

// TestAdamIsItsLoop compares 20 steps of NewAdam and NewAdamW, on parameters of several
// sizes, with one loop over each parameter: the same bits on any number of workers.
func TestAdamIsItsLoop(t *testing.T) {
	t.Run("float32", adamIsItsLoop[float32])
	t.Run("float64", adamIsItsLoop[float64])
}

func adamIsItsLoop[T float32 | float64](t *testing.T) {
	dt := tensor.Float32
	if _, double := any(T(0)).(float64); double {
		dt = tensor.Float64
	}
	rate, beta1, beta2 := optim.CosineAnnealing(1e-2, 30, 0), 0.9, 0.999
	for _, decoupled := range []bool{false, true} {
		p := paramsOf(t, dt, 3, 40000, 200000)
		p[0].NoDecay = true
		make := optim.NewAdam
		if decoupled {
			make = optim.NewAdamW
		}
		o, err := make(p, rate, optim.Adam{WeightDecay: 0.1})
		require.NoError(t, err)
		var x, m, v [][]T
		for _, q := range p {
			x, m, v = append(x, slices.Clone(q.Value.Data().([]T))), append(m, zeros[T](q)), append(v, zeros[T](q))
		}
		for step := 1; step <= 20; step++ {
			g := gradsOf(t, p, step)
			b1, b2 := 1-math.Pow(beta1, float64(step)), 1-math.Pow(beta2, float64(step))
			for i, q := range p {
				lr := rate(step)
				c := simd.Adam[T]{LR: T(lr * (1 / b1)), Decay: 1, W1: T(1 - beta1), B2: T(beta2), W2: T(1 - beta2),
					Root: T(1 / math.Sqrt(b2)), Eps: T(1e-8)}
				switch {
				case q.NoDecay:
				case decoupled:
					c.Decay = T(1 - lr*0.1)
				default:
					c.L2 = T(0.1)
				}
				simd.AdamStep(x[i], m[i], v[i], g[i].Data().([]T), c)
			}
			require.NoError(t, o.Step(g))
		}
		for i, q := range p {
			require.Equal(t, x[i], q.Value.Data())
			require.Equal(t, m[i], o.State()[1+i].Value.Data())
			require.Equal(t, v[i], o.State()[1+len(p)+i].Value.Data())
		}
	}
}

func zeros[T float32 | float64](p *nn.Param) []T { return make([]T, p.Value.Size()) }

// paramsOf returns parameters of these sizes.
func paramsOf(t testing.TB, dt tensor.Dtype, sizes ...int) (p []*nn.Param) {
	rng := rand.New(rand.NewPCG(1, 2))
	for i, n := range sizes {
		p = append(p, &nn.Param{Name: fmt.Sprint("w", i), Value: dense(t, dt, []int{n}, normal(rng, n))})
	}
	return p
}

// BenchmarkAdam is a step on few large parameters, and on many small ones.
func BenchmarkAdam(b *testing.B) {
	small := make([]int, 200)
	for i := range small {
		small[i] = 256
	}
	for name, sizes := range map[string][]int{"1x1e6": {1000000}, "200x256": small, "62 of ResNet-18": resnet()} {
		b.Run(name, func(b *testing.B) {
			p := paramsOf(b, tensor.Float32, sizes...)
			o, err := rules[4].named(p, optim.Constant(1e-3))
			require.NoError(b, err)
			g := gradsOf(b, p, 1)
			require.NoError(b, o.Step(g))
			b.ReportAllocs()
			for b.Loop() {
				if err := o.Step(g); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// resnet returns sizes as those of ResNet-18 for images of 32×32, a quarter as wide.
func resnet() (n []int) {
	w := 16
	n = append(n, 3*9*w, w, w)
	for stage := range 4 {
		in := w
		if stage > 0 {
			w *= 2
			n = append(n, in*w, w, w)
		}
		for block := range 2 {
			if block == 1 {
				in = w
			}
			n = append(n, in*w*9, w, w, w*w*9, w, w)
		}
	}
	return append(n, w*10, 10)
}
