package normalize_test

import (
	"testing"

	"github.com/whitebox-nn/whitebox/op/optest"
)

func BenchmarkNormalize(b *testing.B) {
	optest.Bench(b, []optest.Case{
		{Name: "512x128", Build: build, In: []optest.Array{optest.Normal(1, 1, 512, 128)}},
		{Name: "4096x512", Build: build, In: []optest.Array{optest.Normal(1, 1, 4096, 512)}},
	})
}
