package reduce_test

import (
	"testing"

	"github.com/whitebox-nn/whitebox/internal/op/reduce"
	"github.com/whitebox-nn/whitebox/op/optest"
)

func BenchmarkReduce(b *testing.B) {
	optest.Bench(b, []optest.Case{
		{Name: "all of 1e6", Build: build(reduce.Sum{}), In: []optest.Array{optest.Normal(1, 1, 1000, 1000)}},
		{Name: "rows of 1000x1000", Build: build(reduce.Sum{Axes: reduce.Axes{To: 1}}),
			In: []optest.Array{optest.Normal(1, 1, 1000, 1000)}},
		{Name: "columns of 1000x1000", Build: build(reduce.Sum{Axes: reduce.Axes{From: 1, To: 2}}),
			In: []optest.Array{optest.Normal(1, 1, 1000, 1000)}},
	})
}
