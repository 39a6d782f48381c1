package coding

import (
	"math"
	"slices"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// Incremental configures the classifier by minimum incremental coding length: a
// sample belongs to the class whose code grows by the fewest bits when it joins,
//
//	argmin_j L(X_j ∪ {x}, ε) − L(X_j, ε) − log₂ p_j       p_j = n_j/n
//
// where L is LengthAffine, or, if Linear, Length, and the last term codes the class. ε regularises: every class has a
// variance of at least ε²/d in every direction, so that classes of few samples can be used too.
//
// Classes need to be near subspaces only locally if Neighbours is set: then X_j are the samples of class j that are
// nearest to x.
//
// Reference: Wright, Tao, Lin, Ma, Shum. Classification via minimum incremental
// coding length. NIPS 2007; Neighbours is their local version.
type Incremental struct {
	Eps2       float64 // ε², the squared distortion of a sample
	Linear     bool    // classes are about the origin, not each about its mean
	Equal      bool    // the same p for all classes, whatever their samples
	Neighbours int     // of a class, in place of all its samples; 0 is all
}

// IncrementalClasses is a fitted Incremental. It is a metrics.Classifier.
type IncrementalClasses struct {
	cfg     Incremental
	d       int
	classes []incremental
	near    []*mat.Dense // the samples of each class, if Neighbours are chosen among them
}

// incremental is what the growth of a class's code is computed from.
type incremental struct {
	n      float64       // samples
	mu     []float64     // their mean; 0 if linear
	chol   *mat.Cholesky // of I + d/((n+1)ε²) XᵀX about mu
	grown  float64       // its logdet
	before float64       // L of the class, in bits
	prior  float64       // −log₂ p
}

// Fit fits the classifier to the samples of k classes, the rows of z, n×d. Cost: n·d² and a Cholesky factorisation of
// d×d for each class.
//
// Errors: ErrInput for samples, labels or ε² that make no sense, or a class
// without samples.
func (c Incremental) Fit(z *mat.Dense, labels []int, k int) (*IncrementalClasses, error) {
	classes, err := classRows(z, labels, k, c.Eps2)
	if err != nil {
		return nil, errors.WithMessage(err, "incremental coding length")
	}
	if c.Neighbours < 0 {
		return nil, errors.Wrapf(ErrInput, "incremental coding length: %d neighbours, want at least 1, or 0 for all",
			c.Neighbours)
	}
	n, d := z.Dims()
	f := &IncrementalClasses{cfg: c, d: d, classes: make([]incremental, k)}
	for j := range k {
		var rows []float64
		for _, i := range classes[j] {
			rows = append(rows, z.RawRowView(i)...)
		}
		if len(rows) == 0 {
			return nil, errors.Wrapf(ErrInput,
				"incremental coding length: class %d has no samples, want at least 1 in each", j)
		}
		if c.Neighbours > 0 {
			f.near = append(f.near, mat.NewDense(len(rows)/d, d, slices.Clone(rows)))
		}
		if f.classes[j], err = c.class(mat.NewDense(len(rows)/d, d, rows)); err != nil {
			return nil, errors.WithMessagef(err, "incremental coding length: class %d", j)
		}
		if !c.Equal {
			f.classes[j].prior = math.Log2(float64(n) / f.classes[j].n)
		}
	}
	return f, nil
}

// class fits the samples of a class, which it overwrites.
func (c Incremental) class(x *mat.Dense) (f incremental, err error) {
	length := LengthAffine
	if c.Linear {
		length = Length
	}
	if f.before, err = length(x, c.Eps2); err != nil {
		return f, err
	}
	n, d := x.Dims()
	f.n, f.mu = float64(n), make([]float64, d)
	if !c.Linear {
		for i := range n {
			floats.AddScaled(f.mu, 1/f.n, x.RawRowView(i))
		}
		for i := range n {
			floats.Sub(x.RawRowView(i), f.mu)
		}
	}
	if f.chol, err = factor(x.T(), alpha(d, f.n+1, c.Eps2)); err != nil {
		return f, err
	}
	f.grown = f.chol.LogDet()
	return f, nil
}

// Lengths returns, for each row of z and each class, the bits by which the code of the class grows when the row joins
// it, plus the bits that code the class: n×k.
//
// The Gram matrix grows by one outer product, so the new log-determinant is the old
// one plus log(1 + a vᵀM⁻¹v): d² operations a sample and class. With Neighbours, the distances to all
// samples, 2d each, and for each sample and class a Cholesky factorisation of d×d, on all cores.
func (f *IncrementalClasses) Lengths(z *mat.Dense) (*mat.Dense, error) {
	if f == nil || len(f.classes) == 0 {
		return nil, errors.Wrap(ErrInput, "incremental coding length: no classes: make them by Fit")
	}
	if err := check(z, f.cfg.Eps2); err != nil {
		return nil, errors.WithMessage(err, "incremental coding length")
	}
	n, d := z.Dims()
	if d != f.d {
		return nil, errors.Wrapf(ErrInput,
			"incremental coding length: %d features, fitted to %d: want samples of the same features", d, f.d)
	}
	if f.near != nil {
		return f.local(z)
	}
	bits := mat.NewDense(n, len(f.classes), nil)
	var solved mat.Dense
	for j := range f.classes {
		c := &f.classes[j]
		v := mat.DenseCopyOf(z)
		for i := range n {
			floats.Sub(v.RawRowView(i), c.mu)
		}
		if err := c.chol.SolveTo(&solved, v.T()); err != nil {
			return nil, errors.Wrapf(ErrInput, "incremental coding length: class %d: %v", j, err)
		}
		for i := range n {
			quad := 0.0
			for r, w := range v.RawRowView(i) {
				quad += w * solved.At(r, i)
			}
			bits.Set(i, j, c.prior+c.after(f.cfg, quad, z.RawRowView(i))-c.before)
		}
	}
	return bits, nil
}

// after returns L of the class and x, in bits, where quad is vᵀM⁻¹v of v = x − μ.
// About the new mean, the scatter grows by n/(n+1) vvᵀ.
func (c *incremental) after(cfg Incremental, quad float64, x []float64) float64 {
	d, n := float64(len(x)), c.n+1
	a := d / (n * cfg.Eps2)
	if cfg.Linear {
		return (n + d) / 2 * (c.grown + math.Log1p(a*quad)) / math.Ln2
	}
	mu2 := 0.0
	for i, m := range c.mu {
		m += (x[i] - m) / n
		mu2 += m * m
	}
	return (n+d)/2*(c.grown+math.Log1p(a*quad*c.n/n))/math.Ln2 + d/2*math.Log2(1+mu2/cfg.Eps2)
}

// Predict returns the class of each row of z; among equals the lowest.
func (f *IncrementalClasses) Predict(z *mat.Dense) ([]int, error) {
	bits, err := f.Lengths(z)
	if err != nil {
		return nil, err
	}
	y := make([]int, bits.RawMatrix().Rows)
	for i := range y {
		y[i] = floats.MinIdx(bits.RawRowView(i))
	}
	return y, nil
}
