package crossentropy_test

import (
	"testing"

	"github.com/whitebox-nn/whitebox/op/optest"
)

func BenchmarkCrossEntropy(b *testing.B) {
	optest.Bench(b, []optest.Case{
		{Name: "512x10", Build: mean(0), In: []optest.Array{optest.Normal(1, 1, 512, 10), optest.Labels(1, 512, 10)}},
		{Name: "4096x1000", Build: mean(0.1), In: []optest.Array{optest.Normal(1, 1, 4096, 1000),
			optest.Labels(1, 4096, 1000)}},
	})
}
