//go:build whitebox_cuda && linux && (amd64 || arm64)

package op_test

import (
	_ "embed"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/cuda"
	"github.com/whitebox-nn/whitebox/internal/cuda/fake"
	"github.com/whitebox-nn/whitebox/internal/engine"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

//go:embed functions.ptx
var functions string

// onDevice is a function of device.cuh as an op.
type onDevice struct{ Name string }

func (k onDevice) Spec() op.Spec {
	return op.Spec{
		In: []op.Input{1}, Kernel: op.Both(k, nothing, nothing),
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			return a.Kernel("functions", functions, "functions_"+k.Name, launch.Elements(a.N()), launch.I(a.N()), a.Y(),
				a.X(0))
		},
	}
}

func nothing[T op.Float](onDevice, *op.Args[T]) op.Run { return func() error { return nil } }

// TestFunctionsOnADevice compares each function of device.cuh with package math on
// draws of all magnitudes and on the values where such functions break.
func TestFunctionsOnADevice(t *testing.T) {
	fake.Use(t)
	dev, err := cuda.Open(0)
	require.NoError(t, err)
	defer func() { require.NoError(t, dev.Close()) }()
	inf := math.Inf(1)
	x := []float64{0, 1, -1, 0.5, -0.5, 1e-8, -1e-8, 1e-300, 1e-12, -1e-12, 4, -4, 2.8284, -2.8284, 20, -20, 37, -37,
		40, -40, 709, -745, 710, 1e300, -1e300, inf, -inf, math.NaN()}
	r := rand.New(rand.NewPCG(1, 1))
	for range 4000 {
		x = append(x, r.NormFloat64()*math.Exp(4*r.NormFloat64()))
	}
	const ulp = 0x1p-52
	square := func(x float64) float64 { return 1 + x*x } // of exp(−x²): that of x², by x²
	// Of exp(e·log x), and |e| of math.Pow, which multiplies so often.
	power := func(e float64) func(x float64) float64 {
		return func(x float64) float64 { return 1 + math.Abs(e) + math.Abs(e*math.Log(math.Abs(x)))/2 }
	}
	for _, c := range []struct {
		name  string
		want  func(x float64) float64
		ulps  float64                 // relative, of each value,
		grows func(x float64) float64 // times this
	}{
		{"exp", math.Exp, 2, nil}, {"expm1", math.Expm1, 8, nil}, {"log", math.Log, 2, nil},
		{"log1p", math.Log1p, 4, nil}, {"tanh", math.Tanh, 8, nil},
		{"sigmoid", func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }, 4, nil},
		{"softplus", func(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }, 4, nil},
		{"density", func(x float64) float64 { return math.Exp(-x*x/2) / math.Sqrt(2*math.Pi) }, 4, square},
		{"normal", func(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }, 8, square},
		{"erf", math.Erf, 8, nil}, {"erfc", math.Erfc, 8, square},
		{"pow_2_75", func(x float64) float64 { return math.Pow(x, 2.75) }, 1, power(2.75)},
		{"pow_minus_7", func(x float64) float64 { return math.Pow(x, -7) }, 7, nil},
		{"pow_123", func(x float64) float64 { return math.Pow(x, 123) }, 1, power(123)},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := tensor.New(tensor.WithShape(len(x)), tensor.WithBacking(append([]float64(nil), x...)))
			in := gorgonia.NewTensor(gorgonia.NewGraph(), tensor.Float64, 1, gorgonia.WithName("x"),
				gorgonia.WithShape(len(x)), gorgonia.WithValue(v))
			out, err := op.Apply(onDevice{c.name}, in)
			require.NoError(t, err)
			p, err := engine.Compile(gorgonia.Nodes{out}, engine.Config{Placement: engine.Placement{Device: dev}})
			require.NoError(t, err)
			defer func() { require.NoError(t, p.Close()) }()
			require.NoError(t, p.Run())
			got, err := p.Value(out)
			require.NoError(t, err)
			bad := 0
			for i, y := range got.Float64s() {
				want := c.want(x[i])
				same := y == want || math.IsNaN(y) && math.IsNaN(want) || math.Abs(want) < 1e-300 &&
					math.Abs(y-want) < 1e-300
				tol := c.ulps * ulp
				if c.grows != nil {
					tol *= c.grows(x[i])
				}
				if !same && !(math.Abs(y-want) <= tol*math.Abs(want)) && bad < 5 {
					t.Errorf("%s(%v) is %v on the device, %v on the host: %.2g units in the last place",
						c.name, x[i], y, want,
						math.Abs(y-want)/math.Abs(want)/ulp)
					bad++
				}
			}
		})
	}
}
