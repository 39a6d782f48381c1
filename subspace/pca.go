package subspace

import (
	"math"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// PCA finds the r directions along which samples vary the most:
//
//	X − 1μᵀ = U Σ Vᵀ        basis V_r, variances σ_j²/(n − 1)
//
// The sign of a direction is such that its entry of the greatest magnitude is
// positive.
//
// By default it keeps the directions that hold 95 % of the variance. scikit-learn's PCA keeps all by default, which
// does not reduce the dimension; with n_components=0.95 it is the same.
type PCA struct {
	Dim    int     // r; 0: the least that holds Energy, or the number that Rule finds
	Energy float64 // share of the variance to hold; 0 is 0.95
	Rule   Rule    // 0: by Energy
	Linear bool    // through the origin, not the mean: μ = 0, variances σ_j²/n
	Whiten bool    // Project divides by the standard deviations; see [Components.Project]

	// Covariance takes the eigenvectors of the covariance matrix, or of the samples' inner
	// products where these are fewer: several times as fast. Squares lose small values: a
	// standard deviation s has an error of about 10⁻¹⁶·s₁²/s beside the largest, s₁, and
	// below √(max(n, d)·2⁻⁵²)·s₁ none is told from 0.
	Covariance bool

	// Randomized finds V_r, of a given Dim, without the rest: by block Krylov iterations from
	// a random subspace, until ‖XᵀXv − σ²v‖ ≤ 10⁻¹⁰ σ₁σ, or, where that is cheaper or
	// the variances are too close, as Covariance or in full.
	Randomized bool
	Seed       uint64

	Workers int // goroutines; 0 is GOMAXPROCS
}

// A Rule chooses the number of directions, at least 1.
type Rule int

// The rules.
const (
	ByEnergy    Rule = iota // PCA.Energy
	ByMDL                   // minimum description length, which is BIC: WaxKailath
	ByAIC                   // Akaike's information criterion: WaxKailath
	ByThreshold             // the optimal hard threshold: HardThreshold
	ByProfile               // the gap in the variances: ProfileLikelihood
)

// Components is a subspace that PCA found.
type Components struct {
	Mean      []float64  // μ
	Basis     *mat.Dense // V_r, d×r
	Variances []float64  // along the basis, r
	Total     float64    // variance in all directions
	whiten    bool
	rounding  float64 // the standard deviation of a direction along which only rounding errors vary
}

// Fit finds the components of the rows of x, n×d, at least two of them, or one if
// Linear.
//
// Cost, for k = min(n, d): 2·max·k² flops of a QR decomposition and 4k³ more; Covariance,
// max·k² and 2k³; Randomized, the less of that and some 32·n·d·(r+8). Errors: ErrInput for
// samples or settings that make no sense.
//
// Reference: of Randomized: Halko, Martinsson, Tropp. Finding structure with
// randomness. SIAM Review 53, 2011. Musco, Musco. Randomized block Krylov methods for
// stronger and faster approximate singular value decomposition. NeurIPS 2015.
func (p PCA) Fit(x *mat.Dense) (*Components, error) {
	if err := p.check(x); err != nil {
		return nil, errors.WithMessage(err, "PCA")
	}
	n, d := x.Dims()
	c := &Components{Mean: make([]float64, d), whiten: p.Whiten}
	count := float64(n)
	if !p.Linear {
		c.Mean, count = mean(x), float64(n-1)
	}
	pool := poolFor(p.Workers, x)
	defer pool.Close()
	about := &centring{x: x, mean: c.Mean, centred: mat.NewDense(n, d, nil), squares: make([]float64, n)}
	pool.Run(about, n, 64)
	sigma, v, err := p.decompose(pool, about.centred)
	if err != nil {
		return nil, errors.Wrapf(ErrInput, "PCA: the singular value decomposition: %v", err)
	}
	for _, s := range about.squares {
		c.Total += s / count
	}
	for _, s := range sigma {
		c.Variances = append(c.Variances, s*s/count)
	}
	c.rounding = roundingOf(sigma[0], c.Mean, n, d) / math.Sqrt(count)
	if p.Covariance {
		c.rounding = max(c.rounding, math.Sqrt(0x1p-52*float64(max(n, d))/count)*sigma[0])
	}
	r, err := p.choose(c.Variances, n, d)
	if err != nil {
		return nil, errors.WithMessage(err, "PCA")
	}
	c.Basis, c.Variances = columns(v, r), c.Variances[:r]
	setSigns(c.Basis)
	return c, nil
}

// centring is the task that takes the mean off samples.
type centring struct {
	x, centred *mat.Dense
	mean       []float64
	squares    []float64 // ‖x − μ‖² of each sample
}

// Range does some samples.
func (c *centring) Range(_, lo, hi int) {
	for i := lo; i < hi; i++ {
		row := c.centred.RawRowView(i)
		simd.Sub(row, c.x.RawRowView(i), c.mean)
		c.squares[i] = simd.Dot(row, row)
	}
}

// decompose returns the singular values of x, the largest first, Dim of them if it is
// given, and right singular vectors as columns.
func (p PCA) decompose(pool *par.Pool, x *mat.Dense) (sigma []float64, v *mat.Dense, err error) {
	n, d := x.Dims()
	count := min(n, d)
	if p.Dim > 0 {
		count = p.Dim
	}
	switch {
	case p.Randomized:
		return lin.TruncatedSVD(pool, x, count, p.Seed)
	case p.Covariance:
		return lin.GramSVD(pool, x, count)
	}
	sigma, _, v, err = lin.SVD(pool, x, count, false, true)
	return sigma, v, err
}

// roundingOf returns the size of singular values that are rounding, of n samples of d
// features whose largest is sigma: max(n, d)·2⁻⁵² of it, as of a numerical rank, and as
// much of the mean that was taken off.
func roundingOf(sigma float64, mean []float64, n, d int) float64 {
	return 0x1p-52 * float64(max(n, d)) * (sigma + math.Sqrt(float64(n))*floats.Norm(mean, math.Inf(1)))
}

func (p PCA) check(x *mat.Dense) error {
	if err := check(x); err != nil {
		return err
	}
	n, d := x.Dims()
	if !p.Linear && n < 2 {
		return errors.Wrapf(ErrInput, "%d sample, want at least 2 about their mean", n)
	}
	if p.Workers < 0 {
		return errors.Wrapf(ErrInput, "%d workers, want at least 1, or 0 for GOMAXPROCS", p.Workers)
	}
	if p.Randomized && p.Covariance {
		return errors.Wrap(ErrInput, "Randomized and Covariance are both set, want one: Randomized takes the "+
			"covariance where it is cheaper")
	}
	most := min(n, d)
	if p.Dim < 0 || p.Dim > most {
		return errors.Wrapf(ErrInput, "Dim is %d for %d samples of %d features, want it in 1, …, %d", p.Dim, n, d, most)
	}
	if p.Randomized && p.Dim == 0 {
		return errors.Wrap(ErrInput, "Randomized needs Dim: it does not see the rest of the spectrum")
	}
	return nil
}

// choose returns r.
func (p PCA) choose(variances []float64, n, d int) (int, error) {
	if p.Dim > 0 {
		return p.Dim, nil
	}
	switch p.Rule {
	case ByEnergy:
		return EnergyDim(variances, p.Energy)
	case ByThreshold:
		r, err := HardThreshold(variances, n, d)
		return max(1, r), err
	case ByProfile:
		return ProfileLikelihood(variances)
	case ByMDL, ByAIC:
	default:
		return 0, errors.Wrapf(ErrInput, "rule %d, want ByEnergy, ByMDL, ByAIC, ByThreshold or ByProfile", p.Rule)
	}
	all := make([]float64, d) // those that n samples cannot have are 0
	copy(all, variances)
	r, err := WaxKailath(all, n, p.Rule)
	return max(1, r), err
}

// Project returns the coordinates of the rows of x, n×r: V_rᵀ(x − μ), divided by the standard deviations if whitened,
// where the coordinate along a direction without variance is 0. That is a direction along which the fitted samples
// vary by no more than rounding: by a standard deviation of at most max(n, d)·2⁻⁵² of the largest.
func (c *Components) Project(x *mat.Dense) (*mat.Dense, error) {
	if err := c.fits(x); err != nil {
		return nil, errors.WithMessage(err, "PCA: project")
	}
	var z mat.Dense
	z.Mul(minus(x, c.Mean), c.Basis)
	c.scale(&z, func(s float64) float64 {
		if s <= c.rounding {
			return 0
		}
		return 1 / s
	})
	return &z, nil
}

// Reconstruct returns μ + V_r z for coordinates z, n×r: the sample nearest to that
// which was projected, among those of the subspace.
func (c *Components) Reconstruct(z *mat.Dense) (*mat.Dense, error) {
	if err := c.check(); err != nil {
		return nil, errors.WithMessage(err, "PCA: reconstruct")
	}
	if err := check(z); err != nil {
		return nil, errors.WithMessage(err, "PCA: reconstruct")
	}
	if _, r := z.Dims(); r != len(c.Variances) {
		return nil, errors.Wrapf(ErrInput, "PCA: reconstruct: %d coordinates, want %d", r, len(c.Variances))
	}
	at := mat.DenseCopyOf(z)
	c.scale(at, func(s float64) float64 {
		if s <= c.rounding {
			return 0
		}
		return s
	})
	var x mat.Dense
	x.Mul(at, c.Basis.T())
	n, _ := x.Dims()
	for i := range n {
		floats.Add(x.RawRowView(i), c.Mean)
	}
	return &x, nil
}

// scale multiplies each column by a function of its standard deviation, if
// whitened.
func (c *Components) scale(z *mat.Dense, by func(deviation float64) float64) {
	if !c.whiten {
		return
	}
	z.Apply(func(_, j int, v float64) float64 { return v * by(math.Sqrt(c.Variances[j])) }, z)
}

// Residuals returns the distance of each row of x to the subspace,
// ‖(I − V_rV_rᵀ)(x − μ)‖.
func (c *Components) Residuals(x *mat.Dense) ([]float64, error) {
	if err := c.fits(x); err != nil {
		return nil, errors.WithMessage(err, "PCA: residuals")
	}
	away := minus(x, c.Mean)
	var z, along mat.Dense
	z.Mul(away, c.Basis)
	along.Mul(&z, c.Basis.T())
	away.Sub(away, &along)
	out := make([]float64, away.RawMatrix().Rows)
	for i := range out {
		out[i] = floats.Norm(away.RawRowView(i), 2)
	}
	return out, nil
}

// check reports components whose sizes do not fit: Basis d×r, Variances r, Mean d.
func (c *Components) check() error {
	if c == nil || c.Basis == nil || c.Basis.IsEmpty() {
		return errors.Wrap(ErrInput, "no components: make them by Fit")
	}
	if d, r := c.Basis.Dims(); d != len(c.Mean) || r != len(c.Variances) {
		return errors.Wrapf(ErrInput,
			"a basis of %d×%d, %d variances and a mean of length %d, want them of the same sizes", d, r,
			len(c.Variances), len(c.Mean))
	}
	return nil
}

func (c *Components) fits(x *mat.Dense) error {
	if err := c.check(); err != nil {
		return err
	}
	if err := check(x); err != nil {
		return err
	}
	if _, d := x.Dims(); d != len(c.Mean) {
		return errors.Wrapf(ErrInput, "%d features, fitted to %d: want samples of the same features", d, len(c.Mean))
	}
	return nil
}
