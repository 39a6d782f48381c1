package tokens

import (
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/attention"
	"github.com/whitebox-nn/whitebox/nn/initializer"
)

// MSSA is multi-head subspace self-attention: one projection U is query, key and value,
//
//	w = x Uᵀ,   y = concatₖ(softmax(wₖwₖᵀ/√p) wₖ) W_outᵀ + b
//
// which, with W_out tied to U, is the stated approximation of a step that lowers the coding
// rate Rᶜ of the tokens against the subspaces Uₖ. Shapes: x and y b×n×d. Parameters:
// Name.qkv.weight (hp×d), Name.to_out.0.weight (d×hp) and Name.to_out.0.bias, which NoBias
// leaves out; with one head of p = d there is no W_out.
//
// Reference: Yu et al. White-box transformers via sparse rate reduction. NeurIPS 2023.
type MSSA struct {
	made
	qkv, out *layers.Linear // out is nil without W_out
}

var _ layers.Layer = (*MSSA)(nil)

// NewMSSA returns a layer with initial values drawn from c.Seed.
func NewMSSA(c Config) (l *MSSA, err error) {
	defer build.Catch(&err, "tokens: MSSA")
	l = &MSSA{made: build.Must(newMade("MSSA", c))}
	c = l.cfg
	inner := c.Heads * c.HeadDim
	l.qkv = l.linear("qkv", c.Dim, inner, true)
	if c.Heads != 1 || c.HeadDim != c.Dim {
		l.out = l.linear("to_out.0", inner, c.Dim, c.NoBias)
	}
	return l, nil
}

// Forward implements layers.Layer.
func (l *MSSA) Forward(g *nn.Graph, x *gorgonia.Node) (y *gorgonia.Node, err error) {
	defer build.Catch(&err, "tokens: MSSA")
	if l == nil {
		return nil, errNil
	}
	_, _, err = l.input(x)
	build.Check(err)
	y = build.Must(Rows(g, l.qkv, x))
	y = build.Must(attention.Subspace(y, attention.Options{Heads: l.cfg.Heads, Causal: l.cfg.Causal}))
	if l.out == nil {
		return y, nil
	}
	return build.Must(Rows(g, l.out, y)), nil
}

// ISTA is one step of ISTA for a non-negative sparse code of u in a dictionary D, from u:
//
//	y = max(u + η(u − uDᵀ)D − ηλ, 0)
//
// computed as one product with I + ηD − ηDᵀD, which is formed once a step. For η‖D‖² ≤ 1
// and u ≥ 0 it lowers ½‖u − yDᵀ‖² + λ‖y‖₁. Shapes: u and y b×n×d. Parameter: Name.weight,
// D, d×d.
type ISTA struct {
	made
	weight *nn.Param
}

var _ layers.Layer = (*ISTA)(nil)

// NewISTA returns a layer with initial values drawn from c.Seed.
func NewISTA(c Config) (l *ISTA, err error) {
	defer build.Catch(&err, "tokens: ISTA")
	l = &ISTA{made: build.Must(newMade("ISTA", c))}
	l.weight = l.param("weight", initializer.He{}, l.cfg.Dim, l.cfg.Dim)
	return l, nil
}

// Forward implements layers.Layer.
func (l *ISTA) Forward(g *nn.Graph, x *gorgonia.Node) (y *gorgonia.Node, err error) {
	defer build.Catch(&err, "tokens: ISTA")
	if l == nil {
		return nil, errNil
	}
	b, n, err := l.input(x)
	build.Check(err)
	c := l.cfg
	d := build.Must(g.Bind(l.weight))
	eye := fixed(g, c.Name+".identity", c.Dtype, func(i int) float64 {
		if i%(c.Dim+1) == 0 {
			return 1
		}
		return 0
	}, c.Dim, c.Dim)
	shift := fixed(g, c.Name+".shift", c.Dtype, func(int) float64 { return -c.Step * c.Lambda }, c.Dim)
	// Rows u times M are u Wᵀ for W = Mᵀ = I + ηDᵀ − ηDᵀD.
	gram := build.Must(nn.MatMul(d, d, true, false))
	less := build.Must(nn.Sub(build.Must(nn.Transpose(d)), gram))
	w := build.Must(nn.Add(eye, build.Must(nn.Scale(less, c.Step))))
	u := build.Must(nn.Reshape(x, b*n, c.Dim))
	y = build.Must(nn.ReLU(build.Must(nn.Linear(u, w, shift))))
	return build.Must(nn.Reshape(y, b, n, c.Dim)), nil
}

// Overcomplete is two steps of ISTA for a code of u in a dictionary D of many atoms, from
// 0, and another dictionary that makes tokens of it:
//
//	z₁ = max(η uD − ηλ, 0),   z₂ = max(z₁ − η(z₁Dᵀ − u)D − ηλ, 0),   y = z₂D₁ᵀ
//
// Shapes: u and y b×n×d. Parameters: Name.D and Name.D1, d×Hidden.
//
// Reference: Yang et al. Scaling white-box transformers for vision. NeurIPS 2024 (CRATE-α).
type Overcomplete struct {
	made
	d, d1 *nn.Param
}

var _ layers.Layer = (*Overcomplete)(nil)

// NewOvercomplete returns a layer with initial values drawn from c.Seed.
func NewOvercomplete(c Config) (l *Overcomplete, err error) {
	defer build.Catch(&err, "tokens: Overcomplete")
	l = &Overcomplete{made: build.Must(newMade("Overcomplete", c))}
	l.d = l.param("D", initializer.He{}, l.cfg.Dim, l.cfg.Hidden)
	l.d1 = l.param("D1", initializer.He{}, l.cfg.Dim, l.cfg.Hidden)
	return l, nil
}

// Forward implements layers.Layer.
func (l *Overcomplete) Forward(g *nn.Graph, x *gorgonia.Node) (y *gorgonia.Node, err error) {
	defer build.Catch(&err, "tokens: Overcomplete")
	if l == nil {
		return nil, errNil
	}
	b, n, err := l.input(x)
	build.Check(err)
	c := l.cfg
	d, d1 := build.Must(g.Bind(l.d)), build.Must(g.Bind(l.d1))
	shift := fixed(g, c.Name+".shift", c.Dtype, func(int) float64 { return -c.Step * c.Lambda }, c.Hidden)
	u := build.Must(nn.Reshape(x, b*n, c.Dim))
	scaled := build.Must(nn.Transpose(build.Must(nn.Scale(d, c.Step)))) // ηDᵀ
	start := build.Must(nn.Linear(u, scaled, shift))                    // η uD − ηλ
	z := build.Must(nn.ReLU(start))
	back := build.Must(nn.Linear(z, d, nil))
	z = build.Must(nn.AddLinear(build.Must(nn.Add(z, start)), back, scaled, -1))
	y = build.Must(nn.Linear(build.Must(nn.ReLU(z)), d1, nil))
	return build.Must(nn.Reshape(y, b, n, c.Dim)), nil
}
