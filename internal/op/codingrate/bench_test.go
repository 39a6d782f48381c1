package codingrate_test

import (
	"testing"

	"github.com/whitebox-nn/whitebox/op/optest"
)

func BenchmarkCodingRate(b *testing.B) {
	optest.Bench(b, []optest.Case{
		{Name: "R 1000x128", Build: rate(0.5), In: []optest.Array{optest.Normal(1, 1, 1000, 128)}},
		{Name: "R 4096x512", Build: rate(0.5), In: []optest.Array{optest.Normal(1, 1, 4096, 512)}},
		{Name: "Rc 1000x128x10", Build: classRate(10, 0.5), In: []optest.Array{optest.Normal(1, 1, 1000, 128),
			optest.Labels(1, 1000, 10)}},
		{Name: "Rc 1000x128x100", Build: classRate(100, 0.5), In: []optest.Array{optest.Normal(1, 1, 1000, 128),
			optest.Labels(1, 1000, 100)}},
		{Name: "soft Rc 1000x128x10", Build: softRate(0.5), In: []optest.Array{optest.Normal(1, 1, 1000, 128),
			optest.Zeros(1000, 10).Map(func(float64) float64 { return 0.1 })}},
	})
}
