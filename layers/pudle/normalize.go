package pudle

import (
	"math"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/nn"
)

// normalize divides the atoms of p by their norms times by: columns of a matrix, of which there
// are so many, or, with columns of 0, the filters along the first axis.
func normalize(p *nn.Param, columns int, by float64) error {
	if err := nn.Sync([]*nn.Param{p}); err != nil {
		return err
	}
	w, err := nn.Floats(nil, p.Value)
	if err != nil {
		return err
	}
	atoms := columns
	of := func(i int) int { return i % columns }
	if columns == 0 {
		atoms = p.Value.Shape()[0]
		size := len(w) / atoms
		of = func(i int) int { return i / size }
	}
	norms := make([]float64, atoms)
	for i, v := range w {
		norms[of(i)] = math.Hypot(norms[of(i)], v)
	}
	for a, v := range norms {
		if !(v > 0) || math.IsInf(v, 1) {
			return errors.Wrapf(nn.ErrInput, "atom %d of %d has the norm %v, and no direction", a, atoms, v)
		}
	}
	for i := range w {
		w[i] /= norms[of(i)] * by
	}
	if err := nn.SetFloats(p.Value, w); err != nil {
		return err
	}
	nn.Changed([]*nn.Param{p})
	return nil
}
