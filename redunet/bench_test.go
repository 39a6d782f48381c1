package redunet_test

import (
	"fmt"
	"testing"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/initializer"
	"github.com/whitebox-nn/whitebox/redunet"
	"gorgonia.org/tensor"
)

// BenchmarkBuild times the construction of four layers, at the
// shapes of the workloads.
func BenchmarkBuild(b *testing.B) {
	for _, c := range []struct {
		n     int
		shape []int
	}{{1000, []int{128}}, {1000, []int{784}}, {100, []int{15, 28, 28}}, {100, []int{20, 200}}} {
		b.Run(fmt.Sprintf("%d of %v", c.n, c.shape), func(b *testing.B) {
			x, err := nn.NewParam("x", tensor.Float32, append([]int{c.n}, c.shape...)...)
			if err == nil {
				err = initializer.Normal{Std: 1}.Fill(x, nn.Rand(0, "x"))
			}
			labels := make([]int, c.n)
			for i := range labels {
				labels[i] = i % 10
			}
			var set *data.Set
			if err == nil {
				set, err = data.New(x.Value.Float32s(), 1, c.shape, labels, 10)
			}
			for b.Loop() {
				if err == nil {
					_, _, err = redunet.Build(b.Context(), set,
						redunet.Config{Net: models.ReduNetConfig{Layers: 4, Shape: c.shape}})
				}
			}
			if err != nil {
				b.Fatal(err)
			}
		})
	}
}
