package conformance

import (
	"strings"

	"gorgonia.org/gorgonia"

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
