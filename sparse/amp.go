package sparse

import (
	"cmp"
	"math"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/matrix"
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/internal/sizes"
)

// AMP is approximate message passing, which recovers z from x = Az where A has
// independent entries of variance about 1/m, so columns of length about 1:
//
//	z⁺ = S_θ(z + Aᵀv),       θ = α‖v‖/√m
//	v⁺ = x − Az⁺ + (‖z⁺‖₀/m) v
//
// from z = 0, v = x. The last term, Onsager's, keeps the noise of z + Aᵀv Gaussian,
// which is why few iterations do. Layers that learn α and Aᵀ are LAMP.
//
// Cost: 4·B·m·n flops an iteration for a Matrix.
//
// Reference: Donoho, Maleki, Montanari. Message-passing algorithms for compressed
// sensing. PNAS 106(45), 2009, in the form of Borgerding, Schniter, Rangan. IEEE
// TSP 65(16), 2017.
type AMP struct {
	Alpha    float64 // α; 0 is 1.1402, of the LAMP paper's code for a density of 0.1 and m/n = ½
	Iters    int     // 0 is 16
	Callback Callback
	Workers  int // goroutines; 0 is GOMAXPROCS
}

// Solve returns the codes, B×n, of the samples x, B×m.
//
// Errors: ErrInput; ErrDiverged where ‖v‖ grows without bound, as it may if A is
// not random, or ill-conditioned.
func (s AMP) Solve(a Operator, x *mat.Dense) (*mat.Dense, error) {
	z, err := s.solve(a, x)
	return z, errors.WithMessage(err, "sparse: AMP")
}

func (s AMP) solve(a Operator, x *mat.Dense) (*mat.Dense, error) {
	p, err := Problem{A: a, X: x}.checked()
	if err != nil {
		return nil, err
	}
	s.Alpha, s.Iters = cmp.Or(s.Alpha, 1.1402), cmp.Or(s.Iters, 16)
	if !(s.Alpha > 0) || !matrix.Finite(s.Alpha) || s.Iters < 0 || s.Iters > sizes.Most || s.Workers < 0 {
		return nil, errors.Wrapf(ErrInput, "α %v, %d iterations, %d workers, want α > 0", s.Alpha, s.Iters, s.Workers)
	}
	rows, _ := p.X.Dims()
	q := &messages{alpha: s.Alpha, x: flat(p.X)}
	q.m, q.n = a.Dims()
	q.z, q.c = make([]float64, rows*q.n), make([]float64, rows*q.n)
	q.v, q.az = append([]float64(nil), q.x...), make([]float64, rows*q.m)
	out := mat.NewDense(rows, q.n, q.z)
	pool := par.New(s.Workers)
	defer pool.Close()
	first := norm(q.x)
	s.watch(0, out)
	for k := 1; k <= s.Iters; k++ {
		adjoint(pool, a, q.c, q.v, rows)
		pool.Run((*estimates)(q), rows, grain(q.n))
		apply(pool, a, q.az, q.z, rows)
		pool.Run((*corrections)(q), rows, grain(q.n))
		if v := norm(q.v); !(v <= diverged*first) {
			return nil, errors.Wrapf(ErrDiverged,
				"‖v‖ is %v after iteration %d, and was %v at first; AMP wants a random A with columns of length 1", v,
				k, first)
		}
		s.watch(k, out)
	}
	return out, nil
}

func (s AMP) watch(k int, z *mat.Dense) {
	if s.Callback != nil {
		s.Callback(k, z)
	}
}

// messages is the state of AMP.
type messages struct {
	alpha    float64
	m, n     int
	x, v, az []float64 // B×m
	z, c     []float64 // B×n; c = Aᵀv
}

// estimates is the loop z = S_θ(z + Aᵀv).
type estimates messages

func (q *estimates) Range(_, lo, hi int) {
	for i := lo; i < hi; i++ {
		z, c := q.z[i*q.n:(i+1)*q.n], q.c[i*q.n:(i+1)*q.n]
		theta := q.alpha * norm(q.v[i*q.m:(i+1)*q.m]) / math.Sqrt(float64(q.m))
		simd.Add(z, z, c)
		SoftThreshold(z, z, theta)
	}
}

// corrections is the loop v = x − Az + (‖z‖₀/m) v.
type corrections messages

func (q *corrections) Range(_, lo, hi int) {
	for i := lo; i < hi; i++ {
		b := float64(count(q.z[i*q.n:(i+1)*q.n])) / float64(q.m)
		v := q.v[i*q.m : (i+1)*q.m]
		simd.Combine(v, b, v, -1, q.az[i*q.m:(i+1)*q.m], 0)
		simd.Add(v, v, q.x[i*q.m:(i+1)*q.m])
	}
}

// count returns ‖v‖₀, the number of elements that are not 0.
func count(v []float64) (n int) {
	for _, x := range v {
		if x != 0 {
			n++
		}
	}
	return n
}
