package arith_test

import (
	"testing"

	"github.com/whitebox-nn/whitebox/internal/op/arith"
	"github.com/whitebox-nn/whitebox/op/optest"
)

func BenchmarkArith(b *testing.B) {
	optest.Bench(b, []optest.Case{
		{Name: "add 1000x1000", Build: build(arith.Binary{Op: arith.Add}),
			In: []optest.Array{optest.Normal(1, 1, 1000, 1000), optest.Normal(2, 1, 1000, 1000)}},
		{Name: "mul 1000x1000", Build: build(arith.Binary{Op: arith.Mul}),
			In: []optest.Array{optest.Normal(1, 1, 1000, 1000), optest.Normal(2, 1, 1000, 1000)}},
		{Name: "mul by a row 1000x1000", Build: build(arith.Binary{Op: arith.Mul}),
			In: []optest.Array{optest.Normal(1, 1, 1000, 1000), optest.Normal(2, 1, 1000)}},
	})
}
