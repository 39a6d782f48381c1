package metrics

import (
	"math"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/whitebox-nn/whitebox/internal/distance"
	"github.com/whitebox-nn/whitebox/internal/lin"
)

// Collapse measures neural collapse: each number goes to 0 as features collapse
// to class means that form a simplex, and the head's weights to those means.
//
// With h_i the features, μ_c the means of C classes, μ_G the mean of those,
// M = [μ_c − μ_G] as columns, and W the rows w_c of the head's weights:
//
//	Σ_W = mean of (h_i − μ_{y_i})(h_i − μ_{y_i})ᵀ      Σ_B = MMᵀ/C
//
// Reference: Papyan, Han, Donoho. Prevalence of neural collapse during the
// terminal phase of deep learning training. PNAS 117(40), 2020.
type Collapse struct {
	// NC1 is tr(Σ_W Σ_B⁺): how much classes vary within, against between. The
	// paper's figures divide it by C.
	NC1 float64
	// EquinormMeans is the coefficient of variation (sample deviation over mean)
	// of ‖μ_c − μ_G‖; EquiangularMeans the mean of |cos∠ + 1/(C−1)| over pairs.
	EquinormMeans, EquiangularMeans float64

	// The rest is NaN without a head.

	// EquinormWeights and EquiangularWeights are the same of w_c.
	EquinormWeights, EquiangularWeights float64
	// NC3 is ‖Wᵀ/‖W‖_F − M/‖M‖_F‖_F²: whether weights are means.
	NC3 float64
	// NC4 is the fraction of samples where the head disagrees with the nearest
	// class mean.
	NC4 float64
}

// NeuralCollapse measures the features z of k ≥ 2 classes and the head with
// weights w, k×d, and biases b, of length k or nil. A nil w is no head.
func NeuralCollapse(z *mat.Dense, labels []int, k int, w *mat.Dense, b []float64) (*Collapse, error) {
	classes, err := byClass(z, labels, k, 1)
	if err != nil {
		return nil, errors.WithMessage(err, "neural collapse")
	}
	if k < 2 {
		return nil, errors.Wrap(ErrInput, "neural collapse of one class, want at least 2")
	}
	n, d := z.Dims()
	means := mat.NewDense(k, d, nil)
	within, share := mat.NewSymDense(d, nil), make([]float64, d*d)
	pool := poolFor(z)
	defer pool.Close()
	_, e := scaled(z) // all but NC4 do not depend on the scale of z
	for j, x := range classes {
		mu := mean(x)
		means.SetRow(j, mu)
		away := timesPower(minus(x, mu), -e).RawMatrix()
		lin.Gram(pool, false, away.Rows, d, 1/float64(n), away.Data, away.Stride, share, d)
		within.AddSym(within, mat.NewSymDense(d, share))
	}
	m := timesPower(minus(means, mean(means)), -e) // Mᵀ
	c := &Collapse{EquinormWeights: math.NaN(), EquiangularWeights: math.NaN(), NC3: math.NaN(), NC4: math.NaN()}
	if largest(m) <= float64(n+16)*0x1p-52*largest(timesPower(means, -e)) { // a mean has n roundings
		return nil, errors.Wrap(ErrInput, "neural collapse: all class means are equal, but for rounding")
	}
	if c.NC1, err = traceRatio(within, m); err != nil {
		return nil, errors.WithMessage(err, "neural collapse")
	}
	c.EquinormMeans, c.EquiangularMeans = simplex(m)
	if w == nil {
		return c, nil
	}
	if err := checkHead(w, b, k, d); err != nil {
		return nil, errors.WithMessage(err, "neural collapse")
	}
	c.EquinormWeights, c.EquiangularWeights = simplex(w)
	var a, u mat.Dense
	a.Scale(1/mat.Norm(w, 2), w)
	u.Scale(1/mat.Norm(m, 2), m)
	a.Sub(&a, &u)
	c.NC3 = math.Pow(mat.Norm(&a, 2), 2)
	c.NC4, err = disagreement(z, means, w, b)
	return c, err
}

// traceRatio returns tr(S (MMᵀ/C)⁺), with Mᵀ given, of rank at most C−1.
func traceRatio(s *mat.SymDense, mt *mat.Dense) (float64, error) {
	k, d := mt.Dims()
	pool := poolFor(mt)
	defer pool.Close()
	sigma, _, v, err := lin.SVD(pool, mt, min(k, d), false, true)
	if err != nil {
		return 0, errors.Wrapf(ErrInput, "the singular value decomposition of the class means: %v", err)
	}
	if sigma[0] == 0 {
		return 0, errors.Wrap(ErrInput, "all class means are equal")
	}
	sum := 0.0
	for i, x := range sigma {
		if x*x > 1e-10*sigma[0]*sigma[0] {
			sum += float64(k) * mat.Inner(v.ColView(i), s, v.ColView(i)) / (x * x)
		}
	}
	return sum, nil
}

// simplex returns how far the rows of m are from equal norms and equal angles.
func simplex(m *mat.Dense) (equinorm, equiangular float64) {
	k, _ := m.Dims()
	norms := make([]float64, k)
	for i := range norms {
		norms[i] = floats.Norm(m.RawRowView(i), 2)
	}
	mu, sd := stat.MeanStdDev(norms, nil)
	unit := normalized(m)
	for i := range k {
		for j := range i {
			cos := floats.Dot(unit.RawRowView(i), unit.RawRowView(j))
			equiangular += math.Abs(cos + 1/float64(k-1))
		}
	}
	return sd / mu, equiangular / float64(k*(k-1)/2)
}

// disagreement returns how often the head and the nearest mean differ.
func disagreement(z, means, w *mat.Dense, b []float64) (float64, error) {
	n, _ := z.Dims()
	k, _ := means.Dims()
	head := mat.NewDense(n, k, nil)
	for i := range n {
		for j := range k {
			s := floats.Dot(w.RawRowView(j), z.RawRowView(i))
			if b != nil {
				s += b[j]
			}
			head.Set(i, j, s)
		}
	}
	p, err := Argmax(head)
	if err != nil {
		return 0, err
	}
	q := nearestRows(z, means)
	same, err := Accuracy(p, q)
	return 1 - same, err
}

// nearestRows returns the row of means that is nearest to each row of z, the first among equals.
func nearestRows(z, means *mat.Dense) []int {
	n, d := z.Dims()
	k, _ := means.Dims()
	_, e := scaled(z)
	x, m := timesPower(z, -e), timesPower(means, -e)
	pool := lin.PoolFor(0, 2*float64(n)*float64(k)*float64(d))
	defer pool.Close()
	at := make([]int32, n)
	distance.NewPoints(pool, m.RawMatrix().Data, k, d, m.RawMatrix().Stride).
		Neighbours(pool, x.RawMatrix().Data, n, x.RawMatrix().Stride, 1, false, at, make([]float64, n))
	y := make([]int, n)
	for i, j := range at {
		y[i] = int(j)
	}
	return y
}

func checkHead(w *mat.Dense, b []float64, k, d int) error {
	if err := checkFeatures(w); err != nil {
		return errors.WithMessage(err, "head")
	}
	if r, c := w.Dims(); r != k || c != d || b != nil && len(b) != k {
		return errors.Wrapf(ErrInput, "a head of %d×%d with %d biases, want %d×%d with %d or none", r, c, len(b), k, d,
			k)
	}
	if mat.Norm(w, 2) == 0 {
		return errors.Wrap(ErrInput, "all weights of the head are 0")
	}
	return nil
}
