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
)

// A Forward adds a model to an evaluation graph and returns the nodes to
// collect, each with a sample a row.
type Forward func(g *nn.Graph, x *gorgonia.Node) (gorgonia.Nodes, error)

// A Collector runs a model over data sets, in a graph of its own that shares the
// model's parameters, and collects outputs as matrices.
type Collector struct {
	program *nn.Program
	x       *tensor.Dense
	outputs []*tensor.Dense
	batch   int
	rows    []float64
}

// NewCollector compiles forward in Eval mode for batches of the given size.
// sample is the shape of one sample, dt the dtype of the model's parameters.
func NewCollector(forward Forward, dt tensor.Dtype, batch int, sample []int, opts nn.Options) (*Collector, error) {
	if batch < 1 {
		return nil, errors.Errorf("train: collector: batch of %d, want at least 1", batch)
	}
	g := nn.NewGraph(nn.Eval)
	c := &Collector{batch: batch, x: tensor.New(tensor.WithShape(batchShape(batch, sample)...), tensor.Of(dt))}
	x, err := g.Input("x", c.x)
	if err != nil {
		return nil, errors.WithMessage(err, "train: collector")
	}
	nodes, err := forward(g, x)
	if err != nil {
		return nil, errors.WithMessage(err, "train: collector")
	}
	if c.program, err = nn.Compile(g, nn.Outputs{Values: nodes}, opts); err != nil {
		return nil, errors.WithMessage(err, "train: collector")
	}
	for _, n := range nodes {
		v, err := c.program.Value(n)
		if err != nil {
			return nil, errors.WithMessage(err, "train: collector")
		}
		if v.Dims() != 2 || v.Shape()[0] != batch {
			return nil, errors.Errorf("train: collector: an output has shape %v, want %d×d", v.Shape(), batch)
		}
		c.outputs = append(c.outputs, v)
	}
	return c, nil
}

// Collect returns each output for all samples of set, in their order: a matrix
// with a sample a row.
func (c *Collector) Collect(ctx context.Context, set *data.Set) ([]*mat.Dense, error) {
	all := make([]*mat.Dense, len(c.outputs))
	for i, v := range c.outputs {
		all[i] = mat.NewDense(set.Len(), v.Shape()[1], nil)
	}
	for lo := 0; lo < set.Len(); lo += c.batch {
		if err := ctx.Err(); err != nil {
			return nil, errors.Wrap(err, "train: collect")
		}
		n := min(c.batch, set.Len()-lo)
		if err := set.Fill(c.x, lo, n); err != nil {
			return nil, errors.WithMessage(err, "train: collect")
		}
		if err := c.program.Run(); err != nil {
			return nil, errors.WithMessage(err, "train: collect")
		}
		for i, v := range c.outputs {
			var err error
			if c.rows, err = nn.Floats(c.rows[:0], v); err != nil {
				return nil, errors.WithMessage(err, "train: collect")
			}
			d := v.Shape()[1]
			copy(all[i].RawMatrix().Data[lo*d:], c.rows[:n*d])
		}
	}
	return all, nil
}

// Close frees the graph.
func (c *Collector) Close() error { return c.program.Close() }

// Output returns the Forward that collects what a layer or a model returns.
func Output(l layers.Layer) Forward {
	return func(g *nn.Graph, x *gorgonia.Node) (gorgonia.Nodes, error) {
		y, err := l.Forward(g, x)
		return gorgonia.Nodes{y}, err
	}
}
