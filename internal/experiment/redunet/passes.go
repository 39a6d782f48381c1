package redunet

import (
	"context"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/redunet"
)

// A pass is the rates of some samples after each layer.
type pass struct {
	R      []float64 `json:"R"`
	Rc     []float64 `json:"Rc"`
	DeltaR []float64 `json:"delta_R"`
}

// passes are those of samples by their labels, and by the classes that each layer takes
// them for.
type passes struct {
	Labels    pass `json:"labels"`
	Estimated pass `json:"estimated"`
}

// mostPassed is the most features of a sample, of all layers together, for which rates
// are measured, for the time it takes.
const mostPassed = 1 << 19

// measure fills in the rates of training and test samples, as they are and shifted.
func (r *result) measure(ctx context.Context) error {
	if _, d := r.train.z.Dims(); d*r.Layers > mostPassed {
		return nil
	}
	sets := map[string]*data.Set{"train": r.sets.train, "test": r.sets.test}
	if grid := alongLast(r.shiftGrid()); grid != nil {
		for _, of := range []string{"train", "test"} {
			var err error
			if sets["shifted_"+of], err = allShifted(sets[of], grid); err != nil {
				return err
			}
		}
	}
	r.Passes = map[string]passes{}
	for name, set := range sets {
		var p passes
		for _, by := range []struct {
			to        *pass
			estimated bool
		}{{&p.Labels, false}, {&p.Estimated, true}} {
			rates := r.rates // of the construction
			if name != "train" || by.estimated {
				var err error
				if rates, err = redunet.Measure(ctx, r.net, set, redunet.Config{Eps2: r.cfg.Eps2},
					by.estimated); err != nil {
					return err
				}
			}
			for _, after := range rates[1:] {
				by.to.R, by.to.Rc, by.to.DeltaR = append(by.to.R, after.R), append(by.to.Rc, after.Rc),
					append(by.to.DeltaR, after.DeltaR)
			}
		}
		r.Passes[name] = p
	}
	return nil
}

// alongLast returns the shifts of a grid that are along the last axis alone.
func alongLast(grid [][]int) (line [][]int) {
	for _, by := range grid {
		if len(by) == 1 || by[0] == 0 {
			line = append(line, by)
		}
	}
	return line
}

// allShifted returns the samples of a set in all shifts of a grid.
func allShifted(set *data.Set, grid [][]int) (*data.Set, error) {
	var rows []float64
	var labels []int
	for _, by := range grid {
		moved, err := set.Shifted(by...)
		if err != nil {
			return nil, err
		}
		for i := range moved.Len() {
			if rows, err = moved.Row(rows, i); err != nil {
				return nil, err
			}
		}
		labels = append(labels, moved.Labels()...)
	}
	return data.New(rows, 1, set.Shape(), labels, set.Classes())
}
