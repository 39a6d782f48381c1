// Package nn is the vocabulary of white-box networks: the operations that act
// on graph nodes, the parameters that outlive a graph, the graph under
// construction that joins the two, and the program that a graph becomes.
//
// Operations are functions of nodes (Linear, SoftThreshold, …) and hold no
// parameters; package layers pairs them with parameters. Rows are samples: features
// are n×d. Families of operations have packages of their own below this one.
//
// A model is built once and run many times:
//
//	g := nn.NewGraph(nn.Train)
//	x := build the inputs (g.Input), bind the parameters (g.Bind), apply operations
//	p, err := nn.Compile(g, nn.Outputs{Loss: loss, Wrt: params})
//	for … { fill the inputs; p.Run(); optimizer.Step(p.Grads()); p.Commit() }
//
// A compiled program reads inputs and parameters where they lie, keeps its
// intermediates in memory planned once, and allocates nothing when it runs.
package nn

import (
	"fmt"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/sizes"
)

// A Param is a named tensor that a model owns and an optimizer updates.
//
// It belongs to no graph. Every graph it is bound into shares its memory, so
// one set of weights serves a training graph and an evaluation graph of another
// batch size, and a checkpoint is a list of Params.
type Param struct {
	Name    string        // unique in a model: "stage1.block0.lista.we"
	Value   *tensor.Dense // float32 or float64, contiguous, row-major
	NoDecay bool          // exempt from weight decay: biases, thresholds, gains
	Frozen  bool          // not trained: a statistic that Graph.Update changes, or a weight that is kept

	device  *deviceCopy // nil where no program on a device has it
	standIn string      // what its value holds instead of its own; "" is nothing
}

// SetStandIn records that p.Value for a while holds other values than p's own; what describes them, such as "the
// averages of an EMA". The caller keeps p's own values elsewhere, and calls SetStandIn("") when they are back.
// Meanwhile, functions that save or change p's own values return an error.
func (p *Param) SetStandIn(what string) {
	if p == nil {
		return
	}
	p.standIn = what
}

// StandIn returns the description of what p.Value holds instead of p's own values, "" if it holds p's own values.
func (p *Param) StandIn() string {
	if p == nil {
		return ""
	}
	return p.standIn
}

// NewParam returns a parameter of zeros.
func NewParam(name string, dt tensor.Dtype, shape ...int) (*Param, error) {
	if name == "" {
		return nil, errors.New("nn: a parameter needs a name")
	}
	if dt != tensor.Float32 && dt != tensor.Float64 {
		return nil, errors.Errorf("nn: parameter %q is %v, want float32 or float64", name, dt)
	}
	for _, d := range shape {
		if d < 1 {
			return nil, errors.Errorf("nn: parameter %q has shape %v, want every dimension at least 1", name, shape)
		}
	}
	if len(shape) == 0 {
		return nil, errors.Errorf("nn: parameter %q is a scalar: give it shape (1)", name)
	}
	if err := sizes.Check(fmt.Sprintf("nn: parameter %q", name), shape...); err != nil {
		return nil, err
	}
	return &Param{Name: name, Value: tensor.New(tensor.WithShape(shape...), tensor.Of(dt))}, nil
}

// Check reports a parameter that has no memory of numbers.
func (p *Param) Check() error {
	switch {
	case p == nil:
		return errors.New("nn: no parameter: nil")
	case isEmpty(p.Value):
		return errors.Errorf("nn: parameter %q has no value: make it by NewParam", p.Name)
	case p.Value.Dtype() != tensor.Float32 && p.Value.Dtype() != tensor.Float64:
		return errors.Errorf("nn: parameter %q is %v, want float32 or float64", p.Name, p.Value.Dtype())
	case p.Value.RequiresIterator() || p.Value.DataOrder().IsColMajor():
		return errors.Errorf("nn: parameter %q is a view or column-major: make it contiguous and row-major", p.Name)
	}
	return nil
}

// Size returns the number of elements of the params that are trained.
func Size(params []*Param) int {
	n := 0
	for _, p := range Trained(params) {
		if p != nil && !isEmpty(p.Value) {
			n += p.Value.Size()
		}
	}
	return n
}

// Trained returns the params that are not Frozen, in their order.
func Trained(params []*Param) []*Param {
	var trained []*Param
	for _, p := range params {
		if p == nil || !p.Frozen { // nil parameters are reported elsewhere
			trained = append(trained, p)
		}
	}
	return trained
}
