package models

import (
	"cmp"
	"fmt"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/sizes"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/layers/tokens"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/initializer"
)

// TransformerConfig configures a CRATE, CRATEAlpha, ToST or ViT.
type TransformerConfig struct {
	Image    int          // the side of images; 0 is 224
	Channels int          // 0 is 3
	Patch    int          // the side of patches, which divides Image; 0 is 16
	Classes  int          // k, the logits; 0 is 1000
	Dim      int          // d, the numbers of a token
	Depth    int          // blocks
	Heads    int          // h
	HeadDim  int          // p; 0 is Dim/Heads
	Mean     bool         // classify by the mean of all tokens, not by the class token
	Step     float64      // η of CRATE's steps; 0 is 0.1
	Lambda   float64      // λ of them; 0 is 0.1, below 0 is none
	Dtype    tensor.Dtype // zero is float32
	Seed     uint64       // of the initial values
}

func (c TransformerConfig) withDefaults() TransformerConfig {
	c.Image, c.Channels, c.Patch = cmp.Or(c.Image, 224), cmp.Or(c.Channels, 3), cmp.Or(c.Patch, 16)
	c.Classes = cmp.Or(c.Classes, 1000)
	if c.Dtype == (tensor.Dtype{}) {
		c.Dtype = tensor.Float32
	}
	return c
}

func (c TransformerConfig) check() error {
	if c.Depth < 1 || c.Classes < 1 || c.Dim < 1 || c.Heads < 1 {
		return errors.Errorf("Depth is %d, Classes %d, Dim %d and Heads %d, want at least 1 each", c.Depth, c.Classes,
			c.Dim, c.Heads)
	}
	if c.Depth > mostBlocks {
		return errors.Errorf("%d blocks, want at most %d", c.Depth, mostBlocks)
	}
	if err := sizes.Check("the logits' weights", c.Classes, c.Dim); err != nil {
		return err
	}
	return sizes.Check("weights of all blocks", c.Depth, c.Dim, c.Dim)
}

// mostBlocks is how deep a network may be.
const mostBlocks = 10000

// part is the configuration of a layer of tokens.
func (c TransformerConfig) part(name string) tokens.Config {
	return tokens.Config{Name: name, Dim: c.Dim, Heads: c.Heads, HeadDim: c.HeadDim, Step: c.Step, Lambda: c.Lambda,
		Dtype: c.Dtype, Seed: c.Seed}
}

func (c TransformerConfig) norm(name string, eps float64) *layers.LayerNorm {
	return build.Must(layers.NewLayerNorm(layers.LayerNormConfig{Name: name, Dim: c.Dim, Eps: eps, Dtype: c.Dtype}))
}

func (c TransformerConfig) head(name string) *layers.Linear {
	return build.Must(layers.NewLinear(layers.LinearConfig{Name: name, In: c.Dim, Out: c.Classes, Dtype: c.Dtype,
		Seed: c.Seed}))
}

// A transformer is an embedding, blocks of tokens, and a head on one token.
type transformer struct {
	what   string
	cfg    TransformerConfig
	embed  layers.Layer
	blocks layers.Sequential
	class  *nn.Param         // put before the tokens after the first Depth blocks, nil where the embedding has it
	late   layers.Sequential // blocks after that
	head   layers.Sequential
}

// Config returns the settings of the network, complete.
func (t *transformer) Config() TransformerConfig {
	if t == nil {
		return TransformerConfig{}
	}
	return t.cfg
}

// Params implements layers.Layer.
func (t *transformer) Params() []*nn.Param {
	if t == nil || t.embed == nil {
		return nil
	}
	ps := append(t.embed.Params(), t.blocks.Params()...)
	if t.class != nil {
		ps = append(ps, t.class)
	}
	return append(append(ps, t.late.Params()...), t.head.Params()...)
}

// Tokens adds the embedding and the blocks to the graph, and returns the tokens after each
// of them, b×n×d: what layer-wise measures are of.
func (t *transformer) Tokens(g *nn.Graph, x *gorgonia.Node) (after []*gorgonia.Node, err error) {
	if t == nil || t.embed == nil {
		return nil, errors.New("models: a network that New did not make")
	}
	defer build.Catch(&err, "models: %s", t.what)
	z := build.Must(t.embed.Forward(g, x))
	after = append(after, z)
	for _, b := range t.blocks {
		z = build.Must(b.Forward(g, z))
		after = append(after, z)
	}
	if t.class != nil {
		z = build.Must(tokens.PrependClass(g, t.class, z))
	}
	for _, b := range t.late {
		z = build.Must(b.Forward(g, z))
		after = append(after, z)
	}
	return after, nil
}

// Forward implements layers.Layer: the logits, b×k.
func (t *transformer) Forward(g *nn.Graph, x *gorgonia.Node) (y *gorgonia.Node, err error) {
	defer build.Catch(&err, "models")
	after := build.Must(t.Tokens(g, x))
	z := after[len(after)-1]
	if t.cfg.Mean {
		z = build.Must(nn.Mean(z, 1))
	} else {
		z = build.Must(nn.Reshape(build.Must(nn.Slice(z, 1, 0, 1)), z.Shape()[0], t.cfg.Dim))
	}
	return build.Must(t.head.Forward(g, z)), nil
}

// CRATE is a white-box transformer: patches, and in each block a step that compresses tokens
// against subspaces and one that makes them sparse,
//
//	x ← x + MSSA(LN(x)),   x ← ISTA(LN(x))
//
// (see tokens.MSSA and tokens.ISTA), and LN–linear on the class token. Shapes: x b×c×H×W,
// out b×k. Parameters have the authors' names.
//
// Reference: Yu et al. White-box transformers via sparse rate reduction. NeurIPS 2023.
type CRATE struct{ transformer }

// CRATEAlpha is CRATE with an overcomplete dictionary and a shortcut around it,
//
//	x ← x + MSSA(LN(x)),   x ← x + Overcomplete(LN(x))
//
// and an embedding by convolution. Parameters have the authors' names.
//
// Reference: Yang et al. Scaling white-box transformers for vision. NeurIPS 2024.
type CRATEAlpha struct{ transformer }

var (
	_ layers.Layer = (*CRATE)(nil)
	_ layers.Layer = (*CRATEAlpha)(nil)
)

// CRATESize returns the authors' configuration of a name: tiny, small, base, large.
func CRATESize(name string) (TransformerConfig, error) {
	for _, s := range []struct {
		name                       string
		dim, heads, depth, headDim int
	}{{"tiny", 384, 6, 12, 64}, {"small", 576, 12, 12, 48}, {"base", 768, 12, 12, 64}, {"large", 1024, 16, 24, 64}} {
		if s.name == name {
			return TransformerConfig{Dim: s.dim, Heads: s.heads, Depth: s.depth, HeadDim: s.headDim}.withDefaults(), nil
		}
	}
	return TransformerConfig{}, errors.Errorf("models: CRATE of size %q, want tiny, small, base or large", name)
}

// A crateBlock is two layers of tokens, each after a norm; the first beside a shortcut, the
// second where around is set.
type crateBlock struct {
	norm1, norm2 *layers.LayerNorm
	mssa         *tokens.MSSA
	sparse       layers.Layer
	around       bool
}

// Params implements layers.Layer.
func (b *crateBlock) Params() []*nn.Param {
	return layers.Sequential{b.norm1, b.mssa, b.norm2, b.sparse}.Params()
}

// Forward implements layers.Layer.
func (b *crateBlock) Forward(g *nn.Graph, x *gorgonia.Node) (y *gorgonia.Node, err error) {
	defer build.Catch(&err, "a block of CRATE")
	x = build.Must(nn.Add(x, build.Must(b.mssa.Forward(g, build.Must(b.norm1.Forward(g, x))))))
	y = build.Must(b.sparse.Forward(g, build.Must(b.norm2.Forward(g, x))))
	if !b.around {
		return y, nil
	}
	return build.Must(nn.Add(x, y)), nil
}

// NewCRATE returns a network with initial values drawn from c.Seed.
func NewCRATE(c TransformerConfig) (*CRATE, error) {
	t, err := newCRATE("CRATE", c, tokens.EmbedConfig{Linear: true, Proj: "to_patch_embedding"}, 1e-5, false,
		func(c tokens.Config) (layers.Layer, error) { return tokens.NewISTA(c) })
	return &CRATE{t}, err
}

// NewCRATEAlpha returns a network with initial values drawn from c.Seed.
func NewCRATEAlpha(c TransformerConfig) (*CRATEAlpha, error) {
	t, err := newCRATE("CRATEAlpha", c, tokens.EmbedConfig{Proj: "conv1"}, 1e-6, true,
		func(c tokens.Config) (layers.Layer, error) { return tokens.NewOvercomplete(c) })
	return &CRATEAlpha{t}, err
}

func newCRATE(
	what string, c TransformerConfig, e tokens.EmbedConfig, eps float64, alpha bool,
	newSparse func(tokens.Config) (layers.Layer, error),
) (t transformer, err error) {
	defer build.Catch(&err, "models: %s", what)
	c = c.withDefaults()
	build.Check(c.check())
	t = transformer{what: what, cfg: c}
	e.Class, e.Position = "cls_token", "pos_embedding"
	t.embed = build.Must(c.embed(e))
	for i := range c.Depth {
		at := fmt.Sprintf("transformer.layers.%d.", i)
		mssa := c.part(at + "0.fn")
		mssa.NoBias = alpha
		t.blocks = append(t.blocks, &crateBlock{norm1: c.norm(at+"0.norm", eps), norm2: c.norm(at+"1.norm", eps),
			mssa: build.Must(tokens.NewMSSA(mssa)), sparse: build.Must(newSparse(c.part(at + "1.fn"))), around: alpha})
	}
	t.head = layers.Sequential{c.norm("mlp_head.0", 1e-5), c.head("mlp_head.1")}
	return t, nil
}

// embed completes e and makes the layer.
func (c TransformerConfig) embed(e tokens.EmbedConfig) (layers.Layer, error) {
	e.Image, e.Channels, e.Patch, e.Dim, e.Dtype, e.Seed = c.Image, c.Channels, c.Patch, c.Dim, c.Dtype, c.Seed
	return tokens.NewEmbed(e)
}

// ViT is a vision transformer, the black box: each block is multi-head attention and a
// perceptron of four times the width, pre-norm, beside shortcuts. Parameters have timm's
// names.
//
// Reference: Dosovitskiy et al. An image is worth 16×16 words. ICLR 2021.
type ViT struct{ transformer }

// ToST is a token-statistics transformer: each block is attention by token statistics and a
// perceptron with learned scales, and the class token is put before the tokens for two last
// blocks of class attention. The embedding is a convolution whose stride is its kernel with
// learned positions; the authors' stem of four convolutions is not built.
//
// Reference: Wu et al. Token statistics transformer. ICLR 2025.
type ToST struct{ transformer }

var (
	_ layers.Layer = (*ViT)(nil)
	_ layers.Layer = (*ToST)(nil)
)

// NewViT returns a network with initial values drawn from c.Seed.
func NewViT(c TransformerConfig) (v *ViT, err error) {
	defer build.Catch(&err, "models: ViT")
	c = c.withDefaults()
	build.Check(c.check())
	v = &ViT{transformer{what: "ViT", cfg: c}}
	v.embed = build.Must(c.embed(tokens.EmbedConfig{Proj: "patch_embed.proj", Class: "cls_token", Position: "pos_embed",
		Std: 0.02}))
	for i := range c.Depth {
		v.blocks = append(v.blocks, build.Must(tokens.NewBlock(
			tokens.BlockConfig{Config: c.part(fmt.Sprintf("blocks.%d", i))}, tokens.NewSelfAttention)))
	}
	v.head = layers.Sequential{c.norm("norm", 1e-6), c.head("head")}
	return v, nil
}

// NewToST returns a network with initial values drawn from c.Seed.
func NewToST(c TransformerConfig) (t *ToST, err error) {
	defer build.Catch(&err, "models: ToST")
	c = c.withDefaults()
	build.Check(c.check())
	t = &ToST{transformer{what: "ToST", cfg: c}}
	t.embed = build.Must(c.embed(tokens.EmbedConfig{Proj: "patch_embed.proj", Position: "pos_embed", NoClass: true,
		Std: 0.02}))
	gamma := 1.0
	if c.Depth > 18 {
		gamma = 1e-5
	}
	for i := range c.Depth {
		t.blocks = append(t.blocks, build.Must(tokens.NewBlock(
			tokens.BlockConfig{Config: c.part(fmt.Sprintf("blocks.%d", i)), Gamma: gamma}, tokens.NewTokenStatistics)))
	}
	t.class = build.Must(initializer.NewParam("cls_token", c.Dtype, c.Seed, initializer.Normal{Std: 0.02}, 1,
		1, c.Dim))
	for i := range 2 {
		b := build.Must(tokens.NewBlock(tokens.BlockConfig{Config: c.part(fmt.Sprintf("cls_attn_blocks.%d", i)),
			Gamma: gamma}, tokens.NewClassAttention))
		t.late = append(t.late, &tokens.ClassBlock{Block: *b})
	}
	t.head = layers.Sequential{c.norm("norm", 1e-6), c.head("head")}
	return t, nil
}
