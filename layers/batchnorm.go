package layers

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/initializer"
	"github.com/whitebox-nn/whitebox/nn/norm"
)

// BatchNormConfig configures a BatchNorm layer.
type BatchNormConfig struct {
	Name     string       // of the layer, which the names of its parameters begin with
	Channels int          // c; at least 1
	Eps      float64      // ε, added to the variance; 0 is 1e-5
	Momentum float64      // t, the weight of a batch in the running statistics; 0 is 0.1
	Dtype    tensor.Dtype // zero is float32
}

// BatchNorm standardizes each channel, then scales and shifts it:
//
//	y = γ · (x − μ)/√(σ² + ε) + β
//
// In a training graph μ and σ² are the mean and the biased variance of the batch, and each step moves the running
// statistics towards them, by t, when [nn.Program.Commit] is called (train.Loop calls it); the running variance
// follows the unbiased variance of the batch. In an evaluation graph they are the running statistics.
//
// Shapes: x n×c or n×c×h×w; γ, β, μ, σ² c; y as x. Parameters, by PyTorch's names: Name.weight, which is γ, ones at
// first, and Name.bias, β, zeros, both exempt from weight decay; Name.running_mean, zeros, and Name.running_var,
// ones, which are Frozen: checkpoints contain them, and optimizers leave them out.
//
// Reference: Ioffe, Szegedy. Batch normalization: accelerating deep network
// training by reducing internal covariate shift. ICML 2015, algorithms 1 and 2.
type BatchNorm struct {
	cfg                         BatchNormConfig
	gamma, beta, mean, variance *nn.Param
}

var _ Layer = (*BatchNorm)(nil)

// NewBatchNorm returns a layer that standardizes.
func NewBatchNorm(cfg BatchNormConfig) (*BatchNorm, error) {
	if cfg.Name == "" {
		return nil, errors.New("layers: BatchNorm: no Name, which the names of its parameters begin with")
	}
	if cfg.Channels < 1 || !(cfg.Eps >= 0) || !(cfg.Momentum >= 0 && cfg.Momentum <= 1) {
		return nil, errors.Errorf(
			"layers: BatchNorm %q: %d channels, ε %v, momentum %v, want at least 1, 0, and from 0 to 1", cfg.Name,
			cfg.Channels, cfg.Eps, cfg.Momentum)
	}
	if cfg.Eps == 0 {
		cfg.Eps = 1e-5
	}
	if cfg.Momentum == 0 {
		cfg.Momentum = 0.1
	}
	l := &BatchNorm{cfg: cfg}
	for _, p := range []struct {
		to    **nn.Param
		name  string
		init  nn.Initializer
		fixed bool
	}{
		{&l.gamma, "weight", initializer.Ones{}, false}, {&l.beta, "bias", initializer.Zeros{}, false},
		{&l.mean, "running_mean", initializer.Zeros{}, true},
		{&l.variance, "running_var", initializer.Ones{}, true},
	} {
		var err error
		if *p.to, err = newParam(cfg.Name+"."+p.name, cfg.Dtype, 0, p.init, cfg.Channels); err != nil {
			return nil, errors.WithMessagef(err, "layers: BatchNorm %q", cfg.Name)
		}
		(*p.to).NoDecay, (*p.to).Frozen = true, p.fixed
	}
	return l, nil
}

// Params implements Layer.
func (l *BatchNorm) Params() []*nn.Param {
	if l == nil || l.gamma == nil {
		return nil
	}
	return []*nn.Param{l.gamma, l.beta, l.mean, l.variance}
}

// Forward implements Layer.
func (l *BatchNorm) Forward(g *nn.Graph, x *gorgonia.Node) (*gorgonia.Node, error) {
	if l == nil || l.gamma == nil {
		return nil, notMade("BatchNorm")
	}
	return l.ForwardEpilogue(g, x, norm.Epilogue{})
}

// ForwardEpilogue is Forward, followed by the operations of the epilogue in the same pass over memory.
func (l *BatchNorm) ForwardEpilogue(g *nn.Graph, x *gorgonia.Node, then norm.Epilogue) (y *gorgonia.Node, err error) {
	if l == nil || l.gamma == nil {
		return nil, notMade("BatchNorm")
	}
	defer build.Catch(&err, "layers: BatchNorm %q", l.cfg.Name)
	gamma, beta := build.Must(g.Bind(l.gamma)), build.Must(g.Bind(l.beta))
	if g.Mode == nn.Eval {
		mean, variance := build.Must(g.Bind(l.mean)), build.Must(g.Bind(l.variance))
		return build.Must(norm.FrozenBatchNorm(x, gamma, beta, mean, variance, l.cfg.Eps, then)), nil
	}
	y, stats, err := norm.BatchNorm(x, gamma, beta, l.cfg.Eps, then)
	if err != nil {
		return nil, err
	}
	if err := g.Update(l.mean, func(mean *gorgonia.Node) (*gorgonia.Node, error) {
		return norm.RunningMean(mean, stats, l.cfg.Momentum)
	}); err != nil {
		return nil, err
	}
	return y, g.Update(l.variance, func(variance *gorgonia.Node) (*gorgonia.Node, error) {
		return norm.RunningVariance(variance, stats, x, l.cfg.Eps, l.cfg.Momentum)
	})
}
