package pad_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/pad"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

func build(k pad.Pad) func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	return func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(k, in...) }
}

// line pads the numbers 0, 1, … of a row by walking: outwards from its ends, a
// step of the source with each step of the output.
func line(m pad.Mode, before, size, after int) []int {
	row := make([]int, before+size+after)
	for i := range size {
		row[before+i] = i
	}
	for i := before - 1; i >= 0; i-- {
		switch m {
		case pad.Zeros:
			row[i] = -1
		case pad.Reflect:
			row[i] = row[before+(before-i)]
		case pad.Circular:
			row[i] = row[i+size]
		case pad.Replicate:
			row[i] = row[i+1]
		}
	}
	for i := before + size; i < len(row); i++ {
		switch m {
		case pad.Zeros:
			row[i] = -1
		case pad.Reflect:
			row[i] = row[2*(before+size-1)-i]
		case pad.Circular:
			row[i] = row[i-size]
		case pad.Replicate:
			row[i] = row[i-1]
		}
	}
	return row
}

func ref(k pad.Pad) func(in ...optest.Array) []float64 {
	return func(in ...optest.Array) []float64 {
		x := in[0]
		var out []float64
		for i := range x.Shape[0] * x.Shape[1] {
			for _, r := range line(k.Mode, k.Top, x.Shape[2], k.Bottom) {
				for _, c := range line(k.Mode, k.Left, x.Shape[3], k.Right) {
					v := 0.0
					if r >= 0 && c >= 0 {
						v = x.Data[(i*x.Shape[2]+r)*x.Shape[3]+c]
					}
					out = append(out, v)
				}
			}
		}
		return out
	}
}

func TestPad(t *testing.T) {
	var cases []optest.Case
	for mode := pad.Zeros; mode <= pad.Replicate; mode++ {
		for _, k := range []pad.Pad{{Top: 1, Bottom: 1, Left: 1, Right: 1}, {Top: 2, Right: 3},
			{Bottom: 2, Left: 2, Right: 1}, {}} {
			k.Mode = mode
			cases = append(cases, optest.Case{Name: fmt.Sprintf("%v %+v", mode, k), Build: build(k), Ref: ref(k),
				In: []optest.Array{optest.Normal(1, 1, 2, 3, 4, 5)}})
		}
	}
	cases = append(cases,
		optest.Case{Name: "one pixel, replicated", Build: build(pad.Pad{Mode: pad.Replicate, Top: 3, Left: 2}),
			Ref: ref(pad.Pad{Mode: pad.Replicate, Top: 3, Left: 2}),
			In:  []optest.Array{optest.Normal(1, 1, 1, 1, 1, 1)}},
		optest.Case{Name: "a whole turn", Build: build(pad.Pad{Mode: pad.Circular, Top: 3, Bottom: 3}),
			Ref: ref(pad.Pad{Mode: pad.Circular, Top: 3, Bottom: 3}),
			In:  []optest.Array{optest.Normal(1, 1, 1, 2, 3, 4)}})
	optest.Run(t, cases)
}

func TestBadPadding(t *testing.T) {
	for want, k := range map[string]pad.Pad{
		"with -1, 0, 0 and 0 pixels": {Top: -1},
		"mode 4":                     {Mode: 4},
		"3 pixels beside 3, which reflect padding repeats at most once":  {Mode: pad.Reflect, Bottom: 3},
		"5 pixels beside 4, which circular padding repeats at most once": {Mode: pad.Circular, Left: 5},
	} {
		_, err := optest.Eval(tensor.Float64, build(k), optest.Zeros(1, 1, 3, 4))
		require.ErrorIs(t, err, op.ErrInput)
		require.ErrorContains(t, err, want)
	}
}

func BenchmarkPad(b *testing.B) {
	x := []optest.Array{optest.Normal(1, 1, 32, 64, 32, 32)}
	optest.Bench(b, []optest.Case{{Name: "circular",
		Build: build(pad.Pad{Mode: pad.Circular, Top: 1, Bottom: 1, Left: 1, Right: 1}), In: x}})
}
