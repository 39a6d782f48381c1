package sparse

import (
	"cmp"
	"math"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/matrix"
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/internal/sizes"
)

// AnalyticWeight returns the weight of ALISTA, the matrix that is least coherent
// with A:
//
//	min_W ‖WᵀA‖_F²  subject to  wᵢᵀaᵢ = 1 for each column,
//	wᵢ = (AAᵀ)⁻¹aᵢ / (aᵢᵀ(AAᵀ)⁻¹aᵢ)
//
// Shapes: A and W m×n, m ≤ n. Errors: ErrInput for a column of zeros or rows that
// are linearly dependent. Cost: m²n·3 + m³/3 flops.
//
// Reference: Liu, Chen, Wang, Yin. ALISTA: analytic weights are as good as learned
// weights in LISTA. ICLR 2019, stage 1 of the training, solved by
// Lagrange multipliers.
func AnalyticWeight(a *mat.Dense) (*mat.Dense, error) {
	op, err := NewMatrix(a)
	if err != nil {
		return nil, errors.WithMessage(err, "sparse: analytic weight")
	}
	var gram mat.SymDense
	gram.SymOuterK(1, a)
	var chol mat.Cholesky
	if !chol.Factorize(&gram) || chol.Cond() > 1e14 {
		return nil, errors.Wrapf(ErrInput,
			"sparse: analytic weight: the %d rows of A, of length %d, are linearly dependent", op.m, op.n)
	}
	var w mat.Dense
	if err := chol.SolveTo(&w, a); err != nil {
		return nil, errors.Wrapf(ErrInput, "sparse: analytic weight: %v", err)
	}
	for j := range op.n {
		scale := 0.0
		for i := range op.m {
			scale += a.At(i, j) * w.At(i, j)
		}
		for i := range op.m {
			w.Set(i, j, w.At(i, j)/scale)
		}
	}
	return &w, nil
}

// ProjectedWeight returns the weight of ALISTA as the paper's code finds it, for A
// with unit columns: W = A, then
//
//	W ← W − step·A(AᵀW − I)
//	W ← W + A·diag(1 − diag(WᵀA))
//
// until W changes by less than tol of itself, or for that many iterations. It
// needs no full rank; AnalyticWeight is exact and faster where there is. 0 is a
// step of 0.1, 1000 iterations, a tol of 1e-12.
//
// Errors: ErrInput, also for columns that are not of length 1; ErrDiverged for a
// step that is too long: it should be below 2/‖A‖².
func ProjectedWeight(a *mat.Dense, step, tol float64, iters int) (*mat.Dense, error) {
	w, err := projectedWeight(a, cmp.Or(step, 0.1), cmp.Or(tol, 1e-12), cmp.Or(iters, 1000))
	return w, errors.WithMessage(err, "sparse: projected weight")
}

func projectedWeight(a *mat.Dense, step, tol float64, iters int) (*mat.Dense, error) {
	op, err := NewMatrix(a)
	if err != nil {
		return nil, err
	}
	if !(step > 0) || !matrix.Finite(step) || !(tol > 0) || iters < 1 || iters > sizes.Most {
		return nil, errors.Wrapf(ErrInput, "step %v, tol %v, %d iterations, want numbers above 0", step, tol, iters)
	}
	for j := range op.n {
		if v := mat.Norm(a.ColView(j), 2); math.Abs(v-1) > 1e-6 {
			return nil, errors.Wrapf(ErrInput, "column %d has length %v, want 1; divide it by that", j, v)
		}
	}
	gram := make([]float64, op.m*op.m) // AAᵀ: the gradient is AAᵀW − A
	lin.Gram(nil, true, op.m, op.n, 1, op.a, op.n, gram, op.m)
	w, next := append([]float64(nil), op.a...), make([]float64, len(op.a))
	for range iters {
		copy(next, op.a)
		lin.Gemm(nil, false, false, op.m, op.n, op.m, -step, gram, op.m, w, op.n, step, next, op.n)
		simd.Add(next, next, w)
		op.feasible(next)
		change, size := distance(next, w), norm(w)
		w, next = next, w
		if !matrix.Finite(change) || change > diverged*size {
			return nil, errors.Wrapf(ErrDiverged, "W of norm %v moved by %v; take a shorter step than %v", size, change,
				step)
		}
		if change < tol*size {
			break
		}
	}
	return mat.NewDense(op.m, op.n, w), nil
}

// feasible moves the columns of w along those of A, which have length 1, until
// wᵢᵀaᵢ = 1.
func (a *Matrix) feasible(w []float64) {
	for j := range a.n {
		s := 1.0
		for at := j; at < len(w); at += a.n {
			s -= w[at] * a.a[at]
		}
		for at := j; at < len(w); at += a.n {
			w[at] += s * a.a[at]
		}
	}
}
