// Package matrix checks matrices that callers pass, and reports what is wrong with them.
package matrix

import (
	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
)

// Finite reports whether v is a number, neither NaN nor infinite.
func Finite(v float64) bool { return v-v == 0 }

// NotFinite returns the place of the first element of a that is not finite, and whether
// there is one.
func NotFinite(a *mat.Dense) (i, j int, found bool) {
	rows, _ := a.Dims()
	for i := range rows {
		for j, v := range a.RawRowView(i) {
			if !Finite(v) {
				return i, j, true
			}
		}
	}
	return 0, 0, false
}

// CheckSamples reports a matrix without samples, or one with a feature that is not finite,
// by an error that wraps the sentinel of the package that asks; what names the rows.
func CheckSamples(sentinel error, what string, z *mat.Dense) error {
	if z == nil || z.IsEmpty() {
		return errors.Wrap(sentinel, "no "+what)
	}
	if i, j, bad := NotFinite(z); bad {
		return errors.Wrapf(sentinel, "feature %d of sample %d is %v", j, i, z.At(i, j))
	}
	return nil
}
