package tokenstats

import (
	"math"

	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/op"
)

// A task is the loop over sequences; each worker has sums of its own.
type task[T op.Float] struct {
	n, d, heads int
	w, temp     []T
	dout        []T // nil forward
	out, dtemp  []T
	scratch     []sums[T]
}

// sums are those of a sequence. Those of d numbers belong to numbers of tokens, those of h
// to heads.
type sums[T op.Float] struct {
	v, t, dm           []float64
	inverse, a, dt, dv []T
	s, ds              []float64
	pi, score, u       []T // n×h
}

func newTask[T op.Float](heads int, shape []int, w, temp []T, workers int) *task[T] {
	t := &task[T]{n: shape[1], d: shape[2], heads: heads, w: w, temp: temp, scratch: make([]sums[T], workers)}
	for i := range t.scratch {
		x := &t.scratch[i]
		for _, p := range []*[]float64{&x.v, &x.t, &x.dm} {
			*p = make([]float64, t.d)
		}
		for _, p := range []*[]T{&x.inverse, &x.a, &x.dt, &x.dv} {
			*p = make([]T, t.d)
		}
		for _, p := range []*[]T{&x.pi, &x.score, &x.u} {
			*p = make([]T, t.n*heads)
		}
		x.s, x.ds = make([]float64, heads), make([]float64, heads)
	}
	return t
}

func bind[T op.Float](k Statistics, a *op.Args[T]) op.Run {
	t := newTask(k.Heads, a.Shapes[0], a.In[0], a.In[1], a.Pool.Workers())
	t.out = a.Out
	return runOf(a.Pool, t, a.Shapes[0][0])
}

func bindGrads[T op.Float](k grads, a *op.Args[T]) op.Run {
	t := newTask(k.Of.Heads, a.Shapes[1], a.In[1], a.In[2], a.Pool.Workers())
	t.dout, t.out, t.dtemp = a.In[0], a.Out[:len(a.In[0])], a.Out[len(a.In[0]):]
	return runOf(a.Pool, t, a.Shapes[0][0])
}

func runOf[T op.Float](p *par.Pool, t *task[T], n int) op.Run {
	return func() error {
		p.Run(t, n, 1)
		return nil
	}
}

// Range makes a task of the loop.
func (t *task[T]) Range(worker, lo, hi int) {
	x := &t.scratch[worker]
	for b := lo; b < hi; b++ {
		size := t.n * t.d
		w, out := t.w[b*size:(b+1)*size], t.out[b*size:(b+1)*size]
		t.statistics(x, w)
		if t.dout == nil {
			t.forward(x, w, out)
		} else {
			t.backward(x, w, t.dout[b*size:(b+1)*size], out, t.dtemp[b*t.heads:(b+1)*t.heads])
		}
	}
}

// statistics computes 1/V, Π, T, S and a of the tokens w.
func (t *task[T]) statistics(x *sums[T], w []T) {
	d, h, p := t.d, t.heads, t.d/t.heads
	clear(x.v)
	clear(x.t)
	for lo := 0; lo < len(w); lo += d {
		simd.MulAddWide(x.v, w[lo:lo+d], w[lo:lo+d])
	}
	for j, v := range x.v {
		x.inverse[j] = T(1 / max(v, least))
	}
	for i := range h {
		x.s[i] = guard
	}
	for i := range t.n {
		token, pi, score := w[i*d:(i+1)*d], x.pi[i*h:(i+1)*h], x.score[i*h:(i+1)*h]
		for head := range score {
			sum, inverse := T(0), x.inverse[head*p:(head+1)*p]
			for j, v := range token[head*p : (head+1)*p] {
				sum += v * v * inverse[j]
			}
			score[head] = sum // without temp
			pi[head] = sum * t.temp[head]
		}
		softmax(pi)
		for head, v := range pi {
			x.s[head] += float64(v)
			sums, numbers := x.t[head*p:(head+1)*p], token[head*p:(head+1)*p]
			for j, w := range numbers {
				sums[j] += float64(v * w * w)
			}
		}
	}
	for j := range x.a {
		x.a[j] = T(1 / (1 + x.t[j]/x.s[j/p]))
	}
}

// softmax of a few numbers, in place.
func softmax[T op.Float](x []T) {
	top := x[0]
	for _, v := range x[1:] {
		if v > top {
			top = v
		}
	}
	sum := 0.0
	for i, v := range x {
		e := math.Exp(float64(v - top))
		x[i] = T(e)
		sum += e
	}
	for i, v := range x {
		x[i] = T(float64(v) / sum)
	}
}

func (t *task[T]) forward(x *sums[T], w, out []T) {
	d, h, p := t.d, t.heads, t.d/t.heads
	for i := range t.n {
		for head, v := range x.pi[i*h : (i+1)*h] {
			lo := i*d + head*p
			a := x.a[head*p : (head+1)*p]
			for j, w := range w[lo : lo+p] {
				out[lo+j] = -w * v * a[j]
			}
		}
	}
}

func (t *task[T]) backward(x *sums[T], w, dout, out, dtemp []T) {
	d, h, p := t.d, t.heads, t.d/t.heads
	clear(x.dm)
	for i := range t.n {
		for head, v := range x.pi[i*h : (i+1)*h] {
			lo := i*d + head*p
			dm := x.dm[head*p : (head+1)*p]
			for j, w := range w[lo : lo+p] {
				dm[j] += float64(dout[lo+j] * w * v)
			}
		}
	}
	clear(x.ds)
	for j, sum := range x.dm {
		a, s := float64(x.a[j]), x.s[j/p]
		dm := a * a * sum
		x.dt[j] = T(dm / s)
		x.ds[j/p] -= dm * x.t[j] / (s * s)
		x.dm[j] = 0 // from here on of dV
	}
	for head := range dtemp {
		dtemp[head] = 0
	}
	for i := range t.n {
		t.scores(x, i, w[i*d:(i+1)*d], dout[i*d:(i+1)*d], dtemp)
	}
	for j, sum := range x.dm {
		if x.dv[j] = 0; x.v[j] >= least {
			x.dv[j] = -T(sum) * x.inverse[j] * x.inverse[j]
		}
	}
	for i := range t.n {
		for head, v := range x.pi[i*h : (i+1)*h] {
			lo, at := i*d+head*p, head*p
			u := x.u[i*h+head]
			for j, w := range w[lo : lo+p] {
				out[lo+j] = -dout[lo+j]*v*x.a[at+j] + 2*w*(v*x.dt[at+j]+x.inverse[at+j]*u+x.dv[at+j])
			}
		}
	}
}

// scores computes u of a token, and adds to the gradients of temp and of V.
func (t *task[T]) scores(x *sums[T], i int, w, dout, dtemp []T) {
	h, p := t.heads, t.d/t.heads
	pi, u := x.pi[i*h:(i+1)*h], x.u[i*h:(i+1)*h]
	along := 0.0
	for head := range u {
		at, sum := head*p, T(0)
		for j, v := range w[at : at+p] {
			sum += v * (v*x.dt[at+j] - dout[at+j]*x.a[at+j])
		}
		u[head] = sum + T(x.ds[head])
		along += float64(u[head]) * float64(pi[head])
	}
	for head := range u {
		ds := pi[head] * (u[head] - T(along))
		dtemp[head] += ds * x.score[i*h+head]
		u[head] = ds * t.temp[head]
		at := head * p
		for j, v := range w[at : at+p] {
			x.dm[at+j] += float64(u[head] * v * v)
		}
	}
}

func bindTokens[T op.Float](_ ofTokens, a *op.Args[T]) op.Run {
	return a.Each(func(lo, hi int) { copy(a.Out[lo:hi], a.In[0][lo:hi]) })
}

func bindTemp[T op.Float](k ofTemp, a *op.Args[T]) op.Run {
	of := a.In[0][k.From:]
	return func() error {
		for i := range a.Out {
			sum := 0.0
			for j := i; j < len(of); j += len(a.Out) {
				sum += float64(of[j])
			}
			a.Out[i] = T(sum)
		}
		return nil
	}
}
