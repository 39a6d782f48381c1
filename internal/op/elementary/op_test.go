package elementary_test

import (
	"fmt"
	"math"
	"math/big"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/elementary"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

func of(k op.Op) func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	return func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(k, in...) }
}

var shapes = [][]int{{}, {1}, {5}, {3, 4}, {2, 3, 2, 2}, {150, 131}}

// run runs the table of an op: x is in(normal draws), ref the function by another method.
func run(t *testing.T, k op.Op, in, ref func(x float64) float64, smooth func(x float64) bool) {
	var cases []optest.Case
	sizes := shapes
	if k, ok := k.(elementary.Pow); ok && k.Exponent != 2.5 {
		sizes = shapes[:5] // the reference is slow
	}
	for _, shape := range sizes {
		c := optest.Case{Name: fmt.Sprint(shape), Build: of(k),
			Ref: func(a ...optest.Array) []float64 { return a[0].Map(ref).Data },
			In:  []optest.Array{optest.Normal(1, 2, shape...).Map(in)}}
		if smooth != nil {
			c.Step = 1e-6
			c.Smooth = func(a ...optest.Array) bool {
				for _, x := range a[0].Data {
					if !smooth(x) {
						return false
					}
				}
				return true
			}
		}
		cases = append(cases, c)
	}
	optest.Run(t, cases)
}

func same(x float64) float64     { return x }
func positive(x float64) float64 { return 0.5 + math.Abs(x) }

func number(x float64) *big.Float { return new(big.Float).SetPrec(160).SetFloat64(x) }

// exp is Taylor's series of exp(x/2⁸), squared eight times.
func exp(x *big.Float) *big.Float {
	r := new(big.Float).SetMantExp(x, -8)
	sum, term := number(1), number(1)
	for n := 1.0; n < 25; n++ {
		term.Quo(term.Mul(term, r), number(n))
		sum.Add(sum, term)
	}
	for range 8 {
		sum.Mul(sum, sum)
	}
	return sum
}

// log is one step of Newton's method for exp(y) = x from the float64 nearest, which
// doubles its digits: an error in them would show.
func log(x float64) *big.Float {
	y := number(math.Log(x))
	return y.Add(y, new(big.Float).Sub(new(big.Float).Quo(number(x), exp(y)), number(1)))
}

func float(x *big.Float) float64 {
	v, _ := x.Float64()
	return v
}

func TestExp(t *testing.T) {
	run(t, elementary.Exp{}, same, func(x float64) float64 { return float(exp(number(x))) }, nil)
}

func TestLog(t *testing.T) {
	run(t, elementary.Log{}, positive, func(x float64) float64 { return float(log(x)) }, nil)
}

func TestSqrt(t *testing.T) {
	run(t, elementary.Sqrt{}, positive, func(x float64) float64 { return float(new(big.Float).Sqrt(number(x))) }, nil)
}

func TestAbs(t *testing.T) {
	ref := func(x float64) float64 { return math.Max(x, -x) }
	run(t, elementary.Abs{}, same, ref, func(x float64) bool { return math.Abs(x) > 1e-5 })
}

func TestPow(t *testing.T) {
	for _, e := range []float64{0.5, 2, 2.5, -1.3, -12, 0, 1} {
		t.Run(fmt.Sprint(e), func(t *testing.T) {
			run(t, elementary.Pow{Exponent: e}, positive, func(x float64) float64 {
				l := log(x)
				return float(exp(l.Mul(l, number(e))))
			}, nil)
		})
	}
	for _, e := range []int{2, 3, 4} {
		t.Run(fmt.Sprint(e, " of both signs"), func(t *testing.T) {
			run(t, elementary.Pow{Exponent: float64(e)}, same, func(x float64) float64 {
				y := number(1)
				for range e {
					y.Mul(y, number(x))
				}
				return float(y)
			}, nil)
		})
	}
}

func TestClamp(t *testing.T) {
	for _, k := range []elementary.Clamp{{Lo: -1, Hi: 0.7}, {Lo: math.Inf(-1), Hi: 0.1}, {Lo: 0.5, Hi: 0.5}} {
		t.Run(fmt.Sprint(k), func(t *testing.T) {
			run(t, k, same, func(x float64) float64 { return math.Max(k.Lo, math.Min(k.Hi, x)) }, func(x float64) bool {
				return math.Abs(x-k.Lo) > 1e-5 && math.Abs(x-k.Hi) > 1e-5
			})
		})
	}
}

// TestErf integrates the density by Simpson's rule.
func TestErf(t *testing.T) {
	run(t, elementary.Erf{}, same, func(x float64) float64 {
		const n = 2000
		sum, h := 0.0, math.Max(-7, math.Min(7, x))/n
		for i := range n + 1 {
			weight := 2.0 + 2*float64(i%2)
			if i == 0 || i == n {
				weight = 1
			}
			sum += weight * math.Exp(-(float64(i)*h)*(float64(i)*h))
		}
		return sum * h / 3 * 2 / math.Sqrt(math.Pi)
	}, nil)
}

// TestValuesOverTheWholeRange compares with values of another library.
func TestValuesOverTheWholeRange(t *testing.T) {
	for name, k := range map[string]op.Op{"Exp": elementary.Exp{}, "Erf": elementary.Erf{}} {
		var x, want []float64
		for _, v := range values[name] {
			x, want = append(x, v[0]), append(want, v[1])
		}
		in := optest.Of(x, len(x))
		optest.Places(t, optest.Case{Name: name, Build: of(k), In: []optest.Array{in}}, tensor.Float64,
			func(t *testing.T, run optest.Runner) {
				got, _, err := run(in)
				require.NoError(t, err)
				for i, y := range got {
					if y != want[i] && !(math.Abs(y-want[i]) <= 2e-15*math.Abs(want[i])+5e-324) {
						t.Errorf("%s(%v) is %v, want %v", name, x[i], y, want[i])
					}
				}
			})
	}
}

// TestKinksAndNaN checks values and slopes where they are not a matter of course, on the
// host and on a device, in both dtypes.
func TestKinksAndNaN(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		k                op.Op
		x, value, slopes []float64
	}{
		{elementary.Exp{}, []float64{-inf, 0, inf, nan}, []float64{0, 1, inf, nan}, []float64{0, 1, inf, nan}},
		{elementary.Log{}, []float64{0, -1, 1, inf, nan}, []float64{-inf, nan, 0, inf, nan},
			[]float64{inf, -1, 1, 0, nan}},
		{elementary.Sqrt{}, []float64{0, -1, 4, inf, nan}, []float64{0, nan, 2, inf, nan},
			[]float64{inf, nan, 0.25, 0, nan}},
		{elementary.Abs{}, []float64{0, -3, 3, -inf, nan}, []float64{0, 3, 3, inf, nan}, []float64{0, -1, 1, -1, nan}},
		{elementary.Clamp{Lo: -1, Hi: 2}, []float64{-1, -1.5, 2, inf, nan, 0}, []float64{-1, -1, 2, 2, nan, 0},
			[]float64{1, 0, 1, 0, 1, 1}},
		{elementary.Pow{Exponent: 2}, []float64{0, -3, inf, nan}, []float64{0, 9, inf, nan},
			[]float64{0, -6, inf, nan}},
		{elementary.Pow{Exponent: 0}, []float64{0, -3, inf}, []float64{1, 1, 1}, []float64{0, 0, 0}},
		{elementary.Pow{Exponent: 0.5}, []float64{0, -4, 4, nan}, []float64{0, nan, 2, nan},
			[]float64{inf, nan, 0.25, nan}},
		{elementary.Pow{Exponent: -1}, []float64{0, -4, 4, inf}, []float64{inf, -0.25, 0.25, 0},
			[]float64{-inf, -0.0625, -0.0625, 0}},
		{elementary.Pow{Exponent: 3}, []float64{0, -2, 2, -inf}, []float64{0, -8, 8, -inf}, []float64{0, 12, 12, inf}},
		{elementary.Erf{}, []float64{0, -inf, inf, nan}, []float64{0, -1, 1, nan},
			[]float64{2 / math.SqrtPi, 0, 0, nan}},
	} {
		in := optest.Of(c.x, len(c.x))
		for _, dt := range []tensor.Dtype{tensor.Float64, tensor.Float32} {
			optest.Places(t, optest.Case{Name: fmt.Sprintf("%#v", c.k), Build: of(c.k), In: []optest.Array{in}}, dt,
				func(t *testing.T, run optest.Runner) {
					out, grads, err := run(in)
					require.NoError(t, err)
					w, tol := optest.Weights(len(c.x)), 1e-15
					if dt == tensor.Float32 {
						tol = 1e-6
					}
					for i, x := range c.x {
						near(t, fmt.Sprintf("f(%v)", x), out[i], c.value[i], tol)
						near(t, fmt.Sprintf("f′(%v)", x), grads[0][i], w[i]*c.slopes[i], tol)
					}
				})
		}
	}
}

func near(t *testing.T, what string, got, want, tol float64) {
	t.Helper()
	if got != want && !(math.IsNaN(got) && math.IsNaN(want)) && !(math.Abs(got-want) <= tol*math.Abs(want)) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func TestBadAttributes(t *testing.T) {
	for want, k := range map[string]op.Op{
		"the exponent is NaN":            elementary.Pow{Exponent: math.NaN()},
		"the exponent is -Inf":           elementary.Pow{Exponent: math.Inf(-1)},
		"from 2 to 1, want the first at": elementary.Clamp{Lo: 2, Hi: 1},
		"from NaN to 1":                  elementary.Clamp{Lo: math.NaN(), Hi: 1},
	} {
		_, err := optest.Eval(tensor.Float64, of(k), optest.Zeros(3))
		require.True(t, errors.Is(err, op.ErrInput), "%v", err)
		require.ErrorContains(t, err, want)
	}
}

// values are of arbitrary precision (mpmath, 4000 bits), rounded to float64.
var values = map[string][][2]float64{
	"Exp": {
		{-1e+300, 0.0}, {-745.5, 0.0}, {-709, 1.216780750623423e-308}, {-100.25, 2.897198083210148e-44},
		{-40, 4.248354255291589e-18}, {-12, 6.14421235332821e-06}, {-1.5, 0.22313016014842982},
		{-1e-09, 0.999999999}, {-1e-300, 1.0}, {0.0, 1.0}, {1e-300, 1.0}, {1e-09, 1.000000001},
		{0.3, 1.3498588075760032}, {1.0, 2.718281828459045}, {2.5, 12.182493960703473}, {9.0, 8103.083927575384},
		{36.5, 7108019154642244.0}, {100.25, 3.451610733125924e+43}, {700.0, 1.0142320547350045e+304},
		{1e+300, math.Inf(1)},
	},
	"Erf": {
		{-1e+300, -1.0}, {-745.5, -1.0}, {-709, -1.0}, {-100.25, -1.0}, {-40, -1.0}, {-12, -1.0},
		{-1.5, -0.9661051464753108}, {-1e-09, -1.1283791670955127e-09}, {-1e-300, -1.1283791670955126e-300},
		{0.0, 0.0}, {1e-300, 1.1283791670955126e-300}, {1e-09, 1.1283791670955127e-09}, {0.3, 0.3286267594591274},
		{1.0, 0.8427007929497149}, {2.5, 0.999593047982555}, {9.0, 1.0}, {36.5, 1.0}, {100.25, 1.0}, {700.0, 1.0},
		{1e+300, 1.0},
	},
}
