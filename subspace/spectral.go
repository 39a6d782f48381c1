package subspace

import (
	"math"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/given"
)

// Spectral groups the vertices of a graph with weights W ≥ 0 such that the weights between groups are small: the k
// leading eigenvectors of
//
//	D^−½ W D^−½        D = diag(Σ_j W_ij)
//
// which are the last ones of the normalised Laplacian, give each vertex a row, which
// is divided by its norm, and k-means groups the rows.
//
// There is no Predict: the rows belong to the vertices of this graph, and a new sample is not one of them. To label
// new samples, fit a classifier to the labels: the nearest subspaces of package metrics, or coding.Incremental.
//
// scikit-learn's SpectralClustering has no predict either. Its rows are not divided by their norms but by the roots
// of the degrees (Shi, Malik), and its default of 8 groups is arbitrary: here Groups has to be given.
//
// Reference: Ng, Jordan, Weiss. On spectral clustering: analysis and an algorithm.
// NIPS 2001.
type Spectral struct {
	Groups int // k, which has to be given
	NInit  int // restarts of k-means; 0 is 10, as in scikit-learn
	Seed   uint64
}

// Fit groups the n vertices. A vertex without weights is grouped like any other. Besides w, memory is needed only for
// the weights that are not 0.
//
// Cost: an eigendecomposition for n up to 300, else 2k operations for each weight above 0 and
// about n·(15k)² to keep vectors orthogonal, a few times, by block Krylov. Errors: ErrInput for
// weights below 0 or not finite, or k that
// makes no sense.
func (s Spectral) Fit(w mat.Symmetric) ([]int, error) {
	if given.Nil(w) {
		return nil, errors.Wrap(ErrInput, "spectral clustering: no weights")
	}
	n := w.SymmetricDim()
	if n == 0 || s.Groups < 1 || s.Groups > n || s.NInit < 0 || s.NInit > mostRestarts {
		return nil, errors.Wrapf(ErrInput,
			"spectral clustering: %d groups of %d vertices, %d restarts; want 1 to n groups, and 0 to 65536 restarts",
			s.Groups, n, s.NInit)
	}
	a := entriesOf(w)
	for i := range n {
		for p := a.start[i]; p < a.start[i+1]; p++ {
			if v := a.value[p]; !(v >= 0) || math.IsInf(v, 1) {
				return nil, errors.Wrapf(ErrInput, "spectral clustering: weight %v of %d and %d, want it at least 0", v,
					i, a.column[p])
			}
		}
	}
	a.normalise()
	_, v, err := leading(&a, s.Groups, s.Seed)
	if err != nil {
		return nil, errors.WithMessage(err, "spectral clustering")
	}
	found, err := KMeans{Groups: s.Groups, NInit: s.NInit, Seed: s.Seed}.Fit(unitRows(v))
	if err != nil {
		return nil, errors.WithMessage(err, "spectral clustering")
	}
	return found.Labels, nil
}
