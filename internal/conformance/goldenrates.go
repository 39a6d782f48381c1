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
	p := r.Params
	columns, err := p.matrix("Z")
	if err != nil {
		return nil, err
	}
	z := transposed(columns)
	y, err := p.ints("y")
	if err != nil {
		return nil, err
	}
	var eps2, rate, classRate, reduction, length, soft float64
	err = numbers(p, map[string]*float64{"eps2": &eps2, "R_nats": &rate, "Rc_nats": &classRate, "dR_nats": &reduction, "L_bits": &length, "Rc_soft_nats": &soft})
	if err != nil {
		return nil, err
	}
	if len(y) == 0 {
		return nil, errors.New("no labels y")
	}
	k := slices.Max(y) + 1
	var cs []comparison
	for _, c := range []struct {
		name string
		want float64
		got  func() (float64, error)
	}{
		{"R_nats", rate, func() (float64, error) { return coding.Rate(z, eps2) }},
		{"Rc_nats", classRate, func() (float64, error) { return coding.ClassRate(z, y, k, eps2) }},
		{"dR_nats", reduction, func() (float64, error) { return coding.Reduction(z, y, k, eps2) }},
		{"L_bits", length, func() (float64, error) { return coding.Length(z, eps2) }},
		{"Rc_soft_nats", soft, func() (float64, error) {
			pi, err := p.matrix("Pi_soft")
			if err != nil {
				return 0, err
			}
			return coding.SoftClassRate(z, transposed(pi), eps2)
		}},
	} {
		if p[c.name] == nil {
			continue
		}
		got, err := c.got()
		if err != nil {
			return nil, errors.WithMessage(err, c.name)
		}
		cs = append(cs, comparison{c.name, []float64{got}, []float64{c.want}})
	}
	if p["grad"] == nil {
		return cs, nil
	}
	grad, err := p.matrix("grad")
	if err != nil {
		return nil, err
	}
	g, err := coding.ReductionGrad(z, y, k, eps2)
	if err != nil {
		return nil, err
	}
	cs = append(cs, comparison{"grad", g.RawMatrix().Data, transposed(grad).RawMatrix().Data})
	onGraph, err := mcr2(asLoss(z, transposed(grad), y, k, eps2, rate, classRate), dt)
	return append(cs, onGraph...), err
}

// asLoss returns the case as one of the loss, −ΔR.
func asLoss(z, grad *mat.Dense, y []int, k int, eps2, rate, classRate float64) *Reference {
	labels := Tensor{Shape: []int{len(y)}}
	for _, v := range y {
		labels.Data = append(labels.Data, float64(v))
	}
	grad.Scale(-1, grad)
	return &Reference{
		Name: "coding_rate",
		Params: Params{
			"eps_squared": json.RawMessage(strconv.FormatFloat(eps2, 'g', -1, 64)), "num_classes": json.RawMessage(strconv.Itoa(k)),
			"gamma1": json.RawMessage("1"), "gamma2": json.RawMessage("1"),
		},
		Tensors: map[string]Tensor{
			"Z": tensorOf(z), "labels": labels, "grad_Z": tensorOf(grad), "loss": scalar(classRate - rate),
			"R": scalar(rate), "R_empirical": scalar(rate), "Rc": scalar(classRate), "Rc_empirical": scalar(classRate),
		},
	}
}
