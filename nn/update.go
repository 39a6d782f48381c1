package nn

import (
	"fmt"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/engine"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// An Update is a program of one op that changes parameters and states of its own
// (op.Spec.Writes), from gradients and numbers. It runs where the gradients are, and
// allocates nothing when it runs. Its methods may not be called concurrently.
type Update struct {
	run    *engine.Program // nil when the parameters have left their device
	in     []UpdateInput
	states []*Param
	device *cuda.Device
}

// An UpdateInput is what an Update reads and writes for one parameter.
type UpdateInput struct {
	Param *Param
	Grad  *tensor.Dense // one of Program.Grads
	State []*Param      // such as moments
}

// NewUpdate returns the update of one op, k, whose inputs are, for each of in, the
// parameter, its gradient and its states, and last numbers, a float64 vector that may
// change from run to run.
func NewUpdate(k op.Op, in []UpdateInput, numbers *tensor.Dense) (u *Update, err error) {
	if k == nil || len(in) == 0 {
		return nil, errors.Errorf("nn: update of %d parameters by op %v", len(in), k)
	}
	u = &Update{in: in}
	g := NewGraph(Train)
	at := make(map[*gorgonia.Node]launch.Ptr)
	var nodes gorgonia.Nodes
	for i, x := range in {
		if nodes, err = u.bind(g, nodes, x.Param); err != nil {
			return nil, err
		}
		d, err := g.Input(fmt.Sprintf("gradient %d", i), x.Grad)
		if err != nil {
			return nil, err
		}
		if m, ptr, ok := x.Param.OnDevice(x.Grad); ok {
			u.device, at[d] = m.Device(), ptr
		}
		u.states = append(u.states, x.State...)
		if nodes, err = u.bind(g, append(nodes, d), x.State...); err != nil {
			return nil, err
		}
	}
	last, err := g.Input("numbers", numbers)
	if err != nil {
		return nil, err
	}
	out, err := op.Apply(k, append(nodes, last)...)
	if err != nil {
		return nil, err
	}
	return u, errors.WithMessage(u.compile(g, out, at), "nn: update")
}

func (u *Update) bind(g *Graph, nodes gorgonia.Nodes, params ...*Param) (gorgonia.Nodes, error) {
	for _, p := range params {
		n, err := g.Bind(p)
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, n)
	}
	return nodes, nil
}

func (u *Update) compile(g *Graph, out *gorgonia.Node, at map[*gorgonia.Node]launch.Ptr) (err error) {
	place := engine.Placement{Device: u.device, At: at}
	if u.device != nil {
		if place.Mirrors, err = g.enter(u.device, u.states); err != nil {
			return err
		}
		for _, x := range u.in {
			place.Mirrors[g.bound[x.Param]] = x.Param.device.mirror
		}
		first := u.in[0].Param.device
		first.updates = append(first.updates, u)
	}
	u.run, err = engine.Compile(gorgonia.Nodes{out}, engine.Config{Placement: place})
	return err
}

// close ends an update on a device, with the states.
func (u *Update) close() error {
	if u.run == nil {
		return nil
	}
	err := u.run.Close()
	u.run = nil
	if e := leave(u.device, u.states); err == nil {
		err = e
	}
	return err
}

// Run changes the parameters. On a device it returns before that is done, and an
// error is the next one's.
func (u *Update) Run() error {
	if u == nil || u.run == nil {
		return errors.New("nn: update of parameters that have left their device, or that NewUpdate did not make")
	}
	if u.device == nil {
		return u.run.Run()
	}
	if err := u.run.Wait(); err != nil {
		return err
	}
	if err := u.run.Start(); err != nil {
		return err
	}
	u.in[0].Param.Account(u.in[0].Grad, u.run.Traffic())
	return nil
}

// Gone reports whether the parameters have left the device of the update.
func (u *Update) Gone() bool { return u == nil || u.run == nil }
