package coding_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/whitebox-nn/whitebox/coding"
)

func gauss(rng *rand.Rand, n, d int) *mat.Dense {
	z := mat.NewDense(n, d, nil)
	for i := range n {
		for j := range d {
			z.Set(i, j, rng.NormFloat64())
		}
	}
	return z
}

// orthonormal returns r orthonormal columns of length n.
func orthonormal(rng *rand.Rand, n, r int) *mat.Dense {
	var qr mat.QR
	qr.Factorize(gauss(rng, n, n))
	var q mat.Dense
	qr.QTo(&q)
	return mat.DenseCopyOf(q.Slice(0, n, 0, r))
}

// ok returns the number of a call that must succeed.
func ok(t require.TestingT) func(v float64, err error) float64 {
	return func(v float64, err error) float64 {
		require.NoError(t, err)
		return v
	}
}

// shared is where the cases that several packages read are.
const shared = "../internal/conformance/testdata/"

func read(t *testing.T, path string, into any) {
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, into))
}

// rowsOf returns the matrix whose columns are those of papers' rows.
func rowsOf(columns [][]float64) *mat.Dense {
	z := mat.NewDense(len(columns[0]), len(columns), nil)
	for j, c := range columns {
		z.SetCol(j, c)
	}
	return z
}

// TestPublished compares with numbers of an independent implementation.
func TestPublished(t *testing.T) {
	var ref struct {
		Case struct {
			Z, Grad [][]float64
			Y       []int
			Eps2    float64
			R       float64     `json:"R_nats"`
			Rc      float64     `json:"Rc_nats"`
			DR      float64     `json:"dR_nats"`
			L       float64     `json:"L_bits"`
			Pi      [][]float64 `json:"Pi_soft"`
			Soft    float64     `json:"Rc_soft_nats"`
		} `json:"coding_rate"`
	}
	read(t, "testdata/coding.json", &ref)
	c := ref.Case
	z := rowsOf(c.Z)
	tol := 1e-12
	assert.InDelta(t, c.R, ok(t)(coding.Rate(z, c.Eps2)), tol)
	assert.InDelta(t, c.Rc, ok(t)(coding.ClassRate(z, c.Y, 2, c.Eps2)), tol)
	assert.InDelta(t, c.DR, ok(t)(coding.Reduction(z, c.Y, 2, c.Eps2)), tol)
	assert.InDelta(t, c.L, ok(t)(coding.Length(z, c.Eps2)), tol)
	assert.InDelta(t, c.Soft, ok(t)(coding.SoftClassRate(z, rowsOf(c.Pi), c.Eps2)), tol)
	g, err := coding.ReductionGrad(z, c.Y, 2, c.Eps2)
	require.NoError(t, err)
	assert.InDeltaSlice(t, rowsOf(c.Grad).RawMatrix().Data, g.RawMatrix().Data, tol)
}

type array struct {
	Shape []int
	Data  []float64
}

func (a array) dense() *mat.Dense { return mat.NewDense(a.Shape[0], a.Shape[1], a.Data) }

// TestAuthors compares with the code of the authors of MCR² and with autograd's
// gradients of soft memberships.
func TestAuthors(t *testing.T) {
	for _, name := range []string{shared + "mcr2_imbalanced_gammas.json", shared + "mcr2_wide_d_gt_m.json"} {
		var ref struct {
			Params struct {
				Eps2 float64 `json:"eps_squared"`
				K    int     `json:"num_classes"`
			}
			Tensors struct{ Z, Labels, R, Rc array }
		}
		read(t, name, &ref)
		x := ref.Tensors
		labels := make([]int, len(x.Labels.Data))
		for i, y := range x.Labels.Data {
			labels[i] = int(y)
		}
		assert.InEpsilon(t, x.R.Data[0], ok(t)(coding.Rate(x.Z.dense(), ref.Params.Eps2)), 1e-9)
		assert.InEpsilon(t, x.Rc.Data[0], ok(t)(coding.ClassRate(x.Z.dense(), labels, ref.Params.K, ref.Params.Eps2)),
			1e-9)
	}
	var ref struct {
		Params struct {
			Eps2 float64 `json:"eps_squared"`
		}
		Tensors struct {
			Z, Pi, R, Rc array
			DZ           array `json:"dDelta_dZ"`
			DPi          array `json:"dDelta_dPi"`
		}
	}
	read(t, shared+"rate_reduction_soft_membership.json", &ref)
	z, pi := ref.Tensors.Z.dense(), ref.Tensors.Pi.dense()
	assert.InEpsilon(t, ref.Tensors.Rc.Data[0], ok(t)(coding.SoftClassRate(z, pi, ref.Params.Eps2)), 1e-12)
	dz, dpi, err := coding.SoftClassRateGrad(z, pi, ref.Params.Eps2)
	require.NoError(t, err)
	whole, err := coding.RateGrad(z, ref.Params.Eps2)
	require.NoError(t, err)
	dz.Sub(whole, dz)
	dpi.Scale(-1, dpi)
	assert.InDeltaSlice(t, ref.Tensors.DZ.Data, dz.RawMatrix().Data, 1e-12)
	assert.InDeltaSlice(t, ref.Tensors.DPi.Data, dpi.RawMatrix().Data, 1e-12)
}

// TestIsotropic checks R = (d/2) log(1 + 1/ε²) for ZᵀZ = (n/d) I, and the closed
// form of two classes that fill orthogonal subspaces: 3 ln 3 − 1.5 ln 5.
func TestIsotropic(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	const n, d = 20, 6
	z := orthonormal(rng, n, d)
	z.Scale(math.Sqrt(float64(n)/d), z)
	assert.InDelta(t, d/2.0*math.Log(1+1/0.3), ok(t)(coding.Rate(z, 0.3)), 1e-12)

	z.Zero()
	labels := make([]int, n)
	for c := range 2 {
		q := orthonormal(rng, n/2, d/2)
		q.Scale(math.Sqrt(float64(n)/d), q)
		z.Slice(c*n/2, (c+1)*n/2, c*d/2, (c+1)*d/2).(*mat.Dense).Copy(q)
		for i := range n / 2 {
			labels[c*n/2+i] = c
		}
	}
	assert.InDelta(t, 3*math.Log(3)-1.5*math.Log(5), ok(t)(coding.Reduction(z, labels, 2, 0.5)), 1e-12)
}

// TestTheorems checks on random features that ΔR ≥ 0, that rotations change no
// rate, that one class is no reduction, that soft memberships of 0 and 1 are
// labels, and that scaling Z and ε together changes nothing.
func TestTheorems(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		n, d, k := rapid.IntRange(1, 12).Draw(r, "n"), rapid.IntRange(1, 8).Draw(r, "d"),
			rapid.IntRange(1, 4).Draw(r, "k")
		eps2 := math.Exp(rapid.Float64Range(-3, 2).Draw(r, "log ε²"))
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "seed"), 0))
		z := gauss(rng, n, d)
		labels := make([]int, n)
		pi := mat.NewDense(n, k, nil)
		for i := range labels {
			labels[i] = rng.IntN(k)
			pi.Set(i, labels[i], 1)
		}
		whole := ok(r)(coding.Rate(z, eps2))
		delta := ok(r)(coding.Reduction(z, labels, k, eps2))
		tol := 1e-12 * (1 + whole)
		require.GreaterOrEqual(r, delta, -tol)
		require.InDelta(r, 0, ok(r)(coding.Reduction(z, make([]int, n), 1, eps2)), tol)
		require.InDelta(r, whole-delta, ok(r)(coding.SoftClassRate(z, pi, eps2)), tol)

		var rotated mat.Dense
		rotated.Mul(z, orthonormal(rng, d, d))
		require.InDelta(r, delta, ok(r)(coding.Reduction(&rotated, labels, k, eps2)), tol)
		rotated.Scale(3, z)
		require.InDelta(r, delta, ok(r)(coding.Reduction(&rotated, labels, k, 9*eps2)), tol)
	})
}

// TestGradients compares with central differences along random directions, for
// more features than samples and for fewer, with an empty class.
func TestGradients(t *testing.T) {
	const eps2, h = 0.4, 1e-5
	rng := rand.New(rand.NewPCG(2, 2))
	for _, size := range [][2]int{{9, 4}, {5, 8}} {
		n, d := size[0], size[1]
		z, dir := gauss(rng, n, d), gauss(rng, n, d)
		labels := make([]int, n)
		for i := range labels {
			labels[i] = 2 * (i % 2) // class 1 is empty
		}
		g, err := coding.ReductionGrad(z, labels, 3, eps2)
		require.NoError(t, err)
		slope(t, z, dir, g, h, func() float64 { return ok(t)(coding.Reduction(z, labels, 3, eps2)) })

		pi, dirPi := gauss(rng, n, 3), gauss(rng, n, 3)
		pi.Apply(func(_, _ int, v float64) float64 { return 0.1 + math.Abs(v) }, pi)
		dz, dpi, err := coding.SoftClassRateGrad(z, pi, eps2)
		require.NoError(t, err)
		rate := func() float64 { return ok(t)(coding.SoftClassRate(z, pi, eps2)) }
		slope(t, z, dir, dz, h, rate)
		slope(t, pi, dirPi, dpi, h, rate)
	}
}

// slope requires that the slope of f along dir, from x, is that of its gradient.
func slope(t *testing.T, x, dir, grad *mat.Dense, h float64, f func() float64) {
	t.Helper()
	keep := mat.DenseCopyOf(x)
	at := func(s float64) float64 {
		x.Scale(s, dir)
		x.Add(keep, x)
		return f()
	}
	numeric := (at(h) - at(-h)) / (2 * h)
	x.Copy(keep)
	var product mat.Dense
	product.MulElem(grad, dir)
	assert.InDelta(t, numeric, mat.Sum(&product), 1e-8)
}

// TestRegularized checks the theorem on local maxima of ΔR − λ/2‖Z‖²: features
// with the singular values that it gives are critical points, of the value that
// it gives.
func TestRegularized(t *testing.T) {
	var ref struct {
		Case struct {
			D      int
			Nk     []int
			Eps2   float64
			Lambda float64 `json:"lambda_half_convention"`
			Sigma  []float64
			F      float64 `json:"F_at_ranks_3_3"`
		} `json:"mcr2_regularised"`
	}
	read(t, "testdata/coding.json", &ref)
	c := ref.Case
	rng := rand.New(rand.NewPCG(3, 3))
	basis := orthonormal(rng, c.D, c.D)
	n := c.Nk[0] + c.Nk[1]
	z := mat.NewDense(n, c.D, nil)
	var labels []int
	for j, nj := range c.Nk {
		var x mat.Dense
		x.Mul(orthonormal(rng, nj, 3), basis.Slice(0, c.D, 3*j, 3*j+3).T())
		x.Scale(c.Sigma[j], &x)
		z.Slice(len(labels), len(labels)+nj, 0, c.D).(*mat.Dense).Copy(&x)
		for range nj {
			labels = append(labels, j)
		}
	}
	f := ok(t)(coding.Reduction(z, labels, 2, c.Eps2)) - c.Lambda/2*math.Pow(mat.Norm(z, 2), 2)
	assert.InDelta(t, c.F, f, 1e-12)
	g, err := coding.ReductionGrad(z, labels, 2, c.Eps2)
	require.NoError(t, err)
	var decay mat.Dense
	decay.Scale(c.Lambda, z)
	g.Sub(g, &decay)
	assert.InDelta(t, 0, mat.Norm(g, 2), 1e-12)
}

// TestLengthAffine checks that the mean is coded apart: shifting all rows adds
// only the bits of the mean.
func TestLengthAffine(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	const n, d, eps2 = 12, 3, 0.2
	z := gauss(rng, n, d)
	for j := range d {
		mu := mat.Sum(z.ColView(j)) / n
		for i := range n {
			z.Set(i, j, z.At(i, j)-mu)
		}
	}
	base := ok(t)(coding.Length(z, eps2))
	assert.InDelta(t, base, ok(t)(coding.LengthAffine(z, eps2)), 1e-10)
	for i := range n {
		z.Set(i, 1, z.At(i, 1)+2)
	}
	assert.InDelta(t, base+d/2.0*math.Log2(1+4/eps2), ok(t)(coding.LengthAffine(z, eps2)), 1e-10)
}

func TestBadInput(t *testing.T) {
	z := mat.NewDense(3, 2, []float64{1, 2, 3, 4, 5, 6})
	bad := mat.NewDense(1, 2, []float64{1, math.Inf(1)})
	y := []int{0, 1, 1}
	for want, err := range map[string]error{
		"coding rate: no samples":                 second(coding.Rate(nil, 1)),
		"ε² is 0, want a finite number above 0":   second(coding.Rate(z, 0)),
		"ε² is NaN":                               second(coding.Length(z, math.NaN())),
		"feature 1 of sample 0 is +Inf":           second(coding.LengthAffine(bad, 1)),
		"2 labels of 2 classes for 3 samples":     second(coding.ClassRate(z, y[:2], 2, 1)),
		"label 1 of sample 1, want it in 0, …, 0": second(coding.Reduction(z, y, 1, 1)),
		"class coding rate: no memberships":       second(coding.SoftClassRate(z, nil, 1)),
		"memberships of 1 samples for 3":          second(coding.SoftClassRate(z, mat.NewDense(1, 2, nil), 1)),
		"sample 2 in class 0 is -1": second(coding.SoftClassRate(z,
			mat.NewDense(3, 1, []float64{1, 1, -1}), 1)),
		"is not positive definite in float64": second(coding.Rate(mat.NewDense(1, 2, []float64{1e150, 1e150}),
			1e-300)),
	} {
		require.ErrorIs(t, err, coding.ErrInput, want)
		require.ErrorContains(t, err, want)
	}
}

func second(_ float64, err error) error { return err }
