package gain

import (
	"math"

	"github.com/whitebox-nn/whitebox/internal/opkit"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// grain is the elements of a chunk: some microseconds of memory traffic.
const grain = 1 << 13

// chunks returns the number of chunks of n elements.
func chunks(n int) int { return max(1, (n+grain-1)/grain) }

// each returns the run of f on every element.
func each[T opkit.Float](a *opkit.Args[T], f func(i int) T) opkit.Run {
	loop := a.Pool.Loop(len(a.Out), grain, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			a.Out[i] = f(i)
		}
	})
	return func() error { loop.Do(); return nil }
}

// total returns the run of the sum of f over n elements, chunk by chunk.
func total[T opkit.Float](a *opkit.Args[T], n int, f func(i int) float64) opkit.Run {
	loop := a.Pool.Loop(n, grain, func(lo, hi int) {
		sum := 0.0
		for i := lo; i < hi; i++ {
			sum += f(i)
		}
		a.Work[lo/grain] = sum
	})
	return func() error {
		loop.Do()
		sum := 0.0
		for _, v := range a.Work[:chunks(n)] {
			sum += v
		}
		a.Out[0] = T(sum)
		return nil
	}
}

func bindTimes[T opkit.Float](a *opkit.Args[T]) opkit.Run {
	loop := a.Pool.Loop(len(a.Out), grain, func(lo, hi int) {
		simd.Affine(a.Out[lo:hi], a.In[1][0], a.In[0][lo:hi], 0)
	})
	return func() error { loop.Do(); return nil }
}

func bindInner[T opkit.Float](a *opkit.Args[T]) opkit.Run {
	const block = 256 // summed in T
	x, y := a.In[0], a.In[1]
	blocks := (len(x) + block - 1) / block
	a.Work = a.Work[:chunks(blocks)]
	return total(a, blocks, func(i int) float64 {
		lo, hi := i*block, min((i+1)*block, len(x))
		return float64(simd.Dot(x[lo:hi], y[lo:hi]))
	})
}

func bindGate[T opkit.Float](a *opkit.Args[T]) opkit.Run {
	return each(a, func(i int) T {
		x := float64(a.In[0][i])
		return T(x * (1 + float64(a.In[1][0])*math.Exp(-float64(a.In[2][0])*math.Abs(x))))
	})
}

func bindGateGrad[T opkit.Float](a *opkit.Args[T]) opkit.Run {
	return each(a, func(i int) T {
		m, mu, kappa := math.Abs(float64(a.In[1][i])), float64(a.In[2][0]), float64(a.In[3][0])
		return T(float64(a.In[0][i]) * (1 + mu*math.Exp(-kappa*m)*(1-kappa*m)))
	})
}

func bindGateFactorGrad[T opkit.Float](k gateFactorGrad, a *opkit.Args[T]) opkit.Run {
	return total(a, len(a.In[0]), func(i int) float64 {
		x, mu, kappa := float64(a.In[1][i]), float64(a.In[2][0]), float64(a.In[3][0])
		by := float64(a.In[0][i]) * x * math.Exp(-kappa*math.Abs(x))
		if k.Of == "kappa" {
			by *= -mu * math.Abs(x)
		}
		return by
	})
}

func bindOvershoot[T opkit.Float](k Overshoot, a *opkit.Args[T]) opkit.Run {
	return each(a, func(i int) T {
		r := float64(a.In[0][i]) - float64(a.In[1][i])
		return T(float64(a.In[0][i]) + float64(a.In[2][0])*r/(math.Abs(r)+k.Eps))
	})
}

func bindOvershootGrad[T opkit.Float](k overshootGrad, a *opkit.Args[T]) opkit.Run {
	return each(a, func(i int) T {
		d := float64(a.In[0][i])
		m := math.Abs(float64(a.In[1][i])-float64(a.In[2][i])) + k.Of.Eps
		dr := d * float64(a.In[3][0]) * k.Of.Eps / (m * m)
		if k.Y {
			return T(d + dr)
		}
		return T(-dr)
	})
}

func bindOvershootFactorGrad[T opkit.Float](k overshootFactorGrad, a *opkit.Args[T]) opkit.Run {
	return total(a, len(a.In[0]), func(i int) float64 {
		r := float64(a.In[1][i]) - float64(a.In[2][i])
		return float64(a.In[0][i]) * r / (math.Abs(r) + k.Of.Eps)
	})
}
