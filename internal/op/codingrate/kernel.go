package codingrate

import (
	stderrors "errors"
	"math"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/op"
)

func bindFactor[T op.Float](k Factor, a *op.Args[T]) op.Run {
	n, d := a.Shapes[0][0], a.Shapes[0][1]
	al := alpha(float64(n), d, k.Eps2)
	return func() error { return factor(a.Pool, n, d, al, a.In[0], a.WideOut) }
}

func bindRate[T op.Float](_ Rate, a *op.Args[T]) op.Run {
	s := min(a.Shapes[0][0], a.Shapes[0][1])
	return func() error {
		a.Out[0] = T(halfLogDet(s, a.WideIn[1]))
		return nil
	}
}

func bindRateGrad[T op.Float](k rateGrad, a *op.Args[T]) op.Run {
	n, d := a.Shapes[0][0], a.Shapes[0][1]
	al := alpha(float64(n), d, k.Of.Eps2)
	return func() error {
		gradZ(a.Pool, n, d, al*float64(a.In[2][0]), a.In[0], a.WideIn[1], a.Out, a.Work)
		return nil
	}
}

// factor stores in l (s×s, s = min(n, d)) the Cholesky factor of I + α times the
// smaller Gram matrix of z (n×d).
//
// Cost: max(n,d)·s² flops for one triangle of the Gram matrix and s³/3 for the
// factor, on n·d + s² numbers: bound by arithmetic but for the smallest s.
func factor[T op.Float](p *par.Pool, n, d int, alpha float64, z []T, l []float64) error {
	lin.Gram(p, n < d, n, d, alpha, z, d, l, min(n, d))
	return factorGram(p, n, d, l)
}

// factorGram overwrites the Gram matrix in l by the factor of I plus it.
func factorGram(p *par.Pool, n, d int, l []float64) error {
	s := min(n, d)
	for i := range s {
		l[i*s+i]++
	}
	switch err := lin.Cholesky(p, s, l, s); {
	case stderrors.Is(err, lin.ErrNotFinite), stderrors.Is(err, lin.ErrNotPositiveDefinite):
		return errors.Wrapf(op.ErrNotFinite,
			"coding rate: the features (%d×%d) hold a NaN or an infinity, or are too large", n, d)
	default:
		return err
	}
}

// halfLogDet returns ½ logdet(LLᵀ) = Σᵢ log Lᵢᵢ.
func halfLogDet(s int, l []float64) float64 {
	sum := 0.0
	for i := range s {
		sum += math.Log(l[i*s+i])
	}
	return sum
}

// inverseWork returns the scratch that gradZ needs: the inverse in float64 and
// once more in T.
func inverseWork(n, d int) int {
	s := min(n, d)
	return 2 * s * s
}

// gradZ stores c·ZG⁻¹ in dz, where l (s×s) is the factor of G = I + αZᵀZ, or
// c·H⁻¹Z where it is that of H = I + αZZᵀ. It does not read above l's diagonal.
func gradZ[T op.Float](p *par.Pool, n, d int, c float64, z []T, l []float64, dz []T, work []float64) {
	s := min(n, d)
	narrow := op.Slice[T](op.Bytes(work[s*s:]))
	narrowInverse(p, s, c, l, work, narrow)
	timesInverse(p, n < d, n, d, z, narrow, dz)
}

// narrowInverse stores c·(LLᵀ)⁻¹ (s×s) in inv, and rounded in narrow. It does not read
// above l's diagonal.
func narrowInverse[T op.Float](p *par.Pool, s int, c float64, l, inv []float64, narrow []T) {
	lin.CholInverse(p, s, l, s, inv[:s*s], s)
	for i, v := range inv[:s*s] {
		narrow[i] = T(c * v)
	}
}

// timesInverse stores in dz the product of z (n×d) and an inverse, of n×n from the left or
// of d×d from the right.
func timesInverse[T op.Float](p *par.Pool, left bool, n, d int, z, narrow, dz []T) {
	if left {
		lin.Gemm(p, false, false, n, d, n, 1, narrow, n, z, d, 0, dz, d)
	} else {
		lin.Gemm(p, false, false, n, d, d, 1, z, d, narrow, d, 0, dz, d)
	}
}
