package train

import (
	"cmp"
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn"
)

// A chunked computes the loss of a whole batch and its gradient with the memory of
// a chunk of it.
//
// A loss such as MCR² is not a sum over samples, so the gradients of the losses of chunks do not add up to its
// gradient. But the model is applied to each sample apart, so by the chain rule, for Z = f(X; θ) in chunks Zⱼ = f(Xⱼ;
// θ),
//
//	∂L/∂θ = Σⱼ ∂⟨Zⱼ, Gⱼ⟩/∂θ        G = ∂L/∂Z, held fixed
//
// First Z is computed, chunk by chunk, and nothing else kept; then L and G from the
// whole of Z; then the sum, chunk by chunk, for which each Zⱼ is computed once more.
// A step costs one more forward pass. Sums are taken in the order of the chunks. On a
// device Z, G and the sum stay there; only samples go to it, each twice.
type chunked struct {
	size              int        // samples a chunk
	in                *stepGraph // whose batch it is
	ahead, loss, back *nn.Program
	params            []*nn.Param
	x                 *tensor.Dense   // a chunk's samples, that ahead and back read
	features          *tensor.Dense   // what ahead makes of them
	z                 *nn.Param       // features of the batch, that loss reads
	g                 *tensor.Dense   // the gradient by them
	gj                *nn.Param       // a chunk's, that back reads
	sums              *nn.Accumulator // of back's gradients and running statistics
}

// chunks compiles what l's step needs for chunks of the batches of a graph.
func (l *Loop) chunks(g *stepGraph, params []*nn.Param) (*chunked, error) {
	n, size := l.Source.BatchSize(), l.Chunk
	if size < 1 || n%size != 0 {
		return nil, errors.Errorf("chunks of %d samples, want a number that divides the batch of %d", size, n)
	}
	for n = g.x.Shape()[0]; n%size != 0; { // of a short batch
		size--
	}
	c := &chunked{size: size, params: params, in: g}
	if err := c.compile(l, n); err != nil {
		return nil, cmp.Or(err, c.close())
	}
	return c, nil
}

// compile compiles the three graphs, for batches of n samples.
func (c *chunked) compile(l *Loop, n int) error {
	dt := c.params[0].Value.Dtype()
	c.x = tensor.New(tensor.WithShape(batchShape(c.size, l.Source.SampleShape())...), tensor.Of(dt))
	if err := c.compileAhead(l); err != nil {
		return errors.WithMessage(err, "features of a chunk")
	}
	shape := c.features.Shape()
	if shape[0] != c.size {
		return errors.Errorf("the model makes %v of a chunk of %d samples, want a row a sample", shape, c.size)
	}
	var err error
	if c.gj, err = nn.NewParam("upstream gradient", dt, shape...); err != nil {
		return err
	}
	if err := c.compileLoss(l, batchShape(n, shape[1:])); err != nil {
		return errors.WithMessage(err, "loss of the batch")
	}
	if err := c.compileBack(l); err != nil {
		return errors.WithMessage(err, "gradient of a chunk")
	}
	c.sums, err = nn.NewAccumulator(c.back)
	return errors.WithMessage(err, "sum of gradients")
}

// forward adds the model on c.x to a new graph.
func (c *chunked) forward(l *Loop) (*nn.Graph, *gorgonia.Node, error) {
	g := nn.NewGraph(nn.Train)
	x, err := g.Input("x", c.x)
	if err != nil {
		return nil, nil, err
	}
	z, err := l.Model.Forward(g, x)
	return g, z, err
}

func (c *chunked) compileAhead(l *Loop) error {
	g, z, err := c.forward(l)
	if err != nil {
		return err
	}
	if err := g.Probe("features of a chunk", z); err != nil { // unlike a value it stays on a device
		return err
	}
	if c.ahead, err = nn.Compile(g, nn.Outputs{}, l.Options); err != nil {
		return err
	}
	c.features, err = c.ahead.Value(z)
	return err
}

// compileLoss compiles the loss as a function of the features.
func (c *chunked) compileLoss(l *Loop, shape []int) error {
	features, err := nn.NewParam("features", c.x.Dtype(), shape...)
	if err != nil {
		return err
	}
	c.z = features
	g := nn.NewGraph(nn.Train)
	z, err := g.Bind(features)
	if err != nil {
		return err
	}
	loss, err := c.in.loss(l.Loss, g, z)
	if err != nil {
		return err
	}
	if n := len(g.Params()) - 1; n > 0 {
		return errors.Errorf(
			"the loss has %d parameters of its own: such a loss needs the whole batch, so set Chunk to 0", n)
	}
	if c.loss, err = nn.Compile(g, nn.Outputs{Loss: loss, Wrt: []*nn.Param{features}}, l.Options); err != nil {
		return err
	}
	c.g = c.loss.Grads()[0]
	return nil
}

// compileBack compiles ⟨Zⱼ, Gⱼ⟩ and its gradient by the parameters.
func (c *chunked) compileBack(l *Loop) error {
	g, z, err := c.forward(l)
	if err != nil {
		return err
	}
	gj, err := g.Bind(c.gj)
	if err != nil {
		return err
	}
	products, err := nn.Mul(z, gj)
	if err != nil {
		return err
	}
	dot, err := nn.Sum(products)
	if err != nil {
		return err
	}
	if c.back, err = nn.Compile(g, nn.Outputs{Loss: dot, Wrt: c.params}, l.Options); err != nil {
		return err
	}
	c.params = c.back.Params()
	return nil
}

// run computes the loss of the batch in x and the targets that the loss reads, and the gradient. It returns at once
// if the loss is not finite.
func (c *chunked) run(x *tensor.Dense, step int) (loss float64, err error) {
	n := x.Shape()[0] / c.size
	for j := range n {
		if err := c.part(c.ahead, x, step, j, n); err != nil {
			return 0, errors.WithMessagef(err, "chunk %d of %d", j+1, n)
		}
		if err := c.ahead.CopyRows(c.z, j*c.size, c.features, 0, c.size); err != nil {
			return 0, err
		}
	}
	c.loss.SetStep(step)
	if err := c.loss.Run(); err != nil {
		return 0, err
	}
	loss = c.loss.Loss()
	if math.IsNaN(loss) || math.IsInf(loss, 0) {
		return loss, nil
	}
	c.sums.Reset()
	for j := range n {
		if err := c.loss.CopyRows(c.gj, 0, c.g, j*c.size, (j+1)*c.size); err != nil {
			return 0, err
		}
		if err := c.part(c.back, x, step, j, n); err != nil {
			return 0, errors.WithMessagef(err, "gradient of chunk %d of %d", j+1, n)
		}
		if err := c.sums.Add(); err != nil {
			return 0, err
		}
	}
	return loss, nil
}

// part runs p on chunk j of n of x, while the next one travels.
func (c *chunked) part(p *nn.Program, x *tensor.Dense, step, j, n int) error {
	if j == 0 {
		c.load(p, x, step, 0, n)
	}
	if err := p.Start(); err != nil {
		return err
	}
	var err error
	if j+1 < n {
		c.load(p, x, step, j+1, n)
		err = p.Send()
	}
	return cmp.Or(p.Wait(), err)
}

// load makes chunk j of n of x the input of p.
func (c *chunked) load(p *nn.Program, x *tensor.Dense, step, j, n int) {
	size := c.x.Size()
	if x.Dtype() == tensor.Float32 {
		copy(c.x.Float32s(), x.Float32s()[j*size:])
	} else {
		copy(c.x.Float64s(), x.Float64s()[j*size:])
	}
	p.SetStep(c.draw(step, j, n))
}

// draw is the step number from which layers derive random numbers for a chunk: a different one for each chunk of each
// step, the same whenever that chunk is computed again, and the step's own number if the batch is a single chunk.
func (c *chunked) draw(step, j, chunks int) int { return (step-1)*chunks + j + 1 }

// close frees the graphs.
func (c *chunked) close() error {
	first := c.sums.Close()
	for _, p := range []*nn.Program{c.ahead, c.loss, c.back} {
		if p != nil {
			first = cmp.Or(first, p.Close())
		}
	}
	return first
}
