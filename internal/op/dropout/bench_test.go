package dropout_test

import (
	"testing"

	"github.com/whitebox-nn/whitebox/op/optest"
)

func BenchmarkDropout(b *testing.B) {
	optest.Bench(b, []optest.Case{
		{Name: "512x512", Build: build(0.5, 1), In: []optest.Array{optest.Normal(1, 1, 512, 512), step(1)}},
	})
}
