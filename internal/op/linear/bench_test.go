package linear_test

import (
	"testing"

	"github.com/whitebox-nn/whitebox/op/optest"
)

func BenchmarkLinear(b *testing.B) {
	optest.Bench(b, []optest.Case{
		{Name: "512x784x512", Build: affine, In: []optest.Array{optest.Normal(1, 1, 512, 784),
			optest.Normal(2, 1, 512, 784), optest.Normal(3, 1, 512)}},
		{Name: "512x512x128", Build: affine, In: []optest.Array{optest.Normal(1, 1, 512, 512),
			optest.Normal(2, 1, 128, 512), optest.Normal(3, 1, 128)}},
		{Name: "512x128x10", Build: affine, In: []optest.Array{optest.Normal(1, 1, 512, 128),
			optest.Normal(2, 1, 10, 128), optest.Normal(3, 1, 10)}},
	})
}
