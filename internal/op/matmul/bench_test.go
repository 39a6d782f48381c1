package matmul_test

import (
	"testing"

	"github.com/whitebox-nn/whitebox/internal/op/matmul"
	"github.com/whitebox-nn/whitebox/op/optest"
)

func BenchmarkMatMul(b *testing.B) {
	optest.Bench(b, []optest.Case{
		{Name: "nn 1024", Build: product(matmul.MatMul{}), In: []optest.Array{optest.Normal(1, 1, 1024, 1024),
			optest.Normal(2, 1, 1024, 1024)}},
		{Name: "tn 1024", Build: product(matmul.MatMul{TransA: true}),
			In: []optest.Array{optest.Normal(1, 1, 1024, 1024), optest.Normal(2, 1, 1024, 1024)}},
		{Name: "nt 1024", Build: product(matmul.MatMul{TransB: true}),
			In: []optest.Array{optest.Normal(1, 1, 1024, 1024), optest.Normal(2, 1, 1024, 1024)}},
	})
}
