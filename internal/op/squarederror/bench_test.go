package squarederror_test

import (
	"testing"

	"github.com/whitebox-nn/whitebox/op/optest"
)

func BenchmarkSquaredError(b *testing.B) {
	optest.Bench(b, []optest.Case{
		{Name: "512x784", Build: build(true), In: []optest.Array{optest.Normal(1, 1, 512, 784),
			optest.Normal(2, 1, 512, 784)}},
	})
}
