package redunet

import (
	"math"

	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/op"
)

// grain is the elements of u in a chunk: some microseconds of memory traffic.
const grain = 1 << 14

// samples binds f to chunks of the samples.
func samples[T op.Float](a *op.Args[T], g geometry, f func(i int)) op.Run {
	loop := a.Pool.Loop(g.n, max(1, grain/(g.blocks*(g.k+1)*g.d)), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			f(i)
		}
	})
	return loop.Run
}

// z returns the numbers of sample i in block p of a tensor that lies as z.
func z[T op.Float](g geometry, x []T, p, i int) []T {
	at := (p*g.n + i) * g.d
	return x[at : at+g.d]
}

// u returns map j of sample i in block p of a tensor that lies as u.
func u[T op.Float](g geometry, x []T, p, i, j int) []T {
	at := ((p*g.n+i)*(g.k+1) + j) * g.d
	return x[at : at+g.d]
}

// bindStep is bound by memory: u is read once.
func bindStep[T op.Float](k Step, a *op.Args[T]) op.Run {
	g, _ := geometryOf(a.Shapes[0], a.Shapes[1])
	eta := T(k.Eta)
	return samples(a, g, func(i int) {
		pi, gamma := a.In[2][i*g.k:(i+1)*g.k], a.In[3]
		for p := range g.blocks {
			out := z(g, a.Out, p, i)
			simd.Combine(out, 1, z(g, a.In[0], p, i), eta, u(g, a.In[1], p, i, 0), 0)
			for j, w := range pi {
				if w *= gamma[j]; w != 0 {
					simd.Axpy(out, -eta*w, u(g, a.In[1], p, i, j+1))
				}
			}
		}
	})
}

func bindStepGradU[T op.Float](k stepGradU, a *op.Args[T]) op.Run {
	g, _ := geometryOf(a.Shapes[0], a.Shapes[1])
	eta := T(k.Of.Eta)
	return samples(a, g, func(i int) {
		for p := range g.blocks {
			d := z(g, a.In[0], p, i)
			simd.Affine(u(g, a.Out, p, i, 0), eta, d, 0)
			for j := range g.k {
				simd.Affine(u(g, a.Out, p, i, j+1), -eta*a.In[3][j]*a.In[2][i*g.k+j], d, 0)
			}
		}
	})
}

func bindInner[T op.Float](_ inner, a *op.Args[T]) op.Run {
	g, _ := geometryOf(a.Shapes[0], a.Shapes[1])
	return samples(a, g, func(i int) {
		h := a.Out[i*g.k : (i+1)*g.k]
		clear(h)
		for p := range g.blocks {
			d := z(g, a.In[0], p, i)
			for j := range h {
				h[j] += simd.Dot(d, u(g, a.In[1], p, i, j+1))
			}
		}
	})
}

func bindStepGradPi[T op.Float](eta stepGradPi, a *op.Args[T]) op.Run {
	k := len(a.In[1])
	return func() error {
		for i, h := range a.In[0] {
			a.Out[i] = -T(eta.Eta) * a.In[1][i%k] * h
		}
		return nil
	}
}

func bindStepGradGamma[T op.Float](eta stepGradGamma, a *op.Args[T]) op.Run {
	k := len(a.Out)
	return func() error {
		clear(a.Out)
		for i, h := range a.In[0] {
			a.Out[i%k] -= T(eta.Eta) * a.In[1][i] * h
		}
		return nil
	}
}

// bindMembership is bound by memory: u is read once.
func bindMembership[T op.Float](k Membership, a *op.Args[T]) op.Run {
	g := geometryOfMaps(a.Shapes[0])
	return samples(a, g, func(i int) {
		pi := a.Out[i*g.k : (i+1)*g.k]
		squares(g, a.In[0], i, pi)
		if k.Hard {
			oneHot(pi)
		} else {
			softmin(pi, k.Lambda)
		}
	})
}

// squares stores ‖uⱼᵢ‖² in s, j from 1.
func squares[T op.Float](g geometry, maps []T, i int, s []T) {
	clear(s)
	for p := range g.blocks {
		for j := range s {
			x := u(g, maps, p, i, j+1)
			s[j] += simd.Dot(x, x)
		}
	}
}

// softmin overwrites squares by softmax(−λ√s). A NaN spreads to all.
func softmin[T op.Float](s []T, lambda float64) {
	least := math.Inf(1)
	for _, v := range s {
		least = min(least, math.Sqrt(float64(v)))
	}
	sum := 0.0
	for j, v := range s {
		e := math.Exp(-lambda * (math.Sqrt(float64(v)) - least))
		s[j], sum = T(e), sum+e
	}
	for j := range s {
		s[j] = T(float64(s[j]) / sum)
	}
}

// oneHot overwrites squares by 1 for the least and 0 for the others.
func oneHot[T op.Float](s []T) {
	at := 0
	for j, v := range s {
		if v < s[at] {
			at = j
		}
	}
	clear(s)
	s[at] = 1
}

func bindMembershipGrad[T op.Float](k membershipGrad, a *op.Args[T]) op.Run {
	g := geometryOfMaps(a.Shapes[0])
	factors := make([]T, g.n*g.k)
	return samples(a, g, func(i int) {
		pi, dpi, s := a.In[1][i*g.k:(i+1)*g.k], a.In[2][i*g.k:(i+1)*g.k], factors[i*g.k:(i+1)*g.k]
		squares(g, a.In[0], i, s)
		mean := 0.0
		for j, w := range pi {
			mean += float64(w) * float64(dpi[j])
		}
		for j, w := range pi {
			if norm := math.Sqrt(float64(s[j])); norm > 0 {
				s[j] = T(-k.Of.Lambda * float64(w) * (float64(dpi[j]) - mean) / norm)
			}
		}
		for p := range g.blocks {
			clear(u(g, a.Out, p, i, 0))
			for j, f := range s {
				simd.Affine(u(g, a.Out, p, i, j+1), f, u(g, a.In[0], p, i, j+1), 0)
			}
		}
	})
}

// geometryOfMaps returns how u of that shape lies.
func geometryOfMaps(u []int) geometry {
	rank := len(u)
	g := geometry{1, u[rank-3], u[rank-2] - 1, u[rank-1]}
	if rank == 4 {
		g.blocks = u[0]
	}
	return g
}
