package train

import (
	"context"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/sparse"
)

// A Recovered is how well codes ẑ recover the true ones z.
type Recovered struct {
	NMSE      float64 // 10 log₁₀(Σ‖ẑ − z‖² / Σ‖z‖²), in dB, over all samples
	Sparsity  float64 // the mean number of elements of ẑ that are not 0
	Precision float64 // the share of them that are not 0 in z; 1 if there are none
	Recall    float64 // the share of those of z that are not 0 in ẑ
}

// SparseEval is the Evaluator of sparse codes: an unrolled network on a validation
// set of samples with their true codes.
type SparseEval struct {
	predictor *Predictor
	set       *data.Set
	truth     *mat.Dense
}

var _ Evaluator = (*SparseEval)(nil)

// NewSparseEval returns the evaluator of the last code after so many iterations of
// net, or with all of the code after each, in batches of the given size. Errors: a
// set whose targets are no codes of net's.
func NewSparseEval(
	net layers.Unrolled, steps int, all bool, set *data.Set, batch int, opts nn.Options,
) (*SparseEval, error) {
	switch {
	case isNil(net) || net.Depth() < 1:
		return nil, errors.New("train: sparse evaluation: no network, or one without layers")
	case set == nil || set.Len() == 0 || len(set.TargetShape()) != 1:
		return nil, errors.New("train: sparse evaluation: no set of samples with codes")
	case steps < 1:
		return nil, errors.Errorf("train: sparse evaluation: %d iterations, want at least 1", steps)
	}
	forward := func(g *nn.Graph, x *gorgonia.Node) (gorgonia.Nodes, error) {
		zs, err := net.Iterate(g, x, steps)
		if err != nil || all {
			return zs, err
		}
		return zs[len(zs)-1:], nil
	}
	dt := tensor.Float32
	if ps := net.Params(); len(ps) > 0 {
		dt = ps[0].Value.Dtype()
	}
	c, err := NewPredictor(forward, dt, min(batch, set.Len()), set.Shape(), opts)
	if err != nil {
		return nil, errors.WithMessage(err, "train: sparse evaluation")
	}
	d := set.TargetShape()[0]
	var truth []float64
	for i := range set.Len() {
		if truth, err = set.Target(truth, i); err != nil {
			return nil, err
		}
	}
	return &SparseEval{predictor: c, set: set, truth: mat.NewDense(set.Len(), d, truth)}, nil
}

// Layers measures the codes that the evaluator was made for, in order.
func (r *SparseEval) Layers(ctx context.Context) ([]Recovered, error) {
	if r == nil || r.predictor == nil {
		return nil, errors.New("train: sparse evaluation: this SparseEval was not made by NewSparseEval")
	}
	codes, err := r.predictor.Collect(ctx, r.set)
	if err != nil {
		return nil, err
	}
	out := make([]Recovered, len(codes))
	for i, z := range codes {
		if out[i], err = measureRecovery(z, r.truth); err != nil {
			return nil, errors.WithMessagef(err, "train: sparse evaluation: code %d of %d", i+1, len(codes))
		}
	}
	return out, nil
}

// Evaluate implements Evaluator: nmse_db, sparsity, precision and recall of the last
// code.
func (r *SparseEval) Evaluate(ctx context.Context) ([]Metric, error) {
	all, err := r.Layers(ctx)
	if err != nil {
		return nil, err
	}
	v := all[len(all)-1]
	return []Metric{{"nmse_db", v.NMSE}, {"sparsity", v.Sparsity}, {"precision", v.Precision}, {"recall", v.Recall}},
		nil
}

// Close frees the graph.
func (r *SparseEval) Close() error {
	if r == nil {
		return nil
	}
	return r.predictor.Close()
}

// measureRecovery compares codes, n×d, with the true ones.
func measureRecovery(z, truth *mat.Dense) (r Recovered, err error) {
	if r.NMSE, err = sparse.NMSE(z, truth); err != nil {
		return r, err
	}
	s, err := sparse.NewSupport(z, truth, 0)
	r.Sparsity, r.Precision, r.Recall = s.Size, s.Precision, s.Recall
	return r, err
}
