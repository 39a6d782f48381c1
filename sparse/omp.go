package sparse

import (
	"cmp"
	"math"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// OMP is orthogonal matching pursuit: it adds to the support S the atom that
// correlates most with the residual, and fits all of S by least squares,
//
//	j = argmax |aⱼᵀr|/‖aⱼ‖,   z_S = argmin ‖x − A_S z_S‖,   r = x − A_S z_S
//
// until there are Sparsity atoms, or ‖r‖ ≤ Tol.
//
// The Gram matrix is computed once for the batch, and the Cholesky factor of
// A_SᵀA_S grows by a row an atom. Cost: m·n² flops, then for each sample about
// 2·k·n·(k + 1) with k atoms.
//
// Reference: Rubinstein, Zibulevsky, Elad. Efficient implementation of the K-SVD
// algorithm using batch orthogonal matching pursuit. Technion CS-2008-08. Their
// update of ‖r‖² is a difference, and so exact to about 1e-8·‖x‖.
type OMP struct {
	Sparsity int     // atoms of a sample at most; 0 is m
	Tol      float64 // residual norm that is enough; 0 is only what rounding leaves
	Workers  int     // goroutines; 0 is GOMAXPROCS
}

// Solve returns the codes, B×n, of the samples x, B×m. A sample has fewer atoms
// than Sparsity where its residual is enough, or the best atom lies in the span
// of those that are in. Errors: ErrInput.
func (s OMP) Solve(a *Matrix, x *mat.Dense) (*mat.Dense, error) {
	z, err := s.solve(a, x)
	return z, errors.WithMessage(err, "sparse: OMP")
}

func (s OMP) solve(a *Matrix, x *mat.Dense) (*mat.Dense, error) {
	if a == nil {
		return nil, errors.Wrap(ErrInput, "A is nil")
	}
	if err := checkRows("X", x, a.m); err != nil {
		return nil, err
	}
	if err := checkSquares(x); err != nil {
		return nil, err
	}
	most := min(a.m, a.n)
	if s.Sparsity < 0 || s.Sparsity > most || s.Workers < 0 {
		return nil, errors.Wrapf(ErrInput, "%d atoms of a %d×%d matrix, %d workers, want at most %d atoms", s.Sparsity,
			a.m, a.n, s.Workers, most)
	}
	if err := nonNegative("Tol", s.Tol); err != nil {
		return nil, err
	}
	pool := par.New(s.Workers)
	defer pool.Close()
	rows, _ := x.Dims()
	q := &pursuit{n: a.n, most: cmp.Or(s.Sparsity, most), tol: s.Tol * s.Tol}
	q.gram = make([]float64, a.n*a.n)
	lin.Gram(pool, false, a.m, a.n, 1, a.a, a.n, q.gram, a.n)
	samples := flat(x)
	q.corr, q.z = make([]float64, rows*a.n), make([]float64, rows*a.n)
	a.adjoint(pool, q.corr, samples, rows)
	q.energy = make([]float64, rows)
	for i := range rows {
		q.energy[i] = simd.Dot(samples[i*a.m:(i+1)*a.m], samples[i*a.m:(i+1)*a.m])
	}
	q.scratch = make([]pursuer, pool.Workers())
	for i := range q.scratch {
		q.scratch[i] = newPursuer(a.n, q.most)
	}
	pool.Run(q, rows, 1)
	return mat.NewDense(rows, a.n, q.z), nil
}

// pursuit is OMP of a batch.
type pursuit struct {
	n, most int
	tol     float64   // of ‖r‖²
	gram    []float64 // n×n
	corr, z []float64 // rows×n: Aᵀx, the codes
	energy  []float64 // ‖x‖²
	scratch []pursuer
}

// Range pursues some samples.
func (q *pursuit) Range(worker, lo, hi int) {
	for i := lo; i < hi; i++ {
		q.scratch[worker].run(q, i)
	}
}

// pursuer is the state of one sample.
type pursuer struct {
	atoms     []int
	taken     []bool    // n
	chol      []float64 // most×most, lower: of A_SᵀA_S
	b, c, fit []float64 // A_Sᵀx, L⁻¹A_Sᵀx, z_S
	corr      []float64 // n: Aᵀr
}

func newPursuer(n, most int) pursuer {
	return pursuer{
		atoms: make([]int, 0, most), taken: make([]bool, n), chol: make([]float64, most*most),
		b: make([]float64, most), c: make([]float64, most), fit: make([]float64, most), corr: make([]float64, n),
	}
}

// run finds the code of sample i.
func (u *pursuer) run(q *pursuit, i int) {
	first := q.corr[i*q.n : (i+1)*q.n]
	copy(u.corr, first)
	clear(u.taken)
	u.atoms = u.atoms[:0]
	left, enough := q.energy[i], max(q.tol, 1e-28*q.energy[i])
	for len(u.atoms) < q.most && left > enough {
		j := u.best(q)
		if j < 0 || !u.grow(q, j) {
			break
		}
		k := len(u.atoms)
		u.b[k-1] = first[j]
		left -= u.solve(q.most)
		copy(u.corr, first)
		for p, atom := range u.atoms {
			simd.Axpy(u.corr, -u.fit[p], q.gram[atom*q.n:(atom+1)*q.n])
		}
	}
	for p, atom := range u.atoms {
		q.z[i*q.n+atom] = u.fit[p]
	}
}

// best returns the atom with the largest correlation that is not in, the first of
// equals, or −1.
func (u *pursuer) best(q *pursuit) int {
	best, most := -1, 0.0
	for j, c := range u.corr {
		if v := c * c / q.gram[j*q.n+j]; v > most && !u.taken[j] {
			best, most = j, v
		}
	}
	return best
}

// grow adds atom j to the support, and its row to the factor. It reports false
// where j lies in the span of the others.
func (u *pursuer) grow(q *pursuit, j int) bool {
	k := len(u.atoms)
	row := u.chol[k*q.most : (k+1)*q.most]
	for p, atom := range u.atoms {
		row[p] = q.gram[j*q.n+atom]
	}
	square := q.gram[j*q.n+j]
	for p := range k {
		lp := u.chol[p*q.most : p*q.most+p+1]
		row[p] = (row[p] - simd.Dot(row[:p], lp[:p])) / lp[p]
	}
	rest := square - simd.Dot(row[:k], row[:k])
	if !(rest > 1e-13*square) {
		return false
	}
	row[k] = math.Sqrt(rest)
	u.atoms, u.taken[j] = append(u.atoms, j), true
	return true
}

// solve fits the support, after an atom was added, and returns by how much that
// lowers ‖r‖²: the square of the last element of L⁻¹A_Sᵀx.
func (u *pursuer) solve(ld int) float64 {
	k := len(u.atoms)
	last := u.chol[(k-1)*ld : (k-1)*ld+k]
	u.c[k-1] = (u.b[k-1] - simd.Dot(last[:k-1], u.c[:k-1])) / last[k-1]
	copy(u.fit, u.c[:k])
	for p := k - 1; p >= 0; p-- {
		u.fit[p] /= u.chol[p*ld+p]
		simd.Axpy(u.fit[:p], -u.fit[p], u.chol[p*ld:p*ld+p])
	}
	return u.c[k-1] * u.c[k-1]
}
