package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const memory = "it is limited by memory."

// elementwises lists the kernels; their Go twins are in ../vec.go, ../exp.go and
// ../step.go.
var elementwises = []elementwise{
	{name: "axpby", doc: "is Axpby; " + memory, in: []string{"x", "y"}, out: []string{"y"}, scalars: []string{"a", "b"},
		unroll: 4,
		body: func(s isa, in, c []vector) []vector {
			s.op("VMUL", c[1], in[1], in[1])
			s.op("VFMADD231", c[0], in[0], in[1])
			return in[1:]
		}},
	{name: "axpy", doc: "is Axpy; " + memory, in: []string{"x", "y"}, out: []string{"y"}, scalars: []string{"a"},
		unroll: 4,
		body: func(s isa, in, c []vector) []vector {
			s.op("VFMADD231", c[0], in[0], in[1])
			return in[1:]
		}},
	{name: "affine", doc: "is Affine; " + memory, in: []string{"x"}, out: []string{"dst"}, scalars: []string{"a", "c"},
		unroll: 4,
		body: func(s isa, in, c []vector) []vector {
			s.op("VFMADD213", c[1], c[0], in[0])
			return in
		}},
	{name: "combine", doc: "is Combine; " + memory, in: []string{"x", "y"}, out: []string{"dst"},
		scalars: []string{"a", "b", "c"}, unroll: 4,
		body: func(s isa, in, c []vector) []vector {
			s.op("VFMADD213", c[2], c[0], in[0])
			s.op("VFMADD231", c[1], in[1], in[0])
			return in[:1]
		}},
	{name: "add", doc: "is Add; " + memory, in: []string{"x", "y"}, out: []string{"dst"}, unroll: 4,
		body: binary("VADD")},
	{name: "sub", doc: "is Sub; " + memory, in: []string{"x", "y"}, out: []string{"dst"}, unroll: 4,
		body: binary("VSUB")},
	{name: "mulAdd", doc: "is MulAdd; " + memory, in: []string{"dst", "x", "y"}, out: []string{"dst"}, unroll: 4,
		body: func(s isa, in, _ []vector) []vector {
			s.op("VFMADD231", in[2], in[1], in[0])
			return in[:1]
		}},
	{name: "mul", doc: "is Mul; " + memory, in: []string{"x", "y"}, out: []string{"dst"}, unroll: 4,
		body: binary("VMUL")},
	{name: "relu", doc: "is ReLU; " + memory, in: []string{"x"}, out: []string{"dst"}, unroll: 4,
		body: func(s isa, in, _ []vector) []vector { return []vector{cutOff(s, in[0])} }},
	{name: "addReLU", doc: "is AddReLU; " + memory, in: []string{"x", "y"}, out: []string{"dst"}, unroll: 4,
		body: func(s isa, in, _ []vector) []vector {
			s.op("VADD", in[1], in[0], in[0])
			return []vector{cutOff(s, in[0])}
		}},
	{name: "reluGrad", doc: "is ReLUGrad; " + memory, in: []string{"out", "dout"}, out: []string{"dst"}, unroll: 4,
		body: func(s isa, in, _ []vector) []vector {
			zero := s.reg()
			s.zero(zero)
			return []vector{s.choose(greater, in[0], zero, in[1], zero)}
		}},
	{name: "whereNonzero", doc: "is WhereNonzero; " + memory, in: []string{"s", "x"}, out: []string{"dst"}, unroll: 4,
		body: func(s isa, in, _ []vector) []vector {
			zero := s.reg()
			s.zero(zero)
			return []vector{s.choose(notEqual, in[0], zero, in[1], zero)}
		}},
	{name: "signTimes", doc: "is SignTimes; " + memory, in: []string{"s", "x"}, out: []string{"dst"}, unroll: 2,
		body: func(s isa, in, _ []vector) []vector {
			zero, minus := s.reg(), s.reg()
			s.zero(zero)
			s.op("VSUB", in[1], zero, minus)
			minus = s.choose(less, in[0], zero, minus, zero)
			return []vector{s.choose(greater, in[0], zero, in[1], minus)}
		}},
	{name: "soft", doc: "is SoftThreshold; " + memory, in: []string{"x", "theta"}, out: []string{"dst"}, unroll: 2,
		body: soft},
	{name: "proximal", doc: "is ProximalStep; " + memory, in: []string{"v", "z", "last"}, out: []string{"v"},
		scalars: []string{"a", "b", "c", "theta"}, unroll: 2, body: proximal},
	{name: "sgd", doc: "is SGDStep; " + memory, in: []string{"p", "m", "dp"}, out: []string{"p", "m"},
		scalars: []string{"keep", "add", "direct", "trace", "lr", "l2"}, unroll: 2, body: sgd},
	{name: "adam", doc: "is AdamStep; it is limited by a division and a square root a vector, or by memory.",
		in: []string{"p", "m", "v", "dp"}, out: []string{"p", "m", "v"},
		scalars: []string{"w1", "b2", "w2", "root", "eps", "lr", "l2", "decay"}, unroll: 1, body: adam},
	{name: "exp", doc: "is Exp of x - shift; it is limited by multiply-adds, a dozen a vector.",
		in: []string{"x"}, out: []string{"dst"}, scalars: []string{"shift"}, unroll: 2, body: exp},
}

func binary(stem string) func(s isa, in, _ []vector) []vector {
	return func(s isa, in, _ []vector) []vector {
		s.op(stem, in[1], in[0], in[0])
		return in[:1]
	}
}

// cutOff is max(0, v); where a number is NaN, or both are zero, the instruction
// returns its last operand, which avo writes first.
func cutOff(s isa, v vector) vector {
	zero := s.reg()
	s.zero(zero)
	s.op("VMAX", v, zero, v)
	return v
}

// Predicates of comparisons, quiet, and ordered but for notEqual, which a NaN is.
const (
	notEqual = 0x04
	less     = 0x11
	greater  = 0x1e
)

// choose is yes where x <predicate> y, no elsewhere, in a new vector.
func (s isa) choose(predicate int, x, y, yes, no vector) vector {
	out := s.reg()
	if s.is512() {
		k := K()
		s.op("VCMP", operand.U8(predicate), y, x, k)
		s.op("VBLENDM", yes, no, k, out)
		return out
	}
	m := s.reg()
	s.op("VCMP", operand.U8(predicate), y, x, m)
	s.op("VBLENDV", m, yes, no, out)
	return out
}

func soft(s isa, in, _ []vector) []vector {
	x, theta := in[0], in[1]
	zero, minus, below, above, none := s.reg(), s.reg(), s.reg(), s.reg(), s.reg()
	s.zero(zero)
	s.op("VSUB", theta, zero, minus)
	s.op("VADD", theta, x, below)
	s.op("VSUB", theta, x, above)
	s.op("VMUL", zero, x, none)
	none = s.choose(less, x, minus, below, none)
	return []vector{s.choose(greater, x, theta, above, none)}
}

// exp reduces x = n·ln 2 + r, |r| ≤ ln 2 / 2, and scales the Taylor polynomial of
// exp r by 2ⁿ.
func exp(s isa, in, c []vector) []vector {
	x := in[0]
	s.op("VSUB", c[0], x, x)
	k := s.expTable()
	s.op("VMIN", x, s.load(k.at("hi")), x) // NaN stays: see cutOff
	s.op("VMAX", x, s.load(k.at("lo")), x)
	n, p := s.reg(), s.reg()
	s.op("VMUL", k.at("log2e"), x, n)
	if s.is512() {
		s.op("VRNDSCALE", operand.U8(8), n, n)
	} else {
		s.op("VROUND", operand.U8(8), n, n)
	}
	s.op("VFNMADD231", k.at("ln2hi"), n, x)
	s.op("VFNMADD231", k.at("ln2lo"), n, x)
	s.op("VMOVU", k.at(coefficient(0)), p)
	for i := 1; i <= k.degree; i++ {
		s.op("VFMADD213", k.at(coefficient(i)), x, p)
	}
	if s.is512() {
		s.op("VSCALEF", n, p, p)
		return []vector{p}
	}
	return []vector{s.scale(p, n)}
}

func (s isa) load(m operand.Mem) vector {
	v := s.reg()
	s.op("VMOVU", m, v)
	return v
}

// scale multiplies p by 2ⁿ in two steps, so that neither factor overflows.
func (s isa) scale(p, n vector) vector {
	whole, half := XMM(), XMM()
	if s.bytes == 4 {
		whole, half = YMM(), YMM()
		VCVTPS2DQ(n, whole)
	} else {
		VCVTPD2DQY(n, whole)
	}
	VPSRAD(operand.U8(1), whole, half)
	VPSUBD(half, whole, whole)
	for _, e := range []reg.VecVirtual{half, whole} {
		f := YMM()
		if s.bytes == 4 {
			VPADDD(s.expTable().at("bias"), e, f)
			VPSLLD(operand.U8(23), f, f)
		} else {
			VPMOVSXDQ(e, f)
			VPADDQ(s.expTable().at("bias"), f, f)
			VPSLLQ(operand.U8(52), f, f)
		}
		s.op("VMUL", f, p, p)
	}
	return p
}
