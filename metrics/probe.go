package metrics

import (
	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
)

// Probe configures the linear probe by ridge regression on one-hot targets Y:
//
//	min_{W,b} ‖ZW + 1bᵀ − Y‖_F² + λs‖W‖_F²
//
// with s the mean of the squared norms of the centred columns of Z, so that λ does not depend on the scale of Z. The
// class of a sample is its largest score. b is not penalized.
type Probe struct {
	Ridge float64 // λ above 0; 0 is 1e-4
}

// Linear is a fitted Probe.
type Linear struct {
	w *mat.Dense // d×k
	b []float64
}

// NewLinear returns the classifier by the largest of ZW + b. It keeps references to W, d×k, and b, k. Errors: sizes
// that do not fit, or a number that is not finite.
func NewLinear(w *mat.Dense, b []float64) (*Linear, error) {
	if w == nil || w.IsEmpty() || w.RawMatrix().Cols != len(b) {
		return nil, errors.Wrapf(ErrInput, "linear classifier: no weights, or not those of %d classes", len(b))
	}
	if norm := mat.Norm(w, 1); norm-norm != 0 {
		return nil, errors.Wrap(ErrInput, "linear classifier: a weight is not finite")
	}
	for j, v := range b {
		if v-v != 0 {
			return nil, errors.Wrapf(ErrInput, "linear classifier: b of class %d is %v", j, v)
		}
	}
	return &Linear{w: w, b: b}, nil
}

// Weights returns the classifier's own memory: W, d×k, and b.
func (l *Linear) Weights() (w *mat.Dense, b []float64) {
	if l == nil {
		return nil, nil
	}
	return l.w, l.b
}

// Fit solves the normal equations of k classes by Cholesky, or where samples are
// fewer than features their dual ones, whose solution is the same:
//
//	W = (CᵀC + λsI)⁻¹CᵀY = Cᵀ(CCᵀ + λsI)⁻¹Y
//
// with C the centred samples. Cost: n·d·s + s³/3 with s = min(n, d). Errors: a
// negative λ; features that are all equal.
func (p Probe) Fit(z *mat.Dense, labels []int, k int) (*Linear, error) {
	if err := check(z, labels, k); err != nil {
		return nil, errors.WithMessage(err, "linear probe")
	}
	if p.Ridge == 0 {
		p.Ridge = 1e-4
	}
	if !(p.Ridge > 0) {
		return nil, errors.Wrapf(ErrInput, "linear probe: ridge %v, want it above 0", p.Ridge)
	}
	n, d := z.Dims()
	mu := mean(z)
	if largest(minus(z, z.RawRowView(0))) <= 4*0x1p-52*largest(z) {
		return nil, errors.Wrap(ErrInput, "linear probe: all samples are equal, but for rounding")
	}
	c, e := scaled(minus(z, mu))
	targets := mat.NewDense(n, k, nil)
	for i, y := range labels {
		targets.Set(i, y, 1)
	}
	share := mean(targets)

	l := &Linear{w: mat.NewDense(d, k, nil), b: share}
	if err := p.solve(l.w, c, minus(targets, share)); err != nil {
		return nil, err
	}
	l.w = timesPower(l.w, -e)
	for j := range k {
		l.b[j] -= mat.Dot(mat.NewVecDense(d, mu), l.w.ColView(j))
		if norm := mat.Norm(l.w.ColView(j), 1); norm-norm != 0 || l.b[j]-l.b[j] != 0 {
			return nil, errors.Wrapf(ErrInput,
				"linear probe: the weights of class %d are beyond float64: scale the features", j)
		}
	}
	return l, nil
}

// solve stores the solution for centred samples c and targets y in w.
func (p Probe) solve(w, c, y *mat.Dense) error {
	n, d := c.Dims()
	var gram mat.SymDense
	var rhs mat.Dense
	if n < d {
		gram.SymOuterK(1, c)
		rhs.CloneFrom(y)
	} else {
		gram.SymOuterK(1, c.T())
		rhs.Mul(c.T(), y)
	}
	scale := mat.Trace(&gram) / float64(d)
	if scale == 0 {
		return errors.Wrap(ErrInput, "linear probe: all samples are equal")
	}
	for j := range gram.SymmetricDim() {
		gram.SetSym(j, j, gram.At(j, j)+p.Ridge*scale)
	}
	var chol mat.Cholesky
	if !chol.Factorize(&gram) {
		return errors.Wrapf(ErrInput, "linear probe: not positive definite with ridge %v: make it larger", p.Ridge)
	}
	into := w
	if n < d {
		into = &rhs
	}
	if err := chol.SolveTo(into, &rhs); err != nil {
		return errors.Wrapf(ErrInput, "linear probe: ridge %v: %v: make it larger", p.Ridge, err)
	}
	if n < d {
		w.Mul(c.T(), &rhs)
	}
	return nil
}

// Scores returns ZW + 1bᵀ, n×k.
func (l *Linear) Scores(z *mat.Dense) (*mat.Dense, error) {
	if l == nil || l.w == nil {
		return nil, errors.Wrap(ErrInput, "linear probe: no weights: make it by Fit")
	}
	d, _ := l.w.Dims()
	if err := checkWidth(z, d); err != nil {
		return nil, errors.WithMessage(err, "linear probe")
	}
	var s mat.Dense
	s.Mul(z, l.w)
	n, _ := s.Dims()
	for i := range n {
		row := s.RawRowView(i)
		for j := range row {
			row[j] += l.b[j]
		}
	}
	return &s, nil
}

// Predict implements Classifier.
func (l *Linear) Predict(z *mat.Dense) ([]int, error) {
	s, err := l.Scores(z)
	if err != nil {
		return nil, err
	}
	return Argmax(s)
}
