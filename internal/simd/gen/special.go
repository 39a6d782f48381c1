package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// specials lists the kernels of functions of one number; their Go twins are in
// ../special.go.
var specials = []elementwise{
	{name: "tanh", doc: "is Tanh; " + arithmetic, in: []string{"x"}, out: []string{"dst"}, unroll: 1, body: wide(tanh)},
	{name: "sigmoid", doc: "is Sigmoid; " + arithmetic, in: []string{"x"}, out: []string{"dst"}, unroll: 2,
		body: func(s isa, in, _ []vector) []vector {
			e, den := s.logistic(in[0])
			num := s.choose(less, in[0], s.none(), e, s.load(s.numbers().at("one")))
			s.op("VDIV", den, num, num)
			return []vector{num}
		}},
	{name: "silu", doc: "is SiLU; " + arithmetic, in: []string{"x"}, out: []string{"dst"}, unroll: 2, body: silu},
	{name: "siluGrad", doc: "is SiLUGrad; " + arithmetic, in: []string{"x", "dout"}, out: []string{"dst"}, unroll: 1,
		body: siluGrad},
	{name: "gelu", doc: "is GELU; " + arithmetic, in: []string{"x"}, out: []string{"dst"}, unroll: 1,
		body: func(s isa, in, c []vector) []vector { return wide(gelu(s.bytes == 4))(s, in, c) }},
	{name: "geluGrad", doc: "is GELUGrad; " + arithmetic, in: []string{"x", "dout"}, out: []string{"dst"}, unroll: 1,
		body: geluGrad},
	{name: "shiftMul", doc: "is ShiftMul; " + memory, in: []string{"x", "y"}, out: []string{"dst"},
		scalars: []string{"c"}, unroll: 4,
		body: func(s isa, in, c []vector) []vector {
			s.op("VADD", c[0], in[0], in[0])
			s.op("VMUL", in[1], in[0], in[0])
			return in[:1]
		}},
	{name: "geluTanh", doc: "is GELUTanh; " + arithmetic, in: []string{"x"}, out: []string{"dst"}, unroll: 1,
		body: wide(geluTanh)},
}

const arithmetic = "it is limited by arithmetic, some 20 to 40 instructions a vector."

// special writes the kernels of functions of one number.
func special() {
	laneTable()
	for _, s := range isas {
		for _, e := range specials {
			e.write(s)
		}
		most(s)
	}
}

// none is a vector of zeros.
func (s isa) none() vector {
	v := s.reg()
	s.zero(v)
	return v
}

// magnitude is |x|, in a new vector.
func (s isa) magnitude(x vector) vector {
	a := s.reg()
	s.op("VAND", s.numbers().at("magnitude"), x, a)
	return a
}

// signed gives a, which is not below 0, the sign of x.
func (s isa) signed(a, x vector) vector {
	sign := s.reg()
	s.op("VAND", s.numbers().at("sign"), x, sign)
	s.op("VOR", sign, a, a)
	return a
}

// round rounds x to an integer.
func (s isa) round(x vector) {
	if s.is512() {
		s.op("VRNDSCALE", operand.U8(8), x, x)
	} else {
		s.op("VROUND", operand.U8(8), x, x)
	}
}

// reduced returns n and r, x = n·ln 2 + r with |r| ≤ ln 2 / 2; x is spoilt.
func (s isa) reduced(x vector) (n, r vector) {
	k := s.expTable()
	n = s.reg()
	s.op("VMUL", k.at("log2e"), x, n)
	s.round(n)
	s.op("VFNMADD231", k.at("ln2hi"), n, x)
	s.op("VFNMADD231", k.at("ln2lo"), n, x)
	return n, x
}

// expm1 returns exp(r) − 1, by Taylor's polynomial, for r that is reduced.
func (s isa) expm1(r vector) vector { return s.expm1To(r, s.expTable().degree) }

// expm1To is expm1 by the polynomial of a degree.
func (s isa) expm1To(r vector, degree int) vector {
	k := s.expTable()
	p, square := s.reg(), s.reg()
	s.op("VMOVU", k.at(coefficient(k.degree-degree)), p)
	for i := k.degree - degree + 1; i <= k.degree-2; i++ {
		s.op("VFMADD213", k.at(coefficient(i)), r, p)
	}
	s.op("VMUL", r, r, square)
	s.op("VFMADD213", r, square, p)
	return p
}

// times multiplies p by 2ⁿ.
func (s isa) times(p, n vector) vector {
	if s.is512() {
		s.op("VSCALEF", n, p, p)
		return p
	}
	return s.scale(p, n)
}

// tanh is E/(E + 2) with E = exp(2|x|) − 1 = 2ⁿ(exp r − 1) + (2ⁿ − 1).
func tanh(s isa, in []vector) vector {
	k, x := s.numbers(), in[0]
	a := s.magnitude(x)
	s.op("VMIN", a, s.load(k.at("tanhTop")), a) // NaN stays: see cutOff
	s.op("VADD", a, a, a)
	n, r := s.reduced(a)
	e := s.expm1(r)
	w := s.times(s.load(k.at("one")), n)
	less := s.reg()
	s.op("VSUB", k.at("one"), w, less)
	s.op("VFMADD213", less, w, e)
	s.op("VADD", k.at("two"), e, w)
	s.op("VDIV", w, e, e)
	return s.signed(e, x)
}

// negative returns n and q, exp(−|x|) = 2ⁿ(1 + q).
func (s isa) negative(x vector) (n, q vector) {
	k, a := s.numbers(), s.reg()
	s.op("VOR", k.at("sign"), x, a)
	s.op("VMAX", a, s.load(k.at("gone")), a)
	n, r := s.reduced(a)
	return n, s.expm1(r)
}

// logistic returns E = exp(−|x|) and 1 + E.
func (s isa) logistic(x vector) (e, den vector) {
	n, e := s.negative(x)
	one := s.numbers().at("one")
	s.op("VADD", one, e, e)
	e, den = s.times(e, n), s.reg()
	s.op("VADD", one, e, den)
	return e, den
}

// silu is x(1 + q)2ⁿ/(1 + E), or x/(1 + E) where x is not below 0, with 2ⁿ(1 + q) = E =
// exp(−|x|). What 1 + E and the quotient y lose by rounding is made up for in y·q.
func silu(s isa, in, _ []vector) []vector {
	k, x := s.numbers(), in[0]
	n, q := s.negative(x)
	w := s.times(s.load(k.at("one")), n)
	base, den, low, y := s.reg(), s.reg(), s.reg(), s.reg()
	s.op("VADD", k.at("one"), w, base)
	s.op("VMOVU", base, den)
	s.op("VFMADD231", w, q, den)
	s.op("VSUB", base, den, low)
	s.op("VFMSUB231", w, q, low) // w·q − (den − base)
	rest := s.reg()
	s.op("VMAX", x, s.load(k.at("gone")), rest) // E of less is 0, and 0·∞ would be NaN
	s.op("VMOVU", rest, y)
	s.op("VDIV", den, y, y)
	s.op("VFNMADD231", den, y, rest)
	s.op("VFNMADD231", low, y, rest)
	s.op("VMUL", y, q, q)
	s.op("VFMADD231", k.at("about"), rest, q)
	s.op("VADD", y, q, q)
	return []vector{s.choose(less, x, s.none(), s.times(q, n), y)} // 2ⁿ comes last: E may be subnormal
}

// siluGrad is D(σ + xσ(1 − σ)), with both of σ and 1 − σ from E.
func siluGrad(s isa, in, _ []vector) []vector {
	k, x := s.numbers(), in[0]
	e, den := s.logistic(x)
	inverse := s.load(k.at("one"))
	s.op("VDIV", den, inverse, inverse)
	s.op("VMUL", inverse, e, e) // σ(−|x|)
	own := s.choose(less, x, s.none(), e, inverse)
	s.op("VMUL", inverse, e, e)
	s.op("VMAX", x, s.load(k.at("gone")), x)
	far := s.reg()
	s.op("VSUB", k.at("gone"), s.none(), far)
	s.op("VMIN", x, far, x)
	s.op("VFMADD231", e, x, own)
	s.op("VMUL", in[1], own, own)
	return []vector{own}
}

// tail returns m = min(|x|, top), P(u) for u = m/(m + K), and n and q, exp(−m²/2) =
// 2ⁿ(1 + q). It divides m, or 1 to give the reciprocal too. With few terms it is exact to
// 3e-8, and for float32 if it runs in float64.
func (s isa) tail(x vector, reciprocal, few bool) (m, u, inverse, p, n, q vector) {
	k := s.numbers()
	name, degree, exp := "", k.degree, s.expTable().degree
	if few {
		name, degree, exp = "few", len(tail32)-1, 7
	}
	m = s.magnitude(x)
	s.op("VMIN", m, s.load(k.at("normalTop")), m)
	sum := s.reg()
	u = s.reg()
	s.op("VADD", k.at(name+"shift"), m, sum)
	if reciprocal {
		inverse = s.load(k.at("one"))
		s.op("VDIV", sum, inverse, inverse)
		s.op("VMUL", m, inverse, u)
	} else {
		s.op("VDIV", sum, m, u)
	}
	p = s.load(k.at(name + term(0)))
	for i := 1; i <= degree; i++ {
		s.op("VFMADD213", k.at(name+term(i)), u, p)
	}
	square, rest := s.reg(), s.reg()
	s.op("VMUL", m, m, square)
	if few {
		s.op("VMUL", k.at("minusHalf"), square, square)
		n, square = s.reduced(square)
		return m, u, inverse, p, n, s.expm1To(square, exp)
	}
	s.op("VMOVU", square, rest)
	s.op("VFMSUB231", m, m, rest) // m² = square + rest
	s.op("VMUL", k.at("minusHalf"), square, square)
	n, square = s.reduced(square)
	s.op("VFMADD231", k.at("minusHalf"), rest, square)
	return m, u, inverse, p, n, s.expm1To(square, exp)
}

// gelu is max(x, 0) − |x|Φ(−|x|).
func gelu(few bool) func(s isa, in []vector) vector {
	return func(s isa, in []vector) vector { return geluOf(s, in[0], few) }
}

func geluOf(s isa, x vector, few bool) vector {
	_, u, _, p, n, q := s.tail(x, false, few)
	s.op("VMUL", u, p, p)
	s.op("VFMADD213", p, p, q)
	q = s.times(q, n)
	top := cutOff(s, x)
	s.op("VSUB", q, top, top)
	return top
}

// geluGrad is D(1 + g) where x is not below 0, −Dg elsewhere, with
// g = |x|φ(x) − Φ(−|x|).
func geluGrad(s isa, in, _ []vector) []vector {
	k, x := s.numbers(), in[0]
	m, _, inverse, p, n, q := s.tail(x, true, false)
	g := s.reg()
	s.op("VMUL", k.at("density"), m, g)
	s.op("VFNMADD231", inverse, p, g)
	s.op("VFMADD213", g, g, q)
	q = s.times(q, n)
	minus := s.reg()
	s.op("VSUB", q, s.none(), minus)
	s.op("VADD", k.at("one"), q, q)
	slope := s.choose(less, x, s.none(), minus, q)
	s.op("VMUL", in[1], slope, slope)
	return []vector{slope}
}

// geluTanh is xσ(v), v = x(twice + cubic·x²).
func geluTanh(s isa, in []vector) vector {
	k, x := s.numbers(), in[0]
	v, square := s.reg(), s.reg()
	s.op("VMAX", x, s.load(k.at("few")), x)
	s.op("VMIN", x, s.load(k.at("many")), v)
	s.op("VMUL", v, v, square)
	p := s.load(k.at("twice"))
	s.op("VFMADD231", k.at("cubic"), square, p)
	s.op("VMUL", p, v, v)
	e, den := s.logistic(v)
	num := s.choose(less, x, s.none(), e, s.load(k.at("one")))
	s.op("VMUL", x, num, num)
	s.op("VDIV", den, num, num)
	return num
}

// wide runs the body of float64 for float32 too, on both halves of a vector.
func wide(body func(s isa, in []vector) vector) func(s isa, in, _ []vector) []vector {
	return func(s isa, in, _ []vector) []vector {
		if s.bytes == 8 {
			return []vector{body(s, in)}
		}
		double := isa{vec: s.vec, bytes: 8, typ: "float64"}
		var out [2]vector
		for h := range out {
			var halves []vector
			for _, v := range in {
				wide := double.reg()
				switch {
				case s.is512() && h == 0:
					VCVTPS2PD(v.AsY(), wide)
				case s.is512():
					high := YMM()
					VEXTRACTF32X8(operand.U8(1), v, high)
					VCVTPS2PD(high, wide)
				case h == 0:
					VCVTPS2PD(v.AsX(), wide)
				default:
					high := XMM()
					VEXTRACTF128(operand.U8(1), v, high)
					VCVTPS2PD(high, wide)
				}
				halves = append(halves, wide)
			}
			out[h] = body(double, halves)
		}
		joined := s.reg()
		if s.is512() {
			low, high := YMM(), YMM()
			VCVTPD2PS(out[0], low)
			VCVTPD2PS(out[1], high)
			VINSERTF32X8(operand.U8(1), high, low.AsZ(), joined)
		} else {
			low, high := XMM(), XMM()
			VCVTPD2PSY(out[0], low)
			VCVTPD2PSY(out[1], high)
			VINSERTF128(operand.U8(1), high, low.AsY(), joined)
		}
		return []vector{joined}
	}
}

// most writes the largest element of a vector that is at least as long as a register: by
// vectors, and the last one again from the end. A NaN may be passed over.
func most(s isa) {
	TEXT("most"+s.name, NOSPLIT, fmt.Sprintf("func(n int, x *%[1]s) %[1]s", s.typ))
	Doc("most" + s.name + " is Most of n numbers, a register's lanes at least.")
	Pragma("noescape")
	n, x := Load(Param("n"), GP64()).(reg.GPVirtual), Load(Param("x"), GP64()).(reg.GPVirtual)
	last := GP64()
	LEAQ(operand.Mem{Base: x, Index: n, Scale: uint8(s.bytes), Disp: -s.vec}, last)
	acc := s.reg()
	s.op("VMOVU", operand.Mem{Base: last}, acc)
	Label("loop")
	CMPQ(x, last)
	JGE(operand.LabelRef("done"))
	s.op("VMAX", operand.Mem{Base: x}, acc, acc)
	ADDQ(operand.I32(s.vec), x)
	JMP(operand.LabelRef("loop"))
	Label("done")
	Store(s.foldTo("VMAX", acc), ReturnIndex(0))
	VZEROUPPER()
	RET()
}
