package nn

import (
	"fmt"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/engine"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// An Update is a program of one op that changes parameters, gradients and states of its own (op.Spec.Writes), or
// computes a number of them. It runs on the device, or the host, that holds the parameters, and allocates nothing
// when it runs. Its methods may not be called concurrently.
type Update struct {
	run    *engine.Program // nil when the parameters have left their device
	out    *gorgonia.Node
	in     []UpdateInput
	states []*Param
	place  engine.Placement // no Device is the host
	failed error            // of a run that had not been waited for when the parameters left the device
}

// An UpdateInput is what an Update reads and writes for one parameter.
type UpdateInput struct {
	Param *Param
	Grad  *tensor.Dense // one of Program.Grads; nil is none
	State []*Param      // such as moments
}

// NewUpdate returns the update of one op, k, whose inputs are, for each of in, the parameter, its gradient and its
// states, and last numbers, a float64 vector that may change from run to run, and shared, float64 vectors that the
// updates of a step have in common, such as a gate: one update closes it, and the others then change nothing. It runs
// on a device if the gradients lie on the device of their parameters, or if there are none and the parameters are on
// one.
//
// Errors: nothing to update; parameters on two devices; what the op reports.
func NewUpdate(k op.Op, in []UpdateInput, numbers *tensor.Dense, shared ...*Param) (u *Update, err error) {
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
		if x.Grad != nil {
			d, err := g.Input(fmt.Sprintf("gradient %d", i), x.Grad)
			if err != nil {
				return nil, err
			}
			if _, ptr, ok := x.Param.onDevice(x.Grad); ok {
				at[d] = ptr
			}
			nodes = append(nodes, d)
		}
		if err := u.locate(x); err != nil {
			return nil, err
		}
		u.states = append(u.states, x.State...)
		if nodes, err = u.bind(g, nodes, x.State...); err != nil {
			return nil, err
		}
	}
	last, err := g.Input("numbers", numbers)
	if err != nil {
		return nil, err
	}
	u.states = append(u.states, shared...)
	if nodes, err = u.bind(g, append(nodes, last), shared...); err != nil {
		return nil, err
	}
	if u.out, err = op.Apply(k, nodes...); err != nil {
		return nil, err
	}
	return u, errors.WithMessage(u.compile(g, at), "nn: update")
}

// locate finds the device of x.
func (u *Update) locate(x UpdateInput) error {
	m := x.Param.mirror()
	if x.Grad != nil {
		m, _, _ = x.Param.onDevice(x.Grad)
		if _, _, ok := x.Param.onDevice(x.Grad); !ok {
			return nil
		}
	}
	if m == nil {
		return nil
	}
	if u.place.Device != nil && u.place.Device != m.Device() {
		return errors.Errorf("parameters %q and %q are on two devices: an optimizer each", u.in[0].Param.Name,
			x.Param.Name)
	}
	u.place.Device = m.Device()
	return nil
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

func (u *Update) compile(g *Graph, at map[*gorgonia.Node]launch.Ptr) (err error) {
	u.place.At = at
	if u.place.Device != nil {
		if u.place.Mirrors, err = g.enter(u.place.Device, u.states); err != nil {
			return err
		}
		for _, x := range u.in {
			u.place.Mirrors[g.bound[x.Param]] = x.Param.device.mirror
			x.Param.device.updates = append(x.Param.device.updates, u)
		}
	}
	u.run, err = engine.Compile(gorgonia.Nodes{u.out}, engine.Config{Placement: u.place})
	if err != nil && u.place.Device != nil {
		if e := leave(u.place.Device, u.states); e != nil {
			return errors.WithMessagef(err, "%v; and then", e)
		}
	}
	return err
}

// close ends an update on a device, with the states.
func (u *Update) close() error {
	if u.run == nil {
		return nil
	}
	u.failed = u.run.Wait()
	err := u.run.Close()
	u.run = nil
	if e := leave(u.place.Device, u.states); err == nil {
		err = e
	}
	return err
}

// Run changes the parameters. On a device it returns before that is done, and waits for
// nothing if a program has been waited for since the last Run; an error is that of Wait
// or of the next Run.
func (u *Update) Run() error {
	if u == nil || u.run == nil {
		return errors.New("nn: an update whose parameters have left their device, or that NewUpdate did not make")
	}
	if u.place.Device == nil {
		return u.run.Run()
	}
	if err := u.run.Wait(); err != nil {
		return err
	}
	if err := u.run.Start(); err != nil {
		return err
	}
	u.in[0].Param.account(u.in[0].Grad, u.run.Traffic())
	return nil
}

// Wait waits until the last Run is done, where nobody has waited for the device since,
// and returns its error, once: what the op reports of its data.
func (u *Update) Wait() error {
	if u == nil || u.run == nil {
		err := error(nil)
		if u != nil {
			err, u.failed = u.failed, nil
		}
		return err
	}
	return u.run.Wait()
}

// Value waits for the run, and returns the first element of the op's output.
func (u *Update) Value() (float64, error) {
	if u == nil || u.run == nil {
		return 0, errors.New("nn: an update whose parameters have left their device, or that NewUpdate did not make")
	}
	if err := u.run.Wait(); err != nil {
		return 0, err
	}
	v, err := u.run.Value(u.out)
	if err != nil {
		return 0, err
	}
	if v.Dtype() == tensor.Float32 {
		return float64(v.Float32s()[0]), nil
	}
	return v.Float64s()[0], nil
}

// Gone reports whether the parameters have left the device of the update.
func (u *Update) Gone() bool { return u == nil || u.run == nil }
