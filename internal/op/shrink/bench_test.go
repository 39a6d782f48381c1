package shrink_test

import (
	"testing"

	"github.com/whitebox-nn/whitebox/op/optest"
)

func BenchmarkShrink(b *testing.B) {
	optest.Bench(b, []optest.Case{
		{Name: "10000x500", Build: build, In: []optest.Array{optest.Normal(1, 1, 10000, 500),
			optest.Normal(2, 1, 500)}},
		{Name: "512x512, one threshold", Build: build, In: []optest.Array{optest.Normal(1, 1, 512, 512),
			optest.Normal(2, 1, 1)}},
	})
}
