package train

import (
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn"
)

// A chunked computes the loss of a whole batch and its gradient with the memory of
// a chunk of it.
//
// A loss such as MCR² is no sum over samples, so gradients of the losses of chunks
// do not add up to its own. But the model is applied to each sample apart, so by
// the chain rule, for Z = f(X; θ) in chunks Zⱼ = f(Xⱼ; θ),
//
//	∂L/∂θ = Σⱼ ∂⟨Zⱼ, Gⱼ⟩/∂θ        G = ∂L/∂Z, held fixed
//
// First Z is computed, chunk by chunk, and nothing else kept; then L and G from the
// whole of Z; then the sum, chunk by chunk, for which each Zⱼ is computed once more.
// A step costs one more forward pass. Sums are taken in the order of the chunks.
type chunked struct {
	size              int // samples a chunk
	ahead, loss, back *nn.Program
	params            []*nn.Param
	x                 *tensor.Dense   // a chunk's samples, that ahead and back read
	features          *tensor.Dense   // what ahead makes of them
	z, g              *tensor.Dense   // features of the batch, that loss reads, and its gradient by them
	gj                *tensor.Dense   // a chunk's, that back reads
	sums              []*tensor.Dense // the gradient of each parameter
	updates, means    []*tensor.Dense // what running statistics become, by the last chunk and by all
}

// chunks compiles what l's step needs for chunks.
func (l *Loop) chunks(params []*nn.Param) (*chunked, error) {
	n, size := l.Source.BatchSize(), l.Chunk
	if size < 1 || n%size != 0 {
		return nil, errors.Errorf("chunks of %d samples, want a number that divides the batch of %d", size, n)
	}
	c := &chunked{size: size, params: params}
	dt := params[0].Value.Dtype()
	c.x = tensor.New(tensor.WithShape(batchShape(size, l.Source.SampleShape())...), tensor.Of(dt))
	if err := c.compileAhead(l); err != nil {
		return nil, errors.WithMessage(err, "features of a chunk")
	}
	shape := c.features.Shape()
	if shape[0] != size {
		return nil, errors.Errorf("the model makes %v of a chunk of %d samples, want a row a sample", shape, size)
	}
	c.gj = tensor.New(tensor.WithShape(shape...), tensor.Of(dt))
	if err := c.compileLoss(l, batchShape(n, shape[1:])); err != nil {
		return nil, errors.WithMessage(err, "loss of the batch")
	}
	if err := c.compileBack(l); err != nil {
		return nil, errors.WithMessage(err, "gradient of a chunk")
	}
	for _, p := range c.params {
		c.sums = append(c.sums, tensor.New(tensor.WithShape(p.Value.Shape()...), tensor.Of(dt)))
	}
	c.updates = c.back.Updates()
	for _, u := range c.updates {
		c.means = append(c.means, tensor.New(tensor.WithShape(u.Shape()...), tensor.Of(dt)))
	}
	return c, nil
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
	if c.ahead, err = nn.Compile(g, nn.Outputs{Values: gorgonia.Nodes{z}}, l.Options); err != nil {
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
	c.z = features.Value
	g := nn.NewGraph(nn.Train)
	z, err := g.Bind(features)
	if err != nil {
		return err
	}
	y, err := g.Input("y", l.y)
	if err != nil {
		return err
	}
	loss, err := l.Loss.Loss(g, z, y)
	if err != nil {
		return err
	}
	if n := len(g.Params()) - 1; n > 0 {
		return errors.Errorf("the loss has %d parameters of its own: such a loss needs the whole batch, so set Chunk to 0", n)
	}
	if c.loss, err = nn.Compile(g, nn.Outputs{Loss: loss, Wrt: []*nn.Param{features}}, l.Options); err != nil {
		return err
	}
	c.g, err = c.loss.Grad(features)
	return err
}

// compileBack compiles ⟨Zⱼ, Gⱼ⟩ and its gradient by the parameters.
func (c *chunked) compileBack(l *Loop) error {
	g, z, err := c.forward(l)
	if err != nil {
		return err
	}
	gj, err := g.Input("upstream gradient", c.gj)
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

// run computes the loss of the batch in x and the targets that the loss reads, and
// the gradient. A loss that is not finite it returns at once.
func (c *chunked) run(x *tensor.Dense, step int) (loss float64, err error) {
	n := x.Shape()[0] / c.size
	for j := range n {
		copyPart(c.x, 0, x, j, n)
		c.ahead.SetStep(c.draw(step, j, n))
		if err := c.ahead.Run(); err != nil {
			return 0, errors.WithMessagef(err, "chunk %d of %d", j+1, n)
		}
		copyPart(c.z, j, c.features, 0, n)
	}
	c.loss.SetStep(step)
	if err := c.loss.Run(); err != nil {
		return 0, err
	}
	loss = c.loss.Loss()
	if math.IsNaN(loss) || math.IsInf(loss, 0) {
		return loss, nil
	}
	for j := range n {
		copyPart(c.x, 0, x, j, n)
		copyPart(c.gj, 0, c.g, j, n)
		c.back.SetStep(c.draw(step, j, n))
		if err := c.back.Run(); err != nil {
			return 0, errors.WithMessagef(err, "gradient of chunk %d of %d", j+1, n)
		}
		for i, part := range c.back.Grads() {
			accumulate(c.sums[i], part, j == 0)
		}
		for i, next := range c.updates {
			accumulate(c.means[i], next, j == 0)
		}
	}
	return loss, nil
}

// commit moves running statistics once, by the mean of what the chunks have them
// become.
func (c *chunked) commit() {
	n := float64(c.z.Shape()[0] / c.size)
	for i, next := range c.updates {
		divide(next, c.means[i], n)
	}
	c.back.Commit()
}

// divide stores sum/n in mean.
func divide(mean, sum *tensor.Dense, n float64) {
	if mean.Dtype() == tensor.Float32 {
		for i, v := range sum.Float32s() {
			mean.Float32s()[i] = v / float32(n)
		}
		return
	}
	for i, v := range sum.Float64s() {
		mean.Float64s()[i] = v / n
	}
}

// draw is the number of the step from which layers draw for a chunk: another one
// for each chunk of each step, the same whenever that chunk is computed, and the
// step's own if the batch is one chunk.
func (c *chunked) draw(step, j, chunks int) int { return (step-1)*chunks + j + 1 }

// close frees the graphs.
func (c *chunked) close() error {
	var first error
	for _, p := range []*nn.Program{c.ahead, c.loss, c.back} {
		if err := p.Close(); first == nil {
			first = err
		}
	}
	return first
}

// copyPart copies the part from of src to the part to of dst, where the larger of
// the two has n parts and the other is one.
func copyPart(dst *tensor.Dense, to int, src *tensor.Dense, from, n int) {
	size := max(dst.Size(), src.Size()) / n
	if dst.Dtype() == tensor.Float32 {
		copy(dst.Float32s()[to*size:(to+1)*size], src.Float32s()[from*size:(from+1)*size])
	} else {
		copy(dst.Float64s()[to*size:(to+1)*size], src.Float64s()[from*size:(from+1)*size])
	}
}

// accumulate adds part to sum, or replaces it by the first part.
func accumulate(sum, part *tensor.Dense, first bool) {
	switch {
	case first:
		copyInto(sum, part)
	case sum.Dtype() == tensor.Float32:
		add(sum.Float32s(), part.Float32s())
	default:
		add(sum.Float64s(), part.Float64s())
	}
}

func add[T float32 | float64](sum, part []T) {
	for i, v := range part[:len(sum)] {
		sum[i] += v
	}
}
