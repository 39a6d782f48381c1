package elementary_test

import (
	"math"
	"testing"

	"github.com/whitebox-nn/whitebox/internal/op/elementary"
	"github.com/whitebox-nn/whitebox/op/optest"
)

func BenchmarkElementary(b *testing.B) {
	in := []optest.Array{optest.Normal(1, 1, 512, 512).Map(func(x float64) float64 { return 0.5 + math.Abs(x) })}
	optest.Bench(b, []optest.Case{
		{Name: "exp", Build: of(elementary.Exp{}), In: in}, {Name: "log", Build: of(elementary.Log{}), In: in},
		{Name: "sqrt", Build: of(elementary.Sqrt{}), In: in}, {Name: "abs", Build: of(elementary.Abs{}), In: in},
		{Name: "pow 2", Build: of(elementary.Pow{Exponent: 2}), In: in},
		{Name: "pow 2.5", Build: of(elementary.Pow{Exponent: 2.5}), In: in},
		{Name: "clamp", Build: of(elementary.Clamp{Lo: 0.6, Hi: 1}), In: in},
		{Name: "erf", Build: of(elementary.Erf{}), In: in},
	})
	// What they are compared with: a loop of the same function.
	out, x := make([]float32, 512*512), make([]float32, 512*512)
	for i, v := range in[0].Data {
		x[i] = float32(v)
	}
	loop := func(name string, f func()) {
		b.Run("loop/"+name, func(b *testing.B) {
			for b.Loop() {
				f()
			}
		})
	}
	loop("log", func() {
		for i, v := range x {
			out[i] = float32(math.Log(float64(v)))
		}
	})
	loop("sqrt", func() {
		for i, v := range x {
			out[i] = float32(math.Sqrt(float64(v)))
		}
	})
	loop("abs", func() {
		for i, v := range x {
			out[i] = float32(math.Abs(float64(v)))
		}
	})
	loop("pow 2.5", func() {
		for i, v := range x {
			out[i] = float32(math.Pow(float64(v), 2.5))
		}
	})
	loop("clamp", func() {
		for i, v := range x {
			out[i] = min(max(v, 0.6), 1)
		}
	})
	loop("erf", func() {
		for i, v := range x {
			out[i] = float32(math.Erf(float64(v)))
		}
	})
}
