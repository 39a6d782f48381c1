package models

import (
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

// LanguageModelConfig configures a LanguageModel.
type LanguageModelConfig struct {
	Vocabulary int          // v, the tokens that there are
	Length     int          // the most tokens of a sequence
	Dim        int          // d, the numbers of a token
	Heads      int          // h
	Depth      int          // blocks
	Attention  bool         // causal self-attention, the black box, instead of token statistics
	Dtype      tensor.Dtype // zero is float32
	Seed       uint64       // of the initial values
}

// LanguageModel tells the next token from those so far: a table of tokens and one of places,
// blocks of causal token statistics and a perceptron, a layer norm, and the table of tokens
// once more, as a map to logits. Shapes: x b×n, integers below v in the graph's dtype; out
// b×n×v. Parameters have the authors' names, those of GPT-2.
//
// Reference: Wu et al. Token statistics transformer. ICLR 2025.
type LanguageModel struct {
	cfg    LanguageModelConfig
	tokens *layers.Embedding
	places *nn.Param
	blocks layers.Sequential
	norm   *layers.LayerNorm
}

var _ layers.Layer = (*LanguageModel)(nil)

// NewLanguageModel returns a network with initial values drawn from c.Seed.
func NewLanguageModel(c LanguageModelConfig) (m *LanguageModel, err error) {
	defer build.Catch(&err, "models: LanguageModel")
	if c.Vocabulary < 1 || c.Length < 1 || c.Depth < 1 {
		return nil, errors.Errorf("Vocabulary is %d, Length %d and Depth %d, want at least 1 each", c.Vocabulary,
			c.Length, c.Depth)
	}
	if c.Depth > mostBlocks {
		return nil, errors.Errorf("%d blocks, want at most %d", c.Depth, mostBlocks)
	}
	build.Check(sizes.Check("the table of tokens", c.Vocabulary, max(c.Dim, 1)))
	build.Check(sizes.Check("the table of places", c.Length, max(c.Dim, 1)))
	if c.Dtype == (tensor.Dtype{}) {
		c.Dtype = tensor.Float32
	}
	m = &LanguageModel{cfg: c}
	small := initializer.Normal{Std: 0.02}
	m.tokens = build.Must(layers.NewEmbedding(layers.EmbeddingConfig{Name: "transformer.wte", Rows: c.Vocabulary,
		Dim: c.Dim, Weight: small, Dtype: c.Dtype, Seed: c.Seed}))
	m.places = build.Must(initializer.NewParam("transformer.wpe.weight", c.Dtype, c.Seed, small, c.Length, c.Dim))
	names := tokens.Names{Norm1: "ln_1", First: "attn", Norm2: "ln_2", Second: "mlp", Fc1: "c_fc", Fc2: "c_proj"}
	for i := range c.Depth {
		cfg := tokens.BlockConfig{Config: tokens.Config{Name: fmt.Sprintf("transformer.h.%d", i), Dim: c.Dim,
			Heads: c.Heads, Length: c.Length, Causal: true, Dtype: c.Dtype, Seed: c.Seed}, Eps: 1e-5, Named: names}
		if c.Attention {
			m.blocks = append(m.blocks, build.Must(tokens.NewBlock(cfg, tokens.NewSelfAttention)))
			continue
		}
		cfg.Gamma = 1e-5
		m.blocks = append(m.blocks, build.Must(tokens.NewBlock(cfg, tokens.NewCausalTokenStatistics)))
	}
	m.norm = build.Must(layers.NewLayerNorm(layers.LayerNormConfig{Name: "transformer.ln_f", Dim: c.Dim, Eps: 1e-5,
		Dtype: c.Dtype}))
	return m, nil
}

// Config returns the settings of the network.
func (m *LanguageModel) Config() LanguageModelConfig {
	if m == nil {
		return LanguageModelConfig{}
	}
	return m.cfg
}

// Params implements layers.Layer.
func (m *LanguageModel) Params() []*nn.Param {
	if m == nil || m.norm == nil {
		return nil
	}
	return append(append(m.tokens.Params(), m.places), append(m.blocks.Params(), m.norm.Params()...)...)
}

// Forward implements layers.Layer.
func (m *LanguageModel) Forward(g *nn.Graph, x *gorgonia.Node) (y *gorgonia.Node, err error) {
	defer build.Catch(&err, "models: LanguageModel")
	if m == nil || m.norm == nil {
		return nil, errors.New("not made by NewLanguageModel")
	}
	if build.Rank(x) != 2 || x.Shape()[1] > m.cfg.Length {
		return nil, errors.Wrapf(nn.ErrInput, "want sequences of at most %d tokens, b×n", m.cfg.Length)
	}
	b, n := x.Shape()[0], x.Shape()[1]
	z := build.Must(m.tokens.Forward(g, x))
	places := build.Must(nn.Slice(build.Must(g.Bind(m.places)), 0, 0, n))
	z = build.Must(nn.Add(z, places))
	z = build.Must(m.norm.Forward(g, build.Must(m.blocks.Forward(g, z))))
	rows := build.Must(nn.Reshape(z, b*n, m.cfg.Dim))
	y = build.Must(nn.Linear(rows, build.Must(g.Bind(m.tokens.Params()[0])), nil))
	return build.Must(nn.Reshape(y, b, n, m.cfg.Vocabulary)), nil
}
