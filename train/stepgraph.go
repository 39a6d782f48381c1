package train

import (
	"fmt"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/nn"
)

// A stepGraph is the training graph of batches of one size.
type stepGraph struct {
	program *nn.Program   // of the step; with chunks, of the loss
	chunked *chunked      // nil without chunks
	x       *tensor.Dense // the samples
	batch   *tensor.Dense // what the source writes beside them: y, or y and weights
	y       *tensor.Dense // the targets
	weights *tensor.Dense // nil if the samples have none
}

// newStepGraph returns the memory for n samples of a source.
func newStepGraph(s data.Source, n int, dt tensor.Dtype) *stepGraph {
	dense := func(shape ...int) *tensor.Dense { return tensor.New(tensor.WithShape(shape...), tensor.Of(dt)) }
	target := s.TargetShape()
	g := &stepGraph{x: dense(batchShape(n, s.SampleShape())...), batch: dense(batchShape(n, target)...)}
	if g.y = g.batch; !data.HasWeights(s) {
		return g
	}
	d := g.batch.Size() / n // with the weight
	if g.weights, g.y = dense(n), dense(n, d-1); d == 2 {
		g.y = dense(n)
	}
	return g
}

// compileFor compiles the graph of batches of n samples.
func (l *Loop) compileFor(n int) (*stepGraph, error) {
	params := l.Optimizer.Params()
	if len(params) == 0 {
		return nil, errors.New("the Optimizer has no parameters")
	}
	s := newStepGraph(l.source(), n, params[0].Value.Dtype())
	if l.Chunk != 0 {
		c, err := l.chunks(s, params)
		if err != nil {
			return nil, err
		}
		s.chunked, s.program = c, c.loss
		return s, nil
	}
	g := nn.NewGraph(nn.Train)
	x, err := g.Input("x", s.x)
	if err != nil {
		return nil, err
	}
	out, err := l.Model.Forward(g, x)
	if err != nil {
		return nil, err
	}
	loss, err := s.loss(l.Loss, g, out)
	if err != nil {
		return nil, err
	}
	s.program, err = nn.Compile(g, nn.Outputs{Loss: loss, Wrt: params}, l.Options)
	return s, err
}

// loss adds the loss of the outputs of the batch.
func (s *stepGraph) loss(of losses.Loss, g *nn.Graph, out *gorgonia.Node) (*gorgonia.Node, error) {
	y, err := g.Input("y", s.y)
	if err != nil {
		return nil, err
	}
	if s.weights == nil {
		return of.Loss(g, out, y)
	}
	w, err := g.Input("weights", s.weights)
	if err != nil {
		return nil, err
	}
	return losses.Weighed(of, g, out, y, w)
}

// checkWeigher reports a loss that cannot take the weights of samples, if they have any.
func checkWeigher(loss losses.Loss, weighted bool) error {
	if !weighted {
		return nil
	}
	return errors.WithMessage(losses.CheckWeigher(loss), "the samples have weights")
}

// graphAt returns the graph of the batch at a position of the source.
func (l *Loop) graphAt(at data.Position) *stepGraph {
	n := data.BatchSizeAt(l.source(), at)
	for _, g := range l.graphs {
		if g.x.Shape()[0] == n {
			return g
		}
	}
	return l.graphs[0] // the source says that it does not fit
}

// separate separates the targets of the batch from the weights.
func (s *stepGraph) separate() error {
	if s.weights == nil {
		return nil
	}
	var sum float64
	if s.batch.Dtype() == tensor.Float32 {
		sum = separate(s.y.Float32s(), s.weights.Float32s(), s.batch.Float32s())
	} else {
		sum = separate(s.y.Float64s(), s.weights.Float64s(), s.batch.Float64s())
	}
	if !(sum > 0) {
		return fmt.Errorf("the weights of the %d samples of the batch are all 0: a larger batch, or none of them",
			s.weights.Size())
	}
	return nil
}

// separate takes rows of targets and a weight apart, and returns the sum of the weights.
func separate[T float32 | float64](y, weights, batch []T) (sum float64) {
	d := len(y) / len(weights)
	for i := range weights {
		row := batch[i*(d+1) : (i+1)*(d+1)]
		copy(y[i*d:(i+1)*d], row)
		weights[i] = row[d]
		sum += float64(row[d])
	}
	return sum
}

// commit makes what the step computed of running statistics theirs.
func (s *stepGraph) commit() error {
	if s.chunked != nil {
		return s.chunked.sums.Commit()
	}
	s.program.Commit()
	return nil
}

// close frees the graph.
func (s *stepGraph) close() error {
	if s.chunked != nil {
		return s.chunked.close()
	}
	return s.program.Close()
}
