package sparse

import (
	"math"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// MOD learns a dictionary by the method of optimal directions: codes by OMP, then
// the dictionary that fits them best,
//
//	D = XᵀZ (ZᵀZ)⁻¹,
//
// with its columns then scaled to length 1 and those of Z by the inverse.
//
// With Sparsity alone, what is minimised is ‖X − ZDᵀ‖²/(2B), and it never grows: a
// sample keeps its code where OMP finds none that is better. With Tol the number
// of atoms is, and nothing is promised.
//
// Reference: Engan, Aase, Husøy. Method of optimal directions for frame design.
// ICASSP 1999.
type MOD struct {
	Learning
	Sparsity int     // atoms of a sample at most
	Tol      float64 // residual norm of a sample that is enough
}

// Learn returns the dictionary of the samples x, B×m. Errors: ErrInput; that of
// Progress.
func (c MOD) Learn(x *mat.Dense) (*Dictionary, error) {
	d, err := alternate(c.Learning, c.Sparsity, c.Tol, x, (*alternation).optimalDirections)
	return d, errors.WithMessage(err, "sparse: MOD")
}

// alternation is learning by codes of OMP and an update of the dictionary in turn.
type alternation struct {
	*learner
	omp  OMP
	z, r []float64 // B×n, B×m: the codes, X − ZDᵀ
	sq   []float64 // ‖r‖² of each sample
}

// alternate learns with an update that sets the atoms and the codes.
func alternate(
	c Learning, sparsity int, tol float64, x *mat.Dense, update func(*alternation) error,
) (*Dictionary, error) {
	l, err := c.begin(x, false)
	if err != nil {
		return nil, err
	}
	defer l.pool.Close()
	if sparsity < 0 || sparsity > min(l.m, l.n) || sparsity == 0 && !(tol > 0) {
		return nil, errors.Wrapf(ErrInput,
			"Sparsity %d with %d atoms of length %d, Tol %v, want at least one of the two", sparsity, l.n, l.m, tol)
	}
	s := &alternation{
		learner: l, omp: OMP{Sparsity: sparsity, Tol: tol, Workers: c.Workers},
		z: make([]float64, l.rows*l.n), r: append([]float64(nil), l.x...), sq: make([]float64, l.rows),
	}
	for iter := range l.Iters {
		if err := s.code(iter == 0); err != nil {
			return nil, err
		}
		if err := update(s); err != nil {
			return nil, err
		}
		s.replace()
		s.residual()
		sum := 0.0
		for _, v := range s.sq {
			sum += v
		}
		if err := s.report(iter+1, sum/float64(2*l.rows)); err != nil {
			return nil, err
		}
	}
	s.out.Z = mat.NewDense(l.rows, l.n, s.z)
	return s.dictionary(), nil
}

// code finds new codes, and keeps the old ones that are better.
func (s *alternation) code(first bool) error {
	z, err := s.omp.Solve(s.matrix(), mat.NewDense(s.rows, s.m, s.x))
	if err != nil {
		return err
	}
	old, was := s.z, append([]float64(nil), s.sq...)
	s.z = z.RawMatrix().Data
	s.residual()
	if first || s.omp.Tol > 0 {
		return nil
	}
	for i := range s.rows {
		if s.sq[i] > was[i] {
			copy(s.z[i*s.n:(i+1)*s.n], old[i*s.n:(i+1)*s.n])
		}
	}
	s.residual()
	return nil
}

// residual computes r and sq.
func (s *alternation) residual() {
	copy(s.r, s.x)
	lin.Gemm(s.pool, false, false, s.rows, s.m, s.n, -1, s.z, s.n, s.atoms, s.m, 1, s.r, s.m)
	for i := range s.sq {
		r := s.r[i*s.m : (i+1)*s.m]
		s.sq[i] = simd.Dot(r, r)
	}
}

// optimalDirections is the update of MOD. Atoms that no sample uses stay.
func (s *alternation) optimalDirections() error {
	gram, right := make([]float64, s.n*s.n), make([]float64, s.n*s.m)
	lin.Gram(s.pool, false, s.rows, s.n, 1, s.z, s.n, gram, s.n)
	trace := 0.0
	for j := range s.n {
		trace = max(trace, gram[j*s.n+j])
	}
	if trace == 0 {
		return nil
	}
	// A ridge that rounding hides keeps a factor where codes are dependent. What is
	// solved for is the change of the atoms, which those that are not used, and
	// directions that are not determined, do not have.
	ridge := 1e-10 * trace
	for j := range s.n {
		gram[j*s.n+j] += ridge
	}
	lin.Gemm(s.pool, true, false, s.n, s.m, s.rows, 1, s.z, s.n, s.r, s.m, 0, right, s.m)
	if err := lin.Cholesky(s.pool, s.n, gram, s.n); err != nil {
		return errors.Wrapf(ErrInput, "the codes have no least-squares fit: %v", err)
	}
	lin.CholSolve(s.pool, s.n, s.m, gram, s.n, right, s.m)
	for j := range s.n {
		simd.Axpy(s.atom(j), 1, right[j*s.m:(j+1)*s.m])
		s.rescale(j)
	}
	return nil
}

// rescale gives atom j the length 1 and keeps Z Dᵀ.
func (s *alternation) rescale(j int) {
	size := norm(s.atom(j))
	if !s.settle(s.atom(j)) {
		size = 0
	}
	for i := j; i < len(s.z); i += s.n {
		s.z[i] *= size
	}
}

// replace puts what is left of the sample that is fitted worst in the place of each
// atom that no sample uses, each sample once.
func (s *alternation) replace() {
	used := make([]bool, s.n)
	for i, v := range s.z {
		if v != 0 {
			used[i%s.n] = true
		}
	}
	s.residual()
	for j := range used {
		if used[j] {
			continue
		}
		worst, most := -1, 0.0
		for i, v := range s.sq {
			if v > most {
				worst, most = i, v
			}
		}
		if worst < 0 {
			return
		}
		s.sq[worst] = math.Inf(-1)
		copy(s.atom(j), s.r[worst*s.m:(worst+1)*s.m])
		s.settle(s.atom(j))
		s.out.Replaced++
	}
}
