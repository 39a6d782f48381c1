package nn

import (
	stderrors "errors"
	"log/slog"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/engine"
)

// Outputs says what a program computes. Nodes that no output needs are left out.
type Outputs struct {
	Loss   *gorgonia.Node   // a scalar; nil if only values are wanted
	Wrt    []*Param         // differentiate Loss by these, but for those that are Frozen
	Values []*gorgonia.Node // keep these to be read by Program.Value
}

// Options says how a program runs. The zero value uses every core.
//
// On a device, the loss, the probes of one element and Outputs.Values come back
// to the host after every run; gradients and larger probes do when Grad or Probe
// asks for them. Close every program before the device.
type Options struct {
	Workers int  // goroutines that share the work; 0 is GOMAXPROCS. Results do not depend on it
	Profile bool // time every op, for Program.Profile; costs about 0.1 µs an op

	Device  *cuda.Device // where to run, from cuda.Open; nil is the host
	HostOps bool         // run ops without a CUDA kernel on the host, instead of an error
	Logger  *slog.Logger // is warned once of such ops; nil is no one
}

// A Program is a compiled graph. It is a gorgonia.VM. A run allocates nothing;
// the tensors that it returns are views of its memory, valid until the next
// run. Its methods may not be called concurrently.
type Program struct {
	run    *engine.Program // nil in what Compile did not make
	loss   *gorgonia.Node
	params []*Param
	grads  []*tensor.Dense
	probes []string
	byName map[string]*tensor.Dense
	step   *tensor.Dense
	after  []commit

	watched gorgonia.Nodes          // what CheckFinite examines, together with everything that it is computed from
	bound   map[*gorgonia.Node]bool // the parameters

	resides *deviceState // nil on the host
	left    bool         // the device
}

// A commit is the place of a parameter's next value.
type commit struct{ param, next *tensor.Dense }

var _ gorgonia.VM = (*Program)(nil)

// Compile returns the program that computes out and g's probes.
//
// Errors: a loss that is not a scalar, a parameter of out.Wrt that is not in the
// graph (ErrUnbound) or that the loss does not depend on, an input without a
// value, two nodes that Gorgonia would confuse, a stock Gorgonia op that is known to be
// wrong (ErrInput, with what to use in its place; docs/gorgonia.md has the list).
func Compile(g *Graph, out Outputs, opts ...Options) (*Program, error) {
	var opt Options
	switch len(opts) {
	case 0:
	case 1:
		opt = opts[0]
	default:
		return nil, errors.Errorf("nn: compile: %d Options, want at most one", len(opts))
	}
	if err := g.check(); err != nil {
		return nil, errors.WithMessage(err, "nn: compile")
	}
	out.Wrt = Trained(out.Wrt)
	wanted := g.wanted(out)
	if len(wanted) > 0 { // before Gorgonia differentiates an op that panics
		if err := engine.CheckStock(wanted); err != nil {
			return nil, errors.WithMessage(err, "nn: compile")
		}
	}
	grads, err := g.backward(out)
	if err != nil {
		return nil, errors.WithMessage(err, "nn: compile")
	}
	place, resides, err := g.placement(opt, out, grads)
	if err != nil {
		return nil, errors.WithMessage(err, "nn: compile")
	}
	run, err := engine.Compile(append(wanted, grads...), engine.Config{Workers: opt.Workers, Profile: opt.Profile,
		Placement: place})
	if err != nil {
		if resides != nil {
			if e := leave(resides.Device, resides.params); e != nil {
				return nil, errors.WithMessagef(err, "nn: compile: %v; and then", e)
			}
		}
		return nil, errors.WithMessage(err, "nn: compile")
	}
	p := &Program{run: run, loss: out.Loss, params: out.Wrt, byName: make(map[string]*tensor.Dense), step: g.step,
		resides: resides}
	p.watch(g, out, grads)
	if err := p.pin(g, grads); err != nil {
		return nil, errors.WithMessage(stderrors.Join(err, p.Close()), "nn: compile")
	}
	if resides != nil {
		if err := p.settle(g, append(wanted, grads...)); err != nil {
			return nil, errors.WithMessage(stderrors.Join(err, p.Close()), "nn: compile")
		}
	}
	return p, nil
}

// wanted returns what a program computes besides gradients.
func (g *Graph) wanted(out Outputs) gorgonia.Nodes {
	wanted := append(gorgonia.Nodes(nil), out.Values...)
	if out.Loss != nil {
		wanted = append(wanted, out.Loss)
	}
	for _, p := range g.probes {
		wanted = append(wanted, p.node)
	}
	for _, u := range g.after {
		wanted = append(wanted, u.node)
	}
	return wanted
}

// backward adds the gradients of out.Loss to the graph.
func (g *Graph) backward(out Outputs) (gorgonia.Nodes, error) {
	if len(out.Wrt) == 0 {
		return nil, nil
	}
	if out.Loss == nil {
		return nil, errors.Errorf("gradients of no loss by %d parameters", len(out.Wrt))
	}
	if build.Rank(out.Loss) < 0 {
		return nil, errors.New("the loss is a node of no graph")
	}
	if !out.Loss.IsScalar() {
		return nil, errors.Errorf("the loss has shape %v, want a scalar", out.Loss.Shape())
	}
	wrt, err := g.nodes(out.Wrt)
	if err != nil {
		return nil, err
	}
	// This does not use gorgonia.Grad, which puts one global constant node into every graph, so that two graphs could
	// not be built at the same time; nor two constants of its own, since Gorgonia identifies constants that print
	// alike.
	var one gorgonia.Value = gorgonia.NewF64(1)
	if out.Loss.Dtype() == tensor.Float32 {
		one = gorgonia.NewF32(1)
	}
	grads, err := gorgonia.Backpropagate(gorgonia.Nodes{out.Loss}, gorgonia.Nodes{g.Constant(one)}, wrt)
	return grads, errors.Wrap(err, "gradient")
}

// pin looks up once what the accessors return at every step.
func (p *Program) pin(g *Graph, grads gorgonia.Nodes) error {
	for i, n := range grads {
		d, err := p.Value(n)
		if err != nil {
			return err
		}
		if d.Size() != p.params[i].Value.Size() {
			return errors.Errorf("nn: compile: the gradient of %q has shape %v, want %v", p.params[i].Name, d.Shape(),
				p.params[i].Value.Shape())
		}
		p.grads = append(p.grads, d)
	}
	for _, pr := range g.probes {
		v, err := p.Value(pr.node)
		if err != nil {
			return err
		}
		p.probes = append(p.probes, pr.name)
		p.byName[pr.name] = v
	}
	for _, u := range g.after {
		v, err := p.Value(u.node)
		if err != nil {
			return err
		}
		p.after = append(p.after, commit{u.param.Value, v})
	}
	return nil
}

// Commit stores what the last run computed for the parameters that Graph.Update
// named, such as the running statistics of a batch norm: call it once a step,
// where the optimizer takes its step. Without such parameters it does nothing.
func (p *Program) Commit() {
	if p.none() {
		return
	}
	if r := p.resides; r != nil {
		if len(r.updates) > 0 && r.failed == nil {
			r.failed = r.Device.Do(r.store)
		}
		return
	}
	for _, c := range p.after {
		if c.param.Dtype() == tensor.Float32 {
			copy(c.param.Float32s(), c.next.Float32s())
		} else {
			copy(c.param.Float64s(), c.next.Float64s())
		}
	}
}

// Loss returns the loss of the last run, NaN if the program has none.
func (p *Program) Loss() float64 {
	if p.none() || p.loss == nil {
		return nan
	}
	v, err := p.Value(p.loss)
	if err != nil {
		return nan
	}
	return scalar(v)
}

// Params returns the parameters that the loss is differentiated by.
func (p *Program) Params() []*Param {
	if p == nil {
		return nil
	}
	return p.params
}

// Grads returns the gradient of each of Params, in their order. On a device they
// stand for gradients that stay there, for Optimizer.Step: read them with Grad.
func (p *Program) Grads() []*tensor.Dense {
	if p == nil {
		return nil
	}
	return p.grads
}

// Grad returns the gradient of the loss by one parameter.
func (p *Program) Grad(q *Param) (*tensor.Dense, error) {
	if p.none() {
		return nil, errNone()
	}
	if q == nil {
		return nil, errors.Wrap(ErrUnbound, "nn: no gradient by no parameter")
	}
	for i, have := range p.params {
		if have == q {
			if p.resides != nil {
				return p.grads[i], p.fetch(p.resides.grads[i])
			}
			return p.grads[i], nil
		}
	}
	return nil, errors.Wrapf(ErrUnbound, "nn: no gradient by %q: name it in Outputs.Wrt", q.Name)
}

// Probes returns the names of the probes, in the order they were set.
func (p *Program) Probes() []string {
	if p == nil {
		return nil
	}
	return p.probes
}

// Probe returns the value of the probe of that name. A scalar is a vector of
// length 1.
func (p *Program) Probe(name string) (*tensor.Dense, error) {
	if p.none() {
		return nil, errNone()
	}
	if v, ok := p.byName[name]; ok {
		if p.resides != nil {
			return v, p.fetch(p.resides.probes[name])
		}
		return v, nil
	}
	return nil, errors.Errorf("nn: no probe %q among %q", name, p.probes)
}

// Scalar returns the value of a probe of one element, NaN if there is none of
// that name or it has more.
func (p *Program) Scalar(name string) float64 {
	if p.none() {
		return nan
	}
	v, ok := p.byName[name]
	if !ok || v.Size() != 1 {
		return nan
	}
	if p.resides != nil && p.fetch(p.resides.probes[name]) != nil { // of a parameter
		return nan
	}
	return scalar(v)
}

// SetStep sets the number of the step that Graph.Step's node holds. Without such
// a node it does nothing.
func (p *Program) SetStep(step int) {
	if p != nil && p.step != nil {
		p.step.Float64s()[0] = float64(step)
	}
}
