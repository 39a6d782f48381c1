package train

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/metrics"
	"github.com/whitebox-nn/whitebox/nn"
)

// A SetEvaluator measures a model on a set: "loss", of all samples at once, with their weights if they
// have any; "accuracy", of the largest output, where there are as many outputs as classes, each
// sample counting one; and others by name.
type SetEvaluator struct {
	Model   layers.Layer
	Loss    losses.Loss
	Set     *data.Set
	Metrics map[string]func(outputs *mat.Dense, set *data.Set) (float64, error)
	Options nn.Options // of the model's graph

	predictor *Predictor
	program   *nn.Program
	z, y      *tensor.Dense
}

var _ Evaluator = (*SetEvaluator)(nil)

// Evaluate implements Evaluator.
func (e *SetEvaluator) Evaluate(ctx context.Context) ([]Metric, error) {
	if err := e.prepare(); err != nil {
		return nil, errors.WithMessage(err, "train: evaluate")
	}
	all, err := e.predictor.Collect(ctx, e.Set)
	if err != nil {
		return nil, err
	}
	z := all[0]
	var ms []Metric
	if e.program != nil {
		if err := nn.SetFloats(e.z, z.RawMatrix().Data); err != nil {
			return nil, errors.WithMessage(err, "train: evaluate")
		}
		if err := e.program.Run(); err != nil {
			return nil, errors.WithMessage(err, "train: evaluate: loss")
		}
		ms = append(ms, Metric{"loss", e.program.Scalar(lossProbe)})
	}
	if _, k := z.Dims(); k == e.Set.Classes() && k > 1 {
		y, err := metrics.Argmax(z)
		if err != nil {
			return nil, err
		}
		accuracy, err := metrics.Accuracy(y, e.Set.Labels())
		if err != nil {
			return nil, err
		}
		ms = append(ms, Metric{"accuracy", accuracy})
	}
	for _, name := range slices.Sorted(maps.Keys(e.Metrics)) {
		if e.Metrics[name] == nil {
			return nil, errors.Errorf("train: evaluate: the metric %q is nil", name)
		}
		v, err := e.Metrics[name](z, e.Set)
		if err != nil {
			return nil, errors.WithMessagef(err, "train: evaluate: metric %q", name)
		}
		ms = append(ms, Metric{name, v})
	}
	return ms, nil
}

// lossProbe is the name of the loss in its graph.
const lossProbe = "loss"

// prepare compiles the model, and the loss of all its outputs, once.
func (e *SetEvaluator) prepare() (err error) {
	switch {
	case e == nil || isNil(e.Model) || e.Set == nil || e.Set.Len() == 0:
		return errors.New("want a Model and a Set of samples")
	case e.predictor != nil:
		return nil
	}
	dt := tensor.Float32
	if params := e.Model.Params(); len(params) > 0 && params[0] != nil && params[0].Value != nil {
		dt = params[0].Value.Dtype()
	}
	n := e.Set.Len()
	p, err := NewPredictor(Output(e.Model), dt, min(predictBatch, n), e.Set.Shape(), e.Options)
	if err != nil {
		return err
	}
	if !isNil(e.Loss) {
		if err := e.compileLoss(n, p.outputs[0].Shape()[1], dt); err != nil {
			return errors.WithMessage(err, "loss")
		}
	}
	e.predictor = p
	return nil
}

// compileLoss compiles the loss of n outputs of d numbers.
func (e *SetEvaluator) compileLoss(n, d int, dt tensor.Dtype) error {
	e.z = tensor.New(tensor.WithShape(n, d), tensor.Of(dt))
	e.y = tensor.New(tensor.WithShape(batchShape(n, e.Set.TargetShape())...), tensor.Of(dt))
	var targets []float64
	for i := range n {
		var err error
		if targets, err = e.Set.Target(targets, i); err != nil {
			return err
		}
	}
	if err := nn.SetFloats(e.y, targets); err != nil {
		return err
	}
	g := nn.NewGraph(nn.Eval)
	z, err := g.Input("z", e.z)
	if err != nil {
		return err
	}
	y, err := g.Input("y", e.y)
	if err != nil {
		return err
	}
	loss, err := e.lossOf(g, z, y, n, dt)
	if err != nil {
		return err
	}
	if err := g.Probe(lossProbe, loss); err != nil {
		return err
	}
	e.program, err = nn.Compile(g, nn.Outputs{})
	return err
}

// lossOf adds the loss of n outputs, weighed where the samples have weights.
func (e *SetEvaluator) lossOf(g *nn.Graph, z, y *gorgonia.Node, n int, dt tensor.Dtype) (*gorgonia.Node, error) {
	weights := e.Set.Weights()
	if weights == nil {
		return e.Loss.Loss(g, z, y)
	}
	v := tensor.New(tensor.WithShape(n), tensor.Of(dt))
	if err := nn.SetFloats(v, weights); err != nil {
		return nil, err
	}
	w, err := g.Input("weights", v)
	if err != nil {
		return nil, err
	}
	return losses.Weighed(e.Loss, g, z, y, w)
}

// Close frees the graphs.
func (e *SetEvaluator) Close() error {
	if e == nil || e.predictor == nil {
		return nil
	}
	err := e.predictor.Close()
	if e.program != nil {
		err = cmp.Or(err, e.program.Close())
	}
	e.predictor, e.program = nil, nil
	return err
}
