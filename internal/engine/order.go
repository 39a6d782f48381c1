package engine

import (
	"cmp"
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
)

// inputsOf returns the nodes that n is computed from, in order, repeats
// included.
func inputsOf(n *gorgonia.Node) gorgonia.Nodes {
	var in gorgonia.Nodes
	for it := n.Graph().From(n.ID()); it != nil && it.Next(); {
		in = append(in, it.Node().(*gorgonia.Node))
	}
	return in
}

// isLeaf reports whether n has a value of its own: an input or a constant.
func isLeaf(n *gorgonia.Node) bool {
	return n.Op() == nil || n.Op().Arity() == 0
}

// order returns the ancestors of outputs, themselves included, such that every
// node comes after its inputs.
//
// It is the order of their making, in which Gorgonia numbers them: the forward pass as the user wrote it, then the
// backward pass from the last layer to the first, so that the gradient of a weight is computed as soon as its inputs
// are available, and their memory can be reused.
func order(outputs gorgonia.Nodes) (gorgonia.Nodes, error) {
	seen := make(map[*gorgonia.Node]bool)
	var nodes gorgonia.Nodes
	stack := slices.Clone(outputs)
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if build.Rank(n) < 0 || build.Rank(outputs[0]) < 0 {
			return nil, errors.New("engine: an output is nil, or a node of no graph")
		}
		if n.Graph() != outputs[0].Graph() {
			return nil, errors.Errorf("engine: outputs %v and %v are of two graphs", outputs[0], n)
		}
		if seen[n] {
			continue
		}
		seen[n] = true
		nodes = append(nodes, n)
		if isLeaf(n) {
			continue
		}
		for _, in := range inputsOf(n) {
			if in.ID() >= n.ID() {
				return nil, errors.Errorf("engine: node %v is numbered before its input %v", n, in)
			}
			stack = append(stack, in)
		}
	}
	slices.SortFunc(nodes, func(a, b *gorgonia.Node) int { return cmp.Compare(a.ID(), b.ID()) })
	return nodes, nil
}

// distinct checks that nodes which Gorgonia would identify are the same: no two nodes share a 32-bit hash, and no two
// inputs a name.
func distinct(nodes gorgonia.Nodes) error {
	hashes := make(map[uint32]*gorgonia.Node, len(nodes))
	names := make(map[string]*gorgonia.Node)
	for _, n := range nodes {
		if other, ok := hashes[n.Hashcode()]; ok {
			return errors.Errorf("engine: %v and %v have the same hash %#x: rename an input of one", other, n,
				n.Hashcode())
		}
		hashes[n.Hashcode()] = n
		if n.Op() != nil {
			continue
		}
		if other, ok := names[n.Name()]; ok {
			return errors.Errorf("engine: two inputs are named %q, of shapes %v and %v", n.Name(), other.Shape(),
				n.Shape())
		}
		names[n.Name()] = n
	}
	return nil
}

// label names a node for messages and tables: its op's type, and its shape.
func label(n *gorgonia.Node) string {
	if n.Op() == nil {
		return n.Name()
	}
	return opName(n.Op())
}
