package reshape_test

import (
	"testing"

	"github.com/whitebox-nn/whitebox/op/optest"
)

func BenchmarkReshape(b *testing.B) {
	optest.Bench(b, []optest.Case{
		{Name: "512x1x28x28", Build: to(512, 784), In: []optest.Array{optest.Normal(1, 1, 512, 1, 28, 28)}},
	})
}
