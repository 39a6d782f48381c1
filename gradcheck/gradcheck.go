// Package gradcheck compares the gradients of a graph with differences of its loss.
//
//	⟨∇L(p), v⟩ ≈ (L(p + hv) − L(p − hv)) / 2h
//
// along random directions v, for each parameter p apart. It takes any graph: a user's own layer, a loss, a whole
// model. To test an op of your own, use package op/optest, which checks more.
package gradcheck

import (
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn"
)

// Config says how to check. The zero value is right for smooth losses of about 1.
type Config struct {
	Directions int     // of each parameter; 0 is 4, 65536 is the most
	Step       float64 // h; 0 is 1e-5
	Tol        float64 // of the relative error; 0 is 1e-6
	Seed       uint64  // of the directions
}

// Check reports a parameter whose gradient is not that of the loss that build makes of
// a graph, in training mode. It runs the graph 2·Directions + 1 times a parameter, and
// leaves the parameters as they were.
//
// A difference is at fault too where the loss has a kink between p − hv and p + hv, as
// that of a rectifier at 0: choose other values then, or a smaller Step.
//
// Errors: the first gradient that is off, with both numbers; no parameters; one that is
// not float64, for differences of float32 tell little; what build and nn.Compile report.
func Check(params []*nn.Param, build func(g *nn.Graph) (*gorgonia.Node, error), cfg Config) (err error) {
	if err := cfg.check(params, build == nil); err != nil {
		return errors.WithMessage(err, "gradcheck")
	}
	g := nn.NewGraph(nn.Train)
	loss, err := build(g)
	if err != nil {
		return errors.WithMessage(err, "gradcheck: build")
	}
	p, err := nn.Compile(g, nn.Outputs{Loss: loss, Wrt: params})
	if err != nil {
		return errors.WithMessage(err, "gradcheck")
	}
	defer func() {
		if e := p.Close(); err == nil {
			err = e
		}
	}()
	if err := p.Run(); err != nil {
		return errors.WithMessage(err, "gradcheck")
	}
	checks := make([]checker, len(params)) // before the next run overwrites the gradients
	for i, q := range params {
		grad, err := p.Grad(q)
		if err != nil {
			return errors.WithMessage(err, "gradcheck")
		}
		checks[i] = checker{Config: cfg, program: p, at: p.Loss(), param: q,
			grad: append([]float64(nil), grad.Float64s()...)}
	}
	for _, c := range checks {
		if err := c.run(); err != nil {
			return errors.WithMessagef(err, "gradcheck: parameter %q", c.param.Name)
		}
	}
	return nil
}

const mostDirections = 1 << 16

func (c *Config) check(params []*nn.Param, none bool) error {
	if len(params) == 0 || none {
		return errors.Errorf("%d parameters, no function to build the loss: %t; want both", len(params), none)
	}
	for i, p := range params {
		if p == nil || p.Value == nil || p.Value.Dtype() != tensor.Float64 {
			return errors.Errorf("parameter %d of %d is nil, or not float64: make the model in float64 for the check",
				i+1, len(params))
		}
	}
	if c.Directions < 0 || c.Directions > mostDirections || !(c.Step >= 0) || !(c.Tol >= 0) ||
		math.IsInf(c.Step+c.Tol, 1) {
		return errors.Errorf("%d directions, a step of %v and a tolerance of %v, want them finite, 0 (the default) "+
			"or above, and at most %d directions", c.Directions, c.Step, c.Tol, mostDirections)
	}
	if c.Directions == 0 {
		c.Directions = 4
	}
	if c.Step == 0 {
		c.Step = 1e-5
	}
	if c.Tol == 0 {
		c.Tol = 1e-6
	}
	return nil
}

// A checker is about one parameter.
type checker struct {
	Config
	program *nn.Program
	param   *nn.Param
	grad    []float64
	at      float64 // the loss at the parameters
}

func (c *checker) run() error {
	x := c.param.Value.Float64s()
	was := append([]float64(nil), x...)
	defer copy(x, was)
	rng := nn.Rand(c.Seed, c.param.Name)
	v := make([]float64, len(x))
	for d := range c.Directions {
		var want, size float64
		for i := range v {
			v[i] = rng.NormFloat64()
			want += c.grad[i] * v[i]
			size += math.Abs(c.grad[i] * v[i])
		}
		var loss [2]float64
		for side, h := range []float64{c.Step, -c.Step} {
			for i := range x {
				x[i] = was[i] + h*v[i]
			}
			if err := c.program.Run(); err != nil {
				return err
			}
			loss[side] = c.program.Loss()
		}
		got := (loss[0] - loss[1]) / (2 * c.Step)
		rounding := 100 * 0x1p-52 * math.Abs(c.at) / c.Step // of the difference
		if !(math.Abs(got-want) <= c.Tol*max(size, math.Abs(got))+rounding) {
			return errors.Errorf("along direction %d of %d the gradient is %.9g, but the loss changes by %.9g", d+1,
				c.Directions, want, got)
		}
	}
	return nil
}
