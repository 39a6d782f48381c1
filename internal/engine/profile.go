package engine

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/op"
)

// cost is what one run of an op takes.
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

// An OpProfile is what all runs of the ops of one kind and shape have taken.
type OpProfile struct {
	Op    string
	Shape []int // of the output
	Count int   // ops of this kind and shape in the program
	Time  time.Duration
	FLOPs int64 // of all their runs; 0 where the op does not say
	Bytes int64 // read and written in all their runs
}

// A Profile tells where the time of a program went, the most expensive op first.
type Profile struct {
	Runs int
	Ops  []OpProfile

	Device cuda.Traffic // of the last step, on a device: launches and bytes of the run, and of the update after it
	Graph  bool         // the launches of the run are one CUDA graph
}

// Profile returns what the runs have taken so far. Times are zero unless the
// program was compiled to profile.
func (p *Program) Profile() Profile {
	if p == nil {
		return Profile{}
	}
	byKind := make(map[string]*OpProfile)
	var kinds []*OpProfile
	for i := range p.steps {
		s := &p.steps[i]
		key := fmt.Sprint(label(s.node), s.node.Shape())
		o := byKind[key]
		if o == nil {
			o = &OpProfile{Op: label(s.node), Shape: s.node.Shape()}
			byKind[key] = o
			kinds = append(kinds, o)
		}
		o.Count++
		o.Time += s.spent
		o.FLOPs += s.cost.flops * int64(p.runs)
		o.Bytes += s.cost.bytes * int64(p.runs)
	}
	slices.SortStableFunc(kinds, func(a, b *OpProfile) int { return cmp.Compare(b.Time, a.Time) })
	prof := Profile{Runs: p.runs}
	if p.device != nil {
		prof.Device, prof.Graph = p.device.last, p.device.graph != nil
	}
	for _, o := range kinds {
		prof.Ops = append(prof.Ops, *o)
	}
	return prof
}

// An Op is one op of a program, in running order.
type Op struct {
	Name   string   // of its kernel: "conv.Conv"
	Inputs []string // names of the inputs and parameters that it reads
	Shape  []int    // of the output
	FLOPs  int64    // of a run; 0 where the op does not say
	Bytes  int64    // of the output
}

// Len returns the number of ops.
func (p *Program) Len() int {
	if p == nil {
		return 0
	}
	return len(p.steps)
}

// Ops returns the ops of the program in the order in which they run.
func (p *Program) Ops() []Op {
	if p == nil {
		return nil
	}
	var ops []Op
	for i := range p.steps {
		n := p.steps[i].node
		o := Op{Name: label(n), Shape: n.Shape(), FLOPs: p.steps[i].cost.flops, Bytes: int64(p.values[n].Len())}
		for _, in := range inputsOf(n) {
			if in.Op() == nil {
				o.Inputs = append(o.Inputs, in.Name())
			}
		}
		ops = append(ops, o)
	}
	return ops
}

// String returns the profile as a table, per run.
func (p Profile) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "op\tshape\tcount\tµs\tGFLOP/s\tGB/s\t")
	runs := max(p.Runs, 1)
	for _, o := range p.Ops {
		sec := o.Time.Seconds()
		rate := func(n int64) string {
			if sec == 0 || n == 0 {
				return "–"
			}
			return fmt.Sprintf("%.2f", float64(n)/sec/1e9)
		}
		fmt.Fprintf(w, "%s\t%v\t%d\t%.1f\t%s\t%s\t\n", o.Op, o.Shape, o.Count,
			sec*1e6/float64(runs), rate(o.FLOPs), rate(o.Bytes))
	}
	w.Flush()
	if d := p.Device; d.Launches > 0 {
		fmt.Fprintf(&b, "%d launches on the device, %d bytes to it, %d bytes back\n", d.Launches, d.In, d.Out)
	}
	return b.String()
}

// Memory returns the memory plan.
func (p *Program) Memory() Plan {
	if p == nil {
		return Plan{}
	}
	return p.plan
}

// String returns the plan as a table, in the order of the steps.
func (p Plan) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "buffer\tshape\tbytes\toffset\tfirst\tlast\tin place\t")
	for _, m := range p.Buffers {
		fmt.Fprintf(w, "%s\t%v\t%d\t%d\t%d\t%d\t%d\t\n", m.Name, m.Shape, m.Bytes, m.Offset, m.First, m.Last, m.Shared)
	}
	w.Flush()
	fmt.Fprintf(&b, "arena %d bytes, %d without sharing\n", p.Arena, p.Naive)
	return b.String()
}

// all returns the nodes, none of no program.
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
		fmt.Fprintf(&b, "\tn%d [shape=%s, peripheries=%d, label=%q];\n", n.ID(), shape, edges, fmt.Sprintf("%s\n%v", label(n), n.Shape()))
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
