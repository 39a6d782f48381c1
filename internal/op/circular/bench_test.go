package circular_test

import (
	"testing"

	"github.com/whitebox-nn/whitebox/op/optest"
)

func BenchmarkCircular(b *testing.B) {
	optest.Bench(b, []optest.Case{
		{Name: "signals 100x15x200 to 20", Build: correlate(1), In: []optest.Array{optest.Normal(1, 1, 100, 15, 200),
			optest.Normal(2, 1, 20, 15, 5)}},
		{Name: "images 100x1x28x28 to 75", Build: correlate(2), In: []optest.Array{optest.Normal(1, 1, 100, 1, 28, 28),
			optest.Normal(2, 1, 75, 1, 9, 9)}},
	})
}
