package unroll

import (
	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/op"
)

// grain is the elements of a chunk: some microseconds of memory traffic.
const grain = 1 << 14

func bindAffine[T op.Float](k Affine, a *op.Args[T]) op.Run {
	p := newProduct(k.C, a)
	return func() error { p.run(lin.Epilogue[T]{}); return nil }
}

func bindStep[T op.Float](k Step, a *op.Args[T]) op.Run {
	p := newProduct(k.C, a)
	theta := a.Scratch[:p.d]
	negative := a.Pool.Loop(p.n, max(1, grain/p.d), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			softSigned(a.Out[i*p.d:(i+1)*p.d], theta)
		}
	})
	return func() error {
		if spread(theta, a.In[3]) {
			p.run(lin.Epilogue[T]{Theta: theta})
			return nil
		}
		p.run(lin.Epilogue[T]{})
		negative.Do()
		return nil
	}
}

// spread stores a threshold for each column, and reports whether none is below 0.
func spread[T op.Float](dst, theta []T) bool {
	ok := true
	for j := range dst {
		dst[j] = theta[j%len(theta)]
		ok = ok && dst[j] >= 0
	}
	return ok
}

// softSigned is S_θ for thresholds of either sign: below 0 they move elements away
// from 0, where 0 itself stays.
func softSigned[T op.Float](x, theta []T) {
	for j, v := range x {
		x[j] = softOne(v, theta[j])
	}
}

func softOne[T op.Float](v, t T) T {
	switch {
	case v > 0 && v > t:
		return v - t
	case v < 0 && -v > t:
		return v + t
	}
	return 0 * v
}

// product is b + c·v Wᵀ on bound operands.
type product[T op.Float] struct {
	pool    *par.Pool
	n, d, k int
	c       T
	v, w    []T
	out     []T
	copies  *par.Loop // of b to out; nil if they are one
}

func newProduct[T op.Float](c float64, a *op.Args[T]) *product[T] {
	p := &product[T]{
		pool: a.Pool, n: a.Shapes[1][0], d: a.Shapes[2][0], k: a.Shapes[2][1],
		c: T(c), v: a.In[1], w: a.In[2], out: a.Out,
	}
	if &a.In[0][0] != &a.Out[0] {
		p.copies = a.Pool.Loop(len(a.Out), grain, func(lo, hi int) { copy(a.Out[lo:hi], a.In[0][lo:hi]) })
	}
	return p
}

func (p *product[T]) run(then lin.Epilogue[T]) {
	if p.copies != nil {
		p.copies.Do()
	}
	lin.GemmThen(p.pool, false, true, p.n, p.d, p.k, p.c, p.v, p.k, p.w, p.k, 1, p.out, p.d, then)
}

func bindInputGrad[T op.Float](k inputGrad, a *op.Args[T]) op.Run {
	n, d, m := a.Shapes[0][0], a.Shapes[1][0], a.Shapes[1][1]
	return func() error {
		lin.Gemm(a.Pool, false, false, n, m, d, T(k.C), a.In[0], d, a.In[1], m, 0, a.Out, m)
		return nil
	}
}

func bindWeightGrad[T op.Float](k weightGrad, a *op.Args[T]) op.Run {
	n, d, m := a.Shapes[0][0], a.Shapes[0][1], a.Shapes[1][1]
	return func() error {
		lin.Gemm(a.Pool, true, false, d, m, n, T(k.C), a.In[0], d, a.In[1], m, 0, a.Out, m)
		return nil
	}
}

func bindMask[T op.Float](_ mask, a *op.Args[T]) op.Run {
	loop := a.Pool.Loop(len(a.Out), grain, func(lo, hi int) {
		simd.WhereNonzero(a.Out[lo:hi], a.In[1][lo:hi], a.In[0][lo:hi])
	})
	return loop.Run
}

// thetaRows returns how many rows a chunk of the sums of ∂θ has.
func thetaRows(d int) int { return max(1, grain/d) }

// thetaWork returns how many sums thetaGrad needs: for each chunk of rows of x,
// n×d, one for each of l thresholds.
func thetaWork(n, d, l int) int {
	rows := thetaRows(d)
	return (n + rows - 1) / rows * l
}

func bindThetaGrad[T op.Float](_ thetaGrad, a *op.Args[T]) op.Run {
	n, d, l := a.Shapes[0][0], a.Shapes[0][1], a.Shapes[2][0]
	rows, width := thetaRows(d), min(d, 256)
	signed := make([]T, (n+rows-1)/rows*width) // a piece of a row for each chunk
	chunks := a.Pool.Loop(n, rows, func(lo, hi int) {
		sums := a.Work[lo/rows*l:][:l]
		clear(sums)
		for i := lo; i < hi; i++ {
			addSigned(sums, a.In[1][i*d:(i+1)*d], a.In[0][i*d:(i+1)*d], signed[lo/rows*width:][:width])
		}
	})
	return func() error {
		chunks.Do()
		for j := range l {
			sum := 0.0
			for at := j; at < len(a.Work); at += l {
				sum += a.Work[at]
			}
			a.Out[j] = T(-sum)
		}
		return nil
	}
}

// addSigned adds sgn(z)·x to sums, element by element, or all to sums[0] if that
// is all. It spoils signed.
func addSigned[T op.Float](sums []float64, z, x, signed []T) {
	for lo := 0; lo < len(x); lo += len(signed) {
		hi := min(lo+len(signed), len(x))
		part := signed[:hi-lo]
		simd.SignTimes(part, z[lo:hi], x[lo:hi])
		if len(sums) == 1 {
			sums[0] += simd.SumWide(part)
		} else {
			simd.AddWide(sums[lo:hi], part)
		}
	}
}
