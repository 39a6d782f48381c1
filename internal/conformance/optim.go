package conformance

import (
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
)

func sgd(b *bench) {
	p := b.trajectory()
	c := optim.SGD{Momentum: b.number(0, "momentum"), Dampening: b.number(0, "dampening"),
		WeightDecay: b.number(0, "weight_decay"), Nesterov: b.flag(false, "nesterov")}
	b.replay(p, must(optim.NewSGD([]*nn.Param{p}, b.schedule(), c, b.clipping()...)))
}

func adam(b *bench) {
	p := b.trajectory()
	b.replay(p, must(optim.NewAdam([]*nn.Param{p}, b.schedule(), b.moments(0), b.clipping()...)))
}

func adamW(b *bench) {
	p := b.trajectory()
	b.replay(p, must(optim.NewAdamW([]*nn.Param{p}, b.schedule(), b.moments(0.01), b.clipping()...)))
}

// moments reads the settings of Adam; what a case does not set is torch's default.
func (b *bench) moments(decay float64) optim.Adam {
	c := optim.Adam{Beta1: 0.9, Beta2: 0.999, Eps: b.number(1e-8, "eps"), WeightDecay: b.number(decay, "weight_decay")}
	if betas := b.list("betas"); len(betas) == 2 {
		c.Beta1, c.Beta2 = max(betas[0], least), max(betas[1], least)
	}
	if b.flag(false, "amsgrad") {
		build.Check(errors.Wrap(ErrUnsupported, "amsgrad"))
	}
	return c
}

// trajectory returns the parameter of a torch.optim run before it.
func (b *bench) trajectory() *nn.Param {
	p0, grads, want := b.tensor("p0"), b.tensor("grads"), b.tensor("trajectory")
	if size := len(p0.Data); size == 0 || len(grads.Data)%size != 0 || len(want.Data) != len(grads.Data) {
		fail("gradients %v and trajectory %v do not fit a parameter %v", grads.Shape, want.Shape, p0.Shape)
	}
	return b.param("p", p0.Data, p0.Shape)
}

// replay compares the parameter after each of the run's gradients, one behind the other.
func (b *bench) replay(p *nn.Param, o *optim.Optimizer) {
	grad := tensor.New(tensor.WithShape(p.Value.Shape()...), tensor.Of(b.dt))
	var after []float64
	for g := range slices.Chunk(b.tensor("grads").Data, p.Value.Shape().TotalSize()) {
		if b.flag(false, "maximize") {
			g = slices.Clone(g)
			for i := range g {
				g[i] = -g[i]
			}
		}
		setFloats(grad, g)
		build.Check(o.Step([]*tensor.Dense{grad}))
		after = append(after, getFloats(p.Value)...)
	}
	b.equal("trajectory", after...)
}

// clipping returns what a case does to gradients before the rule.
func (b *bench) clipping() (before []optim.Transform) {
	if norm := b.number(0, "max_norm", "clip_norm"); norm > 0 {
		before = append(before, optim.ClipNorm{Max: norm})
	}
	if value := b.number(0, "clip_value"); value > 0 {
		before = append(before, optim.ClipValue{Max: value})
	}
	return before
}

// schedule returns the learning rate of a case; its scheduler steps after each
// update. Which one it is the settings tell, by torch's names for them.
func (b *bench) schedule() optim.Schedule {
	lr, gamma, total := b.number(0, "lr"), b.number(0.1, "gamma"), b.whole(0, "total_iters")
	size, tMax, power := b.whole(0, "step_size"), b.whole(0, "t_max", "T_max"), b.number(0, "power")
	start, end, factor := b.number(0, "start_factor"), b.number(1, "end_factor"), b.number(0, "factor")
	s := optim.Constant(lr)
	switch at := b.list("milestones"); {
	case at != nil:
		s = optim.MultiStep(lr, ints(at), gamma)
	case size > 0:
		s = optim.Step(lr, size, gamma)
	case tMax > 0:
		s = optim.CosineAnnealing(lr, tMax, b.number(0, "eta_min"))
	case power > 0:
		s = optim.Polynomial(lr, total, power)
	case start > 0: // torch's LinearLR: lr times a factor that goes from start to end
		s = func(t int) float64 {
			return lr * (start + (end-start)*min(float64(t-1), float64(total))/float64(total))
		}
	case factor > 0:
		s = optim.MultiStep(lr*factor, []int{total}, 1/factor)
	case b.set("gamma"):
		s = optim.Step(lr, 1, gamma)
	}
	if warmup := b.whole(0, "warmup"); warmup > 0 {
		s = optim.LinearWarmup(warmup, s)
	}
	return s
}
