package conformance

import (
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/layers/tokens"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
)

// transformer returns the check of a network of images, x or images, with logits out or
// logits.
func transformer[L layers.Layer](newL func(models.TransformerConfig) (L, error)) check {
	return func(b *bench) {
		x := b.given("images", "x")
		net := must(newL(models.TransformerConfig{Image: b.whole(0, "image"), Channels: x.Shape()[1],
			Patch: b.whole(0, "patch"), Classes: b.whole(0, "classes"), Dim: b.whole(0, "dim"),
			Depth: b.whole(0, "depth"), Heads: b.whole(0, "heads"), HeadDim: b.whole(0, "dim_head"),
			Step: b.number(0.1, "ista_step", "eta"), Lambda: b.number(0.1, "lambda_"), Dtype: b.dt}))
		b.authors("", net.Params())
		out := must(net.Forward(b.g, x))
		b.compare(b.weighted(out), "", want{out, b.has("logits", "out")})
	}
}

// tokenLayer returns the check of a layer of tokens that newL makes of the case's settings.
func tokenLayer[L layers.Layer](newL func(*bench, tokens.Config) (L, error)) check {
	return func(b *bench) {
		x := b.in("x")
		b.name[0] = "grad_x"
		d := x.Shape()[2]
		hidden := d * b.whole(4, "ratio")
		if b.has("w:mlp.fc1.bias") != "" {
			hidden = len(b.tensor("w:mlp.fc1.bias").Data)
		}
		l := must(newL(b, tokens.Config{Name: "net", Dim: d, Heads: b.whole(1, "heads"), Hidden: hidden,
			Length: b.whole(0, "block_size"), NoBias: !b.flag(true, "bias"), Step: b.number(0.1, "eta"),
			Lambda: b.number(0.1, "lambda_"), Dtype: b.dt}))
		b.authors("net.", l.Params())
		out := must(l.Forward(b.g, x))
		b.compare(b.weighted(out), "", want{out, "out"})
	}
}

// plain is a layer that the configuration says all of.
func plain[L layers.Layer](newL func(tokens.Config) (L, error)) check {
	return tokenLayer(func(_ *bench, c tokens.Config) (L, error) { return newL(c) })
}

// block is a block of ToST around a layer.
func block[L layers.Layer](b *bench, c tokens.Config, first func(tokens.Config) (L, error)) (*tokens.Block, error) {
	return tokens.NewBlock(tokens.BlockConfig{Config: c, Gamma: 1, Eps: b.number(1e-6, "ln_eps")}, first)
}

func tostBlock(b *bench, c tokens.Config) (*tokens.Block, error) {
	return block(b, c, tokens.NewTokenStatistics)
}

func tostClassBlock(b *bench, c tokens.Config) (*tokens.ClassBlock, error) {
	own, err := block(b, c, tokens.NewClassAttention)
	if err != nil {
		return nil, err
	}
	return &tokens.ClassBlock{Block: *own}, nil
}

// tostPosition compares the positions of an image whose rows and columns out has.
func tostPosition(b *bench) {
	t := b.tensor("out")
	l := must(tokens.NewFourierPosition(tokens.PositionConfig{Name: "net", Dim: b.whole(0, "dim"),
		Hidden: b.whole(0, "hidden"), Temperature: b.number(0, "temperature"), Dtype: b.dt}))
	b.authors("net.", l.Params())
	b.wrt, b.name = nil, nil
	out := must(l.Positions(b.g, t.Shape[2], t.Shape[3])) // HW×d
	b.compare(nil, "", want{must(nn.Transpose(out)), "out"})
}

// tostLanguageModel compares logits, loss and gradients of the loss.
func tostLanguageModel(b *bench) {
	t := b.tensor("tokens")
	net := must(models.NewLanguageModel(models.LanguageModelConfig{Vocabulary: b.whole(0, "vocab"),
		Length: b.whole(0, "block_size"), Dim: b.whole(0, "dim"), Heads: b.whole(0, "heads"),
		Depth: b.whole(0, "layers"), Dtype: b.dt}))
	b.authors("", net.Params())
	logits := must(net.Forward(b.g, b.given("tokens")))
	rows := t.Shape[0] * t.Shape[1]
	labels := b.fixed("targets", b.tensor("targets").Data, rows)
	var loss *gorgonia.Node = must(nn.CrossEntropy(must(nn.Reshape(logits, rows, b.whole(0, "vocab"))), labels, 0))
	b.compare(loss, "", want{logits, "logits"}, want{loss, "loss"})
}
