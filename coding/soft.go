package coding

import (
	"math"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
)

// SoftClassRate returns Rᶜ(Z, Π) for memberships pi, n×k.
func SoftClassRate(z, pi *mat.Dense, eps2 float64) (float64, error) {
	if err := checkMembership(z, pi, eps2); err != nil {
		return 0, errors.WithMessage(err, "class coding rate")
	}
	n, d := z.Dims()
	_, k := pi.Dims()
	rate := 0.0
	for j := range k {
		x, nj := class(z, pi, j)
		if nj == 0 {
			continue
		}
		ld, err := logdet(x, alpha(d, nj, eps2))
		if err != nil {
			return 0, errors.WithMessagef(err, "class coding rate: class %d", j)
		}
		rate += nj / float64(n) * ld / 2
	}
	return rate, nil
}

// SoftClassRateGrad returns the gradients of Rᶜ(Z, Π), n×d and n×k. With
// G_j = I + α_j Zᵀdiag(π_j)Z and α_j = d/(n_jε²):
//
//	∂Rᶜ/∂Z    = Σ_j n_j/n · α_j diag(π_j) Z G_j⁻¹
//	∂Rᶜ/∂π_ij = 1/(2n) · [logdet G_j + n_jα_j z_iᵀG_j⁻¹z_i − d + tr G_j⁻¹]
//
// where n_j varies with π_ij. A class whose memberships are all 0 has gradient 0.
func SoftClassRateGrad(z, pi *mat.Dense, eps2 float64) (dz, dpi *mat.Dense, err error) {
	if err := checkMembership(z, pi, eps2); err != nil {
		return nil, nil, errors.WithMessage(err, "class coding rate")
	}
	n, d := z.Dims()
	_, k := pi.Dims()
	dz, dpi = mat.NewDense(n, d, nil), mat.NewDense(n, k, nil)
	for j := range k {
		x, nj := class(z, pi, j)
		if nj == 0 {
			continue
		}
		a := alpha(d, nj, eps2)
		inv, err := inverse(x, a)
		if err != nil {
			return nil, nil, errors.WithMessagef(err, "class coding rate: class %d", j)
		}
		ld, err := logdet(x, a)
		if err != nil {
			return nil, nil, errors.WithMessagef(err, "class coding rate: class %d", j)
		}
		var e mat.Dense
		e.Mul(z, inv)
		common := ld - float64(d) + mat.Trace(inv)
		for i := range n {
			w := nj / float64(n) * a * pi.At(i, j)
			quad := 0.0
			for c, v := range e.RawRowView(i) {
				dz.RawRowView(i)[c] += w * v
				quad += v * z.At(i, c)
			}
			dpi.Set(i, j, (common+nj*a*quad)/float64(2*n))
		}
	}
	return dz, dpi, nil
}

// class returns diag(π_j)^½ Z and n_j.
func class(z, pi *mat.Dense, j int) (*mat.Dense, float64) {
	x := mat.DenseCopyOf(z)
	n, _ := z.Dims()
	nj := 0.0
	for i := range n {
		w := pi.At(i, j)
		nj += w
		for c := range x.RawRowView(i) {
			x.RawRowView(i)[c] *= math.Sqrt(w)
		}
	}
	return x, nj
}

func checkMembership(z, pi *mat.Dense, eps2 float64) error {
	if err := check(z, eps2); err != nil {
		return err
	}
	if pi == nil || pi.IsEmpty() {
		return errors.Wrap(ErrInput, "no memberships")
	}
	n, _ := z.Dims()
	if rows, _ := pi.Dims(); rows != n {
		return errors.Wrapf(ErrInput, "memberships of %d samples for %d, want a row for each", rows, n)
	}
	for i := range n {
		for j, w := range pi.RawRowView(i) {
			if !(w >= 0) || math.IsInf(w, 1) {
				return errors.Wrapf(ErrInput, "membership of sample %d in class %d is %v, want it at least 0", i, j, w)
			}
		}
	}
	return nil
}
