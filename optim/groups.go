package optim

import (
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/update"
	"github.com/whitebox-nn/whitebox/nn"
)

// A Group is parameters that learn at a rate of their own.
type Group struct {
	Params []*nn.Param
	Factor float64 // of the learning rate, 0 or above; 0 freezes them
}

// Groups multiplies the updates of each group by its factor. Parameters of no group keep theirs. It belongs after
// [ScaleByAdam], which cancels any factor that comes before it:
//
//	optim.New(params, &optim.ScaleByAdam{}, optim.Groups{{old, 0.1}}, optim.LearningRate{Rate: rate})
type Groups []Group

// Start implements Starter. A parameter that is in two groups, or not optimized, is
// an error.
func (gs Groups) Start(p []*nn.Param) error {
	in := make(map[*nn.Param]bool)
	known := make(map[*nn.Param]bool)
	for _, q := range p {
		known[q] = true
	}
	for i, g := range gs {
		if err := checkAmount("Groups' Factor", g.Factor); err != nil {
			return err
		}
		for _, q := range g.Params {
			if q == nil || !known[q] || in[q] {
				return errors.Errorf("group %d holds a parameter that is nil, not optimized, or in a group twice: %v",
					i, q)
			}
			in[q] = true
		}
	}
	return nil
}

// Update implements Transform.
func (gs Groups) Update(_ int, u []*tensor.Dense, p []*nn.Param) error {
	if err := checkUpdates("Groups", u, p); err != nil {
		return err
	}
	for _, g := range gs {
		for _, q := range g.Params {
			for i := range p {
				if p[i] == q {
					scaleAll(u[i:i+1], g.Factor)
				}
			}
		}
	}
	return nil
}

func (gs Groups) rule() Rule {
	factor := func(p *nn.Param) float64 {
		for _, g := range gs {
			if slices.Contains(g.Params, p) {
				return g.Factor
			}
		}
		return 1
	}
	return stepOf(update.Scale, 1, factor, func(_ int, dst []float64) { dst[0] = 1 })
}
