package nn

import (
	"fmt"
	"strings"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
)

// A NotFinite says where in a run a number first was not finite: it is the error of [Program.CheckFinite], for
// errors.As. It wraps ErrNotFinite.
type NotFinite struct {
	Input string // the input with such a number; "" if all inputs are finite
	Param string // the parameter with one; "" if all are finite
	Op    string // else the op that made one of finite inputs: "linear.Affine"

	Layer    string // of the op, by the names of the parameters that it reads; "" for an op of no parameters
	After    string // the layer that such an op comes after; "" for none
	Gradient bool   // the op is of the gradient and not of the loss
	Number   int    // of the op, in running order, from 1
	Ops      int    // of the program

	Value float64 // NaN, +Inf or -Inf
	Index int     // of the element
	Shape []int
}

// Error says what, where and which number.
func (e *NotFinite) Error() string {
	if e == nil {
		return "finite"
	}
	var b strings.Builder
	switch {
	case e.Input != "":
		fmt.Fprintf(&b, "input %q is %v", e.Input, e.Value)
	case e.Param != "":
		fmt.Fprintf(&b, "parameter %q is %v", e.Param, e.Value)
	default:
		b.WriteString(e.Op)
		if e.Layer != "" {
			fmt.Fprintf(&b, " of layer %q", e.Layer)
		}
		if e.After != "" {
			fmt.Fprintf(&b, " after layer %q", e.After)
		}
		if e.Gradient {
			b.WriteString(" in the gradient")
		}
		fmt.Fprintf(&b, " (op %d of %d) gives %v from finite inputs", e.Number, e.Ops, e.Value)
	}
	fmt.Fprintf(&b, ", at element %d of %v", e.Index, e.Shape)
	return b.String()
}

// Unwrap returns ErrNotFinite.
func (e *NotFinite) Unwrap() error { return ErrNotFinite }

// CheckFinite finds where in the last run a number first was not finite. It returns a *NotFinite that names the first
// op, in running order, whose output has a NaN or an infinity although all of its inputs are finite, with the layer
// that it is of, or else the input or the parameter that has one:
//
//	linear.Affine of layer "mlp.2" (op 7 of 31) gives +Inf from finite inputs, at element 3 of [64 10]
//
// It returns nil if all that the loss, its gradients and Outputs.Values are computed
// from is finite. Call it after a run, before the inputs or the parameters change: it
// runs the program once more, op by op, and changes nothing. Ordinary runs pay nothing
// for it.
//
// Errors: also those of the run itself, if it fails before any number is not finite. Cost: a run and a reading of all
// values, which on a device travel to the host.
func (p *Program) CheckFinite() error {
	if p.none() {
		return errNone()
	}
	o, err := p.run.NotFinite(p.watched)
	if err != nil || o == nil {
		return errors.WithMessage(err, "nn: where numbers are not finite")
	}
	e := &NotFinite{Number: o.Op, Ops: p.run.Len(), Value: o.Value, Index: o.Index, Shape: o.Node.Shape()}
	switch {
	case o.Op > 0:
		e.Op, e.Gradient = o.Label(), p.loss != nil && o.Node.ID() > p.loss.ID()
		p.nearest(o.Leaves, o.Direct, e)
	case p.bound[o.Node]:
		e.Param = o.Label()
	default:
		e.Input = o.Label()
	}
	return errors.WithStack(e)
}

// nearest names the layer of the first parameter among leaves, direct of which are
// the op's own inputs.
func (p *Program) nearest(leaves gorgonia.Nodes, direct int, e *NotFinite) {
	for i, leaf := range leaves {
		if !p.bound[leaf] {
			continue
		}
		layer := leaf.Name()
		if dot := strings.LastIndexByte(layer, '.'); dot > 0 {
			layer = layer[:dot]
		}
		if i < direct {
			e.Layer = layer
		} else {
			e.After = layer
		}
		return
	}
}

// watch stores what CheckFinite needs.
func (p *Program) watch(g *Graph, out Outputs, grads gorgonia.Nodes) {
	p.watched = append(append(gorgonia.Nodes(nil), out.Values...), grads...)
	if out.Loss != nil {
		p.watched = append(p.watched, out.Loss)
	}
	if len(p.watched) == 0 { // a probe may be infinite, unless it is all that there is
		for _, pr := range g.probes {
			p.watched = append(p.watched, pr.node)
		}
	}
	p.bound = make(map[*gorgonia.Node]bool, len(g.bound))
	for _, n := range g.bound {
		p.bound[n] = true
	}
}
