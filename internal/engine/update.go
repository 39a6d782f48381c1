package engine

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/op"
)

// placeUpdate gives n, the i-th node, which changes some of its inputs, the memory of the first of them. It reports a
// node that would read an input after it has been changed, or would change it again.
func (c *compiler) placeUpdate(i int, n *gorgonia.Node, d declared) error {
	ins := inputsOf(n)
	for _, w := range d.Writes {
		in := ins[w]
		if !isLeaf(in) || in.Op() != nil {
			return errors.Errorf("engine: %s writes to %v: want a parameter or an input", label(n), in)
		}
		if by, ok := c.written[in]; ok {
			return errors.Errorf("engine: %s and %s both write to %q", label(by), label(n), in.Name())
		}
		if last := c.lastUse[in]; last != i && last < len(c.nodes) {
			return errors.Errorf("engine: %s reads %q after %s has written to it: apply updates last",
				label(c.nodes[last]), in.Name(), label(n))
		}
		c.written[in] = n
	}
	first := c.values[ins[d.Writes[0]]]
	c.values[n] = op.Operand{Dtype: first.Dtype, Shape: n.Shape(), Bytes: first.Bytes}
	return nil
}
