package conformance

import (
	"strings"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/layers/csc"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/conv"
)

// authors adopts the parameters of a network whose names, after a prefix, are the authors',
// w: in the file, and differentiates by all of them, g: in the file.
func (b *bench) authors(prefix string, params []*nn.Param) {
	for _, p := range params {
		name := strings.TrimPrefix(p.Name, prefix)
		t := b.tensor("w:" + name)
		if len(t.Data) != p.Value.Size() {
			fail("w:%s has shape %v, want %v", name, t.Shape, p.Value.Shape())
		}
		setFloats(p.Value, t.Data)
		b.wrt, b.name = append(b.wrt, p), append(b.name, "g:"+name)
	}
}

// trained is in of a tensor w:NAME, whose gradient is g:NAME.
func (b *bench) trained(name string) *gorgonia.Node {
	n := b.in("w:" + name)
	b.name[len(b.name)-1] = "g:" + name
	return n
}

// multilayer returns the check of a network of the multi-layer convolutional model, under
// a linear classifier of its last code.
func multilayer[N csc.Coder](newN func(csc.Config) (N, error)) check {
	return func(b *bench) {
		x := b.in("x")
		b.name[0] = "grad_x"
		filters, kernels, strides := ints(b.list("filters")), ints(b.list("kernels")), ints(b.list("strides"))
		cfg := csc.Config{Name: "net", In: x.Shape()[1], Unfoldings: b.whole(0, "unfoldings"), Dtype: b.dt}
		for i, n := range filters {
			cfg.Banks = append(cfg.Banks,
				csc.Bank{Filters: n, Kernel: conv.Pair(kernels[i]), Stride: conv.Pair(strides[i])})
		}
		net := must(newN(cfg))
		b.authors("net.", net.Params())
		codes := must(net.Codes(b.g, x))
		gamma := codes[len(codes)-1]
		code := must(nn.Flatten(gamma))
		w, bias := b.trained("Wclass.weight"), b.trained("Wclass.bias")
		out := must(nn.LogSoftmax(must(nn.Linear(code, w, bias))))
		values := []want{{out, "out"}, {code, "code"}}
		if s, ok := any(net).(interface {
			Synthesis(g *nn.Graph, gamma, like *gorgonia.Node) (*gorgonia.Node, error)
		}); ok {
			values = append(values, want{must(s.Synthesis(b.g, gamma, x)), "x_reconstructed"})
		}
		b.compare(b.weighted(out), "", values...)
	}
}

// cscNet is a CSCNet: the shifts that it looks at, what it makes of an image, and the number
// that its first filters are divided by.
func cscNet(b *bench) {
	x := b.in("x")
	b.name[0] = "grad_x"
	net := must(csc.NewCSCNet(csc.CSCNetConfig{Name: "net", In: x.Shape()[1], Filters: b.whole(0, "filters"),
		Kernel: b.whole(0, "kernel"), Stride: b.whole(0, "stride"), Unfoldings: b.whole(0, "unfoldings"), Dtype: b.dt}))
	b.authors("net.", net.Params())
	out := must(net.Forward(b.g, x))
	b.compare(b.weighted(out), "", want{out, "out"}, want{must(net.Shifts().Apply(x)), "shifts"})
	// What the mean reads is where its gradient is.
	seen := newBench(b.Reference, b.dt)
	sum := must(nn.Sum(must(net.Shifts().Mean(seen.in("shifts"), x.Shape()[2], x.Shape()[3]))))
	_, reads := seen.run(must(nn.Scale(sum, float64(net.Shifts().Stride*net.Shifts().Stride))))
	b.equal("valid", reads[0]...)
	filters := b.tensor("raw_filters")
	v := tensor.New(tensor.WithShape(filters.Shape...), tensor.Of(b.dt))
	setFloats(v, filters.Data)
	b.equal("lambda_max", must(csc.SquaredNorm(v, conv.Geometry{Stride: conv.Pair(b.whole(0, "stride"))}, 16, 15)))
}

// sdNet is a layer that codes: of images, or of tokens where the filters are a matrix.
func sdNet(b *bench) {
	x := b.in("x")
	b.name[0] = "grad_x"
	w := b.tensor("weight")
	cfg := csc.CodingConfig{Name: "net", In: w.Shape[1], Atoms: w.Shape[0], Steps: b.whole(2, "steps"),
		Lambda: b.number(0.1, "lambda_"), Mu: b.number(0, "mu"), Signed: !b.flag(true, "non_negative"),
		UnitResidual: !b.flag(true, "square_noise"), StepSize: b.tensor("step_size").Data[0], Dtype: b.dt}
	var l interface {
		Params() []*nn.Param
		Code(g *nn.Graph, x *gorgonia.Node) (code, residual, penalty *gorgonia.Node, err error)
		Synthesis(g *nn.Graph, code, like *gorgonia.Node) (*gorgonia.Node, error)
	}
	var err error
	if len(w.Shape) == 2 {
		l, err = csc.NewTokenCoding(cfg)
	} else {
		cfg.Kernel = [2]int{w.Shape[2], w.Shape[3]}
		cfg.Stride, cfg.Padding = conv.Pair(b.whole(1, "stride")), conv.Pair(b.whole(0, "padding"))
		l, err = csc.NewSparseCoding(cfg)
	}
	build.Check(err)
	setFloats(l.Params()[0].Value, w.Data)
	b.wrt, b.name = append(b.wrt, l.Params()...), append(b.name, "grad_weight")
	code, residual, penalty, err := l.Code(b.g, x)
	build.Check(err)
	b.compare(b.weighted(code), "", want{code, "out"}, want{residual, "r_loss"}, want{penalty, "c_loss"},
		want{must(l.Synthesis(b.g, code, x)), "x_hat"})
}
