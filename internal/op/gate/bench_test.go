package gate_test

import (
	"testing"

	"github.com/whitebox-nn/whitebox/internal/op/gate"
	"github.com/whitebox-nn/whitebox/op/optest"
)

func BenchmarkGate(b *testing.B) {
	optest.Bench(b, []optest.Case{{Name: "512x512", Build: of(gate.Gate{}),
		In: []optest.Array{optest.Normal(1, 1, 512, 512), number(0.4), number(1.5)}}})
}
