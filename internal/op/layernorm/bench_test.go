package layernorm_test

import (
	"testing"

	"github.com/whitebox-nn/whitebox/op/optest"
)

func BenchmarkLayerNorm(b *testing.B) {
	optest.Bench(b, []optest.Case{
		{Name: "512x512", Build: build(1e-5), In: []optest.Array{optest.Normal(1, 1, 512, 512),
			optest.Normal(2, 1, 512), optest.Normal(3, 1, 512)}},
		{Name: "8320x384", Build: build(1e-5), In: []optest.Array{optest.Normal(1, 1, 8320, 384),
			optest.Normal(2, 1, 384), optest.Normal(3, 1, 384)}},
	})
}
