package optim_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/optim"
)

// A transform that is called without an optimizer, with lists that do not fit each
// other or what it was started with, returns an error and changes nothing.
func TestTransformsRefuseListsThatDoNotFit(t *testing.T) {
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		other := tensor.Float64
		if dt == other {
			other = tensor.Float32
		}
		p, err := nn.NewParam("w", dt, 2, 3)
		require.NoError(t, err)
		q, err := nn.NewParam("v", dt, 4)
		require.NoError(t, err)
		like := func(dt tensor.Dtype, shape ...int) *tensor.Dense {
			return tensor.New(tensor.WithShape(shape...), tensor.Of(dt))
		}
		u := like(dt, 2, 3)
		lists := map[string]struct {
			u []*tensor.Dense
			p []*nn.Param
		}{
			"fewer parameters": {[]*tensor.Dense{u}, nil},
			"fewer updates":    {nil, []*nn.Param{p}},
			"nil update":       {[]*tensor.Dense{nil}, []*nn.Param{p}},
			"nil parameter":    {[]*tensor.Dense{u}, []*nn.Param{nil}},
			"no value":         {[]*tensor.Dense{u}, []*nn.Param{{Name: "w"}}},
			"another size":     {[]*tensor.Dense{u}, []*nn.Param{q}},
			"another dtype":    {[]*tensor.Dense{like(other, 2, 3)}, []*nn.Param{p}},
			"whole numbers":    {[]*tensor.Dense{like(tensor.Int, 2, 3)}, []*nn.Param{p}},
		}
		started := func() (*optim.ScaleByAdam, *optim.Momentum) {
			m, b := &optim.ScaleByAdam{}, &optim.Momentum{}
			require.NoError(t, m.Start([]*nn.Param{p}))
			require.NoError(t, b.Start([]*nn.Param{p}))
			return m, b
		}
		m, b := started()
		for name, l := range lists {
			for _, tr := range []optim.Transform{optim.WeightDecay{Rate: 1}, m, b, &optim.ScaleByAdam{},
				&optim.Momentum{}, optim.Groups{}} {
				require.Error(t, tr.Update(1, l.u, l.p), "%s %T", name, tr)
			}
			require.Error(t, optim.CheckFinite{}.Check(1, l.u, l.p), name)
		}
		for _, tr := range []optim.Transform{m, b} { // of other parameters than they were started with
			require.ErrorContains(t, tr.Update(1, []*tensor.Dense{like(dt, 4)}, []*nn.Param{q}),
				"not started with these")
			require.ErrorContains(t, tr.Update(1, []*tensor.Dense{u, like(dt, 4)}, []*nn.Param{p, q}),
				"not started with these")
			require.NoError(t, tr.Update(1, []*tensor.Dense{u}, []*nn.Param{p}))
			require.Empty(t, tr.(optim.Stateful).State(nil))
			require.Empty(t, tr.(optim.Stateful).State([]*nn.Param{nil}))
			require.NotEmpty(t, tr.(optim.Stateful).State([]*nn.Param{p}))
		}
		for _, tr := range []optim.Transform{optim.LearningRate{Rate: optim.Constant(1)}, optim.ClipNorm{Max: 1},
			optim.ClipValue{Max: 1}} {
			require.Error(t, tr.Update(1, []*tensor.Dense{nil}, nil), "%T", tr)
			require.Error(t, tr.Update(1, []*tensor.Dense{like(tensor.Int, 2)}, nil), "%T", tr)
			require.NoError(t, tr.Update(1, []*tensor.Dense{u}, nil), "%T", tr)
		}
	}
	for _, tr := range []optim.Transform{optim.LearningRate{}, optim.LearningRate{Rate: optim.Constant(math.NaN())},
		optim.ClipNorm{}, optim.ClipValue{Max: math.NaN()}} {
		require.Error(t, tr.Update(1, nil, nil), "%T", tr)
	}
	require.Zero(t, optim.Norm([]*tensor.Dense{nil}))
}

// What no function of the package made says so.
func TestNobodysOptimizerReports(t *testing.T) {
	for _, o := range []*optim.Optimizer{nil, {}} {
		require.ErrorContains(t, o.Step(nil), "not made by")
		require.ErrorContains(t, o.Restore(nil), "not made by")
		require.ErrorContains(t, o.Sync(), "not made by")
		require.Empty(t, o.Params())
		require.Zero(t, o.StepCount())
		chain, rule := o.Chain()
		require.Empty(t, chain)
		require.Nil(t, rule)
	}
	for _, e := range []*optim.EMA{nil, {}} {
		for _, err := range []error{e.Update(), e.SwapIn(), e.SwapOut(), e.Restore(nil),
			e.Evaluate(func() error { return nil })} {
			require.ErrorContains(t, err, "not made by NewEMA")
		}
		_, err := e.State()
		require.ErrorContains(t, err, "not made by NewEMA")
		require.Empty(t, e.Params())
		require.Zero(t, e.StepCount())
		require.Zero(t, e.Config())
	}
	var m *optim.ScaleByAdam
	require.ErrorContains(t, m.Start(nil), "the ScaleByAdam is nil")
	require.ErrorContains(t, m.Update(1, nil, nil), "the ScaleByAdam is nil")
	var b *optim.Momentum
	require.ErrorContains(t, b.Start(nil), "the Momentum is nil")
	_, err := optim.NewRule(nil, optim.Rule{Count: math.MaxInt})
	require.ErrorContains(t, err, "Count")
	whole := optim.Rule{Op: func([]*nn.Param) op.Op { return nil }, Numbers: func(int, []float64) {}}
	for says, change := range map[string]func(*optim.Rule){
		"Op is nil: true":      func(r *optim.Rule) { r.Op = nil },
		"Numbers is nil: true": func(r *optim.Rule) { r.Numbers = nil },
		"Count is -1":          func(r *optim.Rule) { r.Count = -1 },
		"Count is 4097":        func(r *optim.Rule) { r.Count = 4097 },
	} {
		r := whole
		change(&r)
		_, err := optim.NewRule(nil, r)
		require.ErrorContains(t, err, says)
	}
	p, err := nn.NewParam("w", tensor.Float32, 2)
	require.NoError(t, err)
	e, err := optim.NewEMA([]*nn.Param{p}, optim.EMAConfig{})
	require.NoError(t, err)
	require.ErrorContains(t, e.Evaluate(nil), "no function")
	require.Empty(t, p.StandIn(), "and nothing was swapped")
}
