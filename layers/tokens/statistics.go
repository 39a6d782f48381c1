package tokens

import (
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/attention"
	"github.com/whitebox-nn/whitebox/nn/initializer"
)

// TokenStatistics is attention by token statistics: a step that lowers a variational bound
// of the coding rate, linear in the number of tokens. With w = x Wᵀ + b of each head,
//
//	Π = softmax over heads of tempₕ Σₚ w²/Σₙw²,   m = ΣₙΠw²/ΣₙΠ,   y = −(w ∘ Π/(1 + m)) W_outᵀ + b_out
//
// Shapes: x and y b×n×d. Parameters: Name.temp (h×1, ones), exempt from weight decay,
// Name.qkv.weight and, without NoBias, Name.qkv.bias, Name.to_out.0.weight and .bias.
//
// Reference: Wu et al. Token statistics transformer. ICLR 2025.
type TokenStatistics struct {
	made
	temp     *nn.Param
	qkv, out *layers.Linear
}

var _ layers.Layer = (*TokenStatistics)(nil)

// NewTokenStatistics returns a layer with initial values drawn from c.Seed.
func NewTokenStatistics(c Config) (l *TokenStatistics, err error) {
	defer build.Catch(&err, "tokens: TokenStatistics")
	l = &TokenStatistics{made: build.Must(newMade("TokenStatistics", c))}
	c = l.cfg
	l.temp = l.param("temp", initializer.Ones{}, c.Heads, 1)
	l.temp.NoDecay = true
	l.qkv = l.linear("qkv", c.Dim, c.Heads*c.HeadDim, c.NoBias)
	l.out = l.linear("to_out.0", c.Heads*c.HeadDim, c.Dim, false)
	return l, nil
}

// Forward implements layers.Layer.
func (l *TokenStatistics) Forward(g *nn.Graph, x *gorgonia.Node) (y *gorgonia.Node, err error) {
	defer build.Catch(&err, "tokens: TokenStatistics")
	if l == nil {
		return nil, errNil
	}
	_, _, err = l.input(x)
	build.Check(err)
	w := build.Must(Rows(g, l.qkv, x))
	temp := build.Must(nn.Reshape(build.Must(g.Bind(l.temp)), l.cfg.Heads))
	y = build.Must(attention.Statistics(w, temp, l.cfg.Heads))
	return build.Must(Rows(g, l.out, y)), nil
}

// CausalTokenStatistics is TokenStatistics of the tokens so far, for sequences of at most
// Length tokens, with a bias of each head and place in the softmax:
//
//	Π = softmax over heads of temp Σₚ(w²/Σ_{i≤t}w² + bias),   m = Σ_{i≤t}Πw²/Σ_{i≤t}Π
//
// Parameters: Name.temp (h×1), Name.denom_bias (h×Length×1, zeros), Name.c_attn and
// Name.c_proj, weights and biases.
type CausalTokenStatistics struct {
	made
	temp, bias *nn.Param
	qkv, out   *layers.Linear
}

var _ layers.Layer = (*CausalTokenStatistics)(nil)

// NewCausalTokenStatistics returns a layer with initial values drawn from c.Seed.
func NewCausalTokenStatistics(c Config) (l *CausalTokenStatistics, err error) {
	defer build.Catch(&err, "tokens: CausalTokenStatistics")
	l = &CausalTokenStatistics{made: build.Must(newMade("CausalTokenStatistics", c))}
	if c = l.cfg; c.Length < 1 {
		return nil, errors.Errorf("%q: Length is %d, want the most tokens of a sequence", c.Name, c.Length)
	}
	l.temp = l.param("temp", initializer.Ones{}, c.Heads, 1)
	l.bias = l.param("denom_bias", initializer.Zeros{}, c.Heads, c.Length, 1)
	l.temp.NoDecay, l.bias.NoDecay = true, true
	l.qkv = l.linear("c_attn", c.Dim, c.Heads*c.HeadDim, c.NoBias)
	l.out = l.linear("c_proj", c.Heads*c.HeadDim, c.Dim, c.NoBias)
	return l, nil
}

// Forward implements layers.Layer.
func (l *CausalTokenStatistics) Forward(g *nn.Graph, x *gorgonia.Node) (y *gorgonia.Node, err error) {
	defer build.Catch(&err, "tokens: CausalTokenStatistics")
	if l == nil {
		return nil, errNil
	}
	_, n, err := l.input(x)
	build.Check(err)
	c := l.cfg
	if n > c.Length {
		return nil, errors.Wrapf(nn.ErrInput, "%q: a sequence of %d tokens, want at most %d", c.Name, n, c.Length)
	}
	w := build.Must(Rows(g, l.qkv, x))
	temp := build.Must(nn.Reshape(build.Must(g.Bind(l.temp)), c.Heads))
	bias := build.Must(nn.Reshape(build.Must(g.Bind(l.bias)), c.Heads, c.Length))
	bias = build.Must(nn.Transpose(build.Must(nn.Slice(bias, 1, 0, n)))) // n×h
	return build.Must(Rows(g, l.out, l.statistics(g, w, temp, bias))), nil
}

// statistics is that of the tokens so far: w b×n×hp, temp h, bias n×h.
func (l *CausalTokenStatistics) statistics(g *nn.Graph, w, temp, bias *gorgonia.Node) *gorgonia.Node {
	c, b, n := l.cfg, w.Shape()[0], w.Shape()[1]
	one := fixed(g, c.Name+".one", c.Dtype, func(int) float64 { return 1 }, 1)
	guard := fixed(g, c.Name+".guard", c.Dtype, func(int) float64 { return 1e-8 }, 1)
	sums := func(x *gorgonia.Node) *gorgonia.Node { return build.Must(nn.CumSum(x, 1)) }
	heads := func(x *gorgonia.Node, p int) *gorgonia.Node { return build.Must(nn.Reshape(x, b, n, c.Heads, p)) }

	squares := build.Must(nn.Mul(w, w))
	share := build.Must(nn.Div(squares, build.Must(nn.Clamp(sums(squares), 1e-12, math.Inf(1)))))
	score := build.Must(nn.Sum(heads(share, c.HeadDim), 3))
	score = build.Must(nn.Add(score, build.Must(nn.Scale(bias, float64(c.HeadDim)))))
	pi := heads(build.Must(nn.Softmax(build.Must(nn.Mul(score, temp)))), 1)
	m := sums(build.Must(nn.Mul(heads(squares, c.HeadDim), pi)))
	m = build.Must(nn.Div(m, build.Must(nn.Add(sums(pi), guard))))
	y := build.Must(nn.Mul(heads(w, c.HeadDim), pi))
	y = build.Must(nn.Div(y, build.Must(nn.Scale(build.Must(nn.Add(m, one)), -1))))
	return build.Must(nn.Reshape(y, b, n, c.Heads*c.HeadDim))
}
