//go:build whitebox_cuda && linux && (amd64 || arm64)

package optim_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/cuda/fake"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
)

// A bench is parameters in a program: the loss is scale·Σ p², of several blocks of
// elements, by p.
type bench struct {
	params  []*nn.Param
	program *nn.Program
}

// newBench puts parameters on a device, or on the host if it is nil.
func newBench(t testing.TB, dev *cuda.Device, scale float64, params ...*nn.Param) *bench {
	t.Helper()
	g := nn.NewGraph(nn.Train)
	var loss *gorgonia.Node
	for _, p := range params {
		x, err := g.Bind(p)
		require.NoError(t, err)
		y, err := nn.SumSquares(x)
		require.NoError(t, err)
		if loss == nil {
			loss = y
			continue
		}
		loss, err = nn.Add(loss, y)
		require.NoError(t, err)
	}
	loss, err := nn.Scale(loss, scale)
	require.NoError(t, err)
	program, err := nn.Compile(g, nn.Outputs{Loss: loss, Wrt: params}, nn.Options{Device: dev})
	require.NoError(t, err)
	return &bench{params, program}
}

func (b *bench) step(t testing.TB, o *optim.Optimizer) {
	t.Helper()
	require.NoError(t, b.program.Run())
	require.NoError(t, o.Step(b.program.Grads()))
}

// large is model and a parameter of several parts.
func large(t testing.TB, dt tensor.Dtype) []*nn.Param {
	rng := rand.New(rand.NewPCG(5, 6))
	return append(model(t, dt), &nn.Param{Name: "large", Value: dense(t, dt, []int{9001}, normal(rng, 9001))})
}

func openDevice(t testing.TB) *cuda.Device {
	t.Helper()
	d, err := cuda.Open(0)
	require.NoError(t, err)
	return d
}

type makeOptimizer func(p []*nn.Param) (*optim.Optimizer, error)

func chained(chain func(p []*nn.Param) []optim.Transform) makeOptimizer {
	return func(p []*nn.Param) (*optim.Optimizer, error) { return optim.New(p, chain(p)...) }
}

func sgd(cfg optim.SGD) makeOptimizer {
	return func(p []*nn.Param) (*optim.Optimizer, error) {
		return optim.NewSGD(p, optim.Step(0.05, 2, 0.5), cfg)
	}
}

// onDevice are the optimizers of the library, and every transform in a chain.
var onDevice = map[string]makeOptimizer{
	"descent":  sgd(optim.SGD{}),
	"L2":       sgd(optim.SGD{WeightDecay: 0.1}),
	"momentum": sgd(optim.SGD{Momentum: 0.9, Dampening: 0.2, WeightDecay: 0.1}),
	"Nesterov": sgd(optim.SGD{Momentum: 0.9, Nesterov: true}),
	"subtract": chained(func([]*nn.Param) []optim.Transform { return nil }),
	"Momentum": chained(func([]*nn.Param) []optim.Transform {
		return []optim.Transform{&optim.Momentum{Nesterov: true},
			optim.LearningRate{Rate: optim.CosineAnnealing(0.1, 6, 0)}}
	}),
	"ScaleByAdam": chained(func([]*nn.Param) []optim.Transform {
		return []optim.Transform{&optim.ScaleByAdam{}, optim.WeightDecay{Rate: 0.1},
			optim.LearningRate{Rate: optim.Constant(0.1)}}
	}),
	"ClipValue": chained(func([]*nn.Param) []optim.Transform {
		return []optim.Transform{optim.CheckFinite{}, optim.ClipValue{Max: 0.1}}
	}),
	"ClipNorm": chained(func([]*nn.Param) []optim.Transform {
		return []optim.Transform{optim.ClipNorm{Max: 0.5}, optim.ClipNorm{Max: 1e9}}
	}),
	"Groups": chained(func(p []*nn.Param) []optim.Transform {
		return []optim.Transform{optim.Groups{{Params: p[:1], Factor: 0.1}, {Params: p[2:3], Factor: 0}},
			optim.LearningRate{Rate: optim.Constant(0.1)}}
	}),
	"Adam": func(p []*nn.Param) (*optim.Optimizer, error) {
		return optim.NewAdam(p, optim.Constant(0.01), optim.Adam{WeightDecay: 0.1})
	},
	"AdamW": func(p []*nn.Param) (*optim.Optimizer, error) {
		return optim.NewAdamW(p, optim.Constant(0.01), optim.Adam{WeightDecay: 0.1})
	},
}

func TestEveryRuleUpdatesOnADeviceAsOnTheHost(t *testing.T) {
	for name, rule := range onDevice {
		for _, d := range dtypes {
			t.Run(fmt.Sprint(name, "/", d.dt), func(t *testing.T) {
				fake.Use(t)
				dev := openDevice(t)
				on, off := newBench(t, dev, 0.5, large(t, d.dt)...), newBench(t, nil, 0.5, large(t, d.dt)...)
				before := values(t, off.params)
				mine, err := rule(on.params)
				require.NoError(t, err)
				theirs, err := rule(off.params)
				require.NoError(t, err)
				for range 5 {
					on.step(t, mine)
					off.step(t, theirs)
				}
				require.NoError(t, mine.Sync())
				require.NoError(t, nn.Sync(on.params))
				near(t, values(t, off.params), values(t, on.params), d.tol, "parameters")
				for i, s := range theirs.State() {
					if i > 0 {
						near(t, floats(t, s.Value), floats(t, mine.State()[i].Value), d.tol, s.Name)
					}
				}
				require.NotEqual(t, before, values(t, off.params))
				require.NoError(t, on.program.Close())
				require.NoError(t, off.program.Close())
				require.NoError(t, dev.Close())
			})
		}
	}
}

// TestEveryTransformHasARule finds the transforms in the source.
func TestEveryTransformHasARule(t *testing.T) {
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	have := map[string]map[string]bool{"Update": {}, "rule": {}}
	of := map[string]string{"Update": "Update", "rule": "rule", "ruled": "rule", "checks": "rule"}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		for _, d := range f.Decls {
			m, ok := d.(*ast.FuncDecl)
			if !ok || m.Recv == nil || have[of[m.Name.Name]] == nil || m.Name.Name == "Update" &&
				m.Type.Params.NumFields() < 2 {
				continue
			}
			on := m.Recv.List[0].Type
			if p, ok := on.(*ast.StarExpr); ok {
				on = p.X
			}
			have[of[m.Name.Name]][on.(*ast.Ident).Name] = true
		}
	}
	require.Equal(t, have["Update"], have["rule"])
	require.Len(t, have["Update"], 12)
}

// TestAnUpdateIsOneLaunch counts the launches of a step for few parameters and for
// many, and compares bits with those of an optimizer for each.
func TestAnUpdateIsOneLaunch(t *testing.T) {
	c := fake.Use(t)
	adam := onDevice["AdamW"]
	for _, copies := range []int{1, 10} {
		dev := openDevice(t)
		params := func() (all []*nn.Param) {
			for i := range copies {
				for _, p := range large(t, tensor.Float32) {
					p.Name = fmt.Sprint(p.Name, i)
					all = append(all, p)
				}
			}
			return all
		}
		whole, apart := newBench(t, dev, 0.5, params()...), newBench(t, dev, 0.5, params()...)
		one, err := adam(whole.params)
		require.NoError(t, err)
		var each []*optim.Optimizer
		for i := range apart.params {
			o, err := adam(apart.params[i : i+1])
			require.NoError(t, err)
			each = append(each, o)
		}
		for step := range 4 {
			require.NoError(t, whole.program.Run())
			ran, launched := whole.program.Profile().Device.Launches, 0
			if c != nil {
				launched = c.Launched()
			}
			require.NoError(t, one.Step(whole.program.Grads()))
			require.Equal(t, ran+2, whole.program.Profile().Device.Launches, "the numbers, the kernel")
			if c != nil && step != 1 { // when the update becomes a graph, its kernel is seen twice
				require.Equal(t, launched+2, c.Launched())
			}
			require.NoError(t, apart.program.Run())
			for i, o := range each {
				require.NoError(t, o.Step(apart.program.Grads()[i:i+1]))
			}
		}
		require.Zero(t, fake.Allocs(10, func() { whole.step(t, one) }))
		for range 11 {
			require.NoError(t, apart.program.Run())
			for i, o := range each {
				require.NoError(t, o.Step(apart.program.Grads()[i:i+1]))
			}
		}
		require.NoError(t, whole.program.Close())
		require.NoError(t, apart.program.Close())
		require.Equal(t, values(t, apart.params), values(t, whole.params))
		require.NoError(t, dev.Close())
	}
}

// TestAStateMovesBetweenADeviceAndTheHost goes on from a state of the one on the other,
// both ways, and compares with a run that stayed on the host.
func TestAStateMovesBetweenADeviceAndTheHost(t *testing.T) {
	for _, d := range dtypes {
		for _, name := range []string{"momentum", "AdamW", "ScaleByAdam"} {
			for _, first := range []string{"device", "host"} {
				t.Run(fmt.Sprint(name, "/", d.dt, "/from the ", first), func(t *testing.T) {
					fake.Use(t)
					dev := openDevice(t)
					devices := []*cuda.Device{dev, nil}
					if first == "host" {
						devices = []*cuda.Device{nil, dev}
					}
					var state []optim.State
					var weights [][]float64
					for half, on := range devices {
						b := newBench(t, on, 0.5, large(t, d.dt)...)
						o, err := onDevice[name](b.params)
						require.NoError(t, err)
						if half == 1 {
							for i, p := range b.params {
								require.NoError(t, nn.SetFloats(p.Value, weights[i]))
							}
							require.NoError(t, o.Restore(state))
						}
						for range 3 {
							b.step(t, o)
						}
						require.NoError(t, nn.Sync(b.params))
						require.NoError(t, o.Sync())
						weights, state = nil, nil
						for _, p := range b.params {
							weights = append(weights, floats(t, p.Value))
						}
						for _, s := range o.State() {
							state = append(state, optim.State{Name: s.Name, Value: s.Value.Clone().(*tensor.Dense)})
						}
						require.NoError(t, b.program.Close())
					}
					whole := newBench(t, nil, 0.5, large(t, d.dt)...)
					o, err := onDevice[name](whole.params)
					require.NoError(t, err)
					for range 6 {
						whole.step(t, o)
					}
					for i, p := range whole.params {
						near(t, floats(t, p.Value), weights[i], d.tol, p.Name)
					}
					for i, s := range o.State()[1:] {
						near(t, floats(t, s.Value), floats(t, state[1+i].Value), d.tol, s.Name)
					}
					require.NoError(t, whole.program.Close())
					require.NoError(t, dev.Close())
				})
			}
		}
	}
}
