package attention_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/attention"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

func build(k attention.Attention) func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	return func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(k, in...) }
}

// ref sums over keys of exp(s⟨q, k⟩)·v, element by element.
func ref(k attention.Attention) func(in ...optest.Array) []float64 {
	return func(in ...optest.Array) []float64 {
		var x [3]optest.Array
		var at [3]int
		for i := range x {
			if x[i] = in[0]; k.Form == attention.Separate {
				x[i] = in[i]
			} else if k.Form == attention.Packed {
				at[i] = i * in[0].Shape[2] / 3
			}
		}
		b, m, n := x[0].Shape[0], x[0].Shape[1], x[1].Shape[1]
		width := x[2].Shape[2]
		p := x[0].Shape[2] / k.Heads
		if k.Form == attention.Packed {
			p, width = p/3, width/3
		}
		e, scale := width/k.Heads, k.Scale
		if scale == 0 {
			scale = 1 / math.Sqrt(float64(p))
		}
		get := func(i, s, token, c int) float64 {
			return x[i].Data[(s*x[i].Shape[1]+token)*x[i].Shape[2]+at[i]+c]
		}
		out := make([]float64, b*m*width)
		for o := range out {
			c, i, s := o%width, o/width%m, o/width/m
			h := c / e
			var sum, all float64
			for j := range n {
				if k.Causal && j > i {
					break
				}
				score := 0.0
				for l := range p {
					score += get(0, s, i, h*p+l) * get(1, s, j, h*p+l)
				}
				weight := math.Exp(scale * score)
				sum, all = sum+weight*get(2, s, j, c), all+weight
			}
			out[o] = sum / all
		}
		return out
	}
}

func TestAttention(t *testing.T) {
	var cases []optest.Case
	add := func(k attention.Attention, shapes ...[]int) {
		c := optest.Case{Name: fmt.Sprintf("%+v %v", k, shapes), Build: build(k), Ref: ref(k)}
		for i, s := range shapes {
			c.In = append(c.In, optest.Normal(uint64(i+1), 1, s...))
		}
		cases = append(cases, c)
	}
	for _, causal := range []bool{false, true} {
		add(attention.Attention{Heads: 2, Causal: causal, Form: attention.Shared}, []int{2, 5, 6})
		add(attention.Attention{Heads: 3, Causal: causal, Form: attention.Packed}, []int{2, 7, 27})
		add(attention.Attention{Heads: 2, Causal: causal}, []int{2, 4, 6}, []int{2, 4, 6}, []int{2, 4, 10})
		add(attention.Attention{Heads: 1, Scale: 0.3, Causal: causal, Form: attention.Packed}, []int{1, 131, 6})
	}
	add(attention.Attention{Heads: 2}, []int{3, 1, 8}, []int{3, 17, 8}, []int{3, 17, 4})
	add(attention.Attention{Heads: 1, Form: attention.Shared}, []int{1, 1, 1})
	optest.Run(t, cases)
}

// TestCausalTokensDoNotLookAhead: the output of a token stays, to the bit, when later ones
// change.
func TestCausalTokensDoNotLookAhead(t *testing.T) {
	const n, d, kept = 300, 24, 200
	k := attention.Attention{Heads: 2, Causal: true, Form: attention.Packed}
	x := optest.Normal(1, 1, 1, n, d)
	before, err := optest.Eval(tensor.Float32, build(k), x)
	require.NoError(t, err)
	for i := kept * d; i < len(x.Data); i++ {
		x.Data[i] = -x.Data[i]
	}
	after, err := optest.Eval(tensor.Float32, build(k), x)
	require.NoError(t, err)
	require.Equal(t, before[:kept*d/3], after[:kept*d/3])
	require.NotEqual(t, before[kept*d/3:], after[kept*d/3:])
}

// TestAttentionOfEqualKeysIsTheMean, and of keys far apart it picks one: the theorems about
// the ends of the temperature.
func TestAttentionOfEqualKeysIsTheMean(t *testing.T) {
	k := attention.Attention{Heads: 1, Scale: 1}
	q, keys, v := optest.Normal(1, 1, 1, 3, 2), optest.Zeros(1, 4, 2), optest.Normal(2, 1, 1, 4, 2)
	out, err := optest.Eval(tensor.Float64, build(k), q, keys, v)
	require.NoError(t, err)
	for i, y := range out {
		mean := 0.0
		for j := range 4 {
			mean += v.Data[2*j+i%2] / 4
		}
		require.InDelta(t, mean, y, 1e-15)
	}
	for j := range 4 {
		keys.Data[2*j] = float64(j)
	}
	for i := range 3 {
		q.Data[2*i] = 1e4
	}
	out, err = optest.Eval(tensor.Float64, build(k), q, keys, v)
	require.NoError(t, err)
	for i, y := range out {
		require.InDelta(t, v.Data[6+i%2], y, 1e-15)
	}
}

func TestAttentionRefuses(t *testing.T) {
	z := optest.Zeros
	shared, packed := attention.Shared, attention.Packed
	for what, c := range map[string]struct {
		k  attention.Attention
		in []optest.Array
	}{
		"4 heads of 1": {attention.Attention{Heads: 4, Form: shared}, []optest.Array{z(1, 2, 6)}},
		"of 3 parts":   {attention.Attention{Heads: 2, Form: packed}, []optest.Array{z(1, 2, 8)}},
		"0 heads":      {attention.Attention{Form: shared}, []optest.Array{z(1, 2, 6)}},
		"scale of NaN": {attention.Attention{Heads: 1, Scale: math.NaN(), Form: shared}, []optest.Array{z(1, 2, 6)}},
		"as many seq":  {attention.Attention{Heads: 1}, []optest.Array{z(1, 2, 6), z(2, 2, 6), z(1, 2, 6)}},
		"3 keys but":   {attention.Attention{Heads: 1}, []optest.Array{z(1, 2, 6), z(1, 3, 6), z(1, 2, 6)}},
		"a causal mask,": {attention.Attention{Heads: 1, Causal: true},
			[]optest.Array{z(1, 2, 6), z(1, 3, 6), z(1, 3, 6)}},
	} {
		_, err := optest.Eval(tensor.Float64, build(c.k), c.in...)
		require.True(t, errors.Is(err, op.ErrInput), what)
		require.ErrorContains(t, err, what)
	}
}

func BenchmarkAttention(b *testing.B) {
	for name, causal := range map[string]bool{"full": false, "causal": true} {
		optest.Bench(b, []optest.Case{{Name: "8x512x384 " + name,
			Build: build(attention.Attention{Heads: 6, Causal: causal, Form: attention.Packed}),
			In:    []optest.Array{optest.Normal(1, 1, 8, 512, 1152)}}})
	}
}
