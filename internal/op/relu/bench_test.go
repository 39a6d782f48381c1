package relu_test

import (
	"testing"

	"github.com/whitebox-nn/whitebox/op/optest"
)

func BenchmarkReLU(b *testing.B) {
	optest.Bench(b, []optest.Case{
		{Name: "512x512", Build: build, In: []optest.Array{optest.Normal(1, 1, 512, 512)}},
		{Name: "128x64x32x32", Build: build, In: []optest.Array{optest.Normal(1, 1, 128, 64, 32, 32)}},
	})
}
