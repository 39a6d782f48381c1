package codingrate

import (
	"sync"

	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/op"
)

// A desk is where the matrices of one class are worked on.
type desk[T op.Float] struct {
	l, inverse []float64 // s×s, s = min(nⱼ, d)
	narrow     []T       // the inverse, rounded
	rows, out  []T       // some rows of Z, and of the gradient
}

// blockRows is how many samples of a class of more samples than features are at a desk
// at most.
const blockRows = 512

// blocksOf returns into how many blocks n samples of d features are cut.
func blocksOf(n, d int) int {
	if n <= d {
		return 1
	}
	return (n + blockRows - 1) / blockRows
}

// fit makes place for matrices of s×s and of rows×d, with a quarter more where there was
// not enough, so that batches of classes that vary soon find it.
func (x *desk[T]) fit(s, rows, d int, grad bool) {
	if len(x.l) < s*s {
		x.l = make([]float64, s*s+s*s/4)
		if grad {
			x.inverse, x.narrow = make([]float64, len(x.l)), make([]T, len(x.l))
		}
	}
	if grad && len(x.rows) < rows*d {
		more := rows*d + rows*d/4
		x.rows, x.out = make([]T, more), make([]T, more)
	}
}

// A classTask does what is to be done of each class that has samples, as many at a time
// as there are desks: what it needs beside the factors is matrices of the largest class,
// not of all, nor copies of all samples.
type classTask[T op.Float] struct {
	pool *par.Pool
	g    *groups
	d    int
	grad bool
	do   func(j int, at *desk[T])

	mu    sync.Mutex
	desks []*desk[T]
	free  []*desk[T]
}

func newClassTask[T op.Float](p *par.Pool, g *groups, d int, grad bool, do func(j int, at *desk[T])) *classTask[T] {
	t := &classTask[T]{pool: p, g: g, d: d, grad: grad, do: do}
	for range min(p.Workers(), len(g.room)) {
		t.desks = append(t.desks, new(desk[T]))
	}
	t.free = append(t.free, t.desks...)
	return t
}

// run makes the desks as large as the largest class needs, and does all classes.
func (t *classTask[T]) run() {
	s, rows := 0, 0
	for j := range t.g.room {
		n := t.g.size(j)
		blocks := blocksOf(n, t.d)
		s, rows = max(s, min(n, t.d)), max(rows, (n+blocks-1)/blocks)
	}
	for _, x := range t.desks {
		x.fit(s, rows, t.d, t.grad)
	}
	t.pool.Run(t, len(t.g.room), 1)
}

// Range implements par.Task.
func (t *classTask[T]) Range(_, lo, hi int) {
	at := t.take()
	defer t.put(at)
	for j := lo; j < hi; j++ {
		if t.g.size(j) > 0 {
			t.do(j, at)
		}
	}
}

func (t *classTask[T]) take() *desk[T] {
	t.mu.Lock()
	defer t.mu.Unlock()
	last := len(t.free) - 1
	x := t.free[last]
	t.free = t.free[:last]
	return x
}

func (t *classTask[T]) put(x *desk[T]) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.free = append(t.free, x)
}
