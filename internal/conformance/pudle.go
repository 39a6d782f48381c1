package conformance

import (
	"strings"

	"github.com/whitebox-nn/whitebox/layers/pudle"
	"github.com/whitebox-nn/whitebox/nn"
)

// unrolledDictionary is a network that learns a dictionary, with the three estimators of
// its gradient; of images if its name says so.
func unrolledDictionary(b *bench) {
	if strings.HasPrefix(b.Name, "pudle_conv") {
		convDictionary(b)
		return
	}
	w := b.tensor("W")
	cfg := pudle.Config{Name: "net", In: w.Shape[0], Atoms: w.Shape[1], Layers: b.whole(0, "layers"),
		Step: b.number(0, "step"), Lambda: b.number(0, "lam", "loss_lambda"), LossLambda: b.number(0, "loss_lambda"),
		TwoSided: b.flag(false, "twosided"), Decay: b.number(0, "beta"), Hard: b.number(0, "threshold"),
		LearnBias: b.has("b") != "", Dtype: b.dt}
	for i, e := range []pudle.Estimator{pudle.Decoder, pudle.AELasso, pudle.AELS} {
		net := must(pudle.New(cfg))
		setFloats(net.Params()[0].Value, w.Data)
		if cfg.LearnBias {
			setFloats(net.Params()[1].Value, b.tensor("b").Data)
		}
		g := nn.NewGraph(nn.Train)
		own := &bench{Reference: b.Reference, g: g, dt: b.dt, wrt: net.Params(), name: []string{
			[]string{"g_dec", "g_aelasso", "g_aels"}[i],
			[]string{"", "grad_b_g_aelasso", "grad_b_g_aels"}[i]}}
		if e == pudle.Decoder {
			own.wrt, own.name = own.wrt[:1], own.name[:1] // the threshold is before the constant
		}
		x := own.given("x")
		loss := must(net.Loss(g, x, e))
		zs := must(net.Codes(g, x))
		own.compare(loss, "", want{zs[len(zs)-1], "z_T"}, want{must(net.Forward(g, x)), "x_hat"},
			want{loss, []string{"loss_lasso", "loss_lasso", "loss_ls"}[i]})
		b.found = append(b.found, own.found...)
	}
}

// convDictionary is such a network of images.
func convDictionary(b *bench) {
	x := b.in("x")
	b.name[0] = "grad_x"
	net := must(pudle.NewConv(pudle.ConvConfig{Name: "net", In: b.whole(1, "channels"), Filters: b.whole(0, "filters"),
		Kernel: b.whole(0, "kernel"), Stride: b.whole(0, "stride"), Layers: b.whole(0, "layers"),
		Step: b.number(0, "step"), Lambda: b.number(0, "lambda_"), TwoSided: b.flag(false, "twosided"),
		LearnBias: b.has("w:b") != "", Untied: b.has("w:E") != "", Dtype: b.dt}))
	b.authors("net.", net.Params())
	zs := must(net.Codes(b.g, x))
	out := must(net.Forward(b.g, x))
	b.compare(b.weighted(out), "", want{out, "out"}, want{zs[len(zs)-1], "z"})
}

// crsae is the recurrent autoencoder, and what is known of its λ, which is learned where the
// file has it.
func crsae(b *bench) {
	x := b.in("x")
	b.name[0] = "grad_x"
	net := must(pudle.NewCRsAE(pudle.CRsAEConfig{Name: "net", In: x.Shape()[1], Filters: b.whole(0, "filters"),
		Kernel: b.whole(0, "kernel"), Stride: b.whole(0, "stride"), Layers: b.whole(0, "iterations"),
		L: b.number(0, "L"), Lambda: b.number(0, "lambda_"), LearnLambda: b.has("w:relu.lam") != "",
		Sigma: b.number(0, "sigma"), Delta: b.number(0, "delta"), TwoSided: b.flag(false, "twosided"), Dtype: b.dt}))
	b.authors("net.", net.Params())
	zs := must(net.Codes(b.g, x))
	out := must(net.Forward(b.g, x))
	loss := b.weighted(out)
	values := []want{{out, "out"}, {zs[len(zs)-1], "z"}}
	if b.has("lambda_loss") != "" {
		prior := must(net.LambdaLoss(b.g, zs[len(zs)-1]))
		loss = must(nn.Add(loss, prior))
		values = append(values, want{prior, "lambda_loss"})
	}
	b.compare(loss, "", values...)
}
