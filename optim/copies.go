package optim

import (
	"slices"

	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/dense"
	"github.com/whitebox-nn/whitebox/nn"
)

// copies keeps updates in memory of their own. In a graph where two parameters have the same gradient (such as b₁ and
// b₂ in x·W + b₁ + b₂), both gradients are one tensor, which a transform in place would change twice.
type copies struct {
	dtypes []tensor.Dtype
	sizes  []int

	u      []*tensor.Dense // what separate returns
	spare  []*tensor.Dense // the copy of gradient i, if it is shared
	shared []bool
	seen   []uintptr // the addresses that shared is about
	now    []uintptr
}

func (a *copies) init(params []*nn.Param) {
	n := len(params)
	for _, p := range params {
		a.dtypes = append(a.dtypes, p.Value.Dtype())
		a.sizes = append(a.sizes, p.Value.Size())
	}
	a.u, a.spare, a.shared = make([]*tensor.Dense, n), make([]*tensor.Dense, n), make([]bool, n)
	a.seen, a.now = make([]uintptr, 2*n), make([]uintptr, 2*n)
}

// separate returns grads, with copies of those that share memory with an
// earlier one or with a parameter.
func (a *copies) separate(grads []*tensor.Dense, p []*nn.Param) []*tensor.Dense {
	for i, shared := range a.alike(grads, p) {
		g := grads[i]
		if a.u[i] = g; shared {
			if a.spare[i] == nil {
				a.spare[i] = dense.Like(p[i].Value)
			}
			a.u[i] = a.spare[i]
			dense.Copy(a.spare[i], g)
		}
	}
	return a.u
}

// alike returns which gradients share memory with an earlier one or with a parameter.
func (a *copies) alike(grads []*tensor.Dense, p []*nn.Param) []bool {
	for i, g := range grads {
		a.now[2*i], a.now[2*i+1] = g.Uintptr(), p[i].Value.Uintptr()
	}
	if !slices.Equal(a.now, a.seen) { // at the first step, as a rule
		a.look(grads, p)
		a.now, a.seen = a.seen, a.now
	}
	return a.shared
}

// look finds out which gradients are shared.
func (a *copies) look(grads []*tensor.Dense, p []*nn.Param) {
	for i, g := range grads {
		a.shared[i] = slices.ContainsFunc(grads[:i], func(o *tensor.Dense) bool { return overlap(g, o) }) ||
			slices.ContainsFunc(p, func(o *nn.Param) bool { return overlap(g, o.Value) })
	}
}

// overlap reports whether a and b share memory.
func overlap(a, b *tensor.Dense) bool {
	return a.Uintptr() < b.Uintptr()+b.MemSize() && b.Uintptr() < a.Uintptr()+a.MemSize()
}
