package engine

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/op"
)

// A refusal is a stock Gorgonia op whose value or gradient is wrong. docs/gorgonia.md
// has the list for users.
type refusal struct {
	form    string // what the op's printed form begins with
	name    string // of the function that makes it
	why     string
	instead string
}

// refusals are the stock ops that are wrong for all inputs, by gradients that were
// compared with finite differences, on Gorgonia v0.9.18.
var refusals = []refusal{
	{"invSqrt", "InverseSqrt", "its gradient is wrong", "gorgonia.Inverse of gorgonia.Sqrt"},
	{"log2", "Log2", "its gradient is wrong by a factor of ln² 2", "gorgonia.Log, and nn.Scale by 1/ln 2"},
	{"Dropout{", "Dropout", "its gradient is of another draw than its value, and it is seeded from the clock",
		"nn.Dropout"},
	{"dropoutDiffOp(", "Dropout", "its gradient is of another draw than its value, and it is seeded from the clock",
		"nn.Dropout"},
	{"AvgPool", "AveragePool2D", "it divides by the width of the image, and its gradient is wrong", "nn.AveragePool"},
	{"GlobalAveragePool", "GlobalAveragePool2D", "it has no gradient, and panics when asked for one",
		"nn.GlobalAveragePool"},
	{"batchnorm", "BatchNorm",
		"its running statistics are lost with each machine, and two of one input are taken for one",
		"nn.BatchNorm or layers.BatchNorm"},
	{"Sparsemax", "Sparsemax", "it is wrong along other axes than the last, and fails for more than two",
		"an op of your own, see package op"},
	{"a ⊗ b", "OuterProd", "its gradients are each other's", "nn.MatMul of a column and a row, by nn.Reshape"},
	{"Softmax{", "SoftMax or LogSoftMax", "both of one input are taken for one", "nn.Softmax or nn.LogSoftmax"},
}

// CheckStock reports the first stock Gorgonia op that outputs are computed from and that
// is known to be wrong, with what to use in its place: ErrInput.
func CheckStock(outputs gorgonia.Nodes) error {
	if allOurs(outputs) {
		return nil
	}
	nodes, err := order(outputs)
	if err != nil {
		return err
	}
	for _, n := range nodes {
		if _, _, ours := op.Of(n.Op()); ours { // Compile looks at these
			continue
		}
		if err := checkStock(n); err != nil {
			return err
		}
	}
	return nil
}

// allOurs reports whether outputs are nodes of one graph that has no stock op which is
// wrong: then it does not matter which of them are computed.
func allOurs(outputs gorgonia.Nodes) bool {
	for _, n := range outputs {
		if build.Rank(n) < 0 || n.Graph() != outputs[0].Graph() {
			return false
		}
	}
	if len(outputs) == 0 {
		return false
	}
	for _, n := range outputs[0].Graph().AllNodes() {
		if n.Op() == nil {
			continue
		}
		if _, _, ours := op.Of(n.Op()); !ours && checkStock(n) != nil {
			return false
		}
	}
	return true
}

func checkStock(n *gorgonia.Node) error {
	if n.Op() == nil {
		return nil
	}
	if _, _, ours := op.Of(n.Op()); ours {
		return checkInputs(n)
	}
	form := fmt.Sprint(n.Op())
	if strings.HasPrefix(form, "const ") && n.Shape().TotalSize() > 1 {
		return errors.Wrapf(op.ErrInput, "engine: a constant of shape %v is refused, for Gorgonia takes two that "+
			"print alike for one: make it an input, by Graph.Input", n.Shape())
	}
	if fmt.Sprintf("%T", n.Op()) == "gorgonia.randomOp" {
		return errors.Wrap(op.ErrInput, "engine: gorgonia.UniformRandomNode, GaussianRandomNode and "+
			"BinomialRandomNode are refused, for they are seeded from the clock: use an input that you fill")
	}
	if err := checkInputs(n); err != nil {
		return err
	}
	if _, ours := declaredOf(n); ours {
		return nil
	}
	for _, r := range refusals {
		if strings.HasPrefix(form, r.form) {
			return errors.Wrapf(op.ErrInput, "engine: gorgonia.%s is refused, for %s: use %s", r.name, r.why, r.instead)
		}
	}
	return checkReduction(form, inputsOf(n))
}

// checkInputs reports a node that has lost inputs: its name is its op with the numbers of its inputs, "⊙ false(%1,
// %2)", unless it was given another one. gorgonia.Log of 1 − x is rewritten to log1p(−x), and if x is used elsewhere,
// that removes edges of other nodes.
func checkInputs(n *gorgonia.Node) error {
	in := inputsOf(n)
	lost := n.Op().Arity() > 0 && len(in) != n.Op().Arity()
	if _, _, ours := op.Of(n.Op()); ours && !lost { // a name takes long to make, and an edge is cut, not moved
		return nil
	}
	if open := strings.LastIndex(n.Name(), "(%"); open >= 0 && strings.HasSuffix(n.Name(), ")") {
		i := 0
		for s := range strings.SplitSeq(n.Name()[open+1:len(n.Name())-1], ", ") {
			digits, ok := strings.CutPrefix(s, "%")
			id, err := strconv.ParseInt(digits, 16, 64)
			if !ok || err != nil {
				return nil
			}
			lost = lost || i < len(in) && in[i].ID() != id
			i++
		}
		lost = lost || i != len(in)
	}
	if !lost {
		return nil
	}
	return errors.Wrapf(op.ErrInput, "engine: Gorgonia has lost inputs of %s, as it does where it rewrites "+
		"gorgonia.Log of 1 − x, and in gorgonia.BinaryXent: use gorgonia.Log1p of gorgonia.Neg", n.Name())
}

// checkReduction reports a sum or a maximum along an axis from 2 on that is not the last
// of a tensor of rank 4 or more, which gorgonia.org/tensor computes wrong: axes are taken
// one after the other, and each leaves a tensor of one less.
func checkReduction(form string, in gorgonia.Nodes) error {
	var along []int
	name := "Sum, Mean or Norm"
	list, ok := strings.CutPrefix(form, "Σ[")
	if !ok {
		name = "Max"
		if list, ok = strings.CutPrefix(form, "MaxAlong["); !ok {
			return nil
		}
	}
	for _, s := range strings.Fields(strings.TrimSuffix(list, "]")) {
		var axis int
		if _, err := fmt.Sscan(s, &axis); err != nil {
			return nil
		}
		along = append(along, axis)
	}
	slices.Sort(along)
	for k, axis := range along {
		if rank, now := in[0].Dims()-k, axis-k; rank >= 4 && now >= 2 && now < rank-1 {
			return errors.Wrapf(op.ErrInput,
				"engine: gorgonia.%s along axes %v of %v is refused, for it is wrong along axis %d: "+
					"use conv.GlobalAveragePool for the pixels of images, or nn.Reshape to at most three axes first",
				name,
				along, in[0].Shape(), axis)
		}
	}
	return nil
}
