package conformance

import (
	"cmp"
	"strings"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn/norm"
)

// batchNorm is that of one or two dimensions: of the batch, or of statistics where
// the case says that it evaluates or has a mean and nothing of training.
func batchNorm(r *Reference, dt tensor.Dtype) ([]comparison, error) {
	eps, err := r.Params.Float("eps", 1e-5)
	if err != nil {
		return nil, err
	}
	train, err := r.Params.flag("training", !strings.HasSuffix(r.Name, "eval"))
	if err != nil {
		return nil, err
	}
	b := newBench(r, dt)
	x, err := b.required("x")
	if err != nil {
		return nil, err
	}
	gamma, err := b.required("gamma", "weight")
	if err != nil {
		return nil, err
	}
	beta, err := b.required("beta", "bias")
	if err != nil {
		return nil, err
	}
	if train {
		return batchNormTrain(b, eps, x, gamma, beta)
	}
	var fixed [2]*gorgonia.Node
	for i, names := range [2][]string{{"running_mean", "mean"}, {"running_var", "var", "variance"}} {
		name := r.named(names...)
		v, err := r.tensor(cmp.Or(name, names[0]))
		if err != nil {
			return nil, err
		}
		if fixed[i], err = b.fixed(name, v.Data, v.Shape...); err != nil {
			return nil, err
		}
	}
	out, err := norm.FrozenBatchNorm(x, gamma, beta, fixed[0], fixed[1], eps, norm.Epilogue{})
	if err != nil {
		return nil, err
	}
	return b.op(out)
}

// batchNormTrain also compares the running statistics after the batch, where the
// case has them before and after.
func batchNormTrain(b *bench, eps float64, x, gamma, beta *gorgonia.Node) ([]comparison, error) {
	out, stats, err := norm.BatchNorm(x, gamma, beta, eps, norm.Epilogue{})
	if err != nil {
		return nil, err
	}
	cs, err := b.op(out)
	if err != nil {
		return nil, err
	}
	momentum, err := b.r.Params.Float("momentum", 0.1)
	if err != nil {
		return nil, err
	}
	for _, s := range []struct {
		before string
		after  []string
		next   func(running *gorgonia.Node) (*gorgonia.Node, error)
	}{
		{"running_mean", []string{"running_mean_after", "new_running_mean"},
			func(n *gorgonia.Node) (*gorgonia.Node, error) { return norm.RunningMean(n, stats, momentum) }},
		{"running_var", []string{"running_var_after", "new_running_var"},
			func(n *gorgonia.Node) (*gorgonia.Node, error) {
				return norm.RunningVariance(n, stats, x, eps, momentum)
			}},
	} {
		after := b.r.named(s.after...)
		before, ok := b.r.Tensors[s.before]
		if !ok || after == "" {
			continue
		}
		n, err := b.fixed(s.before, before.Data, before.Shape...)
		if err != nil {
			return nil, err
		}
		if n, err = s.next(n); err != nil {
			return nil, err
		}
		more, err := b.compare(nil, []want{{n, after}}, nil)
		if err != nil {
			return nil, err
		}
		cs = append(cs, more...)
	}
	return cs, nil
}
