package engine

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/nn/profile"
	"github.com/whitebox-nn/whitebox/op"
)

// cost is the cost of one run of an op.
type cost struct {
	flops int64
	bytes int64 // of its inputs and its output
}

func costOf(n *gorgonia.Node, in []op.Operand, out op.Operand) (c cost) {
	c.bytes = int64(out.Len())
	for _, x := range in {
		c.bytes += int64(x.Len())
	}
	if d, ok := declaredOf(n); ok && d.FLOPs != nil {
		c.flops = d.FLOPs((&compiler{}).shapes(n))
	}
	return c
}

// Profile returns what the runs have taken so far. Times are zero unless the
// program was compiled to profile.
func (p *Program) Profile() profile.Times {
	if p == nil {
		return profile.Times{}
	}
	byKind := make(map[string]*profile.OpTime)
	var kinds []*profile.OpTime
	for i := range p.steps {
		s := &p.steps[i]
		key := fmt.Sprint(label(s.node), s.node.Shape())
		o := byKind[key]
		if o == nil {
			o = &profile.OpTime{Op: label(s.node), Shape: s.node.Shape()}
			byKind[key] = o
			kinds = append(kinds, o)
		}
		o.Count++
		o.Time += s.spent
		o.FLOPs += s.cost.flops * int64(p.runs)
		o.Bytes += s.cost.bytes * int64(p.runs)
	}
	slices.SortStableFunc(kinds, func(a, b *profile.OpTime) int { return cmp.Compare(b.Time, a.Time) })
	prof := profile.Times{Runs: p.runs}
	if p.device != nil {
		prof.Device, prof.Graph = profile.Traffic(p.device.last), p.device.graph != nil
	}
	for _, o := range kinds {
		prof.Ops = append(prof.Ops, *o)
	}
	return prof
}

// Len returns the number of ops.
func (p *Program) Len() int {
	if p == nil {
		return 0
	}
	return len(p.steps)
}

// Ops returns the ops of the program in the order in which they run.
func (p *Program) Ops() []profile.Op {
	if p == nil {
		return nil
	}
	var ops []profile.Op
	for i := range p.steps {
		n := p.steps[i].node
		o := profile.Op{Name: label(n), Shape: n.Shape(), FLOPs: p.steps[i].cost.flops, Bytes: int64(p.values[n].Len())}
		for _, in := range inputsOf(n) {
			if in.Op() == nil {
				o.Inputs = append(o.Inputs, in.Name())
			}
		}
		ops = append(ops, o)
	}
	return ops
}

// Memory returns the memory plan.
func (p *Program) Memory() profile.Memory {
	if p == nil {
		return profile.Memory{}
	}
	return p.plan
}

// all returns the nodes; there are none if p is nil.
func (p *Program) all() gorgonia.Nodes {
	if p == nil {
		return nil
	}
	return p.nodes
}

// DOT returns the program as a Graphviz graph: inputs as boxes, ops as ellipses
// with the shape of their output, pinned outputs drawn twice.
func (p *Program) DOT() string {
	var b strings.Builder
	b.WriteString("digraph program {\n\trankdir=TB;\n\tnode [fontname=\"sans-serif\"];\n")
	for _, n := range p.all() {
		shape, edges := "ellipse", 1
		if isLeaf(n) {
			shape = "box"
		}
		if _, ok := p.pinned[n]; ok {
			edges = 2
		}
		fmt.Fprintf(&b, "\tn%d [shape=%s, peripheries=%d, label=%q];\n", n.ID(), shape, edges,
			fmt.Sprintf("%s\n%v", label(n), n.Shape()))
		if isLeaf(n) {
			continue
		}
		for _, in := range inputsOf(n) {
			fmt.Fprintf(&b, "\tn%d -> n%d;\n", in.ID(), n.ID())
		}
	}
	b.WriteString("}\n")
	return b.String()
}
