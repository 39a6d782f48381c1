package optest

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/engine"
)

// Bench times each case in float32 on the engine, with every core: "run" its
// value, "grad" its value and all gradients. A case needs no Ref.
func Bench(b *testing.B, cases []Case) {
	for _, c := range cases {
		b.Run("run/"+c.Name, func(b *testing.B) {
			g := newGraph(b, c, tensor.Float32)
			repeat(b, gorgonia.Nodes{g.out})
		})
		b.Run("grad/"+c.Name, func(b *testing.B) {
			g := newGraph(b, c, tensor.Float32)
			repeat(b, append(gorgonia.Nodes{g.out}, g.grads...))
		})
	}
}

// repeat times the program of some nodes.
func repeat(b *testing.B, nodes gorgonia.Nodes) {
	p, err := engine.Compile(nodes, engine.Config{})
	require.NoError(b, err, "compile")
	defer func() { require.NoError(b, p.Close()) }()
	require.NoError(b, p.Run())
	b.ReportAllocs()
	for b.Loop() {
		if err := p.Run(); err != nil {
			b.Fatal(err)
		}
	}
}
