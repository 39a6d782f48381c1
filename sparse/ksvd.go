package sparse

import (
	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/simd"
)

// KSVD learns a dictionary by K-SVD: codes by OMP, then each atom in turn with its
// coefficients, the best approximation of rank 1 to what the other atoms leave of
// the samples that use it,
//
//	min ‖E − z dᵀ‖_F  subject to  ‖d‖ = 1,   E = X − Σ_{k≠j} z_k d_kᵀ in these rows,
//
// by alternating z = E d and d = Eᵀz/‖Eᵀz‖, which never raises it, a few times, as a
// singular value decomposition would in the limit.
//
// What is minimised, and what is promised, is as in MOD. An atom as good as another
// one's copy (|cos| > 0.99) is replaced too if Distinct is set; then the objective
// may grow where that happens.
//
// References: Aharon, Elad, Bruckstein. K-SVD: an algorithm for designing
// overcomplete dictionaries for sparse representation. IEEE TSP 54(11), 2006.
// Rubinstein, Zibulevsky, Elad. Technion CS-2008-08.
type KSVD struct {
	Learning
	Sparsity int     // atoms of a sample at most
	Tol      float64 // residual norm of a sample that is enough
	Distinct bool    // replace atoms that another one copies, as the paper's code does
}

// rankSteps is the number of alternations for an atom.
const rankSteps = 3

// Learn returns the dictionary of the samples x, B×m. Errors: ErrInput; that of
// Progress.
func (c KSVD) Learn(x *mat.Dense) (*Dictionary, error) {
	d, err := alternate(c.Learning, c.Sparsity, c.Tol, x, func(s *alternation) error {
		s.singularVectors()
		if c.Distinct {
			s.distinct()
		}
		return nil
	})
	return d, errors.WithMessage(err, "sparse: K-SVD")
}

// singularVectors updates the atoms and their coefficients.
func (s *alternation) singularVectors() {
	users := make([]int, 0, s.rows)
	d := make([]float64, s.m)
	for j := range s.n {
		users = users[:0]
		for i := range s.rows {
			if s.z[i*s.n+j] != 0 {
				users = append(users, i)
			}
		}
		if len(users) == 0 {
			continue
		}
		atom := s.atom(j)
		for _, i := range users { // r becomes E
			simd.Axpy(s.row(i), s.z[i*s.n+j], atom)
		}
		for range rankSteps {
			clear(d)
			for _, i := range users {
				simd.Axpy(d, s.z[i*s.n+j], s.row(i))
			}
			if !s.settle(d) {
				break
			}
			copy(atom, d)
			for _, i := range users {
				s.z[i*s.n+j] = simd.Dot(s.row(i), atom)
			}
		}
		for _, i := range users {
			simd.Axpy(s.row(i), -s.z[i*s.n+j], atom)
		}
	}
}

// row returns the residual of sample i.
func (s *alternation) row(i int) []float64 { return s.r[i*s.m : (i+1)*s.m] }

// distinct takes the coefficients of atoms that an earlier one copies, so that
// they are replaced.
func (s *alternation) distinct() {
	for j := range s.n {
		for k := range j {
			if c := simd.Dot(s.atom(j), s.atom(k)); c > 0.99 || c < -0.99 {
				for i := range s.rows {
					s.z[i*s.n+k] += s.z[i*s.n+j] * c
					s.z[i*s.n+j] = 0
				}
				break
			}
		}
	}
}
