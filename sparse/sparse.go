// Package sparse represents samples by few columns of a matrix: the algorithms,
// in plain float64, that the layers of package layers are unrolled from.
//
// # Problem
//
// For each sample x, a row of X,
//
//	min_z F(z) = ½‖Az − x‖² + λ g(z)
//
// where g is ‖·‖₁ or another Penalty. A is an Operator: a Matrix, a Convolution
// or one of the caller's. ISTA and FISTA are Solvers of it, and Path solves it
// for falling λ. OMP and IHT bound the number of atoms instead, AMP estimates z
// where A is a random matrix.
//
// # Conventions
//
// Samples and codes are rows: X is B×m, Z B×n; A is m×n, its columns are the atoms. The papers write x and z as
// columns. Each sample is a problem of its own, with its own λ_max, step, restarts and stop: its result does not
// depend on the other samples of the batch, up to the last bits. Results are the same on any number of workers.
//
// # Errors
//
// Shapes that do not fit, settings out of range and numbers that are not finite
// wrap ErrInput. Iterates that grow without bound are ErrDiverged.
//
// # References
//
//   - Daubechies, Defrise, De Mol. An iterative thresholding algorithm for
//     linear inverse problems with a sparsity constraint. CPAM 57(11), 2004: ISTA.
//   - Beck, Teboulle. A fast iterative shrinkage-thresholding algorithm for
//     linear inverse problems. SIAM J. Imaging Sci. 2(1), 2009: FISTA.
package sparse

import (
	stderrors "errors"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/matrix"
)

var (
	// ErrInput reports a matrix, samples or settings that are invalid or contradict each other. Test for it with
	// errors.Is.
	ErrInput = stderrors.New("sparse: bad input")

	// ErrDiverged reports iterates that grow without bound: the step is too long.
	ErrDiverged = stderrors.New("sparse: diverged")
)

// checkMatrix reports an empty matrix, or one with a number that is not finite.
func checkMatrix(name string, a *mat.Dense) error {
	if a == nil || a.IsEmpty() {
		return errors.Wrapf(ErrInput, "%s is empty", name)
	}
	if i, j, bad := matrix.NotFinite(a); bad {
		return errors.Wrapf(ErrInput, "%s holds %v in row %d, column %d", name, a.At(i, j), i, j)
	}
	return nil
}

// checkRows is checkMatrix for one whose rows have length d.
func checkRows(name string, a *mat.Dense, d int) error {
	if err := checkMatrix(name, a); err != nil {
		return err
	}
	if rows, cols := a.Dims(); cols != d {
		return errors.Wrapf(ErrInput, "%s is %d×%d, want rows of length %d", name, rows, cols, d)
	}
	return nil
}

// flat returns the elements of a, row-major without gaps: a copy.
func flat(a *mat.Dense) []float64 {
	rows, cols := a.Dims()
	out := make([]float64, 0, rows*cols)
	for i := range rows {
		out = append(out, a.RawRowView(i)...)
	}
	return out
}
