package unroll_test

import (
	"testing"

	"github.com/whitebox-nn/whitebox/op/optest"
)

func BenchmarkStep(b *testing.B) {
	optest.Bench(b, []optest.Case{
		{Name: "64x500x500", Build: step(1), In: inputs(1, 64, 500, 500, 1, 0.5)},
		{Name: "512x500x500", Build: step(1), In: inputs(1, 512, 500, 500, 1, 0.5)},
		{Name: "64x500x250", Build: step(1), In: inputs(1, 64, 500, 250, 1, 0.5)},
	})
}
