package sigmoid_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/sigmoid"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

func of(k op.Op) func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
	return func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(k, in...) }
}

var ops = map[string]op.Op{"Sigmoid": sigmoid.Sigmoid{}, "SiLU": sigmoid.SiLU{}, "Softplus": sigmoid.Softplus{},
	"GELUTanh": sigmoid.GELUTanh{}}

// tanh is by its continued fraction x/(1 + x²/(3 + x²/(5 + …))).
func tanh(x float64) float64 {
	f := 0.0
	for n := 161.0; n >= 1; n -= 2 {
		f = x * x / (n + f)
	}
	return f / x
}

// references are by tanh.
var references = map[string]func(x float64) float64{
	"Sigmoid": func(x float64) float64 { return (1 + tanh(x/2)) / 2 },
	"SiLU":    func(x float64) float64 { return x * (1 + tanh(x/2)) / 2 },
	// log(1 + eˣ) = x/2 + log(2 cosh(x/2)), cosh² = 1/(1 − tanh²)
	"Softplus": func(x float64) float64 { return x/2 + math.Log(2) - math.Log(1-tanh(x/2)*tanh(x/2))/2 },
	"GELUTanh": func(x float64) float64 {
		return x / 2 * (1 + tanh(math.Sqrt(2/math.Pi)*(x+0.044715*math.Pow(x, 3))))
	},
}

func TestAgainstTanh(t *testing.T) {
	for name, k := range ops {
		var cases []optest.Case
		for _, shape := range [][]int{{}, {1}, {5}, {3, 4}, {2, 3, 2, 2}, {150, 131}} {
			cases = append(cases, optest.Case{Name: fmt.Sprint(name, shape), Build: of(k),
				Ref: func(in ...optest.Array) []float64 { return in[0].Map(references[name]).Data },
				In:  []optest.Array{optest.Normal(1, 2, shape...)}})
		}
		optest.Run(t, cases)
	}
}

// TestValuesOverTheWholeRange compares with values of another library, of which the tails
// of GELUTanh lose the digits that its exponent, of some 10² at most, takes; below 1e-320 a
// factor may be 0 already.
func TestValuesOverTheWholeRange(t *testing.T) {
	for name, k := range ops {
		var x, want []float64
		for _, v := range values[name] {
			x, want = append(x, v[0]), append(want, v[1])
		}
		tol := 2e-15
		if name == "GELUTanh" {
			tol = 2e-13
		}
		in := optest.Of(x, len(x))
		optest.Places(t, optest.Case{Name: name, Build: of(k), In: []optest.Array{in}}, tensor.Float64,
			func(t *testing.T, run optest.Runner) {
				got, _, err := run(in)
				require.NoError(t, err)
				for i, y := range got {
					if y != want[i] && !(math.Abs(y-want[i]) <= tol*math.Abs(want[i])+1e-320) {
						t.Errorf("%s(%v) is %v, want %v", name, x[i], y, want[i])
					}
				}
			})
	}
}

// TestInfinities checks values and slopes at ±∞ and NaN, on the host and on a device, in
// both dtypes.
func TestInfinities(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	x := optest.Of([]float64{-inf, inf, nan}, 3)
	for name, want := range map[string][2][]float64{
		"Sigmoid": {{0, 1, nan}, {0, 0, nan}}, "SiLU": {{0, inf, nan}, {0, 1, nan}},
		"Softplus": {{0, inf, nan}, {0, 1, nan}}, "GELUTanh": {{0, inf, nan}, {0, 1, nan}},
	} {
		for _, dt := range []tensor.Dtype{tensor.Float64, tensor.Float32} {
			optest.Places(t, optest.Case{Name: name, Build: of(ops[name]), In: []optest.Array{x}}, dt,
				func(t *testing.T, run optest.Runner) {
					out, grads, err := run(x)
					require.NoError(t, err)
					for i, w := range optest.Weights(3) {
						if dt == tensor.Float32 {
							w = float64(float32(w))
						}
						for j, got := range []float64{out[i], grads[0][i]} {
							v := want[j][i]
							if j == 1 {
								v *= w
							}
							if got != v && !(math.IsNaN(got) && math.IsNaN(v)) {
								t.Errorf("derivative %d at %v is %v, want %v", j, x.Data[i], got, v)
							}
						}
					}
				})
		}
	}
}

func BenchmarkSigmoid(b *testing.B) {
	in := []optest.Array{optest.Normal(1, 1, 512, 512)}
	for name, k := range ops {
		optest.Bench(b, []optest.Case{{Name: name, Build: of(k), In: in}})
	}
}

// values are of arbitrary precision (mpmath, 4000 bits), rounded to float64.
var values = map[string][][2]float64{
	"Sigmoid": {
		{-720, 2.0322308024e-313},
		{-1e+300, 0.0}, {-745.5, 0.0}, {-709, 1.216780750623423e-308}, {-100.25, 2.897198083210148e-44},
		{-40, 4.248354255291589e-18}, {-12, 6.144174602214718e-06}, {-1.5, 0.18242552380635635},
		{-1e-09, 0.49999999975}, {-1e-300, 0.5}, {0.0, 0.5}, {1e-300, 0.5}, {1e-09, 0.50000000025},
		{0.3, 0.574442516811659}, {1.0, 0.7310585786300049}, {2.5, 0.9241418199787564}, {9.0, 0.9998766054240138},
		{36.5, 0.9999999999999999}, {100.25, 1.0}, {700.0, 1.0}, {1e+300, 1.0},
	},
	"SiLU": {
		{-720, -1.46320617774547e-310},
		{-1e+300, 0.0}, {-745.5, -1.275e-321}, {-709, -8.62697552192007e-306}, {-100.25, -2.904441078418173e-42},
		{-40, -1.6993417021166355e-16}, {-12, -7.373009522657661e-05}, {-1.5, -0.2736382857095345},
		{-1e-09, -4.9999999975e-10}, {-1e-300, -5e-301}, {0.0, 0.0}, {1e-300, 5e-301},
		{1e-09, 5.000000002500001e-10}, {0.3, 0.17233275504349768}, {1.0, 0.7310585786300049},
		{2.5, 2.310354549946891}, {9.0, 8.998889448816124}, {36.5, 36.49999999999999}, {100.25, 100.25},
		{700.0, 700.0}, {1e+300, 1e+300},
	},
	"Softplus": {
		{-720, 2.0322308024e-313},
		{-1e+300, 0.0}, {-745.5, 0.0}, {-709, 1.216780750623423e-308}, {-100.25, 2.897198083210148e-44},
		{-40, 4.248354255291589e-18}, {-12, 6.144193477732806e-06}, {-1.5, 0.2014132779827524},
		{-1e-09, 0.6931471800599454}, {-1e-300, 0.6931471805599453}, {0.0, 0.6931471805599453},
		{1e-300, 0.6931471805599453}, {1e-09, 0.6931471810599453}, {0.3, 0.8543552444685271},
		{1.0, 1.3132616875182228}, {2.5, 2.5788897342925496}, {9.0, 9.000123402189724}, {36.5, 36.5},
		{100.25, 100.25}, {700.0, 700.0}, {1e+300, 1e+300},
	},
	"GELUTanh": {
		{-720, 0.0},
		{-1e+300, 0.0}, {-745.5, 0.0}, {-709, 0.0}, {-100.25, 0.0}, {-40, 0.0}, {-12, -1.635985449353491e-61},
		{-1.5, -0.10042842301976708}, {-1e-09, -4.999999996010577e-10}, {-1e-300, -5e-301}, {0.0, 0.0},
		{1e-300, 5e-301}, {1e-09, 5.000000003989423e-10}, {0.3, 0.18537092354275925}, {1.0, 0.8411919906082767},
		{2.5, 2.484915733910001}, {9.0, 9.0}, {36.5, 36.5}, {100.25, 100.25}, {700.0, 700.0}, {1e+300, 1e+300},
	},
}
