package attention

import (
	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/op"
)

// rows is the most queries of a block, and few those of a block that meets many keys:
// their scores stay in the second-level cache.
const (
	rows     = 128
	few      = 32
	manyKeys = 2048
)

// block returns how many queries a block has.
func (s sides) block() int {
	if s.n >= manyKeys {
		return min(few, s.m)
	}
	return min(rows, s.m)
}

// A task is the loop of a kernel over sequences, heads and, forward, blocks of queries.
// Each worker has scratch of its own.
type task[T op.Float] struct {
	sides
	causal     bool
	shared     bool
	q, k, v, d []T    // d is D, nil forward
	out        []T    // forward
	dx         [3][]T // of Q, K and V
	blocks     int    // of a head that are tasks of their own
	scratch    [][]T  // by worker
}

func newTask[T op.Float](k Attention, s sides, in [][]T, workers, scores int) *task[T] {
	t := &task[T]{sides: s, causal: k.Causal, shared: k.Form == Shared, blocks: 1}
	if k.Form == Separate {
		t.q, t.k, t.v = in[0], in[1], in[2]
	} else {
		t.q, t.k, t.v = in[0], in[0][s.at[1]:], in[0][s.at[2]:]
	}
	t.scratch = make([][]T, workers)
	for i := range t.scratch {
		t.scratch[i] = make([]T, scores*s.block()*s.n)
	}
	return t
}

func bind[T op.Float](k Attention, a *op.Args[T]) op.Run {
	s := k.sides(a.Shapes)
	t := newTask(k, s, a.In, a.Pool.Workers(), 1)
	t.out, t.blocks = a.Out, (s.m+s.block()-1)/s.block()
	return runOf(a.Pool, t, s.batch*s.heads*t.blocks)
}

func bindGrad[T op.Float](k grad, a *op.Args[T]) op.Run {
	s := k.Of.sides(a.Shapes[1:])
	t := newTask(k.Of, s, a.In[1:], a.Pool.Workers(), 2)
	t.d = a.In[0]
	switch k.Of.Form {
	case Separate:
		q, kk := len(t.q), len(t.k)
		t.dx = [3][]T{a.Out[:q], a.Out[q : q+kk], a.Out[q+kk:]}
	case Packed:
		t.dx = [3][]T{a.Out, a.Out[s.at[1]:], a.Out[s.at[2]:]}
	default:
		t.dx = [3][]T{a.Out, a.Out, a.Out}
	}
	return runOf(a.Pool, t, s.batch*s.heads)
}

func runOf[T op.Float](p *par.Pool, t *task[T], n int) op.Run {
	return func() error {
		p.Run(t, n, 1)
		return nil
	}
}

// Range makes a task of the loop.
func (t *task[T]) Range(worker, lo, hi int) {
	for i := lo; i < hi; i++ {
		head, block := i/t.blocks, i%t.blocks
		if t.d == nil {
			t.forward(head/t.heads, head%t.heads, block*t.block(), t.scratch[worker])
		} else {
			t.backward(head/t.heads, head%t.heads, t.scratch[worker])
		}
	}
}

// operands returns where Q, K and V of a head begin.
func (t *task[T]) operands(b, h int) (q, k, v []T) {
	return t.q[b*t.m*t.ld[0]+h*t.p:], t.k[b*t.n*t.ld[1]+h*t.p:], t.v[b*t.n*t.ld[2]+h*t.e:]
}

// keys returns how many keys queries below hi meet.
func (t *task[T]) keys(hi int) int {
	if t.causal {
		return hi
	}
	return t.n
}

// scores stores the softmax of the queries from lo to hi in P, rows of n numbers, or exp
// of the scores less their largest, with the sums of rows in sums.
func (t *task[T]) scores(q, k []T, lo, hi, n int, probs []T) {
	lin.Gemm(nil, false, true, hi-lo, n, t.p, T(t.scale), q[lo*t.ld[0]:], t.ld[0], k, t.ld[1], 0, probs, n)
	for i := lo; i < hi; i++ {
		row := probs[(i-lo)*n : (i-lo+1)*n]
		if t.causal {
			clear(row[i+1:])
			row = row[:i+1]
		}
		simd.Softmax(row, row)
	}
}

func (t *task[T]) forward(b, h, lo int, probs []T) {
	q, k, v := t.operands(b, h)
	hi := min(t.m, lo+t.block())
	n := t.keys(hi)
	t.scores(q, k, lo, hi, n, probs)
	ld := t.heads * t.e
	out := t.out[(b*t.m+lo)*ld+h*t.e:]
	lin.Gemm(nil, false, false, hi-lo, t.e, n, 1, probs, n, v, t.ld[2], 0, out, ld)
}

func (t *task[T]) backward(b, h int, scratch []T) {
	q, k, v := t.operands(b, h)
	dq, dk, dv := t.dx[0][b*t.m*t.ld[0]+h*t.p:], t.dx[1][b*t.n*t.ld[1]+h*t.p:], t.dx[2][b*t.n*t.ld[2]+h*t.e:]
	var first, own T // factors of what dK and dQ held before: dV comes first
	if t.shared {
		first, own = 1, 1
	}
	if t.causal { // later blocks reach further
		zero(dk, t.n, t.p, t.ld[1])
		zero(dv, t.n, t.e, t.ld[2])
		first = 1
	}
	ld := t.heads * t.e
	for lo := 0; lo < t.m; lo += t.block() {
		hi := min(t.m, lo+t.block())
		n, rows := t.keys(hi), hi-lo
		probs, ds := scratch[:rows*n], scratch[rows*n:2*rows*n]
		d := t.d[(b*t.m+lo)*ld+h*t.e:]
		t.scores(q, k, lo, hi, n, probs)
		var keep T = 1
		if lo == 0 && !t.causal {
			keep = 0
		}
		lin.Gemm(nil, true, false, n, t.e, rows, 1, probs, n, d, ld, keep, dv, t.ld[2])
		lin.Gemm(nil, false, true, rows, n, t.e, 1, d, ld, v, t.ld[2], 0, ds, n)
		for i := range rows {
			p, g := probs[i*n:(i+1)*n], ds[i*n:(i+1)*n]
			simd.ShiftMul(g, g, p, -simd.Dot(g, p))
		}
		lin.Gemm(nil, false, false, rows, t.p, n, T(t.scale), ds, n, k, t.ld[1], own, dq[lo*t.ld[0]:], t.ld[0])
		lin.Gemm(nil, true, false, n, t.p, rows, T(t.scale), ds, n, q[lo*t.ld[0]:], t.ld[0], first, dk, t.ld[1])
		first = 1
	}
}

// zero clears rows of width w, ld apart.
func zero[T op.Float](x []T, n, w, ld int) {
	for i := range n {
		clear(x[i*ld : i*ld+w])
	}
}

func bindPart[T op.Float](k part, a *op.Args[T]) op.Run {
	from := a.In[0][k.From : k.From+len(a.Out)]
	return a.Each(func(lo, hi int) { copy(a.Out[lo:hi], from[lo:hi]) })
}
