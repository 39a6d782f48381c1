package optim_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
)

// TestAdamInTheEngineHasTheBitsOfBefore compares 20 steps of NewAdam and NewAdamW, on
// parameters of several sizes, with what they were as loops of this package.
func TestAdamInTheEngineHasTheBitsOfBefore(t *testing.T) {
	defer optim.OldAdam(false)
	for _, r := range rules[3:] {
		for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
			var got [2][]float64
			for i, old := range []bool{false, true} {
				optim.OldAdam(old)
				p := many(t, dt, 3, 40000, 200000)
				p[0].NoDecay = true
				o, err := r.named(p, optim.Cosine(1e-2, 30, 0))
				require.NoError(t, err)
				for step := range 20 {
					require.NoError(t, o.Step(gradsOf(t, p, step)))
				}
				for _, q := range p {
					got[i], err = nn.Floats(got[i], q.Value)
					require.NoError(t, err)
				}
				for _, s := range o.State()[1:] {
					got[i], err = nn.Floats(got[i], s.Value)
					require.NoError(t, err)
				}
			}
			require.Equal(t, got[1], got[0], "%s %v", r.name, dt)
		}
	}
}

// many returns parameters of these sizes.
func many(t testing.TB, dt tensor.Dtype, sizes ...int) (p []*nn.Param) {
	rng := rand.New(rand.NewPCG(1, 2))
	for i, n := range sizes {
		p = append(p, &nn.Param{Name: fmt.Sprint("w", i), Value: dense(t, dt, []int{n}, normal(rng, n))})
	}
	return p
}

// BenchmarkAdam is a step on few large parameters, and on many small ones.
func BenchmarkAdam(b *testing.B) {
	defer optim.OldAdam(false)
	small := make([]int, 200)
	for i := range small {
		small[i] = 256
	}
	for name, sizes := range map[string][]int{"1x1e6": {1000000}, "200x256": small, "62 of ResNet-18": resnet()} {
		for _, old := range []bool{true, false} {
			b.Run(fmt.Sprintf("%s/old=%v", name, old), func(b *testing.B) {
				optim.OldAdam(old)
				p := many(b, tensor.Float32, sizes...)
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
