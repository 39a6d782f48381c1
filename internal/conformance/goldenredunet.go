package conformance

import (
	"encoding/json"
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/redunet"
)

// goldenReduNet is a network that the authors' NumPy code constructs, on vectors or
// on signals: its rates after each layer, of the classes that the layer takes the
// samples for with the shares of the true ones, its features, and those of other
// samples.
func goldenReduNet(r *Reference, dt tensor.Dtype) ([]comparison, error) {
	p := r.Params
	x, shape, err := p.array("X")
	if err != nil {
		return nil, err
	}
	c, err := p.construct(x, shape, dt)
	if err != nil {
		return nil, err
	}
	layers, err := c.features(x, shape[0])
	if err != nil {
		return nil, err
	}
	cs, err := c.goldenRates(p, layers)
	if err != nil {
		return nil, err
	}
	for _, of := range []struct {
		features string
		samples  func() ([]float64, []int, error)
	}{
		{"Z_train", func() ([]float64, []int, error) { return x, shape, nil }},
		{"Z_test", func() ([]float64, []int, error) { return p.array("X_test") }},
		{"Z_test_of_1p1x0_plus_0p05", func() ([]float64, []int, error) {
			return nearFirst(x, shape[0]), []int{1},
				nil
		}},
	} {
		if p[of.features] == nil {
			continue
		}
		samples, s, err := of.samples()
		if err != nil {
			return nil, err
		}
		layers, err := c.features(samples, s[0])
		if err != nil {
			return nil, err
		}
		want, _, err := p.array(of.features)
		if err != nil {
			return nil, err
		}
		cs = append(cs, comparison{of.features, layers[len(layers)-1].z.RawMatrix().Data, want})
	}
	return cs, nil
}

// construct builds the network of a case from its samples and labels.
func (p Params) construct(x []float64, shape []int, dt tensor.Dtype) (*construction, error) {
	y, err := p.ints("y")
	if err != nil {
		return nil, err
	}
	if len(shape) < 2 || len(y) != shape[0] {
		return nil, errors.Errorf("%d labels for samples %v", len(y), shape)
	}
	var eta, eps2, lambda float64
	if err := numbers(p, map[string]*float64{"eta": &eta, "eps2": &eps2, "lmbda": &lambda}); err != nil {
		return nil, err
	}
	depth, err := get(p, "layers", 0)
	if err != nil {
		return nil, err
	}
	c := &construction{cfg: redunet.Config{Eps2: eps2, Net: models.ReduNetConfig{
		Shape: shape[1:], Classes: slices.Max(y) + 1, Layers: depth, Eta: eta, Lambda: lambda, Dtype: dt,
	}}}
	return c, c.build(x, y)
}

// nearFirst returns 1.1 x₀ + 0.05, for the first of n samples.
func nearFirst(x []float64, n int) []float64 {
	first := slices.Clone(x[:len(x)/n])
	for i, v := range first {
		first[i] = 1.1*v + 0.05
	}
	return first
}

// goldenRates compares the rates, the matrices of the first layer, and the imaginary
// part of the features, which here are real.
func (c *construction) goldenRates(p Params, layers []layerOutput) ([]comparison, error) {
	first := c.net.Layers()[0].Params() // E, C, γ
	gamma, err := nn.Floats(nil, first[2].Value)
	if err != nil {
		return nil, err
	}
	cs, err := c.goldenLoss(p, layers, gamma)
	if err != nil {
		return nil, err
	}
	for i, name := range []string{"E0", "C0"} {
		if p[name] == nil {
			continue
		}
		want, _, err := p.array(name)
		if err != nil {
			return nil, err
		}
		w, err := nn.Floats(nil, first[i].Value)
		if err != nil {
			return nil, err
		}
		cs = append(cs, comparison{name, w, want})
	}
	if p["imag_max"] != nil {
		want, err := p.Float("imag_max", 0)
		return append(cs, comparison{"imag_max", []float64{0}, []float64{want}}), err
	}
	return cs, nil
}

// goldenLoss compares ΔR, R and Rᶜ after each layer.
func (c *construction) goldenLoss(p Params, layers []layerOutput, gamma []float64) (cs []comparison, err error) {
	loss, err := get[map[string][]float64](p, "loss", nil)
	if err != nil {
		return nil, err
	}
	got := map[string][]float64{}
	for _, l := range layers {
		whole, parts, err := c.rates(l, gamma)
		if err != nil {
			return nil, err
		}
		got["loss_total"] = append(got["loss_total"], whole-parts)
		got["loss_expd"] = append(got["loss_expd"], whole)
		got["loss_comp"] = append(got["loss_comp"], parts)
	}
	for name, want := range loss {
		cs = append(cs, comparison{name, got[name], want})
	}
	return cs, nil
}

// array returns nested lists of numbers, row-major, and their shape.
func (p Params) array(name string) (x []float64, shape []int, err error) {
	var v any
	if err := json.Unmarshal(p[name], &v); err != nil {
		return nil, nil, errors.Wrapf(err, "conformance: parameter %s", name)
	}
	for at := v; ; {
		list, ok := at.([]any)
		if !ok || len(list) == 0 {
			break
		}
		shape, at = append(shape, len(list)), list[0]
	}
	size := 1
	for _, s := range shape {
		size *= s
	}
	if x = flatten(nil, v); len(x) != size || len(shape) == 0 {
		return nil, nil, errors.Errorf("conformance: parameter %s has %d numbers for shape %v", name, len(x), shape)
	}
	return x, shape, nil
}

func flatten(x []float64, v any) []float64 {
	switch v := v.(type) {
	case float64:
		return append(x, v)
	case []any:
		for _, e := range v {
			x = flatten(x, e)
		}
	}
	return x
}
