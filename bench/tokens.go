package main

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/activation"
	"github.com/whitebox-nn/whitebox/nn/attention"
	"github.com/whitebox-nn/whitebox/optim"
)

// transformers are functions of one number, softmax, attention, and steps of networks of
// tokens.
func transformers(of func(int) int) []workload {
	million := of(1000) * of(1000)
	ws := []workload{
		values("gelu_1e6", activation.GELU, million),
		values("silu_1e6", activation.SiLU, million),
		values("tanh_1e6", nn.Tanh, million),
		values("exp_1e6", nn.Exp, million),
		values("softmax_4096x256", nn.Softmax, of(4096), 256),
		attentions("attention_b64_n65_d384_h6", of(64), 65, false),
		attentions("attention_b8_n512_d384_h6", of(8), of(512), false),
		attentions("attention_causal_b8_n512_d384_h6", of(8), of(512), true),
	}
	mnist := models.TransformerConfig{Image: 28, Channels: 1, Patch: 7, Classes: 10, Dim: 4 * of(16), Depth: 4,
		Heads: 4}
	tiny := models.TransformerConfig{Image: 64, Patch: 8, Classes: 10, Dim: 6 * of(64), Depth: of(12), Heads: 6}
	return append(ws,
		transformerStep("vit_mnist_step", mnist, of(128), 2e-3, models.NewViT),
		transformerStep("crate_mnist_step", mnist, of(128), 2e-3, models.NewCRATE),
		transformerStep("crate_alpha_mnist_step", mnist, of(128), 2e-3, models.NewCRATEAlpha),
		transformerStep("tost_mnist_step", mnist, of(128), 2e-3, models.NewToST),
		transformerStep("crate_tiny_step", tiny, of(32), 2e-4, models.NewCRATE),
	)
}

// values is a function of normal draws, without a gradient.
func values(name string, f func(x *gorgonia.Node) (*gorgonia.Node, error), shape ...int) workload {
	return workload{name: name, runs: 15, prepare: func(o nn.Options) (run, free func() error, err error) {
		defer build.Catch(&err, "build")
		g := nn.NewGraph(nn.Eval)
		x := build.Must(g.Bind(build.Must(parameter("x", shape...))))
		build.Check(g.Probe("y", build.Must(f(x))))
		return program(nn.Compile(g, nn.Outputs{}, o))
	}}
}

// attentions is attention of b sequences of n tokens of 384 numbers, 6 heads, forward and
// backward; q, k and v lie as one projection leaves them.
func attentions(name string, b, n int, causal bool) workload {
	return workload{name: name, prepare: func(o nn.Options) (run, free func() error, err error) {
		defer build.Catch(&err, "build")
		g := nn.NewGraph(nn.Train)
		qkv := build.Must(parameter("qkv", b, n, 3*384))
		y := build.Must(attention.QKV(build.Must(g.Bind(qkv)), attention.Options{Heads: 6, Causal: causal}))
		loss := build.Must(nn.Sum(build.Must(nn.Mul(y, build.Must(normal(g, "G", b, n, 384))))))
		return program(nn.Compile(g, nn.Outputs{Loss: loss, Wrt: []*nn.Param{qkv}}, o))
	}}
}

// transformerStep is one step of Adam on the cross-entropy of a network of tokens.
func transformerStep[L layers.Layer](
	name string, c models.TransformerConfig, batch int, rate float64, newL func(models.TransformerConfig) (L, error),
) workload {
	return workload{name: fmt.Sprintf("%s_b%d", name, batch),
		prepare: func(o nn.Options) (run, free func() error, err error) {
			defer build.Catch(&err, "build")
			m := build.Must(newL(c))
			channels := c.Channels
			if channels == 0 {
				channels = 3
			}
			g := nn.NewGraph(nn.Train)
			x := build.Must(normal(g, "x", batch, channels, c.Image, c.Image))
			loss := build.Must(losses.CrossEntropy{}.Loss(g, build.Must(m.Forward(g, x)), build.Must(labels(g, batch,
				10))))
			p := build.Must(nn.Compile(g, nn.Outputs{Loss: loss, Wrt: m.Params()}, o))
			opt := build.Must(optim.NewAdam(m.Params(), optim.Constant(rate), optim.Adam{}))
			return func() error {
				if err := p.Run(); err != nil {
					return err
				}
				return opt.Step(p.Grads())
			}, p.Close, nil
		}}
}
