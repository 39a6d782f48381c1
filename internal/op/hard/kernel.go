package hard

import "github.com/whitebox-nn/whitebox/op"

// The three parts of H.
const (
	below = iota
	ramp
	above
)

// part says where |u| = m lies.
func part(m, theta, sigma float64) int {
	switch {
	case m >= theta:
		return above
	case m > (1-sigma)*theta:
		return ramp
	}
	return below
}

func magnitude(v float64) (m, sign float64) {
	if v < 0 {
		return -v, -1
	}
	return v, 1
}

// each returns the run of f on every element: u, θ and what else lies there.
func each[T op.Float](a *op.Args[T], u, theta int, f func(i int, u, theta float64) float64) op.Run {
	d, l := a.Shapes[u][1], len(a.In[theta])
	loop := a.Pool.Loop(len(a.Out), 1<<13, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			a.Out[i] = T(f(i, float64(a.In[u][i]), float64(a.In[theta][i%d%l])))
		}
	})
	return loop.Run
}

func bindHard[T op.Float](k Hard, a *op.Args[T]) op.Run {
	return each(a, 0, 1, func(_ int, u, theta float64) float64 {
		m, sign := magnitude(u)
		switch part(m, theta, k.Sigma) {
		case above:
			return u
		case ramp:
			return sign * (m - (1-k.Sigma)*theta) / k.Sigma
		}
		return 0 * u
	})
}

func bindInputGrad[T op.Float](k inputGrad, a *op.Args[T]) op.Run {
	return each(a, 1, 2, func(i int, u, theta float64) float64 {
		m, _ := magnitude(u)
		switch part(m, theta, k.Of.Sigma) {
		case above:
			return float64(a.In[0][i])
		case ramp:
			return float64(a.In[0][i]) / k.Of.Sigma
		}
		return 0
	})
}

func bindThetaGrad[T op.Float](k thetaGrad, a *op.Args[T]) op.Run {
	d, l, sigma := a.Shapes[1][1], len(a.In[2]), k.Of.Sigma
	return func() error {
		clear(a.Work[:l])
		for i, v := range a.In[1] {
			j := i % d % l
			m, sign := magnitude(float64(v))
			if part(m, float64(a.In[2][j]), sigma) == ramp {
				a.Work[j] -= float64(a.In[0][i]) * sign * (1 - sigma) / sigma
			}
		}
		for j, v := range a.Work[:l] {
			a.Out[j] = T(v)
		}
		return nil
	}
}
