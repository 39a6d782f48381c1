package conformance

import (
	"encoding/json"
	"slices"
	"strconv"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/coding"
)

// goldenRates is a case of coding rates with samples as columns: all of it by
// package coding, R, Rᶜ, ΔR and its gradient also by the graph.
func goldenRates(r *Reference, dt tensor.Dtype) ([]comparison, error) {
	c, err := r.Params.rates()
	if err != nil {
		return nil, err
	}
	cs, err := c.values(r.Params)
	if err != nil || r.Params["grad"] == nil {
		return cs, err
	}
	grad, err := r.Params.matrix("grad")
	if err != nil {
		return nil, err
	}
	got, err := coding.ReductionGrad(c.z, c.y, c.k, c.eps2)
	if err != nil {
		return nil, err
	}
	cs = append(cs, comparison{"grad", got.RawMatrix().Data, transposed(grad).RawMatrix().Data})
	loss, err := c.asLoss(r.Params, transposed(grad))
	if err != nil {
		return nil, err
	}
	onGraph, err := mcr2(loss, dt)
	return append(cs, onGraph...), err
}

// A rateCase is n features as rows with their labels in [0, k).
type rateCase struct {
	z    *mat.Dense
	y    []int
	k    int
	eps2 float64
}

func (p Params) rates() (c rateCase, err error) {
	columns, err := p.matrix("Z")
	if err != nil {
		return c, err
	}
	c.z = transposed(columns)
	if c.y, err = p.ints("y"); err != nil {
		return c, err
	}
	if len(c.y) == 0 {
		return c, errors.New("no labels y")
	}
	c.k = slices.Max(c.y) + 1
	c.eps2, err = p.Float("eps2", 0)
	return c, err
}

// values compares the numbers that p has.
func (c rateCase) values(p Params) (cs []comparison, err error) {
	for _, v := range []struct {
		name string
		got  func() (float64, error)
	}{
		{"R_nats", func() (float64, error) { return coding.Rate(c.z, c.eps2) }},
		{"Rc_nats", func() (float64, error) { return coding.ClassRate(c.z, c.y, c.k, c.eps2) }},
		{"dR_nats", func() (float64, error) { return coding.Reduction(c.z, c.y, c.k, c.eps2) }},
		{"L_bits", func() (float64, error) { return coding.Length(c.z, c.eps2) }},
		{"Rc_soft_nats", func() (float64, error) {
			pi, err := p.matrix("Pi_soft")
			if err != nil {
				return 0, err
			}
			return coding.SoftClassRate(c.z, transposed(pi), c.eps2)
		}},
	} {
		if p[v.name] == nil {
			continue
		}
		want, err := p.Float(v.name, 0)
		if err != nil {
			return nil, err
		}
		got, err := v.got()
		if err != nil {
			return nil, errors.WithMessage(err, v.name)
		}
		cs = append(cs, comparison{v.name, []float64{got}, []float64{want}})
	}
	return cs, nil
}

// asLoss returns the case as one of the loss, −ΔR, with the gradient of ΔR.
func (c rateCase) asLoss(p Params, grad *mat.Dense) (*Reference, error) {
	var rate, classRate float64
	if err := numbers(p, map[string]*float64{"R_nats": &rate, "Rc_nats": &classRate}); err != nil {
		return nil, err
	}
	labels := Tensor{Shape: []int{len(c.y)}, Data: floatsOf(c.y)}
	grad.Scale(-1, grad)
	return &Reference{
		Name: "coding_rate",
		Params: Params{
			"eps_squared": json.RawMessage(strconv.FormatFloat(c.eps2, 'g', -1, 64)),
			"num_classes": json.RawMessage(strconv.Itoa(c.k)),
			"gamma1":      json.RawMessage("1"), "gamma2": json.RawMessage("1"),
		},
		Tensors: map[string]Tensor{
			"Z": tensorOf(c.z), "labels": labels, "grad_Z": tensorOf(grad), "loss": scalar(classRate - rate),
			"R": scalar(rate), "R_empirical": scalar(rate), "Rc": scalar(classRate), "Rc_empirical": scalar(classRate),
		},
	}, nil
}
