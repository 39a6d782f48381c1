package codingrate_test

import (
	"math"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/codingrate"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

type build = func(in ...*gorgonia.Node) (*gorgonia.Node, error)

func rate(eps2 float64) build {
	return func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		l, err := op.Apply(codingrate.Factor{Eps2: eps2}, in[0])
		if err != nil {
			return nil, err
		}
		return op.Apply(codingrate.Rate{Eps2: eps2}, in[0], l)
	}
}

func classRate(classes int, eps2 float64) build {
	return func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		of := codingrate.ClassFactor{Eps2: eps2, Classes: classes}
		l, err := op.Apply(of, in...)
		if err != nil {
			return nil, err
		}
		return op.Apply(codingrate.ClassRate{Of: of}, in[0], in[1], l)
	}
}

func softRate(eps2 float64) build {
	return func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		of := codingrate.SoftFactor{Eps2: eps2}
		l, err := op.Apply(of, in...)
		if err != nil {
			return nil, err
		}
		return op.Apply(codingrate.SoftRate{Of: of}, in[0], in[1], l)
	}
}

// spectral is ½ Σᵢ log(1 + d/(n ε²) σᵢ²) over the singular values σ of Z, whose
// rows count with the given weights, n being their sum: another method than the
// op's, which never sees a singular value.
func spectral(z optest.Array, weight func(i int) float64, eps2 float64) float64 {
	n, d := z.Shape[0], z.Shape[1]
	total, m := 0.0, mat.NewDense(n, d, nil)
	for i := range n {
		total += weight(i)
		for j := range d {
			m.Set(i, j, math.Sqrt(weight(i))*z.Data[i*d+j])
		}
	}
	if total == 0 {
		return 0
	}
	var svd mat.SVD
	svd.Factorize(m, mat.SVDNone)
	sum := 0.0
	for _, s := range svd.Values(nil) {
		sum += math.Log1p(float64(d)/(total*eps2)*s*s) / 2
	}
	return sum
}

func rateRef(eps2 float64) func(in ...optest.Array) []float64 {
	return func(in ...optest.Array) []float64 {
		return []float64{spectral(in[0], func(int) float64 { return 1 }, eps2)}
	}
}

func classRef(classes int, eps2 float64) func(in ...optest.Array) []float64 {
	return func(in ...optest.Array) []float64 {
		n, sum := in[0].Shape[0], 0.0
		for j := range classes {
			nj := 0.0
			weight := func(i int) float64 {
				if in[1].Data[i] == float64(j) {
					return 1
				}
				return 0
			}
			for i := range n {
				nj += weight(i)
			}
			sum += nj / float64(n) * spectral(in[0], weight, eps2)
		}
		return []float64{sum}
	}
}

func softRef(eps2 float64) func(in ...optest.Array) []float64 {
	return func(in ...optest.Array) []float64 {
		n, k, sum := in[1].Shape[0], in[1].Shape[1], 0.0
		for j := range k {
			nj := 0.0
			weight := func(i int) float64 { return in[1].Data[i*k+j] }
			for i := range n {
				nj += weight(i)
			}
			sum += nj / float64(n) * spectral(in[0], weight, eps2)
		}
		return []float64{sum}
	}
}

// memberships are positive, as a softmax would give, and not of sum 1, which the
// formulas do not need.
func memberships(seed uint64, n, k int) optest.Array {
	return optest.Normal(seed, 1, n, k).Map(func(v float64) float64 { return 0.05 + math.Abs(v) })
}

// skewed has columns of scales 1 to 1e-3, so that its Gram matrix has a
// condition number of about 1e6·α.
func skewed(seed uint64, n, d int) optest.Array {
	z := optest.Normal(seed, 1, n, d)
	for i := range z.Data {
		z.Data[i] *= math.Pow(10, -3*float64(i%d)/float64(d-1))
	}
	return z
}

func TestRate(t *testing.T) {
	optest.Run(t, []optest.Case{
		{Name: "more samples than features", Build: rate(0.5), Ref: rateRef(0.5),
			In: []optest.Array{optest.Normal(1, 1, 9, 4)}},
		{Name: "more features than samples", Build: rate(0.5), Ref: rateRef(0.5),
			In: []optest.Array{optest.Normal(2, 1, 4, 9)}},
		{Name: "square", Build: rate(0.1), Ref: rateRef(0.1), In: []optest.Array{optest.Normal(3, 1, 6, 6)}},
		{Name: "one sample", Build: rate(0.5), Ref: rateRef(0.5), In: []optest.Array{optest.Normal(4, 1, 1, 4)}},
		{Name: "one feature", Build: rate(0.5), Ref: rateRef(0.5), In: []optest.Array{optest.Normal(5, 1, 7, 1)}},
		{Name: "larger than a block", Build: rate(0.5), Ref: rateRef(0.5),
			In: []optest.Array{optest.Normal(6, 1, 150, 133)}},
		{Name: "zero", Build: rate(0.5), Ref: rateRef(0.5), In: []optest.Array{optest.Zeros(5, 3)}},
		// The reference's singular values are good to 1e-16 of the largest, so to
		// 1e-10 of the smallest here: it is the reference that is loose.
		{Name: "ill-conditioned", Build: rate(1e-6), Ref: rateRef(1e-6), In: []optest.Array{skewed(7, 30, 8)},
			Tol: 1e-11, Step: 1e-7, Tol32: 1e-4},
	})
}

// fifths are labels: a fifth of the samples in class 0, the others in class 1.
func fifths(n int) optest.Array {
	y := optest.Labels(1, n, 2)
	for i := range y.Data {
		y.Data[i] = float64(min(i%5, 1))
	}
	return y
}

func TestClassRate(t *testing.T) {
	case_ := func(name string, z, labels optest.Array, k int) optest.Case {
		return optest.Case{Name: name, Build: classRate(k, 0.5), Ref: classRef(k, 0.5), In: []optest.Array{z, labels}}
	}
	optest.Run(t, []optest.Case{
		case_("balanced", optest.Normal(1, 1, 24, 4), optest.Labels(1, 24, 3), 3),
		case_("classes smaller than d", optest.Normal(2, 1, 20, 12), optest.Labels(2, 20, 5), 5),
		case_("some smaller than d, some larger", optest.Normal(3, 1, 20, 5), optest.Labels(9, 20, 4), 4),
		case_("empty classes", optest.Normal(4, 1, 6, 3), optest.Labels(4, 6, 2), 5),
		case_("one class", optest.Normal(5, 1, 6, 3), optest.Labels(5, 6, 1), 1),
		case_("one sample a class", optest.Normal(6, 1, 4, 3), optest.Labels(6, 4, 4), 4),
		// These a device factors by cuSOLVER, one matrix smaller than d and one class empty.
		case_("large", optest.Normal(7, 1, 150, 40), fifths(150), 3),
		case_("larger than a batch of cuBLAS takes", optest.Normal(8, 1, 300, 133), fifths(300), 2),
	})
}

func TestSoftRate(t *testing.T) {
	case_ := func(name string, n, d, k int) optest.Case {
		return optest.Case{Name: name, Build: softRate(0.5), Ref: softRef(0.5),
			In: []optest.Array{optest.Normal(1, 1, n, d), memberships(2, n, k)}}
	}
	optest.Run(t, []optest.Case{
		case_("more samples than features", 15, 5, 3),
		case_("more features than samples", 5, 11, 3),
		case_("square", 6, 6, 2),
		case_("one class", 7, 3, 1),
		case_("one sample", 1, 4, 2),
		case_("large", 45, 36, 2),
		case_("large, more features than samples", 36, 45, 2),
	})
}

// TestSoftRateOfHardMembershipsIsClassRate checks that one-hot memberships give
// what the labels give: two kernels, one number.
func TestSoftRateOfHardMembershipsIsClassRate(t *testing.T) {
	z, labels := optest.Normal(1, 1, 20, 6), optest.Labels(1, 20, 4)
	pi := optest.Zeros(20, 5) // the last class stays empty
	pi.Const = true
	for i, y := range labels.Data {
		pi.Data[i*5+int(y)] = 1
	}
	optest.Run(t, []optest.Case{{
		Name: "one-hot", Build: softRate(0.5), In: []optest.Array{z, pi},
		Ref: func(in ...optest.Array) []float64 { return classRef(5, 0.5)(in[0], labels) },
	}})
}

// TestRateInFloat32IsRightWhenIllConditioned checks that R of float32 features
// is good to 1e-5 relative where float32 arithmetic would give nothing.
func TestRateInFloat32IsRightWhenIllConditioned(t *testing.T) {
	z := skewed(7, 200, 40)
	want := rateRef(1e-9)(z)[0]
	got := eval(t, rate(1e-9), z)
	require.InEpsilon(t, want, got, 1e-5)
}

func TestRateReportsFeaturesThatAreNotFinite(t *testing.T) {
	for _, v := range []float64{math.NaN(), math.Inf(1)} {
		z := optest.Normal(1, 1, 6, 3)
		z.Data[7] = v
		_, err := try(rate(0.5), z)
		require.True(t, errors.Is(err, op.ErrNotFinite), "%v: error %v", v, err)
		require.ErrorContains(t, err, "6×3")
		_, err = try(classRate(2, 0.5), z, optest.Labels(1, 6, 2))
		require.True(t, errors.Is(err, op.ErrNotFinite), "%v: error %v", v, err)
	}
}

func TestClassRateReportsALabelOutOfRange(t *testing.T) {
	for _, y := range []float64{-1, 2, 0.5, math.NaN(), math.Inf(1), 1e30} {
		labels := optest.Labels(1, 6, 2)
		labels.Data[3] = y
		_, err := try(classRate(2, 0.5), optest.Normal(1, 1, 6, 3), labels)
		require.True(t, errors.Is(err, op.ErrInput), "label %v: error %v", y, err)
		require.ErrorContains(t, err, "sample 3")
	}
}

func TestSoftRateReportsANegativeMembership(t *testing.T) {
	pi := memberships(1, 6, 2)
	pi.Data[5] = -1e-3
	_, err := try(softRate(0.5), optest.Normal(1, 1, 6, 3), pi)
	require.True(t, errors.Is(err, op.ErrInput), "error %v", err)
	require.ErrorContains(t, err, "sample 2 in class 1")
}

func TestBuildReportsWrongShapesAndSettings(t *testing.T) {
	z := optest.Normal(1, 1, 6, 3)
	for name, err := range map[string]error{
		"ε² is zero":       second(try(rate(0), z)),
		"ε² is negative":   second(try(rate(-1), z)),
		"ε² is NaN":        second(try(rate(math.NaN()), z)),
		"no classes":       second(try(classRate(0, 0.5), z, optest.Labels(1, 6, 1))),
		"too few labels":   second(try(classRate(2, 0.5), z, optest.Labels(1, 5, 2))),
		"too few rows":     second(try(softRate(0.5), z, memberships(1, 5, 2))),
		"z of rank 1":      second(try(rate(0.5), optest.Normal(1, 1, 6))),
		"labels of rank 2": second(try(classRate(2, 0.5), z, optest.Zeros(6, 1))),
	} {
		require.True(t, errors.Is(err, op.ErrInput), "%s: error %v", name, err)
	}
}

func second(_ float64, err error) error { return err }

func eval(t *testing.T, b build, in ...optest.Array) float64 {
	t.Helper()
	v, err := try(b, in...)
	require.NoError(t, err)
	return v
}

// try evaluates a scalar in float32 on the engine.
func try(b build, in ...optest.Array) (float64, error) {
	return optest.Scalar(tensor.Float32, b, in...)
}
