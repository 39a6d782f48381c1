package train

import (
	"context"
	stderrors "errors"
	"slices"

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

// A Predictor runs a model over data sets, in a graph of its own that shares the
// model's parameters, and collects outputs as matrices.
type Predictor struct {
	program *nn.Program
	x       *tensor.Dense
	outputs []*tensor.Dense
	batch   int
	rows    []float64
}

// NewPredictor compiles forward in Eval mode for batches of the given size.
// sample is the shape of one sample, dt the dtype of the model's parameters. Errors: no
// forward, another dtype than float32 and float64, sizes below 1, or a batch of more
// than 2³¹ numbers; what forward and nn.Compile report.
func NewPredictor(forward Forward, dt tensor.Dtype, batch int, sample []int, opts nn.Options) (*Predictor, error) {
	switch {
	case forward == nil:
		return nil, errors.New("train: predictor: the Forward is nil: Output makes one of a model")
	case dt != tensor.Float32 && dt != tensor.Float64:
		return nil, errors.Errorf("train: predictor: dtype %v, want float32 or float64, as the model's parameters are",
			dt)
	}
	if err := checkBatchSize(batch, sample); err != nil {
		return nil, errors.WithMessage(err, "train: predictor")
	}
	g := nn.NewGraph(nn.Eval)
	c := &Predictor{batch: batch, x: tensor.New(tensor.WithShape(batchShape(batch, sample)...), tensor.Of(dt))}
	x, err := g.Input("x", c.x)
	if err != nil {
		return nil, errors.WithMessage(err, "train: predictor")
	}
	nodes, err := forward(g, x)
	if err != nil {
		return nil, errors.WithMessage(err, "train: predictor")
	}
	if c.program, err = nn.Compile(g, nn.Outputs{Values: nodes}, opts); err != nil {
		return nil, errors.WithMessage(err, "train: predictor")
	}
	for i, n := range nodes {
		if n == nil {
			return nil, errors.Errorf("train: predictor: output %d of %d is nil", i+1, len(nodes))
		}
		v, err := c.program.Value(n)
		if err != nil {
			return nil, errors.WithMessage(err, "train: predictor")
		}
		if v.Dims() != 2 || v.Shape()[0] != batch {
			return nil, errors.Errorf("train: predictor: an output has shape %v, want %d×d", v.Shape(), batch)
		}
		c.outputs = append(c.outputs, v)
	}
	return c, nil
}

// Collect returns each output for all samples of set, in their order: a matrix
// with a sample a row. Errors: an output that is not finite (nn.ErrNotFinite), with the op
// and the layer that first were not; those of the set.
func (c *Predictor) Collect(ctx context.Context, set *data.Set) ([]*mat.Dense, error) {
	switch {
	case c == nil || c.program == nil:
		return nil, errors.New("train: collect: this Predictor was not made by NewPredictor")
	case ctx == nil:
		return nil, errors.New("train: collect: the context is nil: context.Background() will do")
	case set == nil || set.Len() == 0:
		return nil, errors.New("train: collect: no set of samples")
	}
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
			return nil, errors.WithMessage(c.cause(err), "train: collect")
		}
		for i, v := range c.outputs {
			var err error
			if c.rows, err = nn.Floats(c.rows[:0], v); err != nil {
				return nil, errors.WithMessage(err, "train: collect")
			}
			if slices.ContainsFunc(c.rows, func(x float64) bool { return x-x != 0 }) {
				return nil, errors.WithMessage(c.cause(errors.Wrapf(nn.ErrNotFinite, "output %d", i)), "train: collect")
			}
			d := v.Shape()[1]
			copy(all[i].RawMatrix().Data[lo*d:], c.rows[:n*d])
		}
	}
	return all, nil
}

// cause adds to err where a number first was not finite, if that is what err is about.
func (c *Predictor) cause(err error) error {
	if !stderrors.Is(err, nn.ErrNotFinite) {
		return err
	}
	if where := c.program.CheckFinite(); stderrors.Is(where, nn.ErrNotFinite) {
		return errors.WithMessage(where, err.Error())
	}
	return err
}

// Close frees the graph.
func (c *Predictor) Close() error {
	if c == nil || c.program == nil {
		return nil
	}
	return c.program.Close()
}

// checkBatchSize reports a batch without samples, or one that is too large for memory.
func checkBatchSize(batch int, sample []int) error {
	const most = 1 << 31
	if batch < 1 {
		return errors.Errorf("batch of %d, want at least 1", batch)
	}
	n := batch
	for _, d := range sample {
		if d < 1 || n > most/d {
			return errors.Errorf("batch of %d samples of shape %v, want sizes of at least 1, and at most %d numbers",
				batch, sample, most)
		}
		n *= d
	}
	if n > most {
		return errors.Errorf("batch of %d samples, want at most %d numbers", batch, most)
	}
	return nil
}

// Output returns the Forward that collects what a layer or a model returns.
func Output(l layers.Layer) Forward {
	return func(g *nn.Graph, x *gorgonia.Node) (gorgonia.Nodes, error) {
		if isNil(l) {
			return nil, errors.New("no layer to collect the output of")
		}
		y, err := l.Forward(g, x)
		return gorgonia.Nodes{y}, err
	}
}
