package nn

import (
	"hash/fnv"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/op/dropout"
	"github.com/whitebox-nn/whitebox/op"
)

// Dropout sets elements of x to zero with probability rate and divides the others
// by 1−rate, in a graph in Train mode; in Eval mode, and for rate 0, it returns x.
//
// Which elements are set to zero is a function of seed, stream, the number of the step ([Program.SetStep]) and the
// element's index: give each layer a stream of its own, such as its name. Shapes: x of any rank, out as x.
// Differentiable. Errors: a rate outside [0, 1) (ErrInput). See package dropout.
func Dropout(g *Graph, x *gorgonia.Node, rate float64, seed uint64, stream string) (*gorgonia.Node, error) {
	if build.Rank(x) < 0 {
		return nil, errors.Wrap(ErrInput, "nn: dropout of no node")
	}
	if !(rate >= 0 && rate < 1) {
		return nil, errors.Wrapf(ErrInput, "nn: dropout: rate is %v, want it from 0 to 1, 1 excluded", rate)
	}
	if err := g.check(); err != nil {
		return nil, err
	}
	if g.Mode == Eval || rate == 0 {
		return x, nil
	}
	step, err := g.Step()
	if err != nil {
		return nil, err
	}
	return op.Apply(dropout.Dropout{Rate: rate, Stream: streamOf(seed, stream)}, x, step)
}

// streamOf joins a seed and a name to 64 bits.
func streamOf(seed uint64, name string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(name)) // never an error
	return h.Sum64() ^ seed*0x9e3779b97f4a7c15
}
