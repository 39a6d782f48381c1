package nn

import (
	stderrors "errors"
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/build"
)

// Mode tells a layer what its graph is for.
type Mode int

const (
	Train Mode = iota // statistics of the batch, dropout on
	Eval              // running statistics, dropout off
)

// String returns "train" or "eval".
func (m Mode) String() string {
	if m == Train {
		return "train"
	}
	return "eval"
}

// ErrDuplicate reports two inputs or parameters of one name in one graph.
// Gorgonia would merge their nodes, and use one for both.
var ErrDuplicate = stderrors.New("two of one name")

// ErrUnbound reports a parameter that no layer bound: it would never be trained.
var ErrUnbound = stderrors.New("parameter is not in the graph")

// A Graph is an expression graph under construction: Gorgonia's, with the
// parameters bound into it, the inputs made for it and the probes set in it.
type Graph struct {
	*gorgonia.ExprGraph
	Mode Mode

	made   *gorgonia.ExprGraph // that NewGraph put there
	bound  map[*Param]*gorgonia.Node
	names  map[string]bool // of inputs and parameters
	params []*Param        // in the order of binding
	probes []probe
	after  []update
	step   *tensor.Dense // the input that Step returns, once made
	stepIn *gorgonia.Node
}

// NewGraph returns an empty graph.
func NewGraph(mode Mode) *Graph {
	g := gorgonia.NewGraph()
	return &Graph{
		ExprGraph: g,
		made:      g,
		Mode:      mode,
		bound:     make(map[*Param]*gorgonia.Node),
		names:     make(map[string]bool),
	}
}

// check reports a graph that NewGraph did not make.
func (g *Graph) check() error {
	if g == nil || g.made == nil || g.ExprGraph != g.made {
		return errors.New("nn: no graph: make it by NewGraph")
	}
	return nil
}

// Bind returns p's node in g, the same at every call.
func (g *Graph) Bind(p *Param) (*gorgonia.Node, error) {
	if p == nil {
		return nil, errors.New("nn: bind of no parameter: a layer that New did not make?")
	}
	if err := g.check(); err != nil {
		return nil, err
	}
	if n, ok := g.bound[p]; ok {
		return n, nil
	}
	n, err := g.Input(p.Name, p.Value)
	if err != nil {
		return nil, err
	}
	g.bound[p] = n
	g.params = append(g.params, p)
	return n, nil
}

// Input returns a node that reads v at every run: fill v, run.
func (g *Graph) Input(name string, v *tensor.Dense) (*gorgonia.Node, error) {
	if err := g.check(); err != nil {
		return nil, err
	}
	switch {
	case name == "":
		return nil, errors.New("nn: an input needs a name")
	case g.names[name]:
		return nil, errors.Wrapf(ErrDuplicate, "nn: input or parameter %q", name)
	case isEmpty(v):
		return nil, errors.Errorf("nn: input %q has no value", name)
	case v.Dtype() != tensor.Float32 && v.Dtype() != tensor.Float64:
		return nil, errors.Errorf("nn: input %q is %v, want float32 or float64", name, v.Dtype())
	case v.RequiresIterator() || v.DataOrder().IsColMajor():
		return nil, errors.Errorf("nn: input %q is a view or column-major: make it contiguous and row-major", name)
	}
	g.names[name] = true
	return gorgonia.NewTensor(g.ExprGraph, v.Dtype(), v.Dims(),
		gorgonia.WithShape(v.Shape()...), gorgonia.WithName(name), gorgonia.WithValue(v)), nil
}

// Params returns the parameters bound so far, in the order of binding.
func (g *Graph) Params() []*Param {
	if g == nil {
		return nil
	}
	return slices.Clone(g.params)
}

// nodes returns the node of each of params, in their order.
func (g *Graph) nodes(params []*Param) (gorgonia.Nodes, error) {
	ns := make(gorgonia.Nodes, len(params))
	for i, p := range params {
		if p == nil {
			return nil, errors.Wrapf(ErrUnbound, "nn: parameter %d is nil", i)
		}
		n, ok := g.bound[p]
		if !ok {
			return nil, errors.Wrapf(ErrUnbound, "nn: %q", p.Name)
		}
		ns[i] = n
	}
	return ns, nil
}

// A probe is a node that a reader of the program can ask for by name.
type probe struct {
	name string
	node *gorgonia.Node
}

// Probe names a node whose value every program compiled from g keeps: the parts
// of a loss, the codes of a layer. Read it with Program.Probe.
func (g *Graph) Probe(name string, n *gorgonia.Node) error {
	if err := g.check(); err != nil {
		return err
	}
	if build.Rank(n) < 0 {
		return errors.Errorf("nn: probe %q of no node", name)
	}
	if slices.ContainsFunc(g.probes, func(p probe) bool { return p.name == name }) {
		return errors.Wrapf(ErrDuplicate, "nn: probe %q", name)
	}
	g.probes = append(g.probes, probe{name, n})
	return nil
}

// An update is what a parameter becomes after a step.
type update struct {
	param *Param
	node  *gorgonia.Node
}

// Update makes a Frozen parameter, such as a running statistic, change with each step of a program: next is given the
// node of the parameter's value and returns the node of its next value, of the same shape. A program computes it at
// every run, and Program.Commit, once a step, stores it. If p is updated twice, by a layer that is applied twice, the
// second next is given the node that the first one returned.
//
// Errors: p is not Frozen, since an optimizer would change it too; another shape.
func (g *Graph) Update(p *Param, next func(value *gorgonia.Node) (*gorgonia.Node, error)) error {
	if p == nil || next == nil {
		return errors.New("nn: update of no parameter, or by no function")
	}
	if err := g.check(); err != nil {
		return err
	}
	if !p.Frozen {
		return errors.Errorf("nn: update of %q, which is trained: make it Frozen", p.Name)
	}
	i := slices.IndexFunc(g.after, func(u update) bool { return u.param == p })
	value, err := g.Bind(p)
	if i >= 0 {
		value = g.after[i].node
	}
	if err != nil {
		return err
	}
	n, err := next(value)
	if err != nil {
		return errors.WithMessagef(err, "nn: update of %q", p.Name)
	}
	if build.Rank(n) < 0 {
		return errors.Errorf("nn: update of %q by no node", p.Name)
	}
	if !n.Shape().Eq(p.Value.Shape()) || n.Dtype() != p.Value.Dtype() {
		return errors.Errorf("nn: update of %q, %v of %v, by %v of %v", p.Name, p.Value.Shape(), p.Value.Dtype(),
			n.Shape(), n.Dtype())
	}
	if i >= 0 {
		g.after[i].node = n
	} else {
		g.after = append(g.after, update{p, n})
	}
	return nil
}

// Probed returns the node that [Graph.Probe] gave that name, nil if there is none.
func (g *Graph) Probed(name string) *gorgonia.Node {
	if g == nil {
		return nil
	}
	for _, p := range g.probes {
		if p.name == name {
			return p.node
		}
	}
	return nil
}

// Step returns a node that holds the number of the step, which a training loop sets with [Program.SetStep]. Layers
// that draw random numbers derive them from it. It is a float64 vector of length 1 in a graph of any dtype.
func (g *Graph) Step() (*gorgonia.Node, error) {
	if err := g.check(); err != nil {
		return nil, err
	}
	if g.stepIn != nil {
		return g.stepIn, nil
	}
	g.step = tensor.New(tensor.WithShape(1), tensor.Of(tensor.Float64))
	n, err := g.Input("step", g.step)
	g.stepIn = n
	return n, err
}
