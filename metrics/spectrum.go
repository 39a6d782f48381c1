package metrics

import (
	"math"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/par"
)

// Spectrum returns the singular values of z, the largest first: about the origin
// as it is, or with the mean row removed (centered), when σ_i²/(n−1) are the
// variances along the principal components.
//
// Cost: O(n·d·min(n, d)).
func Spectrum(z *mat.Dense, centered bool) ([]float64, error) {
	if err := checkFeatures(z); err != nil {
		return nil, errors.WithMessage(err, "spectrum")
	}
	if centered {
		z = minus(z, mean(z))
	}
	return singularValues(z)
}

// ClassSpectra returns the Spectrum of the samples of each of k classes.
func ClassSpectra(z *mat.Dense, labels []int, k int, centered bool) ([][]float64, error) {
	classes, err := byClass(z, labels, k, 1)
	if err != nil {
		return nil, errors.WithMessage(err, "class spectra")
	}
	spectra := make([][]float64, k)
	for j, x := range classes {
		if spectra[j], err = Spectrum(x, centered); err != nil {
			return nil, errors.WithMessagef(err, "class %d", j)
		}
	}
	return spectra, nil
}

// Rank returns the numerical rank of a spectrum: the least r such that the r
// largest singular values hold the given share of the energy Σσ². The share is
// in (0, 1]; 0 is 0.95. The rank of zeros is 0.
func Rank(spectrum []float64, energy float64) (int, error) {
	if energy == 0 {
		energy = 0.95
	}
	if !(energy > 0 && energy <= 1) {
		return 0, errors.Wrapf(ErrInput, "rank: energy %v, want it in (0, 1]", energy)
	}
	total, scale := 0.0, 1.0
	if len(spectrum) > 0 && spectrum[0] > 0 && !(spectrum[0] >= 0x1p-400 && spectrum[0] <= 0x1p400) {
		scale = 1 / spectrum[0] // of which the square is out of range
	}
	for i, s := range spectrum {
		if !(s >= 0) || math.IsInf(s, 1) || i > 0 && s > spectrum[i-1] {
			return 0, errors.Wrapf(ErrInput,
				"rank: singular value %d is %v, want them finite, descending and at least 0", i, s)
		}
		total += s * scale * (s * scale)
	}
	sum := 0.0
	for r, s := range spectrum {
		if sum >= energy*total {
			return r, nil
		}
		sum += s * scale * (s * scale)
	}
	return len(spectrum), nil
}

// ClassRanks returns the Rank of each of k classes about the origin: 1 for a
// class that collapsed to a point, its dimension for one that fills a subspace.
func ClassRanks(z *mat.Dense, labels []int, k int, energy float64) ([]int, error) {
	spectra, err := ClassSpectra(z, labels, k, false)
	if err != nil {
		return nil, errors.WithMessage(err, "class ranks")
	}
	ranks := make([]int, k)
	for j, s := range spectra {
		if ranks[j], err = Rank(s, energy); err != nil {
			return nil, err
		}
	}
	return ranks, nil
}

// singularValues returns the singular values of x, the largest first.
func singularValues(x *mat.Dense) ([]float64, error) {
	n, d := x.Dims()
	pool := poolFor(x)
	defer pool.Close()
	sigma, _, _, err := lin.SVD(pool, x, min(n, d), false, false)
	if err != nil {
		return nil, errors.Wrapf(ErrInput, "the singular value decomposition: %v", err)
	}
	return sigma, nil
}

// rightVectors returns the first r right singular vectors of x as columns, at
// most as many as it has.
func rightVectors(x *mat.Dense, r int) (*mat.Dense, error) {
	n, d := x.Dims()
	pool := poolFor(x)
	defer pool.Close()
	_, v, err := lin.TruncatedSVD(pool, x, min(r, n, d), 0)
	if err != nil {
		return nil, errors.Wrapf(ErrInput, "the singular value decomposition: %v", err)
	}
	return v, nil
}

// poolFor returns the pool for decompositions of x, nil if it is small.
func poolFor(x *mat.Dense) *par.Pool {
	n, d := x.Dims()
	return lin.PoolFor(0, 4*float64(n)*float64(d)*float64(min(n, d)))
}
