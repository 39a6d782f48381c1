package layers

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/initializer"
)

// EmbeddingConfig configures an Embedding layer.
type EmbeddingConfig struct {
	Name  string       // of the layer; its parameter is Name.weight
	Rows  int          // v, the size of the vocabulary; at least 1, and in float32 at most 2²⁴
	Dim   int          // d, the numbers of a vector; at least 1
	Dtype tensor.Dtype // zero is float32
	Seed  uint64       // of the initial values; see nn.Rand

	Weight nn.Initializer // nil is N(0, 1)
}

// Embedding is a vector for each of v things, by their numbers:
//
//	y[i, …] = W[x[i]]
//
// Shapes: x of any rank, integers from 0 to v−1 in the graph's dtype, as labels; W v×d; y in the shape of x, then d.
// Parameter: Name.weight. A run refuses any other number, with an error that says where it is.
type Embedding struct {
	cfg    EmbeddingConfig
	weight *nn.Param
}

// mostRows is the number of integers, from 0 on, that float32 can represent exactly.
const mostRows = 1 << 24

var _ Layer = (*Embedding)(nil)

// NewEmbedding returns a layer with initial values drawn from cfg.Seed.
func NewEmbedding(cfg EmbeddingConfig) (*Embedding, error) {
	if cfg.Name == "" {
		return nil, errors.New("layers: Embedding: no Name, which the name of its parameter begins with")
	}
	if cfg.Rows < 1 || cfg.Dim < 1 {
		return nil, errors.Errorf("layers: Embedding %q: %d rows of %d numbers, want at least 1 each", cfg.Name,
			cfg.Rows, cfg.Dim)
	}
	if narrow := cfg.Dtype != tensor.Float64; narrow && cfg.Rows > mostRows {
		return nil, errors.Errorf("layers: Embedding %q: %d rows, but float32 numbers at most %d: take float64",
			cfg.Name, cfg.Rows, mostRows)
	}
	if cfg.Weight == nil {
		cfg.Weight = initializer.Normal{Std: 1}
	}
	l := &Embedding{cfg: cfg}
	var err error
	if l.weight, err = newParam(cfg.Name+".weight", cfg.Dtype, cfg.Seed, cfg.Weight, cfg.Rows, cfg.Dim); err != nil {
		return nil, errors.WithMessagef(err, "layers: Embedding %q", cfg.Name)
	}
	return l, nil
}

// Params implements Layer.
func (l *Embedding) Params() []*nn.Param {
	if l == nil || l.weight == nil {
		return nil
	}
	return []*nn.Param{l.weight}
}

// Config returns the settings of the layer.
func (l *Embedding) Config() EmbeddingConfig {
	if l == nil || l.weight == nil {
		return EmbeddingConfig{}
	}
	return l.cfg
}

// Forward implements Layer.
func (l *Embedding) Forward(g *nn.Graph, x *gorgonia.Node) (y *gorgonia.Node, err error) {
	if l == nil || l.weight == nil {
		return nil, notMade("Embedding")
	}
	defer build.Catch(&err, "layers: Embedding %q", l.cfg.Name)
	return build.Must(nn.Gather(build.Must(g.Bind(l.weight)), x)), nil
}
