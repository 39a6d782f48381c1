package attention

import (
	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// element is the bytes of one.
func element(a *op.DeviceArgs) launch.Ptr {
	if a.Double() {
		return 8
	}
	return 4
}

func kernel(a *op.DeviceArgs, name string, count int, k Attention, s sides, args ...launch.Arg) (op.Run, error) {
	causal := 0
	if k.Causal {
		causal = 1
	}
	all := []launch.Arg{launch.I(count), launch.I(s.heads), launch.I(s.m), launch.I(s.n), launch.I(s.p), launch.I(s.e),
		launch.I(s.ld[0]), launch.I(s.ld[1]), launch.I(s.ld[2]), launch.I(causal), launch.F64(s.scale)}
	return a.Kernel("attention", ptx.Of("attention/attention"), "attention_"+name, launch.Rows(count),
		append(all, args...)...)
}

// operands returns the addresses of Q, K and V.
func (k Attention) operands(a *op.DeviceArgs, in []launch.Ptr, s sides) [3]launch.Ptr {
	if k.Form == Separate {
		return [3]launch.Ptr{in[0], in[1], in[2]}
	}
	var x [3]launch.Ptr
	for i := range x {
		x[i] = in[0] + launch.Ptr(s.at[i])*element(a)
	}
	return x
}

func (k Attention) device(a *op.DeviceArgs) (op.Run, error) {
	s := k.sides(a.Shapes)
	x := k.operands(a, a.In, s)
	return kernel(a, "forward", s.batch*s.heads*s.m, k, s, a.Y(), launch.P(x[0]), launch.P(x[1]), launch.P(x[2]))
}

func (k grad) device(a *op.DeviceArgs) (op.Run, error) {
	s := k.Of.sides(a.Shapes[1:])
	x := k.Of.operands(a, a.In[1:], s)
	dx, beta := [3]launch.Ptr{a.Out, a.Out, a.Out}, 0
	switch k.Of.Form {
	case Separate:
		dx[1] += launch.Ptr(a.Shapes[1].TotalSize()) * element(a)
		dx[2] = dx[1] + launch.Ptr(a.Shapes[2].TotalSize())*element(a)
	case Packed:
		dx = k.Of.operands(a, []launch.Ptr{a.Out}, s)
	default:
		beta = 1
	}
	in := []launch.Arg{launch.P(x[0]), launch.P(x[1]), launch.P(x[2]), a.X(0)}
	with := func(first []launch.Arg, last ...launch.Arg) []launch.Arg {
		return append(append(first, in...), last...)
	}
	stats := launch.P(a.Work)
	var runs op.Sequence
	runs.Add(kernel(a, "stats", s.batch*s.heads*s.m, k.Of, s, with([]launch.Arg{stats})...))
	runs.Add(kernel(a, "queries", s.batch*s.heads*s.m, k.Of, s, with([]launch.Arg{launch.P(dx[0])}, stats,
		launch.I(0))...))
	runs.Add(kernel(a, "keys", s.batch*s.heads*s.n, k.Of, s, with([]launch.Arg{launch.P(dx[1]), launch.P(dx[2])}, stats,
		launch.I(beta))...))
	return runs.Run()
}

func (k part) device(a *op.DeviceArgs) (op.Run, error) {
	bytes := int(element(a))
	return a.Copy(a.Out, a.In[0]+launch.Ptr(k.From*bytes), a.N()*bytes), nil
}
