package matmul

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// mostLead is the most axes before those of the matrices.
const mostLead = 6

// A lead is the sizes of the axes before those of the matrices, as an attribute.
type lead struct {
	Rank int
	Size [mostLead]int
}

func leadOf(s tensor.Shape) (l lead) {
	l.Rank = copy(l.Size[:], s[:len(s)-2])
	return l
}

// at returns the size of an axis counted from the end, from 1; 1 where there is none.
func (l lead) at(fromEnd int) int {
	if fromEnd > l.Rank {
		return 1
	}
	return l.Size[l.Rank-fromEnd]
}

// together returns the axes of a and b, broadcast as in NumPy.
func together(a, b tensor.Shape) (l lead, err error) {
	x, y := leadOf(a), leadOf(b)
	l.Rank = max(x.Rank, y.Rank)
	for i := 1; i <= l.Rank; i++ {
		s, t := x.at(i), y.at(i)
		if s != t && s != 1 && t != 1 {
			return l, op.Errorf("matmul: A is %v and B %v: at axis %d from the end they have %d and %d matrices, want "+
				"as many, or one", a, b, i+2, s, t)
		}
		l.Size[l.Rank-i] = max(s, t)
	}
	return l, nil
}

// Batched is MatMul of stacks of matrices, A and B of rank 2 or more, whose axes before the
// last two are broadcast as in NumPy; products are added up where Sum says that out has
// fewer of them than A and B together: that is what the gradients need.
type Batched struct {
	TransA, TransB bool
	Sum            bool
	To             lead // the axes of out, if Sum
}

// Spec implements op.Op.
func (k Batched) Spec() op.Spec {
	return op.Spec{
		In: []op.Input{op.Any, op.Any}, Shape: k.shape, Grad: k.grad, Kernel: op.Both(k, bindBatched, bindBatched),
		FLOPs: func(in []tensor.Shape) int64 {
			m, inner, n := k.matrices(in)
			return 2 * int64(m) * int64(inner) * int64(n) * int64(len(k.pairs(in)))
		},
		Device: k.device,
	}
}

// matrices returns the sides of one product.
func (k Batched) matrices(in []tensor.Shape) (m, inner, n int) {
	a, b := in[0][len(in[0])-2:], in[1][len(in[1])-2:]
	return MatMul{k.TransA, k.TransB}.dims([]tensor.Shape{a, b})
}

func (k Batched) shape(in []tensor.Shape) (tensor.Shape, error) {
	for _, x := range in {
		if len(x) < 2 || len(x) > mostLead+2 {
			return nil, op.Errorf("matmul: an operand is %v, want from 2 to %d axes", x, mostLead+2)
		}
	}
	a, b := in[0][len(in[0])-2:], in[1][len(in[1])-2:]
	out, err := MatMul{k.TransA, k.TransB}.shape([]tensor.Shape{a, b})
	if err != nil {
		return nil, err
	}
	l, err := together(in[0], in[1])
	if err != nil {
		return nil, err
	}
	if k.Sum {
		l = k.To
	}
	return append(append(tensor.Shape(nil), l.Size[:l.Rank]...), out...), nil
}

// A pair is a product: which matrices of A and B, into which of out.
type pair struct{ a, b, out int }

// pairs lists the products, those of one out in the order of A and B.
func (k Batched) pairs(in []tensor.Shape) []pair {
	all, _ := together(in[0], in[1]) // no error: Shape has been asked
	out := all
	if k.Sum {
		out = k.To
	}
	operands := [3]lead{leadOf(in[0]), leadOf(in[1]), out}
	count := 1
	for _, s := range all.Size[:all.Rank] {
		count *= s
	}
	pairs := make([]pair, count)
	for i := range pairs {
		rest, step := i, [3]int{1, 1, 1}
		var at [3]int
		for axis := 1; axis <= all.Rank; axis++ {
			j := rest % all.at(axis)
			rest /= all.at(axis)
			for o, l := range operands {
				if l.at(axis) > 1 {
					at[o] += j * step[o]
				}
				step[o] *= l.at(axis)
			}
		}
		pairs[i] = pair{at[0], at[1], at[2]}
	}
	return pairs
}

func bindBatched[T op.Float](k Batched, a *op.Args[T]) op.Run {
	m, inner, n := k.matrices(a.Shapes)
	lda, ldb := a.Shapes[0][len(a.Shapes[0])-1], a.Shapes[1][len(a.Shapes[1])-1]
	outs := len(a.Out) / (m * n)
	lists := make([][]pair, outs)
	for _, p := range k.pairs(a.Shapes) {
		lists[p.out] = append(lists[p.out], p)
	}
	pool := a.Pool
	one := func(i int, split bool) {
		with := pool
		if !split {
			with = nil
		}
		for j, p := range lists[i] {
			beta := T(1)
			if j == 0 {
				beta = 0
			}
			lin.Gemm(with, k.TransA, k.TransB, m, n, inner, 1, a.In[0][p.a*m*inner:], lda, a.In[1][p.b*inner*n:], ldb,
				beta, a.Out[i*m*n:], n)
		}
	}
	const large = 1 << 22 // multiply-adds that keep all workers busy
	if outs == 1 || m*inner*n > large {
		return func() error {
			for i := range outs {
				one(i, true)
			}
			return nil
		}
	}
	return a.Loop(outs, 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			one(i, false)
		}
	})
}

func (k Batched) device(a *op.DeviceArgs) (op.Run, error) {
	m, inner, n := k.matrices(a.Shapes)
	lda, ldb := a.Shapes[0][len(a.Shapes[0])-1], a.Shapes[1][len(a.Shapes[1])-1]
	bytes := 4
	if a.Double() {
		bytes = 8
	}
	at := func(p launch.Ptr, elements int) launch.Ptr { return p + launch.Ptr(elements*bytes) }
	var runs op.Sequence
	begun := make(map[int]bool)
	for _, p := range k.pairs(a.Shapes) {
		beta := 0.0
		if begun[p.out] {
			beta = 1
		}
		begun[p.out] = true
		runs.Add(a.Gemm(launch.Gemm{Double: a.Double(), TransA: k.TransA, TransB: k.TransB, M: m, N: n, K: inner,
			Alpha: 1, Beta: beta, A: at(a.In[0], p.a*m*inner), LDA: lda, B: at(a.In[1], p.b*inner*n), LDB: ldb,
			C: at(a.Out, p.out*m*n), LDC: n}))
	}
	return runs.Run()
}

func (k Batched) grad(in gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
	a, b := in[0], in[1]
	into := func(like *gorgonia.Node, transA, transB bool, x, y *gorgonia.Node) *gorgonia.Node {
		return op.Must(op.Apply(Batched{transA, transB, true, leadOf(like.Shape())}, x, y))
	}
	switch {
	case k.TransA && k.TransB:
		return gorgonia.Nodes{into(a, true, true, b, dout), into(b, true, true, dout, a)}
	case k.TransA:
		return gorgonia.Nodes{into(a, false, true, b, dout), into(b, false, false, a, dout)}
	case k.TransB:
		return gorgonia.Nodes{into(a, false, false, dout, b), into(b, true, false, dout, a)}
	}
	return gorgonia.Nodes{into(a, false, true, dout, b), into(b, true, false, a, dout)}
}
