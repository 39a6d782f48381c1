package optim

import (
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

const (
	adamGrain  = 1 << 15 // elements of a chunk: some tens of microseconds of memory traffic
	adamShared = 1 << 17 // elements of all parameters from which workers share them
)

// adamTask is the loop that moves p along Adam's direction of the gradients
// g + l2·p:
//
//	p ← keep·p − lr·direction
//
// It is limited by memory: it reads p, g, m and v once and writes p, m and v.
type adamTask[T simd.Float] struct {
	p, g, m, v []T
	factors    simd.Adam[T]
}

// Range implements par.Task.
func (a *adamTask[T]) Range(_, lo, hi int) {
	simd.AdamStep(a.p[lo:hi], a.m[lo:hi], a.v[lo:hi], a.g[lo:hi], a.factors)
}

// adamTasks are the loops of both dtypes, with the workers that share them.
type adamTasks struct {
	pool *par.Pool // nil is the caller alone
	one  adamTask[float32]
	two  adamTask[float64]
}

// start makes the workers, if there are enough elements to share.
func (a *adamTasks) start(elements int) {
	if elements >= adamShared {
		a.pool = par.New(0)
	}
}

// descendAdam runs the loop on one parameter.
func descendAdam[T simd.Float](pool *par.Pool, a *adamTask[T], p, g, m, v []T, lr, l2, keep T, c adamStep[T]) {
	a.p, a.g, a.m, a.v = p, g[:len(p)], m[:len(p)], v[:len(p)]
	a.factors = simd.Adam[T]{W1: c.w1, B2: c.b2, W2: c.w2, Root: c.root, Eps: c.eps, LR: lr, L2: l2, Decay: keep}
	pool.Run(a, len(p), adamGrain)
}
