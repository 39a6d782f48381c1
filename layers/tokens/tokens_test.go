package tokens_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/layers/tokens"
	"github.com/whitebox-nn/whitebox/nn"
)

// run returns what a layer makes of x, b×n×d, in float64.
func run(t *testing.T, l layers.Layer, x []float64, b, n, d int) []float64 {
	t.Helper()
	g := nn.NewGraph(nn.Eval)
	v := tensor.New(tensor.WithShape(b, n, d), tensor.WithBacking(x))
	in, err := g.Input("x", v)
	require.NoError(t, err)
	y, err := l.Forward(g, in)
	require.NoError(t, err)
	p, err := nn.Compile(g, nn.Outputs{Values: gorgonia.Nodes{y}})
	require.NoError(t, err)
	defer p.Close()
	require.NoError(t, p.Run())
	out, err := p.Value(y)
	require.NoError(t, err)
	values, err := nn.Floats(nil, out)
	require.NoError(t, err)
	return values
}

func normals(seed uint64, n int) []float64 {
	r := rand.New(rand.NewPCG(seed, 1))
	x := make([]float64, n)
	for i := range x {
		x[i] = r.NormFloat64()
	}
	return x
}

// TestISTAIsOneStepOfISTA: with η‖D‖² ≤ 1 the objective ½‖u − zDᵀ‖² + λ‖z‖₁ of non-negative
// codes does not rise from z = u ≥ 0, and the layer is the step by its formula.
func TestISTAIsOneStepOfISTA(t *testing.T) {
	const n, d = 5, 6
	l, err := tokens.NewISTA(tokens.Config{Name: "ista", Dim: d, Step: 0.05, Lambda: 0.2, Dtype: tensor.Float64,
		Seed: 3})
	require.NoError(t, err)
	dict := l.Params()[0].Value.Float64s()
	norm := 0.0
	for _, v := range dict {
		norm += v * v
	}
	require.LessOrEqual(t, 0.05*norm, 1.0, "Frobenius' norm bounds ‖D‖²")
	u := normals(1, n*d)
	for i := range u {
		u[i] = math.Abs(u[i])
	}
	y := run(t, l, u, 1, n, d)
	objective := func(z, u []float64) (f float64) {
		for i := range d {
			r := u[i]
			for j := range d {
				r -= dict[i*d+j] * z[j]
			}
			f += r*r/2 + 0.2*math.Abs(z[i])
		}
		return f
	}
	for at := 0; at < n*d; at += d {
		u, y := u[at:at+d], y[at:at+d]
		require.LessOrEqual(t, objective(y, u), objective(u, u)+1e-12)
		for k := range d {
			step := u[k] - 0.05*0.2
			for i := range d {
				r := u[i]
				for j := range d {
					r -= dict[i*d+j] * u[j]
				}
				step += 0.05 * r * dict[i*d+k]
			}
			require.InDelta(t, math.Max(step, 0), y[k], 1e-12)
		}
	}
}

// TestTokensMayBePermuted: what has no mask and no places does not know the order.
func TestTokensMayBePermuted(t *testing.T) {
	const n, d = 6, 8
	x := normals(2, n*d)
	turned := make([]float64, n*d)
	for i := range n {
		copy(turned[i*d:(i+1)*d], x[(i+1)%n*d:(i+1)%n*d+d])
	}
	c := tokens.Config{Name: "l", Dim: d, Heads: 2, Dtype: tensor.Float64, Seed: 1}
	for name, l := range map[string]layers.Layer{
		"MSSA": layer(tokens.NewMSSA(c)), "ISTA": layer(tokens.NewISTA(c)),
		"TokenStatistics": layer(tokens.NewTokenStatistics(c)),
		"SelfAttention":   layer(tokens.NewSelfAttention(c)), "MLP": layer(tokens.NewMLP(c)),
		"Overcomplete": layer(tokens.NewOvercomplete(c)),
	} {
		a, b := run(t, l, x, 1, n, d), run(t, l, turned, 1, n, d)
		for i := range n {
			require.InDeltaSlice(t, a[(i+1)%n*d:(i+1)%n*d+d], b[i*d:(i+1)*d], 1e-12, name)
		}
	}
}

func layer[L layers.Layer](l L, err error) layers.Layer {
	if err != nil {
		panic(err)
	}
	return l
}

// TestCausalLayersDoNotLookAhead: what comes later changes no bit of a token.
func TestCausalLayersDoNotLookAhead(t *testing.T) {
	const n, d, kept = 7, 8, 4
	c := tokens.Config{Name: "l", Dim: d, Heads: 2, Length: 9, Causal: true, Dtype: tensor.Float64, Seed: 1}
	for name, l := range map[string]layers.Layer{
		"MSSA": layer(tokens.NewMSSA(c)), "SelfAttention": layer(tokens.NewSelfAttention(c)),
		"CausalTokenStatistics": layer(tokens.NewCausalTokenStatistics(c)),
	} {
		x := normals(3, n*d)
		before := run(t, l, x, 1, n, d)
		for i := kept * d; i < n*d; i++ {
			x[i] = -2 * x[i]
		}
		after := run(t, l, x, 1, n, d)
		require.Equal(t, before[:kept*d], after[:kept*d], name)
		require.NotEqual(t, before[kept*d:], after[kept*d:], name)
	}
}

// TestPatches compares with the places by index arithmetic.
func TestPatches(t *testing.T) {
	const b, c, h, w, p = 2, 3, 4, 6, 2
	for _, last := range []bool{false, true} {
		g := nn.NewGraph(nn.Eval)
		v := tensor.New(tensor.WithShape(b, c, h, w), tensor.WithBacking(normals(1, b*c*h*w)))
		x, err := g.Input("x", v)
		require.NoError(t, err)
		y, err := tokens.Patches(x, p, last)
		require.NoError(t, err)
		prog, err := nn.Compile(g, nn.Outputs{Values: gorgonia.Nodes{y}})
		require.NoError(t, err)
		require.NoError(t, prog.Run())
		out, err := prog.Value(y)
		require.NoError(t, err)
		for s := range b {
			for token := range h / p * (w / p) {
				for i := range c * p * p {
					ch, row, col := i/(p*p), i/p%p, i%p
					if last {
						ch, row, col = i%c, i/c/p, i/c%p
					}
					at := ((s*c+ch)*h+token/(w/p)*p+row)*w + token%(w/p)*p + col
					require.Equal(t, v.Float64s()[at], out.Float64s()[(s*(h/p)*(w/p)+token)*c*p*p+i])
				}
			}
		}
		require.NoError(t, prog.Close())
		_, err = tokens.Patches(x, 4, last)
		require.ErrorIs(t, err, nn.ErrInput)
	}
}

// TestLayersRefuse what does not fit, and what New did not make.
func TestLayersRefuse(t *testing.T) {
	_, err := tokens.NewMSSA(tokens.Config{Name: "l", Dim: 6, Heads: 4})
	require.ErrorContains(t, err, "4 heads")
	_, err = tokens.NewMSSA(tokens.Config{Dim: 6})
	require.ErrorContains(t, err, "no Name")
	_, err = tokens.NewCausalTokenStatistics(tokens.Config{Name: "l", Dim: 6})
	require.ErrorContains(t, err, "Length is 0")
	l, err := tokens.NewCausalTokenStatistics(tokens.Config{Name: "l", Dim: 6, Length: 3})
	require.NoError(t, err)
	g := nn.NewGraph(nn.Eval)
	for _, shape := range [][]int{{1, 4, 6}, {1, 3, 5}, {3, 6}} {
		x, err := g.Input("x"+string(rune('a'+len(shape)+shape[1])), tensor.New(tensor.WithShape(shape...),
			tensor.Of(tensor.Float32)))
		require.NoError(t, err)
		_, err = l.Forward(g, x)
		require.ErrorIs(t, err, nn.ErrInput, shape)
	}
	_, err = l.Forward(g, nil)
	require.ErrorIs(t, err, nn.ErrInput)
	_, err = (&tokens.MSSA{}).Forward(g, nil)
	require.Error(t, err)
}

// TestMSSAIsAStepOnTheCodingRate: with U of orthonormal columns, of all heads together a
// basis, W_out tied to it and one token matrix Z, the step that the layer takes is, to first
// order in β, the stated one of Rᶜ = ½Σ log det(I + β UₖᵀZZᵀUₖ): (1 − κβ)Z + κβ·MSSA(Z) lowers
// Rᶜ, by softmax weights that stand for the autocorrelation. Here of one head, where MSSA is
// softmax(ZZᵀ/√p)Z.
func TestMSSAIsAStepOnTheCodingRate(t *testing.T) {
	const n, d, kappa, beta = 4, 3, 0.3, 0.5
	l, err := tokens.NewMSSA(tokens.Config{Name: "l", Dim: d, Dtype: tensor.Float64})
	require.NoError(t, err)
	require.Len(t, l.Params(), 1, "one head of all numbers has no W_out")
	u := l.Params()[0].Value.Float64s()
	for i := range u {
		if u[i] = 0; i%(d+1) == 0 {
			u[i] = 1
		}
	}
	z := normals(7, n*d)
	y := run(t, l, z, 1, n, d)
	moved := make([]float64, n*d)
	for i := range moved {
		moved[i] = (1-kappa*beta)*z[i] + kappa*beta*y[i]
	}
	require.Less(t, rate(moved, n, d, beta), rate(z, n, d, beta))
	for i := range n { // the definition
		var sum, out [d]float64
		for j := range n {
			score := 0.0
			for c := range d {
				score += z[i*d+c] * z[j*d+c] / math.Sqrt(d)
			}
			for c := range d {
				sum[c] += math.Exp(score)
				out[c] += math.Exp(score) * z[j*d+c]
			}
		}
		for c := range d {
			require.InDelta(t, out[c]/sum[c], y[i*d+c], 1e-12)
		}
	}
}

// rate is ½ log det(I + βZᵀZ) by Cholesky's factor.
func rate(z []float64, n, d int, beta float64) (r float64) {
	a := make([]float64, d*d)
	for i := range d {
		for j := range d {
			for t := range n {
				a[i*d+j] += beta * z[t*d+i] * z[t*d+j]
			}
		}
		a[i*d+i]++
	}
	for k := range d {
		r += math.Log(a[k*d+k]) / 2
		for i := k + 1; i < d; i++ {
			f := a[i*d+k] / a[k*d+k]
			for j := range d {
				a[i*d+j] -= f * a[k*d+j]
			}
		}
	}
	return r
}
