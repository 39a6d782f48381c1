package spectrum_test

import (
	"testing"

	"github.com/whitebox-nn/whitebox/internal/op/spectrum"
	"github.com/whitebox-nn/whitebox/op/optest"
)

func BenchmarkSpectrum(b *testing.B) {
	optest.Bench(b, []optest.Case{
		{Name: "signals 100x20x200", Build: of(spectrum.Forward{Axes: 1}),
			In: []optest.Array{optest.Normal(1, 1, 100, 20, 200)}},
		{Name: "images 100x15x28x28", Build: of(spectrum.Forward{Axes: 2}),
			In: []optest.Array{optest.Normal(1, 1, 100, 15, 28, 28)}},
	})
}
