package optim_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
)

// rules are the named optimizers, and the chain that each of them is.
var rules = []struct {
	name  string
	named func(p []*nn.Param, lr optim.Schedule) (*optim.Optimizer, error)
	chain func(lr optim.Schedule) []optim.Transform
}{
	{"SGD",
		func(p []*nn.Param, lr optim.Schedule) (*optim.Optimizer, error) {
			return optim.NewSGD(p, lr, optim.SGD{WeightDecay: 0.1})
		},
		func(lr optim.Schedule) []optim.Transform {
			return []optim.Transform{optim.WeightDecay{Rate: 0.1}, optim.LearningRate{Rate: lr}}
		}},
	{"momentum",
		func(p []*nn.Param, lr optim.Schedule) (*optim.Optimizer, error) {
			return optim.NewSGD(p, lr, optim.SGD{Momentum: 0.9, Dampening: 0.3, WeightDecay: 0.1})
		},
		func(lr optim.Schedule) []optim.Transform {
			return []optim.Transform{optim.WeightDecay{Rate: 0.1}, &optim.Momentum{Dampening: 0.3},
				optim.LearningRate{Rate: lr}}
		}},
	{"Nesterov",
		func(p []*nn.Param, lr optim.Schedule) (*optim.Optimizer, error) {
			return optim.NewSGD(p, lr, optim.SGD{Momentum: 0.8, Nesterov: true})
		},
		func(lr optim.Schedule) []optim.Transform {
			return []optim.Transform{&optim.Momentum{Mu: 0.8, Nesterov: true}, optim.LearningRate{Rate: lr}}
		}},
	{"Adam",
		func(p []*nn.Param, lr optim.Schedule) (*optim.Optimizer, error) {
			return optim.NewAdam(p, lr, optim.Adam{WeightDecay: 0.1})
		},
		func(lr optim.Schedule) []optim.Transform {
			return []optim.Transform{optim.WeightDecay{Rate: 0.1}, &optim.ScaleByAdam{}, optim.LearningRate{Rate: lr}}
		}},
	{"AdamW",
		func(p []*nn.Param, lr optim.Schedule) (*optim.Optimizer, error) {
			return optim.NewAdamW(p, lr, optim.Adam{Beta1: 0.8, Beta2: 0.95, Eps: 1e-6, WeightDecay: 0.1})
		},
		func(lr optim.Schedule) []optim.Transform {
			return []optim.Transform{&optim.ScaleByAdam{Beta1: 0.8, Beta2: 0.95, Eps: 1e-6},
				optim.WeightDecay{Rate: 0.1}, optim.LearningRate{Rate: lr}}
		}},
}

// TestTorch replays trajectories of torch.optim.
func TestTorch(t *testing.T) {
	sgd := func(g golden) optim.SGD {
		return optim.SGD{Momentum: g.Params.Momentum, Nesterov: g.Params.Nesterov, WeightDecay: g.Params.WeightDecay}
	}
	adam := func(g golden) optim.Adam {
		return optim.Adam{Beta1: g.Params.Betas[0], Beta2: g.Params.Betas[1], Eps: g.Params.Eps,
			WeightDecay: g.Params.WeightDecay}
	}
	constant := func(g golden) optim.Schedule { return optim.Constant(g.Params.LR) }
	cases := map[string]func(g golden, p []*nn.Param) (*optim.Optimizer, error){
		"sgd": func(g golden, p []*nn.Param) (*optim.Optimizer, error) {
			return optim.NewSGD(p, constant(g), sgd(g))
		},
		"sgd_momentum_wd": func(g golden, p []*nn.Param) (*optim.Optimizer, error) {
			return optim.NewSGD(p, constant(g), sgd(g))
		},
		"sgd_nesterov": func(g golden, p []*nn.Param) (*optim.Optimizer, error) {
			return optim.NewSGD(p, constant(g), sgd(g))
		},
		"sgd_multistep": func(g golden, p []*nn.Param) (*optim.Optimizer, error) {
			return optim.NewSGD(p, optim.MultiStep(g.Params.LR, g.Params.Milestones, g.Params.Gamma), sgd(g))
		},
		"adam": func(g golden, p []*nn.Param) (*optim.Optimizer, error) {
			return optim.NewAdam(p, constant(g), adam(g))
		},
		"adam_wd": func(g golden, p []*nn.Param) (*optim.Optimizer, error) {
			return optim.NewAdam(p, constant(g), adam(g))
		},
		"adam_cosine": func(g golden, p []*nn.Param) (*optim.Optimizer, error) {
			return optim.NewAdam(p, optim.CosineAnnealing(g.Params.LR, g.Params.TMax, 0), adam(g))
		},
		"adamw": func(g golden, p []*nn.Param) (*optim.Optimizer, error) {
			return optim.NewAdamW(p, constant(g), adam(g))
		},
	}
	for name, build := range cases {
		g := readGolden(t, name)
		for _, d := range dtypes {
			p := []*nn.Param{{Name: "p", Value: dense(t, d.dt, g.Tensors.P0.Shape, g.Tensors.P0.Data)}}
			o, err := build(g, p)
			require.NoError(t, err)
			size := p[0].Value.Size()
			for at := 0; at < len(g.Tensors.Grads.Data); at += size {
				grad := dense(t, d.dt, g.Tensors.P0.Shape, g.Tensors.Grads.Data[at:at+size])
				require.NoError(t, o.Step([]*tensor.Dense{grad}))
				near(t, g.Tensors.Trajectory.Data[at:at+size], values(t, p), d.tol, name, d.dt, at/size)
			}
			assert.Equal(t, len(g.Tensors.Grads.Data)/size, o.StepCount())
		}
	}
}

// TestChain compares each named optimizer with its chain of transforms.
func TestChain(t *testing.T) {
	for _, r := range rules {
		for _, d := range dtypes {
			lr := optim.Step(0.1, 3, 0.5)
			p, q := model(t, d.dt), model(t, d.dt)
			named, err := r.named(p, lr)
			require.NoError(t, err)
			chain, err := optim.New(q, r.chain(lr)...)
			require.NoError(t, err)
			run(t, named, 1, 8)
			run(t, chain, 1, 8)
			near(t, values(t, q), values(t, p), d.tol, r.name, d.dt)
			assert.Equal(t, chain.LR(), named.LR())
		}
	}
}

// TestRestore continues after 4 steps in another optimizer, and gets the bits
// of 8 steps in one.
func TestRestore(t *testing.T) {
	for _, r := range rules {
		for _, d := range dtypes {
			lr := optim.CosineAnnealing(0.1, 8, 0)
			whole, first := model(t, d.dt), model(t, d.dt)
			a, err := r.named(whole, lr)
			require.NoError(t, err)
			run(t, a, 1, 8)

			b, err := r.named(first, lr)
			require.NoError(t, err)
			run(t, b, 1, 4)
			second := model(t, d.dt)
			for i, p := range second {
				require.NoError(t, tensor.Copy(p.Value, first[i].Value))
			}
			c, err := r.named(second, lr)
			require.NoError(t, err)
			require.NoError(t, c.Restore(b.State()))
			run(t, c, 5, 8)
			assert.Equal(t, values(t, whole), values(t, second), "%s %v", r.name, d.dt)
		}
	}
}

// TestRestoreRefuses shows that a state of something else changes nothing.
func TestRestoreRefuses(t *testing.T) {
	adam := func(dt tensor.Dtype) *optim.Optimizer {
		o, err := optim.NewAdam(model(t, dt), optim.Constant(0.1), optim.Adam{})
		require.NoError(t, err)
		run(t, o, 1, 2)
		return o
	}
	o := adam(tensor.Float64)
	state := o.State()
	sgd, err := optim.NewSGD(model(t, tensor.Float64), optim.Constant(0.1), optim.SGD{})
	require.NoError(t, err)
	for name, bad := range map[string][]optim.State{
		"is missing":     state[:len(state)-1],
		"is there twice": append(state[:len(state):len(state)], state[0]),
		"is not known": append(state[:len(state):len(state)],
			optim.State{Name: "optim.x", Value: state[1].Value}),
		"want contiguous":    adam(tensor.Float32).State(),
		`"optim.w.m" is mis`: sgd.State(),
	} {
		before := values(t, o.Params())
		err := o.Restore(bad)
		require.ErrorIs(t, err, optim.ErrState)
		require.ErrorContains(t, err, name)
		assert.Equal(t, 2, o.StepCount())
		assert.Equal(t, before, values(t, o.Params()))
	}
}

// TestNoDecay shows that decay leaves an exempt parameter alone, and no other.
func TestNoDecay(t *testing.T) {
	for _, r := range rules {
		p := model(t, tensor.Float64)
		before := values(t, p)
		o, err := r.named(p, optim.Constant(0.1))
		require.NoError(t, err)
		zero := gradsOf(t, p, 1)
		for _, g := range zero {
			g.Zero()
		}
		require.NoError(t, o.Step(zero))
		after := values(t, p)
		assert.Equal(t, before[12:15], after[12:15], r.name)
		if r.name != "Nesterov" {
			assert.NotEqual(t, before[:12], after[:12], r.name)
		}
	}
}

// TestSharedGradient gives two parameters one gradient tensor: a rule in place
// must not rewrite it twice.
func TestSharedGradient(t *testing.T) {
	a, b := param(t, "a", tensor.Float64, 1, 2), param(t, "b", tensor.Float64, 1, 2)
	o, err := optim.New([]*nn.Param{a, b}, optim.LearningRate{Rate: optim.Constant(0.5)})
	require.NoError(t, err)
	g := vector(t, tensor.Float64, 1, 1)
	require.NoError(t, o.Step([]*tensor.Dense{g, g}))
	assert.Equal(t, []float64{0.5, 1.5}, floats(t, a.Value))
	assert.Equal(t, []float64{0.5, 1.5}, floats(t, b.Value))
}

// TestAllocations shows that a step allocates nothing.
func TestAllocations(t *testing.T) {
	for _, r := range rules {
		for _, d := range dtypes {
			p := model(t, d.dt)
			named, err := r.named(p, optim.CosineAnnealing(0.1, 100, 0))
			require.NoError(t, err)
			chain, err := optim.New(p, append([]optim.Transform{optim.CheckFinite{}, optim.ClipNorm{Max: 1},
				optim.ClipValue{Max: 1}},
				r.chain(optim.Constant(0.1))...)...)
			require.NoError(t, err)
			g := gradsOf(t, p, 1)
			assert.Zero(t, testing.AllocsPerRun(20, func() { _ = named.Step(g) }), r.name)
			assert.Zero(t, testing.AllocsPerRun(20, func() { _ = chain.Step(g) }), r.name)
		}
	}
}

// TestStepRefuses shows that gradients that cannot be used change nothing.
func TestStepRefuses(t *testing.T) {
	p := []*nn.Param{param(t, "w", tensor.Float64, 1, 2)}
	o, err := optim.NewAdam(p, optim.Constant(0.1), optim.Adam{}, optim.CheckFinite{}, optim.ClipNorm{Max: 1})
	require.NoError(t, err)
	for name, g := range map[string][]*tensor.Dense{
		"0 gradients for 1 parameters":                 {},
		`the gradient of "w" is nil`:                   {nil},
		`the gradient of "w" is float32, want float64`: {vector(t, tensor.Float32, 1, 2)},
		`the gradient of "w" has shape (3), want (2)`:  {vector(t, tensor.Float64, 1, 2, 3)},
		`is NaN at element 1 of 2`:                     {vector(t, tensor.Float64, 1, math.NaN())},
		`is +Inf at element 0 of 2`:                    {vector(t, tensor.Float64, math.Inf(1), 1)},
	} {
		require.ErrorContains(t, o.Step(g), name)
		assert.Equal(t, []float64{1, 2}, floats(t, p[0].Value))
		assert.Zero(t, o.StepCount())
	}
	err = o.Step([]*tensor.Dense{vector(t, tensor.Float64, 1, math.NaN())})
	require.ErrorIs(t, err, optim.ErrNotFinite)
}

// TestNewRefuses shows that settings out of range are errors that say the number.
func TestNewRefuses(t *testing.T) {
	one := optim.Constant(1)
	w := func() []*nn.Param { return []*nn.Param{param(t, "w", tensor.Float64, 1)} }
	twice := param(t, "w", tensor.Float64, 1)
	for want, build := range map[string]func() (*optim.Optimizer, error){
		"no parameters":            func() (*optim.Optimizer, error) { return optim.New(nil) },
		`"w" is in the list twice`: func() (*optim.Optimizer, error) { return optim.New([]*nn.Param{twice, twice}) },
		"parameter 1 of 1 is nil":  func() (*optim.Optimizer, error) { return optim.New([]*nn.Param{nil}) },
		"transform 1 of 1 is nil":  func() (*optim.Optimizer, error) { return optim.New(w(), nil) },
		"Schedule is nil":          func() (*optim.Optimizer, error) { return optim.NewSGD(w(), nil, optim.SGD{}) },
		"step 1 is -1": func() (*optim.Optimizer, error) {
			return optim.NewSGD(w(), optim.Constant(-1),
				optim.SGD{})
		},
		"step 1 is NaN": func() (*optim.Optimizer, error) {
			return optim.NewSGD(w(), optim.Step(1, 0, 1),
				optim.SGD{})
		},
		"Momentum is 1": func() (*optim.Optimizer, error) {
			return optim.NewSGD(w(), one, optim.SGD{Momentum: 1})
		},
		"Nesterov with momentum 0": func() (*optim.Optimizer, error) {
			return optim.NewSGD(w(), one, optim.SGD{Nesterov: true})
		},
		"Dampening is 2": func() (*optim.Optimizer, error) {
			return optim.NewSGD(w(), one, optim.SGD{Momentum: 0.9, Dampening: 2})
		},
		"WeightDecay is -1": func() (*optim.Optimizer, error) {
			return optim.NewSGD(w(), one, optim.SGD{WeightDecay: -1})
		},
		"Beta1 is 1": func() (*optim.Optimizer, error) {
			return optim.NewAdam(w(), one, optim.Adam{Beta1: 1})
		},
		"Beta2 is -0.1": func() (*optim.Optimizer, error) {
			return optim.NewAdamW(w(), one, optim.Adam{Beta2: -0.1})
		},
		"ClipNorm's Max is 0":  func() (*optim.Optimizer, error) { return optim.New(w(), optim.ClipNorm{}) },
		"ClipValue's Max is 0": func() (*optim.Optimizer, error) { return optim.New(w(), optim.ClipValue{}) },
		"tensors of the state are named": func() (*optim.Optimizer, error) {
			return optim.New(w(), &optim.Momentum{}, &optim.Momentum{})
		},
	} {
		_, err := build()
		require.ErrorContains(t, err, want)
	}
	m := &optim.ScaleByAdam{}
	_, err := optim.New(w(), m)
	require.NoError(t, err)
	_, err = optim.New(w(), m)
	require.ErrorContains(t, err, "belongs to another optimizer")
}

// TestWhatACheckpointSaysOfAnOptimizer: it tells Adam from AdamW, and each from its decay.
func TestWhatACheckpointSaysOfAnOptimizer(t *testing.T) {
	p := []*nn.Param{param(t, "w", tensor.Float32, 1)}
	settings := func(o *optim.Optimizer, err error) optim.AdamSettings {
		require.NoError(t, err)
		_, rule := o.Chain()
		s := rule.(interface{ Config() optim.AdamSettings }).Config()
		require.Equal(t, 0.1, s.LearningRate(1))
		s.LearningRate = nil
		return s
	}
	full := optim.Adam{Beta1: 0.8, Beta2: 0.99, Eps: 1e-7, WeightDecay: 0.3}
	require.Equal(
		t,
		optim.AdamSettings{Kind: "Adam", Adam: full},
		settings(optim.NewAdam(p, optim.Constant(0.1), full)),
	)
	require.Equal(
		t,
		optim.AdamSettings{Kind: "AdamW", Adam: full},
		settings(optim.NewAdamW(p, optim.Constant(0.1), full)),
	)
	def := optim.Adam{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8}
	require.Equal(
		t,
		optim.AdamSettings{Kind: "Adam", Adam: def},
		settings(optim.NewAdam(p, optim.Constant(0.1), optim.Adam{})),
	)
	o, err := optim.NewSGD(p, optim.Constant(0.1), optim.SGD{Momentum: 0.9, Nesterov: true})
	require.NoError(t, err)
	_, rule := o.Chain()
	sgd := rule.(interface{ Config() optim.SGDSettings }).Config()
	require.Equal(t, "SGD", sgd.Kind)
	require.Equal(t, optim.SGD{Momentum: 0.9, Nesterov: true}, sgd.SGD)
}
