package optim_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
)

// BenchmarkStep updates a million float32 parameters.
func BenchmarkStep(b *testing.B) {
	for _, r := range rules {
		b.Run(r.name, func(b *testing.B) {
			p := []*nn.Param{{Name: "w", Value: tensor.New(tensor.WithShape(1000, 1000), tensor.Of(tensor.Float32))}}
			o, err := r.named(p, optim.Constant(1e-3))
			require.NoError(b, err)
			g := gradsOf(b, p, 1)
			b.SetBytes(4 * int64(p[0].Value.Size()))
			for b.Loop() {
				if err := o.Step(g); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
