package conformance

import (
	"fmt"
	"strings"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/nn"
)

// lista is an unrolled network: the code after each layer, and the gradients of
// Σ z_T∘G by its parameters.
//
// The names of the parameters are those of the definitions: theta_t, alpha_t and
// W_t of layer t, counted from 0, or theta, alpha and W of all; B of all or B_t.
func lista(r *Reference, dt tensor.Dtype) ([]comparison, error) {
	c := &unrolledCase{r: r, dt: dt}
	net, err := c.network()
	if err != nil {
		return nil, err
	}
	return c.compare(net)
}

// An unrolledCase is a reference as settings of a network.
type unrolledCase struct {
	r     *Reference
	dt    tensor.Dtype
	kind  string
	depth int
	a     Tensor
}

// network returns the network with the parameters of the case.
func (c *unrolledCase) network() (layers.Unrolled, error) {
	kind, err := get(c.r.Params, "kind", strings.TrimPrefix(c.r.Name, "lista_"))
	if err != nil {
		return nil, err
	}
	c.kind, _, _ = strings.Cut(kind, "_")
	cfg, sel, err := c.config()
	if err != nil {
		return nil, err
	}
	vector := len(c.first("theta").Data) > 1
	untied := c.has("W_0") || c.has("W_1")
	var net layers.Unrolled
	switch c.kind {
	case "gregor", "lista", "ss":
		net, err = layers.NewLISTA(layers.LISTAConfig{UnrollConfig: cfg, Select: sel, VectorTheta: vector,
			Untied: untied, UntiedB: c.has("B_0")})
	case "cp", "cpss":
		net, err = layers.NewLISTACP(layers.LISTACPConfig{UnrollConfig: cfg, Select: sel, VectorTheta: vector,
			Untied: untied})
	case "ti", "tilista":
		net, err = layers.NewTiLISTA(layers.TiLISTAConfig{UnrollConfig: cfg, Select: sel})
	case "alista":
		var w *mat.Dense
		if w, err = c.weight(); err != nil {
			return nil, err
		}
		net, err = layers.NewALISTA(layers.ALISTAConfig{UnrollConfig: cfg, Select: sel, W: w})
	case "step":
		net, err = layers.NewStepLISTA(layers.StepLISTAConfig{UnrollConfig: cfg})
	default:
		return nil, ErrUnsupported
	}
	return net, err
}

// config returns what all networks are configured by.
func (c *unrolledCase) config() (cfg layers.UnrollConfig, sel layers.Selection, err error) {
	var lambda, scale, depth float64
	err = numbers(c.r.Params, map[string]*float64{
		"layers": &depth, "T": &depth, "lambda_": &lambda, "lambda": &lambda, "scale": &scale, "p": &sel.P,
		"p_max": &sel.Max, "maxp": &sel.Max,
	})
	if err != nil {
		return cfg, sel, err
	}
	if sel.P == 0 || sel.Max == 0 {
		sel = layers.Selection{}
	}
	if c.a, err = c.r.tensor("A"); err != nil {
		return cfg, sel, err
	}
	if len(c.a.Shape) != 2 {
		return cfg, sel, errors.Errorf("A has shape %v, want m×n", c.a.Shape)
	}
	for depth == 0 && c.has(fmt.Sprintf("z_%d", c.depth+1)) {
		c.depth++
	}
	if depth > 0 {
		c.depth = int(depth)
	}
	a := mat.NewDense(c.a.Shape[0], c.a.Shape[1], c.a.Data)
	return layers.UnrollConfig{Name: "net", A: a, Layers: c.depth, Lambda: lambda, Scale: scale, Dtype: c.dt}, sel, nil
}

// weight returns the fixed weight of ALISTA, m×n; the files have it as n×m.
func (c *unrolledCase) weight() (*mat.Dense, error) {
	for _, name := range []string{"W_analytic", "W"} {
		if t, ok := c.r.Tensors[name]; ok && len(t.Shape) == 2 {
			return transposed(mat.NewDense(t.Shape[0], t.Shape[1], t.Data)), nil
		}
	}
	return nil, nil // the layer computes it
}

func (c *unrolledCase) has(name string) bool { _, ok := c.r.Tensors[name]; return ok }

// first returns the parameter of layer 0, or that of all layers.
func (c *unrolledCase) first(name string) Tensor {
	if t, ok := c.r.Tensors[name+"_0"]; ok {
		return t
	}
	return c.r.Tensors[name]
}

// reference returns the name in the file of a parameter of the network, whose own
// are net.b, net.w, net.layer3.theta and so on, and whether it is there.
func (c *unrolledCase) reference(p *nn.Param) (name string, ok bool) {
	part := strings.TrimPrefix(p.Name, "net.")
	layer := -1
	if rest, found := strings.CutPrefix(part, "layer"); found {
		if n, err := fmt.Sscanf(rest, "%d.%s", &layer, &part); n != 2 || err != nil {
			return "", false
		}
		layer-- // they count from 0
	}
	if part == "w" || part == "b" {
		part = strings.ToUpper(part)
	}
	if layer >= 0 && c.has(fmt.Sprintf("%s_%d", part, layer)) {
		return fmt.Sprintf("%s_%d", part, layer), true
	}
	return part, c.has(part)
}

// set sets the parameters that the file has, and differentiates by those whose
// gradient it has; others stay as the network starts.
func (c *unrolledCase) set(b *bench, params []*nn.Param) error {
	for _, p := range params {
		name, ok := c.reference(p)
		if !ok {
			if c.has("grad_" + name) {
				return errors.Errorf("%s has a gradient but no value", name)
			}
			continue
		}
		if err := nn.SetFloats(p.Value, c.r.Tensors[name].Data); err != nil {
			return errors.WithMessage(err, name)
		}
		if c.has("grad_" + name) {
			b.wrt, b.name = append(b.wrt, p), append(b.name, name)
		}
	}
	return nil
}

// compare sets the parameters, runs the network and compares.
func (c *unrolledCase) compare(net layers.Unrolled) ([]comparison, error) {
	b := newBench(c.r, c.dt)
	if err := c.set(b, net.Params()); err != nil {
		return nil, err
	}
	x, err := c.samples(b)
	if err != nil {
		return nil, err
	}
	zs, err := net.Iterate(b.g, x, c.depth)
	if err != nil {
		return nil, err
	}
	loss, err := c.loss(b, zs[len(zs)-1])
	if err != nil {
		return nil, err
	}
	var values []want
	for i, z := range zs {
		if name := fmt.Sprintf("z_%d", i+1); c.has(name) {
			values = append(values, want{z, name})
		}
	}
	cs, err := b.compare(loss, values, func(in string) string { return "grad_" + in })
	if c.dt == tensor.Float32 {
		cs = joined(cs)
	}
	return cs, err
}

// joined makes one vector of the gradients of the numbers of all layers. One of
// them is a sum over samples and atoms that may all but cancel, and then has the
// absolute error of its terms, whose size that of the other layers tells: in
// lista_alista it is 0.004 of terms of about 1. In float64 each is compared alone.
func joined(cs []comparison) (out []comparison) {
	at := make(map[string]int)
	for _, c := range cs {
		kind := strings.TrimRight(c.name, "0123456789")
		i, ok := at[kind]
		if len(c.want) != 1 || !ok {
			at[kind] = len(out)
			out = append(out, c)
			continue
		}
		out[i].got, out[i].want = append(out[i].got, c.got...), append(out[i].want, c.want...)
	}
	return out
}

// samples adds X, by which the gradient is compared too if the file has it.
func (c *unrolledCase) samples(b *bench) (*gorgonia.Node, error) {
	if c.has("grad_X") {
		return b.in("X")
	}
	x, err := c.r.tensor("X")
	if err != nil {
		return nil, err
	}
	return b.fixed("X", x.Data, x.Shape...)
}

// loss returns Σ z∘G, or nil if the file has no G.
func (c *unrolledCase) loss(b *bench, z *gorgonia.Node) (*gorgonia.Node, error) {
	g, ok := c.r.Tensors["G"]
	if !ok || len(b.wrt) == 0 {
		b.wrt, b.name = nil, nil
		return nil, nil
	}
	w, err := b.fixed("G", g.Data, g.Shape...)
	if err != nil {
		return nil, err
	}
	weighted, err := nn.Mul(z, w)
	if err != nil {
		return nil, err
	}
	return nn.Sum(weighted)
}
