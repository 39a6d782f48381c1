package tokens

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/given"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/activation"
	"github.com/whitebox-nn/whitebox/nn/attention"
	"github.com/whitebox-nn/whitebox/nn/initializer"
)

// SelfAttention is multi-head self-attention, with projections of their own for queries,
// keys and values: softmax(QₕKₕᵀ/√p)Vₕ of each head, and a projection of all. Shapes: x and
// y b×n×d. Parameters: Name.qkv.weight (3d×d), Name.proj.weight, and biases.
type SelfAttention struct {
	made
	qkv, proj *layers.Linear
}

// ClassAttention is SelfAttention in which only the first token asks; the others pass as
// they are. Parameters: as SelfAttention.
type ClassAttention struct{ SelfAttention }

// MLP is a perceptron of each token, GELU(x W₁ᵀ + b₁)W₂ᵀ + b₂. Shapes: x and y b×n×d.
// Parameters: Name.fc1.weight (Hidden×d), Name.fc1.bias, Name.fc2.weight, Name.fc2.bias.
type MLP struct {
	made
	fc1, fc2 *layers.Linear
}

var (
	_ layers.Layer = (*SelfAttention)(nil)
	_ layers.Layer = (*ClassAttention)(nil)
	_ layers.Layer = (*MLP)(nil)
)

// NewSelfAttention returns a layer with initial values drawn from c.Seed. Errors: heads that
// do not divide d.
func NewSelfAttention(c Config) (l *SelfAttention, err error) {
	defer build.Catch(&err, "tokens: SelfAttention")
	l = &SelfAttention{made: build.Must(newMade("SelfAttention", c))}
	if c = l.cfg; c.HeadDim*c.Heads != c.Dim {
		return nil, errors.Errorf("%q: %d heads of %d numbers in tokens of %d, want all of them", c.Name, c.Heads,
			c.HeadDim, c.Dim)
	}
	l.qkv = l.linear("qkv", c.Dim, 3*c.Dim, c.NoBias)
	l.proj = l.linear("proj", c.Dim, c.Dim, false)
	return l, nil
}

// NewClassAttention returns a layer with initial values drawn from c.Seed.
func NewClassAttention(c Config) (*ClassAttention, error) {
	l, err := NewSelfAttention(c)
	if err != nil {
		return nil, err
	}
	l.kind = "ClassAttention"
	return &ClassAttention{*l}, nil
}

// NewMLP returns a layer with initial values drawn from c.Seed.
func NewMLP(c Config) (l *MLP, err error) { return newMLP(c, "fc1", "fc2") }

func newMLP(c Config, first, second string) (l *MLP, err error) {
	defer build.Catch(&err, "tokens: MLP")
	l = &MLP{made: build.Must(newMade("MLP", c))}
	l.fc1 = l.linear(first, l.cfg.Dim, l.cfg.Hidden, c.NoBias)
	l.fc2 = l.linear(second, l.cfg.Hidden, l.cfg.Dim, c.NoBias)
	return l, nil
}

// Forward implements layers.Layer.
func (l *SelfAttention) Forward(g *nn.Graph, x *gorgonia.Node) (y *gorgonia.Node, err error) {
	defer build.Catch(&err, "tokens: SelfAttention")
	if l == nil {
		return nil, errNil
	}
	_, _, err = l.input(x)
	build.Check(err)
	y = build.Must(Rows(g, l.qkv, x))
	y = build.Must(attention.QKV(y, attention.Options{Heads: l.cfg.Heads, Causal: l.cfg.Causal}))
	return build.Must(Rows(g, l.proj, y)), nil
}

// Forward implements layers.Layer.
func (l *ClassAttention) Forward(g *nn.Graph, x *gorgonia.Node) (y *gorgonia.Node, err error) {
	defer build.Catch(&err, "tokens: ClassAttention")
	if l == nil {
		return nil, errNil
	}
	_, n, err := l.input(x)
	build.Check(err)
	d := l.cfg.Dim
	qkv := build.Must(Rows(g, l.qkv, x))
	q := build.Must(nn.Slice(build.Must(nn.Slice(qkv, 1, 0, 1)), 2, 0, d))
	k, v := build.Must(nn.Slice(qkv, 2, d, 2*d)), build.Must(nn.Slice(qkv, 2, 2*d, 3*d))
	y = build.Must(attention.Attend(q, k, v, attention.Options{Heads: l.cfg.Heads}))
	y = build.Must(Rows(g, l.proj, y))
	if n == 1 {
		return y, nil
	}
	return build.Must(nn.Concat(1, y, build.Must(nn.Slice(x, 1, 1, n)))), nil
}

// Forward implements layers.Layer.
func (l *MLP) Forward(g *nn.Graph, x *gorgonia.Node) (y *gorgonia.Node, err error) {
	defer build.Catch(&err, "tokens: MLP")
	if l == nil {
		return nil, errNil
	}
	b, n, err := l.input(x)
	build.Check(err)
	y = build.Must(l.fc1.Forward(g, build.Must(nn.Reshape(x, b*n, l.cfg.Dim))))
	y = build.Must(l.fc2.Forward(g, build.Must(activation.GELU(y))))
	return build.Must(nn.Reshape(y, b, n, l.cfg.Dim)), nil
}

// A Block is two layers of tokens, each after a layer norm and beside a shortcut:
//
//	x ← x + γ₁ ∘ First(LN₁(x)),   x ← x + γ₂ ∘ Second(LN₂(x))
//
// where γ are vectors of d numbers, or nil for 1.
type Block struct {
	Norm1, Norm2   *layers.LayerNorm
	First, Second  layers.Layer
	Gamma1, Gamma2 *nn.Param
}

// A ClassBlock is a Block of ClassAttention, whose Second sees the first token alone; the
// other tokens are normed, and doubled as by a shortcut.
type ClassBlock struct{ Block }

var (
	_ layers.Layer = (*Block)(nil)
	_ layers.Layer = (*ClassBlock)(nil)
)

// Params implements layers.Layer.
func (b *Block) Params() []*nn.Param {
	if b == nil {
		return nil
	}
	var ps []*nn.Param
	for _, p := range []*nn.Param{b.Gamma1, b.Gamma2} {
		if p != nil {
			ps = append(ps, p)
		}
	}
	return append(ps, layers.Sequential{b.Norm1, b.First, b.Norm2, b.Second}.Params()...)
}

// scaled returns γ ∘ x.
func scaled(g *nn.Graph, gamma *nn.Param, x *gorgonia.Node) *gorgonia.Node {
	if gamma == nil {
		return x
	}
	return build.Must(nn.Mul(x, build.Must(g.Bind(gamma))))
}

func (b *Block) check() error {
	if b == nil || b.Norm1 == nil || b.Norm2 == nil || given.Nil(b.First) || given.Nil(b.Second) {
		return errors.New("a block without its norms and layers")
	}
	return nil
}

func (b *Block) first(g *nn.Graph, x *gorgonia.Node) *gorgonia.Node {
	y := build.Must(b.First.Forward(g, build.Must(b.Norm1.Forward(g, x))))
	return build.Must(nn.Add(x, scaled(g, b.Gamma1, y)))
}

// Forward implements layers.Layer.
func (b *Block) Forward(g *nn.Graph, x *gorgonia.Node) (y *gorgonia.Node, err error) {
	defer build.Catch(&err, "tokens: Block")
	build.Check(b.check())
	x = b.first(g, x)
	y = build.Must(b.Second.Forward(g, build.Must(b.Norm2.Forward(g, x))))
	return build.Must(nn.Add(x, scaled(g, b.Gamma2, y))), nil
}

// Forward implements layers.Layer.
func (b *ClassBlock) Forward(g *nn.Graph, x *gorgonia.Node) (y *gorgonia.Node, err error) {
	defer build.Catch(&err, "tokens: ClassBlock")
	if b == nil {
		return nil, errors.New("no block")
	}
	build.Check(b.check())
	x = build.Must(b.Norm2.Forward(g, b.first(g, x)))
	n := x.Shape()[1]
	class := build.Must(nn.Slice(x, 1, 0, 1))
	y = build.Must(nn.Add(class, scaled(g, b.Gamma2, build.Must(b.Second.Forward(g, class)))))
	if n == 1 {
		return y, nil
	}
	return build.Must(nn.Concat(1, y, build.Must(nn.Scale(build.Must(nn.Slice(x, 1, 1, n)), 2)))), nil
}

// BlockConfig configures the blocks of a black box and of ToST.
type BlockConfig struct {
	Config
	Gamma float64 // of γ at first; 0 is none
	Eps   float64 // of the layer norms; 0 is 1e-6
	Named Names   // of the parts; the zero value is timm's
}

// Names are those of the parts of a block.
type Names struct{ Norm1, First, Norm2, Second, Fc1, Fc2 string }

// NewBlock returns a block whose first layer newFirst makes, and whose second is an MLP.
func NewBlock[L layers.Layer](c BlockConfig, newFirst func(Config) (L, error)) (b *Block, err error) {
	defer build.Catch(&err, "tokens: Block %q", c.Name)
	if newFirst == nil {
		return nil, errors.New("no function that makes the first layer")
	}
	if c.Named == (Names{}) {
		c.Named = Names{"norm1", "attn", "norm2", "mlp", "fc1", "fc2"}
	}
	if c.Eps == 0 {
		c.Eps = 1e-6
	}
	cfg := build.Must(c.Config.withDefaults("Block"))
	of := func(name string) Config {
		part := c.Config
		part.Name = c.Name + "." + name
		return part
	}
	norm := func(name string) *layers.LayerNorm {
		return build.Must(layers.NewLayerNorm(layers.LayerNormConfig{Name: c.Name + "." + name, Dim: c.Dim, Eps: c.Eps,
			Dtype: c.Dtype}))
	}
	b = &Block{Norm1: norm(c.Named.Norm1), Norm2: norm(c.Named.Norm2)}
	b.First = build.Must(newFirst(of(c.Named.First)))
	b.Second = build.Must(newMLP(of(c.Named.Second), c.Named.Fc1, c.Named.Fc2))
	if c.Gamma != 0 {
		for i, p := range []**nn.Param{&b.Gamma1, &b.Gamma2} {
			*p = build.Must(initializer.NewParam(c.Name+".gamma"+"12"[i:i+1], cfg.Dtype, 0,
				initializer.Constant{Value: c.Gamma}, c.Dim))
			(*p).NoDecay = true
		}
	}
	return b, nil
}
