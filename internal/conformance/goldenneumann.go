package conformance

import (
	"math"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/codingrate"
)

// goldenNeumann is E Z and its first-order form for features that are not given, with
// samples as columns. A singular value σ of Z is ασ/(1+ασ²) in E Z, which tells σ
// where it is below 1/√α, as it is where the first-order form means something.
func goldenNeumann(r *Reference, dt tensor.Dtype) ([]comparison, error) {
	columns, err := r.Params.matrix("EZ")
	if err != nil {
		return nil, err
	}
	approx, err := r.Params.matrix("approx")
	if err != nil {
		return nil, err
	}
	var alpha, eps2 float64
	if err := numbers(r.Params, map[string]*float64{"alpha": &alpha, "eps2": &eps2}); err != nil {
		return nil, err
	}
	z, err := unexpanded(transposed(columns), alpha)
	if err != nil {
		return nil, err
	}
	n, d := z.Dims()
	b := newBench(r, dt)
	node, err := b.fixed("z", z.RawMatrix().Data, n, d)
	if err != nil {
		return nil, err
	}
	first, err := codingrate.FirstOrderExpansion(node, eps2)
	if err != nil {
		return nil, err
	}
	p, err := nn.Compile(b.g, nn.Outputs{Values: gorgonia.Nodes{first}})
	if err != nil {
		return nil, err
	}
	defer p.Close()
	if err := p.Run(); err != nil {
		return nil, err
	}
	v, err := p.Value(first)
	if err != nil {
		return nil, err
	}
	got, err := nn.Floats(nil, v)
	return []comparison{
		{"alpha", []float64{float64(d) / (float64(n) * eps2)}, []float64{alpha}},
		{"approx", got, transposed(approx).RawMatrix().Data},
	}, err
}

// unexpanded returns Z of E Z.
func unexpanded(ez *mat.Dense, alpha float64) (*mat.Dense, error) {
	var svd mat.SVD
	if !svd.Factorize(ez, mat.SVDThin) {
		return nil, errors.New("no singular values of EZ")
	}
	sigma := svd.Values(nil)
	for i, e := range sigma {
		root := 1 - 4*e*e/alpha
		if !(root > 0) {
			return nil, errors.Errorf("a singular value of EZ is %v, want it below √α/2 = %v", e, math.Sqrt(alpha)/2)
		}
		sigma[i] = 2 * e / alpha / (1 + math.Sqrt(root))
	}
	var u, v, z mat.Dense
	svd.UTo(&u)
	svd.VTo(&v)
	z.Mul(&u, mat.NewDiagDense(len(sigma), sigma))
	z.Mul(&z, v.T())
	return &z, nil
}
