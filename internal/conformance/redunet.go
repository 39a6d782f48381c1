package conformance

import (
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/coding"
	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/metrics"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/redunet"
	"github.com/whitebox-nn/whitebox/train"
)

// A construction is a network with what it was constructed by.
type construction struct {
	cfg redunet.Config
	net *models.ReduNet
	set *data.Set
}

// construct builds the network of a case from its samples and labels.
func (b *bench) construct() (c construction) {
	x, labels := b.tensor("X"), ints(b.tensor("labels", "y").Data)
	if len(x.Shape) < 2 || len(labels) != x.Shape[0] {
		fail("%d labels for samples %v", len(labels), x.Shape)
	}
	c.cfg = redunet.Config{Eps2: b.number(0, "eps_squared", "eps2"), Net: models.ReduNetConfig{
		Shape: x.Shape[1:], Classes: b.whole(slices.Max(labels)+1, "num_classes"), Layers: b.whole(0, "layers"),
		Eta: b.number(0, "eta"), Lambda: b.number(0, "lambda_", "lmbda"), Dtype: b.dt,
	}}
	c.set = must(data.New(x.Data, 1, c.cfg.Net.Shape, labels, c.cfg.Net.Classes))
	var err error
	c.net, _, err = redunet.Build(context.Background(), c.set, c.cfg)
	build.Check(err)
	return c
}

// reduNet is a network that the authors' PyTorch code constructs: its matrices, what
// it makes of the training samples and of others, and the rates after each layer,
// which are of the classes that the layer takes the samples for.
func reduNet(b *bench) {
	c := b.construct()
	c.adoptShares(b)
	for i, of := range []string{"first", "last"} {
		params := c.net.Layers()[i*(len(c.net.Layers())-1)].Params()
		for j, name := range []string{"E_" + of, "C_" + of} {
			want := b.tensor(name)
			if want.Re != nil {
				want.Data = byFrequency(want, len(c.cfg.Net.Shape)-1, j == 1)
			}
			b.found = append(b.found, comparison{name, getFloats(params[j].Value), want.Data})
		}
	}
	layers := c.features(b.tensor("X"))
	whole, parts, delta := c.history(layers, nil)
	b.equal("R", whole...)
	b.equal("Rc", parts...)
	b.equal("delta_R", delta...)
	b.equal("Z", last(layers)...)
	b.equal("Z_test", last(c.features(b.tensor("X_test")))...)
}

// goldenReduNet is a network that the authors' NumPy code constructs, on vectors or
// on signals: its rates after each layer, of the classes that the layer takes the
// samples for with the shares of the true ones, its features, and those of other
// samples; the matrices of the first layer; and the imaginary part of the features,
// which here are real.
func goldenReduNet(b *bench) {
	c, x := b.construct(), b.tensor("X")
	layers := c.features(x)
	first := c.net.Layers()[0].Params() // E, C, γ
	whole, parts, delta := c.history(layers, getFloats(first[2].Value))
	got := map[string][]float64{"loss_total": delta, "loss_expd": whole, "loss_comp": parts}
	for name, want := range setting(b.Reference, map[string][]float64{}, "loss") {
		b.found = append(b.found, comparison{name, got[name], want})
	}
	b.expect("E0", getFloats(first[0].Value)...)
	b.expect("C0", getFloats(first[1].Value)...)
	b.expect("imag_max", 0)
	b.expect("Z_train", last(layers)...)
	if b.has("Z_test") != "" {
		b.equal("Z_test", last(c.features(b.tensor("X_test")))...)
	}
	near := slices.Clone(x.Data[:len(x.Data)/x.Shape[0]])
	for i, v := range near {
		near[i] = 1.1*v + 0.05
	}
	b.expect("Z_test_of_1p1x0_plus_0p05", last(c.features(Tensor{Shape: []int{1}, Data: near}))...)
}

// adoptShares compares γ, which the reference may have in float32. The network then
// gets the reference's, which moves every feature by 1e-8 of its length a layer, and the
// matrices are constructed again from the features as they then are.
func (c *construction) adoptShares(b *bench) {
	gamma, n := getFloats(c.net.Layers()[0].Params()[2].Value), float64(c.set.Len())
	if !slices.ContainsFunc(b.tensor("gamma").Data, func(g float64) bool {
		return math.Abs(g*n-math.Round(g*n)) > 1e-12*n
	}) {
		b.equal("gamma", gamma...)
		return
	}
	for i, v := range gamma {
		gamma[i] = float64(float32(v))
	}
	b.equal("gamma", gamma...)
	for _, l := range c.net.Layers() {
		setFloats(l.Params()[2].Value, b.tensor("gamma").Data)
	}
	const all = 1 - 0x1p-53 // of the new matrices, and the γ that is there: Update with τ = 1 would replace it
	must(redunet.Update(context.Background(), c.net, c.set, c.cfg, all))
}

// A layerOutput is the features after a layer and the memberships that it used.
type layerOutput struct{ z, pi *mat.Dense }

// last returns the features after the last layer.
func last(layers []layerOutput) []float64 { return elements(layers[len(layers)-1].z) }

// features returns what each layer makes of samples.
func (c *construction) features(x Tensor) (out []layerOutput) {
	n := x.Shape[0]
	set := must(data.New(x.Data, 1, c.cfg.Net.Shape, make([]int, n), 1))
	predictor := must(train.NewPredictor(func(g *nn.Graph, x *gorgonia.Node) (all gorgonia.Nodes, err error) {
		defer build.Catch(&err, "layers")
		z := must(c.net.Enter(g, x))
		for _, l := range c.net.Layers() {
			next, pi, err := l.Classify(g, z, nil)
			build.Check(err)
			z = next
			all = append(all, must(c.net.Leave(z)), pi)
		}
		return all, nil
	}, c.cfg.Net.Dtype, n, set.Shape(), nn.Options{}))
	defer predictor.Close()
	for pair := range slices.Chunk(must(predictor.Collect(context.Background(), set)), 2) {
		out = append(out, layerOutput{pair[0], pair[1]})
	}
	return out
}

// history returns R, Rᶜ and ΔR after each layer, see rates.
func (c *construction) history(layers []layerOutput, gamma []float64) (whole, parts, delta []float64) {
	for _, l := range layers {
		r, rc := c.rates(l, gamma)
		whole, parts, delta = append(whole, r), append(parts, rc), append(delta, r-rc)
	}
	return whole, parts, delta
}

// rates returns R and Rᶜ of features for the classes that were estimated, with the
// shares γ of the classes, or if they are nil those of the estimated ones. The rates
// of signals are, by definition, those of the vectors of all their shifts, for a
// distortion that is T times as large, divided by T.
func (c *construction) rates(l layerOutput, gamma []float64) (whole, parts float64) {
	y := must(metrics.Argmax(l.pi))
	z, labels, period := l.z, y, 1
	if sides := c.cfg.Net.Shape[1:]; len(sides) > 0 {
		z, labels = allShifts(l.z, y, sides)
		period = len(labels) / len(y)
	}
	eps2, t := c.cfg.Eps2*float64(period), float64(period)
	_, d := z.Dims()
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
		share := float64(len(rows)/d) / float64(len(labels))
		if gamma != nil {
			share = gamma[j]
		}
		parts += share * must(coding.Rate(mat.NewDense(len(rows)/d, d, rows), eps2))
	}
	return must(coding.Rate(z, eps2)) / t, parts / t
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
		for shift := range h * w {
			row := out.RawRowView(len(y))
			for at, v := range z.RawRowView(i) {
				c, a, b := at/(h*w), at/w%h, at%w
				row[(c*h+(a+shift/w)%h)*w+(b+shift%w)%w] = v
			}
			y = append(y, labels[i])
		}
	}
	return out, y
}

// byFrequency returns complex matrices (k×)C×C×frequencies, over the given number of
// axes, as ours are: (k×)f×2×C×C, without the frequencies whose conjugates are there.
func byFrequency(t Tensor, axes int, classes bool) (out []float64) {
	shape, k := t.Shape, 1
	if classes {
		k, shape = shape[0], shape[1:]
	}
	c, h, w := shape[0], shape[2], 1
	if axes == 2 {
		w = shape[3]
	}
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
