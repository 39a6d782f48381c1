package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// norm writes what normalises; the Go twins are in ../norm.go.
func norm() {
	laneTable()
	for _, s := range isas {
		for _, e := range norms {
			e.write(s)
		}
		moments(s, "moments", []string{"x"}, nil)
		moments(s, "coMoments", []string{"d", "x"}, nil)
		moments(s, "cutMoments", []string{"d", "x"}, []string{"scale", "centre", "shift"})
	}
}

var norms = []elementwise{
	{name: "centre", doc: "is Centre; " + memory, in: []string{"x"}, out: []string{"dst"},
		scalars: []string{"a", "m", "c"}, unroll: 4,
		body: func(s isa, in, c []vector) []vector {
			s.line(in[0], c)
			return in
		}},
	{name: "centreReLU", doc: "is CentreReLU; " + memory, in: []string{"x"}, out: []string{"dst"},
		scalars: []string{"a", "m", "c"}, unroll: 4,
		body: func(s isa, in, c []vector) []vector {
			s.line(in[0], c)
			return []vector{cutOff(s, in[0])}
		}},
	{name: "centreAddReLU", doc: "is CentreAddReLU; " + memory, in: []string{"x", "y"}, out: []string{"dst"},
		scalars: []string{"a", "m", "c"}, unroll: 4,
		body: func(s isa, in, c []vector) []vector {
			s.line(in[0], c)
			s.op("VADD", in[1], in[0], in[0])
			return []vector{cutOff(s, in[0])}
		}},
	{name: "centreCombine", doc: "is CentreCombine; " + memory, in: []string{"d", "x"}, out: []string{"dst"},
		scalars: []string{"a", "b", "m", "c"}, unroll: 4,
		body: func(s isa, in, c []vector) []vector {
			s.op("VSUB", c[2], in[1], in[1])
			s.op("VFMADD213", c[3], c[0], in[0])
			s.op("VFMADD231", c[1], in[1], in[0])
			return in[:1]
		}},
	{name: "cutCombine", doc: "is CutCombine; " + memory, in: []string{"d", "x"}, out: []string{"dst"},
		scalars: []string{"a", "b", "m", "c", "scale", "shift"}, unroll: 2,
		body: func(s isa, in, c []vector) []vector {
			s.op("VSUB", c[2], in[1], in[1])
			kept := s.kept(in[0], in[1], c[4], c[5])
			s.op("VFMADD213", c[3], c[0], kept)
			s.op("VFMADD231", c[1], in[1], kept)
			return []vector{kept}
		}},
}

// line is a·(x − m) + c, in x, for the scalars a, m and c.
func (s isa) line(x vector, c []vector) {
	s.op("VSUB", c[1], x, x)
	s.op("VFMADD213", c[2], c[0], x)
}

// kept is d where scale·x + shift > 0, and 0 elsewhere.
func (s isa) kept(d, x, scale, shift vector) vector {
	zero, y := s.reg(), s.reg()
	s.zero(zero)
	s.op("VMOVU", x, y)
	s.op("VFMADD213", shift, scale, y)
	return s.choose(greater, y, zero, d, zero)
}

// double is the twin of s for float64.
func (s isa) double() isa {
	if s.is512() {
		return isas[1]
	}
	return isas[3]
}

// moments writes sums in float64 over the whole vectors of float64 that n
// elements fill; the caller adds the rest.
func moments(s isa, name string, in, line []string) {
	sig := fmt.Sprintf("func(n int, %s *%s", list(in), s.typ)
	if line != nil {
		sig += fmt.Sprintf(", %s %s", list(line), s.typ)
	}
	TEXT(name+s.name, NOSPLIT, sig+", about float64) (sum, product float64)")
	Doc(fmt.Sprintf("%s sums the multiple of %d elements below n in float64; it is limited by conversions", name+s.name,
		s.double().lanes()),
		"and additions, or by memory.")
	Pragma("noescape")
	m := &momentLoop{from: s, isa: s.double(), n: Load(Param("n"), GP64()).(reg.GPVirtual), arrays: in,
		base: map[string]reg.GPVirtual{}}
	for _, a := range in {
		m.base[a] = Load(Param(a), GP64()).(reg.GPVirtual)
	}
	m.about = m.spread("about")
	for _, a := range line {
		m.line = append(m.line, m.spread(a))
	}
	for i := range m.sum {
		m.sum[i], m.product[i] = m.reg(), m.reg()
		m.zero(m.sum[i])
		m.zero(m.product[i])
	}
	m.step("many", len(m.sum))
	m.step("one", 1)
	for _, acc := range [][]vector{m.sum[:], m.product[:]} {
		m.op("VADD", acc[1], acc[0], acc[0])
	}
	Store(m.horizontal(m.sum[0]), ReturnIndex(0))
	Store(m.horizontal(m.product[0]), ReturnIndex(1))
	VZEROUPPER()
	RET()
}

func list(names []string) string {
	text := names[0]
	for _, n := range names[1:] {
		text += ", " + n
	}
	return text
}

// A momentLoop reads elements of one type and sums in float64.
type momentLoop struct {
	isa          // of the sums
	from         isa
	n            reg.GPVirtual
	arrays       []string
	base         map[string]reg.GPVirtual
	about        vector
	line         []vector // in float64, rounded as in the other kernels of the line
	sum, product [2]vector
}

// spread broadcasts a parameter of the element type or of float64, as float64.
func (m *momentLoop) spread(name string) vector {
	at, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	v := m.reg()
	if name == "about" || m.from.bytes == 8 {
		VBROADCASTSD(at.Addr, v)
		return v
	}
	VBROADCASTSS(at.Addr, v) // the lower half holds as many as there are lanes
	return v
}

// load reads as many elements as m has lanes; narrow is their vector as it is in
// memory, wide the same in float64.
func (m *momentLoop) load(array string, u int) (narrow, wide vector) {
	at := operand.Mem{Base: m.base[array], Disp: u * m.lanes() * m.from.bytes}
	wide = m.reg()
	if m.from.bytes == 8 {
		m.op("VMOVU", at, wide)
		return wide, wide
	}
	narrow = m.half()
	VMOVUPS(at, narrow)
	VCVTPS2PD(narrow, wide)
	return narrow, wide
}

// half is a register of half the width: of float32 as many as m has lanes.
func (m *momentLoop) half() vector {
	if m.is512() {
		return YMM()
	}
	return XMM()
}

// cut zeroes d where scale·(x − centre) + shift ≤ 0, computed in the element type.
func (m *momentLoop) cut(d, x vector) vector {
	y, zero := m.half(), m.half()
	scale, centre, shift := lower(m.line[0], m.is512()), lower(m.line[1], m.is512()), lower(m.line[2], m.is512())
	if m.from.bytes == 8 {
		off := m.reg()
		m.op("VSUB", m.line[1], x, off)
		return m.kept(d, off, m.line[0], m.line[2])
	}
	VXORPS(zero, zero, zero)
	VSUBPS(centre, x, y)
	VFMADD213PS(shift, scale, y)
	if m.is512() {
		k := K()
		VCMPPS(operand.U8(greater), zero, y, k)
		VMOVUPS_Z(d, k, y)
		return y
	}
	VCMPPS(operand.U8(greater), zero, y, y)
	VANDPS(d, y, y)
	return y
}

func lower(v vector, wide bool) reg.Register {
	if wide {
		return v.AsY()
	}
	return v.AsX()
}

func (m *momentLoop) step(label string, vectors int) {
	Label(label)
	CMPQ(m.n, operand.I32(vectors*m.lanes()))
	JL(operand.LabelRef("end_" + label))
	for u := range vectors {
		x, wide := m.load("x", u)
		factor := wide
		if _, ok := m.base["d"]; ok {
			var d vector
			if d, factor = m.load("d", u); m.line != nil {
				d = m.cut(d, x)
				factor = d
				if m.from.bytes == 4 {
					factor = m.reg()
					VCVTPS2PD(d, factor)
				}
			}
		}
		m.op("VSUB", m.about, wide, wide)
		m.op("VADD", factor, m.sum[u], m.sum[u])
		m.op("VFMADD231", factor, wide, m.product[u])
	}
	for _, a := range m.arrays {
		ADDQ(operand.I32(vectors*m.lanes()*m.from.bytes), m.base[a])
	}
	SUBQ(operand.I32(vectors*m.lanes()), m.n)
	JMP(operand.LabelRef(label))
	Label("end_" + label)
}
