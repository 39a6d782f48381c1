package conformance

import (
	"fmt"
	"strings"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/nn"
)

// lista is an unrolled network: the code after each layer, and the gradients of
// Σ z_T∘G by its parameters.
//
// The names of the parameters are those of the definitions: theta_t, alpha_t and
// W_t of layer t, counted from 0, or theta, alpha and W of all; B of all or B_t.
func lista(b *bench) {
	depth := b.whole(0, "layers", "T")
	for !b.set("layers") && !b.set("T") && b.has(fmt.Sprintf("z_%d", depth+1)) != "" {
		depth++
	}
	net := b.unrolled(depth)
	b.adopt(net.Params())
	add := b.given
	if b.has("grad_X") != "" {
		add = b.in
	}
	x := add("X")
	zs := must(net.Iterate(b.g, x, depth))
	var loss *gorgonia.Node
	if b.has("G") != "" && len(b.wrt) > 0 {
		loss = b.weighted(zs[len(zs)-1])
	}
	var values []want
	for i, z := range zs {
		values = append(values, want{z, fmt.Sprintf("z_%d", i+1)})
	}
	b.compare(loss, "grad_", values...)
	if b.dt == tensor.Float32 {
		b.found = joined(b.found)
	}
}

// unrolled returns the network of the case, with its own parameters.
func (b *bench) unrolled(depth int) (net layers.Unrolled) {
	cfg := layers.UnrollConfig{Name: "net", A: b.matrix("A"), Layers: depth, Lambda: b.number(0, "lambda_", "lambda"),
		Scale: b.number(0, "scale"), Dtype: b.dt}
	sel := layers.Selection{P: b.number(0, "p"), Max: b.number(0, "p_max", "maxp")}
	if sel.P == 0 || sel.Max == 0 {
		sel = layers.Selection{}
	}
	vector := len(b.Tensors[b.has("theta_0", "theta")].Data) > 1
	untied := b.has("W_0", "W_1") != ""
	var err error
	switch kind, _, _ := strings.Cut(b.text(strings.TrimPrefix(b.Name, "lista_"), "kind"), "_"); kind {
	case "gregor", "lista", "ss":
		net, err = layers.NewLISTA(layers.LISTAConfig{UnrollConfig: cfg, Select: sel, VectorTheta: vector,
			Untied: untied, UntiedB: b.has("B_0") != ""})
	case "cp", "cpss":
		net, err = layers.NewLISTACP(layers.LISTACPConfig{UnrollConfig: cfg, Select: sel, VectorTheta: vector,
			Untied: untied})
	case "ti", "tilista":
		net, err = layers.NewTiLISTA(layers.TiLISTAConfig{UnrollConfig: cfg, Select: sel})
	case "alista":
		var w *mat.Dense // the layer computes it, or the file has it as n×m
		if b.has("W_analytic", "W") != "" {
			w = transposed(b.matrix("W_analytic", "W"))
		}
		net, err = layers.NewALISTA(layers.ALISTAConfig{UnrollConfig: cfg, Select: sel, W: w})
	case "step":
		net, err = layers.NewStepLISTA(layers.StepLISTAConfig{UnrollConfig: cfg})
	default:
		err = ErrUnsupported
	}
	build.Check(err)
	return net
}

// nameOf returns the name in the file of a parameter of the network, whose own are
// net.b, net.w, net.layer3.theta and so on.
func (b *bench) nameOf(p *nn.Param) string {
	layer, part, ok := strings.Cut(strings.TrimPrefix(p.Name, "net.layer"), ".")
	if !ok || strings.HasPrefix(layer, "net") {
		layer, part = "", strings.TrimPrefix(p.Name, "net.")
	}
	if part == "w" || part == "b" {
		part = strings.ToUpper(part)
	}
	t := 0
	if _, err := fmt.Sscan(layer, &t); err != nil {
		return part
	}
	if own := fmt.Sprintf("%s_%d", part, t-1); b.has(own) != "" { // they count from 0
		return own
	}
	return part
}

// adopt sets the parameters that the file has, and differentiates by those whose
// gradient it has; others stay as the network starts.
func (b *bench) adopt(params []*nn.Param) {
	for _, p := range params {
		name := b.nameOf(p)
		grad := b.has("grad_"+name) != ""
		if t, ok := b.Tensors[name]; ok {
			setFloats(p.Value, t.Data)
		} else if grad {
			fail("%s has a gradient but no value", name)
		}
		if grad {
			b.wrt, b.name = append(b.wrt, p), append(b.name, name)
		}
	}
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
