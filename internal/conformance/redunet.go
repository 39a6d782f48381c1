package conformance

import (
	"context"
	"math"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/coding"
	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/metrics"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/redunet"
	"github.com/whitebox-nn/whitebox/train"
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
	err := numbers(r.Params, map[string]*float64{"layers": &depth, "eta": &eta, "eps_squared": &eps2, "lambda_": &lambda, "num_classes": &classes})
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

// A construction is a network with what it was constructed by.
type construction struct {
	cfg     redunet.Config
	net     *models.ReduNet
	history []redunet.Rates
}

func (c *construction) build(x []float64, labels []int) error {
	set, err := data.New(x, 1, c.cfg.Net.Shape, labels, c.cfg.Net.Classes)
	if err != nil {
		return err
	}
	c.net, c.history, err = redunet.Build(context.Background(), set, c.cfg)
	return err
}

// shares compares γ, which the reference may have in float32.
func (c *construction) shares(r *Reference) ([]comparison, error) {
	gamma, err := nn.Floats(nil, c.net.Layers()[0].Params()[2].Value)
	if err != nil {
		return nil, err
	}
	for i, v := range gamma {
		if roundedShares(r) {
			gamma[i] = float64(float32(v))
		}
	}
	return r.with(nil, "gamma", gamma)
}

// adopt gives the network the reference's γ where that is rounded, which moves every
// feature by 1e-8 of its length a layer, and constructs the matrices again from the
// features as they then are.
func (c *construction) adopt(r *Reference, x []float64, labels []int) error {
	if !roundedShares(r) {
		return nil
	}
	for _, l := range c.net.Layers() {
		if err := nn.SetFloats(l.Params()[2].Value, r.Tensors["gamma"].Data); err != nil {
			return err
		}
	}
	set, err := data.New(x, 1, c.cfg.Net.Shape, labels, c.cfg.Net.Classes)
	if err != nil {
		return err
	}
	const all = 1 - 0x1p-53 // of the new matrices, and the γ that is there: Update with τ = 1 would replace it
	c.history, err = redunet.Update(context.Background(), c.net, set, c.cfg, all)
	return err
}

// A layerOutput is the features after a layer and the memberships that it used.
type layerOutput struct{ z, pi *mat.Dense }

// features returns what each layer makes of n samples.
func (c *construction) features(x []float64, n int) (out []layerOutput, err error) {
	set, err := data.New(x, 1, c.cfg.Net.Shape, make([]int, n), 1)
	if err != nil {
		return nil, err
	}
	collector, err := train.NewCollector(func(g *nn.Graph, x *gorgonia.Node) (all gorgonia.Nodes, err error) {
		z, err := c.net.Enter(g, x)
		if err != nil {
			return nil, err
		}
		for _, l := range c.net.Layers() {
			var pi *gorgonia.Node
			if z, pi, err = l.Classify(g, z, nil); err != nil {
				return nil, err
			}
			features, err := c.net.Leave(z)
			if err != nil {
				return nil, err
			}
			all = append(all, features, pi)
		}
		return all, nil
	}, c.cfg.Net.Dtype, n, set.Shape(), nn.Options{})
	if err != nil {
		return nil, err
	}
	defer collector.Close()
	all, err := collector.Collect(context.Background(), set)
	for i := 0; i+1 < len(all); i += 2 {
		out = append(out, layerOutput{all[i], all[i+1]})
	}
	return out, err
}

// rates returns R and Rᶜ of features for the classes that were estimated, with the
// shares γ of the classes, or if they are nil those of the estimated ones. The rates
// of signals are, by definition, those of the vectors of all their shifts, for a
// distortion that is T times as large, divided by T.
func (c *construction) rates(l layerOutput, gamma []float64) (whole, parts float64, err error) {
	y, err := metrics.Argmax(l.pi)
	if err != nil {
		return 0, 0, err
	}
	z, labels, period := l.z, y, 1
	if sides := c.cfg.Net.Shape[1:]; len(sides) > 0 {
		z, labels = allShifts(l.z, y, sides)
		period = len(labels) / len(y)
	}
	eps2 := c.cfg.Eps2 * float64(period)
	if whole, err = coding.Rate(z, eps2); err != nil {
		return 0, 0, err
	}
	for j := range c.cfg.Net.Classes {
		var rows []float64
		for i, own := range labels {
			if own == j {
				rows = append(rows, z.RawRowView(i)...)
			}
		}
		if len(rows) == 0 {
			continue
		}
		_, d := z.Dims()
		share := float64(len(rows)/d) / float64(len(labels))
		if gamma != nil {
			share = gamma[j]
		}
		rate, err := coding.Rate(mat.NewDense(len(rows)/d, d, rows), eps2)
		if err != nil {
			return 0, 0, err
		}
		parts += share * rate
	}
	return whole / float64(period), parts / float64(period), nil
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

// allShifts returns the rows of z, signals or images of the given sides by channel,
// in every circular shift, with their labels.
func allShifts(z *mat.Dense, labels []int, sides []int) (*mat.Dense, []int) {
	h, w := 1, sides[len(sides)-1]
	if len(sides) == 2 {
		h = sides[0]
	}
	n, d := z.Dims()
	out, y := mat.NewDense(n*h*w, d, nil), make([]int, 0, n*h*w)
	for i := range n {
		for r := range h {
			for s := range w {
				row := out.RawRowView(len(y))
				for at, v := range z.RawRowView(i) {
					c, a, b := at/(h*w), at/w%h, at%w
					row[(c*h+(a+r)%h)*w+(b+s)%w] = v
				}
				y = append(y, labels[i])
			}
		}
	}
	return out, y
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
