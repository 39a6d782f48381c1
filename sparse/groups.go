package sparse

import (
	"cmp"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/matrix"
	"github.com/whitebox-nn/whitebox/internal/sizes"
)

// GroupL1 is ‖u‖_{2,1} = Σ ‖u_G‖₂ over groups G of Size neighbouring coefficients:
// whole groups are 0. A Size of 0 is all coefficients, and g is ‖u‖₂.
type GroupL1 struct{ Size int }

// Check implements Penalty.
func (g GroupL1) Check(n int) error {
	if g.Size < 0 || g.Size > 0 && n%g.Size != 0 {
		return errors.Wrapf(ErrInput, "groups of %d of %d coefficients, want a divisor, or 0", g.Size, n)
	}
	return nil
}

// each calls f with the bounds of each group of n coefficients.
func (g GroupL1) each(n int, f func(lo, hi int)) {
	size := max(cmp.Or(g.Size, n), 1)
	for lo := 0; lo < n; lo += size {
		f(lo, min(lo+size, n))
	}
}

// Value implements Penalty.
func (g GroupL1) Value(u []float64) (sum float64) {
	if g.Check(len(u)) != nil {
		return nan()
	}
	g.each(len(u), func(lo, hi int) { sum += norm(u[lo:hi]) })
	return sum
}

// Prox implements Penalty: max(1 − τ/‖v_G‖, 0) v_G.
func (g GroupL1) Prox(dst, v []float64, tau float64) {
	if !fits(dst, len(v), g.Check(len(v)) == nil) {
		return
	}
	g.each(len(v), func(lo, hi int) {
		scale := 0.0
		if size := norm(v[lo:hi]); !(size <= tau) {
			scale = 1 - tau/size
		}
		for j := lo; j < hi; j++ {
			dst[j] = scale * v[j]
		}
	})
}

// Polar implements Gauge: the largest ‖c_G‖₂.
func (g GroupL1) Polar(c []float64) (most float64) {
	if g.Check(len(c)) != nil {
		return nan()
	}
	g.each(len(c), func(lo, hi int) { most = max(most, norm(c[lo:hi])) })
	return most
}

// Derivative implements Smooth: (1 − τ/‖v‖) I + τ vvᵀ/‖v‖³ in a group that is not 0.
func (g GroupL1) Derivative(dst, v, u []float64, tau float64) {
	if !fits(dst, len(v), len(u) == len(v) && g.Check(len(v)) == nil) {
		return
	}
	g.each(len(v), func(lo, hi int) {
		size, along := norm(v[lo:hi]), 0.0
		if size <= tau {
			clear(dst[lo:hi])
			return
		}
		for j := lo; j < hi; j++ {
			along += v[j] / size * u[j]
		}
		for j := lo; j < hi; j++ {
			dst[j] = (1-tau/size)*u[j] + tau/size*along*(v[j]/size)
		}
	})
}

// Nuclear is ‖U‖_*, the sum of the singular values of u as a Rows×Cols matrix,
// row-major: matrices of low rank. Each call is a singular value decomposition.
type Nuclear struct{ Rows, Cols int }

// Check implements Penalty.
func (g Nuclear) Check(n int) error { return checkGrid(g.Rows, g.Cols, n) }

func checkGrid(rows, cols, n int) error {
	if size, ok := sizes.Product(rows, cols); rows < 1 || cols < 1 || !ok || size != n {
		return errors.Wrapf(ErrInput, "%d coefficients are no matrix of %d×%d", n, rows, cols)
	}
	return nil
}

// factor returns the thin singular value decomposition; ok is false where there
// is none, as for NaN.
func (g Nuclear) factor(v []float64) (u, w *mat.Dense, sigma []float64, ok bool) {
	if g.Check(len(v)) != nil {
		return nil, nil, nil, false
	}
	for _, x := range v {
		if !matrix.Finite(x) {
			return nil, nil, nil, false
		}
	}
	sigma, u, w, err := lin.SVD(nil, mat.NewDense(g.Rows, g.Cols, v), min(g.Rows, g.Cols), true, true)
	return u, w, sigma, err == nil
}

// Value implements Penalty.
func (g Nuclear) Value(u []float64) (sum float64) {
	_, _, sigma, ok := g.factor(u)
	if !ok {
		return nan()
	}
	for _, s := range sigma {
		sum += s
	}
	return sum
}

// Prox implements Penalty: the singular values are soft-thresholded. All is NaN
// where an element of v is not finite.
func (g Nuclear) Prox(dst, v []float64, tau float64) {
	if !fits(dst, len(v), true) {
		return
	}
	u, w, sigma, ok := g.factor(v)
	if !ok {
		fill(dst, nan())
		return
	}
	for i := range sigma {
		sigma[i] = soft(sigma[i], tau)
	}
	scaleColumns(u, sigma)
	mat.NewDense(g.Rows, g.Cols, dst).Mul(u, w.T())
}

// Polar implements Gauge: the largest singular value.
func (g Nuclear) Polar(c []float64) float64 {
	_, _, sigma, ok := g.factor(c)
	if !ok {
		return nan()
	}
	return sigma[0]
}

// Derivative implements Smooth. With V = P diag(σ) Qᵀ, f(σ) = max(σ − τ, 0) and
// E = PᵀUQ it is
//
//	P [A∘sym(E) + B∘skew(E)] Qᵀ + the part of U outside of P and Q, scaled by f(σ)/σ
//	Aᵢⱼ = (f(σᵢ) − f(σⱼ))/(σᵢ − σⱼ),  Bᵢⱼ = (f(σᵢ) + f(σⱼ))/(σᵢ + σⱼ)
//
// Reference: Candès, Sing-Long, Trzasko. Unbiased risk estimates for singular
// value thresholding and spectral estimators. IEEE TSP 61(19), 2013.
func (g Nuclear) Derivative(dst, v, u []float64, tau float64) {
	if !fits(dst, len(v), len(u) == len(v)) {
		return
	}
	p, q, sigma, ok := g.factor(v)
	if !ok {
		fill(dst, nan())
		return
	}
	d := mat.NewDense(g.Rows, g.Cols, append([]float64(nil), u...))
	s := len(sigma)
	f, ratio := make([]float64, s), make([]float64, s)
	for i := range f {
		f[i] = soft(sigma[i], tau)
		if f[i] > 0 {
			ratio[i] = f[i] / sigma[i]
		}
	}
	var pd, e, inner, left mat.Dense
	pd.Mul(p.T(), d)
	e.Mul(&pd, q)
	inner.CloneFrom(&e)
	inner.Apply(func(i, j int, _ float64) float64 {
		a, b := spectral(f, sigma, i, j)
		return a*(e.At(i, j)+e.At(j, i))/2 + b*(e.At(i, j)-e.At(j, i))/2
	}, &inner)
	left.Mul(p, &inner)
	out := mat.NewDense(g.Rows, g.Cols, dst)
	out.Mul(&left, q.T())
	out.Add(out, g.outside(p, q, d, &pd, &e, ratio))
}

// outside returns (I − PPᵀ) U Q diag(ratio) Qᵀ of a tall matrix and P diag(ratio) Pᵀ U (I
// − QQᵀ) of a wide one, where U is d, PᵀU is pd and PᵀUQ is e.
func (g Nuclear) outside(p, q, d, pd, e *mat.Dense, ratio []float64) *mat.Dense {
	var part, back, rest mat.Dense
	if g.Rows > g.Cols {
		part.Mul(d, q)
		back.Mul(p, e)
		part.Sub(&part, &back)
		scaleColumns(&part, ratio)
		rest.Mul(&part, q.T())
		return &rest
	}
	back.Mul(e, q.T())
	pd.Sub(pd, &back)
	part.CloneFrom(p)
	scaleColumns(&part, ratio)
	rest.Mul(&part, pd)
	return &rest
}

// spectral returns A and B of Nuclear.Derivative.
func spectral(f, sigma []float64, i, j int) (a, b float64) {
	if diff := sigma[i] - sigma[j]; diff != 0 {
		a = (f[i] - f[j]) / diff
	} else {
		a = indicator(f[i] > 0)
	}
	if f[i]+f[j] > 0 {
		b = (f[i] + f[j]) / (sigma[i] + sigma[j])
	}
	return a, b
}

// scaleColumns multiplies column j of a by s[j].
func scaleColumns(a *mat.Dense, s []float64) {
	rows, _ := a.Dims()
	for i := range rows {
		for j := range s {
			a.RawRowView(i)[j] *= s[j]
		}
	}
}
