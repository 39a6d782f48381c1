package codingrate

import (
	"math"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/op"
)

// classSize returns nⱼ = Σᵢ πᵢⱼ for a class of pi (n×k), or an error if a
// membership is negative or not a number.
func classSize[T op.Float](pi []T, k, j int) (float64, error) {
	sum := 0.0
	for i := j; i < len(pi); i += k {
		p := float64(pi[i])
		if !(p >= 0) || math.IsInf(p, 0) {
			return 0, op.Errorf(
				"soft class coding rate: the membership of sample %d in class %d is %v, want it 0 or above", i/k, j, p)
		}
		sum += p
	}
	return sum, nil
}

// weighted stores √πᵢⱼ zᵢ in the rows of out (n×d).
func weighted[T op.Float](z, pi []T, d, k, j int, out []T) {
	for i := range len(z) / d {
		w := T(math.Sqrt(float64(pi[i*k+j])))
		for c, v := range z[i*d : (i+1)*d] {
			out[i*d+c] = w * v
		}
	}
}

func bindSoftFactor[T op.Float](kn SoftFactor, a *op.Args[T]) op.Run {
	n, d, k := a.Shapes[0][0], a.Shapes[0][1], a.Shapes[1][1]
	s := min(n, d)
	errs := make([]error, k)
	one := func(j int) error {
		l := a.WideOut[j*s*s : (j+1)*s*s]
		nj, err := classSize(a.In[1], k, j)
		if err != nil {
			return err
		}
		if nj == 0 {
			identity(s, l)
			return nil
		}
		zj := op.Slice[T](op.Bytes(a.Work[j*n*d : (j+1)*n*d]))[:n*d]
		weighted(a.In[0], a.In[1], d, k, j, zj)
		return errors.WithMessagef(factor(nil, n, d, alpha(nj, d, kn.Eps2), zj, l), "class %d", j)
	}
	classes := a.Pool.Loop(k, 1, func(lo, hi int) {
		for j := lo; j < hi; j++ {
			errs[j] = one(j)
		}
	})
	return func() error {
		classes.Do()
		for _, err := range errs {
			if err != nil {
				return err
			}
		}
		return nil
	}
}

func identity(s int, l []float64) {
	clear(l)
	for i := range s {
		l[i*s+i] = 1
	}
}

func bindSoftRate[T op.Float](_ SoftRate, a *op.Args[T]) op.Run {
	n, d, k := a.Shapes[0][0], a.Shapes[0][1], a.Shapes[1][1]
	s := min(n, d)
	return func() error {
		sum := 0.0
		for j := range k {
			nj, err := classSize(a.In[1], k, j)
			if err != nil {
				return err
			}
			sum += nj / float64(n) * halfLogDet(s, a.WideIn[2][j*s*s:])
		}
		a.Out[0] = T(sum)
		return nil
	}
}

func bindSoftGradZ[T op.Float](kn softGradZ, a *op.Args[T]) op.Run {
	n, d, k := a.Shapes[0][0], a.Shapes[0][1], a.Shapes[1][1]
	s := min(n, d)
	zj := op.Slice[T](op.Bytes(a.Work[:n*d]))[:n*d]
	dzj := op.Slice[T](op.Bytes(a.Work[n*d : 2*n*d]))[:n*d]
	al := alpha(float64(n), d, kn.Of.Of.Eps2)
	return func() error {
		clear(a.Out)
		for j := range k {
			weighted(a.In[0], a.In[1], d, k, j, zj)
			gradZ(a.Pool, n, d, al*float64(a.In[3][0]), zj, a.WideIn[2][j*s*s:(j+1)*s*s], dzj, a.Work[2*n*d:])
			for i := range n {
				w := T(math.Sqrt(float64(a.In[1][i*k+j])))
				for c := i * d; c < (i+1)*d; c++ {
					a.Out[c] += w * dzj[c]
				}
			}
		}
		return nil
	}
}

func bindSoftGradPi[T op.Float](kn softGradPi, a *op.Args[T]) op.Run {
	n, d, k := a.Shapes[0][0], a.Shapes[0][1], a.Shapes[1][1]
	s, eps2 := min(n, d), kn.Of.Of.Eps2
	z, work := a.Work[:n*d], a.Work[n*d:]
	quad := make([]float64, n)
	return func() error {
		for i, v := range a.In[0] {
			z[i] = float64(v)
		}
		dr := float64(a.In[3][0]) / (2 * float64(n))
		for j := range k {
			nj, err := classSize(a.In[1], k, j)
			if err != nil {
				return err
			}
			l := a.WideIn[2][j*s*s : (j+1)*s*s]
			var trace float64
			if n < d {
				for i := range n {
					quad[i] = math.Sqrt(float64(a.In[1][i*k+j]))
				}
				trace = quadDual(a.Pool, n, d, alpha(max(nj, math.SmallestNonzeroFloat32), d, eps2), z, l, quad, work)
			} else {
				trace = quadPrimal(a.Pool, n, d, z, l, quad, work)
			}
			base := 2*halfLogDet(s, l) + trace - float64(d)
			for i, q := range quad {
				a.Out[i*k+j] = T(dr * (base + float64(d)/eps2*q))
			}
		}
		return nil
	}
}

// quadPrimal stores zᵢᵀG⁻¹zᵢ in quad and returns tr G⁻¹, where l (d×d) is the
// factor of G.
func quadPrimal(p *par.Pool, n, d int, z, l, quad, work []float64) (trace float64) {
	inv, u := work[:d*d], work[d*d:d*d+n*d]
	lin.CholInverse(p, d, l, d, inv, d)
	lin.Gemm(p, false, false, n, d, d, 1, z, d, inv, d, 0, u, d)
	for i := range n {
		quad[i] = dot(u[i*d:(i+1)*d], z[i*d:(i+1)*d])
	}
	return diagonalSum(d, inv)
}

// quadDual is quadPrimal where l (n×n) is the factor of H = I + α w ZZᵀ w and w,
// the square roots of the memberships, comes in quad. With K = ZZᵀ,
//
//	zᵢᵀG⁻¹zᵢ = Kᵢᵢ − α (K w H⁻¹ w K)ᵢᵢ        tr G⁻¹ = d − n + tr H⁻¹
func quadDual(p *par.Pool, n, d int, alpha float64, z, l, quad, work []float64) (trace float64) {
	inv, gram, kw, u := work[:n*n], work[n*n:2*n*n], work[2*n*n:3*n*n], work[3*n*n:4*n*n]
	lin.CholInverse(p, n, l, n, inv, n)
	lin.Gram(p, true, n, d, 1, z, d, gram, n)
	for i := range n {
		for b, w := range quad {
			kw[i*n+b] = gram[i*n+b] * w
		}
	}
	lin.Gemm(p, false, false, n, n, n, 1, kw, n, inv, n, 0, u, n)
	for i := range n {
		quad[i] = gram[i*n+i] - alpha*dot(u[i*n:(i+1)*n], kw[i*n:(i+1)*n])
	}
	return float64(d-n) + diagonalSum(n, inv)
}

func diagonalSum(s int, a []float64) float64 {
	sum := 0.0
	for i := range s {
		sum += a[i*s+i]
	}
	return sum
}

func dot(x, y []float64) float64 {
	sum := 0.0
	for i, v := range x {
		sum += v * y[i]
	}
	return sum
}
