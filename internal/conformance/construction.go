package conformance

import (
	"context"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/coding"
	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/metrics"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/redunet"
	"github.com/whitebox-nn/whitebox/train"
)

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
	collector, err := train.NewPredictor(func(g *nn.Graph, x *gorgonia.Node) (all gorgonia.Nodes, err error) {
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
