package softmax_test

import (
	"testing"

	"github.com/whitebox-nn/whitebox/op/optest"
)

func BenchmarkSoftmax(b *testing.B) {
	optest.Bench(b, []optest.Case{
		{Name: "512x10", Build: build, In: []optest.Array{optest.Normal(1, 1, 512, 10)}},
		{Name: "4096x1000", Build: build, In: []optest.Array{optest.Normal(1, 1, 4096, 1000)}},
	})
}
