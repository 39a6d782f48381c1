package conformance

import (
	"math"

	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/redunet"
)

// reduNet is a network that the authors' PyTorch code constructs: its matrices, what
// it makes of the training samples and of others, and the rates after each layer,
// which are of the classes that the layer takes the samples for.
func reduNet(r *Reference, dt tensor.Dtype) ([]comparison, error) {
	x, err := r.tensor("X")
	if err != nil {
		return nil, err
	}
	c, cs, err := constructed(r, x, dt)
	if err != nil {
		return nil, err
	}
	if cs, err = c.weights(r, cs); err != nil {
		return nil, err
	}
	layers, err := c.features(x.Data, x.Shape[0])
	if err != nil {
		return nil, err
	}
	if cs, err = c.byLayer(r, cs, layers); err != nil {
		return nil, err
	}
	if cs, err = r.with(cs, "Z", layers[len(layers)-1].z.RawMatrix().Data); err != nil {
		return nil, err
	}
	test, err := r.tensor("X_test")
	if err != nil {
		return nil, err
	}
	if layers, err = c.features(test.Data, test.Shape[0]); err != nil {
		return nil, err
	}
	return r.with(cs, "Z_test", layers[len(layers)-1].z.RawMatrix().Data)
}

// constructed returns the network of the case, with the reference's γ, and the
// comparison of γ.
func constructed(r *Reference, x Tensor, dt tensor.Dtype) (*construction, []comparison, error) {
	var depth, eta, eps2, lambda, classes float64
	err := numbers(r.Params, map[string]*float64{"layers": &depth, "eta": &eta, "eps_squared": &eps2,
		"lambda_": &lambda, "num_classes": &classes})
	if err != nil {
		return nil, nil, err
	}
	y, err := r.tensor("labels")
	if err != nil {
		return nil, nil, err
	}
	labels := make([]int, len(y.Data))
	for i, v := range y.Data {
		labels[i] = int(v)
	}
	c := &construction{cfg: redunet.Config{Eps2: eps2, Net: models.ReduNetConfig{
		Shape: x.Shape[1:], Classes: int(classes), Layers: int(depth), Eta: eta, Lambda: lambda, Dtype: dt,
	}}}
	if err := c.build(x.Data, labels); err != nil {
		return nil, nil, err
	}
	cs, err := c.shares(r)
	if err != nil {
		return nil, nil, err
	}
	return c, cs, c.adopt(r, x.Data, labels)
}

// byLayer compares the rates after each layer.
func (c *construction) byLayer(r *Reference, cs []comparison, layers []layerOutput) ([]comparison, error) {
	rates := map[string][]float64{}
	for _, l := range layers {
		whole, parts, err := c.rates(l, nil)
		if err != nil {
			return nil, err
		}
		rates["R"], rates["Rc"] = append(rates["R"], whole), append(rates["Rc"], parts)
		rates["delta_R"] = append(rates["delta_R"], whole-parts)
	}
	for name, got := range rates {
		var err error
		if cs, err = r.with(cs, name, got); err != nil {
			return nil, err
		}
	}
	return cs, nil
}

// with appends the comparison with a real tensor of the reference.
func (r *Reference) with(cs []comparison, name string, got []float64) ([]comparison, error) {
	t, err := r.tensor(name)
	return append(cs, comparison{name, got, t.Data}), err
}

// complexWeights reports weights in the Fourier domain, which the reference computes
// in complex64.
func complexWeights(r *Reference) bool { return r.Tensors["E_first"].Re != nil }

// roundedShares reports shares γ of the classes that are not n_j/n, for the reference
// has them in float32.
func roundedShares(r *Reference) bool {
	n := float64(len(r.Tensors["labels"].Data))
	for _, g := range r.Tensors["gamma"].Data {
		if math.Abs(g*n-math.Round(g*n)) > 1e-12*n {
			return true
		}
	}
	return false
}

// weights appends the comparisons of E and C of the first and the last layer.
func (c *construction) weights(r *Reference, cs []comparison) ([]comparison, error) {
	layers := c.net.Layers()
	for _, l := range []struct {
		of     string
		params []*nn.Param
	}{{"first", layers[0].Params()}, {"last", layers[len(layers)-1].Params()}} {
		for i, name := range []string{"E_" + l.of, "C_" + l.of} {
			got, err := nn.Floats(nil, l.params[i].Value)
			if err != nil {
				return nil, err
			}
			want, err := r.tensor(name)
			if err != nil {
				return nil, err
			}
			ref := want.Data
			if want.Re != nil {
				ref = byFrequency(want, len(c.cfg.Net.Shape)-1, i == 1)
			}
			cs = append(cs, comparison{name, got, ref})
		}
	}
	return cs, nil
}

// byFrequency returns complex matrices (k×)C×C×frequencies, over the given number of
// axes, as ours are: (k×)f×2×C×C, without the frequencies whose conjugates are there.
func byFrequency(t Tensor, axes int, classes bool) []float64 {
	shape := t.Shape
	k := 1
	if classes {
		k, shape = shape[0], shape[1:]
	}
	c, h, w := shape[0], shape[2], 1
	if axes == 2 {
		w = shape[3]
	}
	var out []float64
	for j := range k {
		for p := range (h/2 + 1) * w {
			for _, part := range [][]float64{t.Re, t.Im} {
				for i := range c * c {
					out = append(out, part[(j*c*c+i)*h*w+p])
				}
			}
		}
	}
	return out
}
