package sparse

import (
	"math"
	"math/rand/v2"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/given"
	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/internal/sizes"
)

// An Operator is a linear map A from codes z ∈ ℝⁿ to samples x ∈ ℝᵐ, applied to
// batches of rows that lie one after the other. CheckAdjoint tests one.
type Operator interface {
	// Dims returns m and n.
	Dims() (m, n int)
	// Apply stores A z in x for each of the rows. Shapes: x rows×m, z rows×n.
	Apply(x, z []float64, rows int)
	// Adjoint stores Aᵀ x in z for each of the rows. Shapes: z rows×n, x rows×m.
	Adjoint(z, x []float64, rows int)
}

// A pooled Operator can use the workers of its caller.
type pooled interface {
	apply(p *par.Pool, x, z []float64, rows int)
	adjoint(p *par.Pool, z, x []float64, rows int)
}

// apply computes x = A z on the workers of p, if A can.
func apply(p *par.Pool, a Operator, x, z []float64, rows int) {
	if on, ok := a.(pooled); ok {
		on.apply(p, x, z, rows)
		return
	}
	a.Apply(x, z, rows)
}

// adjoint computes z = Aᵀ x on the workers of p, if A can.
func adjoint(p *par.Pool, a Operator, z, x []float64, rows int) {
	if on, ok := a.(pooled); ok {
		on.adjoint(p, z, x, rows)
		return
	}
	a.Adjoint(z, x, rows)
}

// A Matrix is a dense Operator. It is not changed after it is made.
type Matrix struct {
	m, n int
	a    []float64 // m×n
}

// NewMatrix returns a, m×n, as an Operator. It keeps a copy. Errors: ErrInput if
// a is empty, holds a number that is not finite, or has a column of zeros, which
// no sample can use.
func NewMatrix(a *mat.Dense) (*Matrix, error) {
	if err := checkMatrix("A", a); err != nil {
		return nil, errors.WithMessage(err, "sparse: matrix")
	}
	m, n := a.Dims()
	for j := range n {
		if mat.Norm(a.ColView(j), math.Inf(1)) == 0 {
			return nil, errors.Wrapf(ErrInput, "sparse: matrix: column %d of %d is 0; leave it out", j, n)
		}
	}
	return &Matrix{m: m, n: n, a: flat(a)}, nil
}

// Dims implements Operator.
func (a *Matrix) Dims() (m, n int) {
	if a == nil {
		return 0, 0
	}
	return a.m, a.n
}

// Dense returns a copy of the matrix.
func (a *Matrix) Dense() *mat.Dense {
	if a == nil || a.m == 0 || a.n == 0 {
		return &mat.Dense{}
	}
	return mat.NewDense(a.m, a.n, append([]float64(nil), a.a...))
}

// Apply implements Operator. Cost: 2·rows·m·n flops.
func (a *Matrix) Apply(x, z []float64, rows int) { a.apply(nil, x, z, rows) }

// Adjoint implements Operator. Cost: 2·rows·m·n flops.
func (a *Matrix) Adjoint(z, x []float64, rows int) { a.adjoint(nil, z, x, rows) }

func (a *Matrix) apply(p *par.Pool, x, z []float64, rows int) {
	if m, n := a.Dims(); !batched(x, m, z, n, rows) {
		return
	}
	lin.Gemm(p, false, true, rows, a.m, a.n, 1, z, a.n, a.a, a.n, 0, x, a.m)
}

func (a *Matrix) adjoint(p *par.Pool, z, x []float64, rows int) {
	if m, n := a.Dims(); !batched(z, n, x, m, rows) {
		return
	}
	lin.Gemm(p, false, false, rows, a.n, a.m, 1, x, a.m, a.a, a.n, 0, z, a.n)
}

// CheckAdjoint reports whether ⟨A z, x⟩ = ⟨z, Aᵀ x⟩ holds to rounding for random
// z and x, and whether A keeps rows apart. It is meant for the test of an
// Operator.
func CheckAdjoint(a Operator, seed uint64) error {
	if given.Nil(a) {
		return errors.Wrap(ErrInput, "sparse: adjoint: no operator")
	}
	m, n := a.Dims()
	if m < 1 || n < 1 {
		return errors.Wrapf(ErrInput, "sparse: adjoint: the operator is %d×%d", m, n)
	}
	const rows = 3
	if err := sizes.Check("sparse: adjoint: rows", rows, max(m, n)); err != nil {
		return errors.Wrap(ErrInput, err.Error())
	}
	rng := rand.New(rand.NewPCG(seed, streamAdjoint))
	x, z := gaussian(rng, rows*m), gaussian(rng, rows*n)
	az, atx := make([]float64, rows*m), make([]float64, rows*n)
	a.Apply(az, z, rows)
	a.Adjoint(atx, x, rows)
	for i := range rows {
		left := simd.Dot(az[i*m:(i+1)*m], x[i*m:(i+1)*m])
		right := simd.Dot(z[i*n:(i+1)*n], atx[i*n:(i+1)*n])
		scale := norm(az[i*m:(i+1)*m])*norm(x[i*m:(i+1)*m]) + math.SmallestNonzeroFloat64
		if !(math.Abs(left-right) <= 1e-12*scale) {
			return errors.Wrapf(ErrInput, "sparse: adjoint: row %d has ⟨Az, x⟩ = %v but ⟨z, Aᵀx⟩ = %v", i, left, right)
		}
	}
	return nil
}

// The streams of random numbers that this package draws from one seed.
const (
	streamAdjoint uint64 = 0x737061727365<<16 + iota
	streamPower
	streamAtoms
	streamBatches
	streamReplace
)

// gaussian returns n standard normal numbers.
func gaussian(rng *rand.Rand, n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = rng.NormFloat64()
	}
	return v
}

// norm returns ‖v‖₂, of any magnitude; +Inf where it is beyond float64.
func norm(v []float64) float64 {
	if sum := simd.Dot(v, v); sum >= 0x1p-900 && sum <= 0x1p1000 {
		return math.Sqrt(sum)
	}
	r, e := simd.ScaledNorm(v)
	return math.Ldexp(r, e)
}
