// Package losses holds objectives: scalars to minimize, added to the graph of a
// model's output and a target.
//
// A loss is a struct of hyper-parameters whose zero value is the paper's choice.
// Its parts are probes of the graph (nn.Graph.Probe), so that every program
// compiled from it can report them: the rates R, Rc and delta_R of MCR2, the
// value of each loss under its name.
package losses

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/given"
	"github.com/whitebox-nn/whitebox/internal/matrix"
	"github.com/whitebox-nn/whitebox/nn"
)

// A Loss adds a scalar to the graph of out and target.
type Loss interface {
	// Loss returns the scalar to minimize. Out is what the model returned for a
	// batch; target is what the source gave with it.
	Loss(g *nn.Graph, out, target *gorgonia.Node) (*gorgonia.Node, error)
}

// A Term is a loss with its weight in a Sum.
type Term struct {
	Weight float64
	Loss   Loss
}

// Sum is the weighted sum of losses of one output and target,
//
//	Σᵢ wᵢ lossᵢ(out, target)
//
// Each term keeps its probes; give terms of one kind names of their own.
type Sum []Term

var _ Loss = Sum{}

// Loss implements Loss.
func (l Sum) Loss(g *nn.Graph, out, target *gorgonia.Node) (*gorgonia.Node, error) {
	return l.sum(func(t Loss) (*gorgonia.Node, error) { return t.Loss(g, out, target) })
}

// sum adds up the terms, and calls term for the value of each.
func (l Sum) sum(term func(Loss) (*gorgonia.Node, error)) (sum *gorgonia.Node, err error) {
	defer build.Catch(&err, "losses: Sum")
	if len(l) == 0 {
		return nil, errors.New("no terms")
	}
	for i, t := range l {
		if given.Nil(t.Loss) || !matrix.Finite(t.Weight) {
			return nil, errors.Errorf("term %d is %v × %v, want a loss and a finite weight", i, t.Weight, t.Loss)
		}
		x := build.Must(term(t.Loss))
		if t.Weight != 1 {
			x = build.Must(nn.Scale(x, t.Weight))
		}
		if sum == nil {
			sum = x
		} else {
			sum = build.Must(nn.Add(sum, x))
		}
	}
	return sum, nil
}

// A Comparer sets probes that compare what it computed in g with the target, as
// models.LISTANet does for the codes of its layers.
type Comparer interface {
	Compare(g *nn.Graph, target *gorgonia.Node) error
}

// Compared adds to a loss the model's own comparison of its intermediate results with the target: the model itself
// sees only the samples, and the loss only the last output.
//
// Its value and its gradient are those of Of; its probes are those of Of and of
// Model. Errors: no Of or no Model; theirs.
type Compared struct {
	Of    Loss     // what is minimized
	Model Comparer // what is trained
}

var _ Loss = Compared{}

// Loss implements Loss.
func (l Compared) Loss(g *nn.Graph, out, target *gorgonia.Node) (*gorgonia.Node, error) {
	if err := l.compare(g, target); err != nil {
		return nil, err
	}
	return l.Of.Loss(g, out, target)
}

// compare sets the model's probes.
func (l Compared) compare(g *nn.Graph, target *gorgonia.Node) error {
	if given.Nil(l.Of) || given.Nil(l.Model) {
		return errors.Errorf("losses: Compared: Of is %v and Model %v, want a loss and the model that it trains",
			l.Of, l.Model)
	}
	return errors.WithMessage(l.Model.Compare(g, target), "losses: Compared")
}

// Config returns the loss that is minimized: measurements beside it are not part of the record of a run.
func (l Compared) Config() Loss { return l.Of }

// named returns name, or name.part if the loss has a name of its own.
func named(prefix, part string) string {
	if prefix == "" {
		return part
	}
	return prefix + "." + part
}
