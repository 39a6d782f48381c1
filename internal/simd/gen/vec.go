package main

import (
	"fmt"
	"strings"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// vector is a vector register.
type vector = reg.VecVirtual

// elementwise describes a kernel that treats each element alike:
//
//	out… = body(in…, scalars…)
type elementwise struct {
	name    string
	doc     string
	in, out []string // names of the arrays read and written
	scalars []string
	unroll  int
	body    func(s isa, in, scalars []vector) (out []vector)
}

// vec writes the kernels on vectors.
func vec() {
	laneTable()
	for _, s := range isas {
		for _, e := range elementwises {
			e.write(s)
		}
		reduce(s, "dot", []string{"x", "y"}, func(acc vector, in []vector) { s.op("VFMADD231", in[0], in[1], acc) })
		reduce(s, "sum", []string{"x"}, func(acc vector, in []vector) { s.op("VADD", in[0], acc, acc) })
	}
}

// arrays are the distinct names of what is read and written, outputs first.
func (e elementwise) arrays() (names []string) {
	seen := map[string]bool{}
	for _, a := range append(append([]string{}, e.out...), e.in...) {
		if !seen[a] {
			seen[a] = true
			names = append(names, a)
		}
	}
	return names
}

func (e elementwise) write(s isa) {
	name := e.name + s.name
	sig := fmt.Sprintf("func(n int, %s *%s", strings.Join(e.arrays(), ", "), s.typ)
	if len(e.scalars) > 0 {
		sig += fmt.Sprintf(", %s %s", strings.Join(e.scalars, ", "), s.typ)
	}
	TEXT(name, NOSPLIT, sig+")")
	Doc(name + " " + e.doc)
	Pragma("noescape")
	l := newLoop(s, e.arrays())
	var scalars []vector
	for _, name := range e.scalars {
		at, err := Param(name).Resolve()
		if err != nil {
			panic(err)
		}
		v := s.reg()
		s.scalar("VBROADCAST", at.Addr, v)
		scalars = append(scalars, v)
	}
	l.run(e.unroll, func(_ int, load func(string) vector, store func(vector, string)) {
		var in []vector
		for _, a := range e.in {
			in = append(in, load(a))
		}
		for i, v := range e.body(s, in, scalars) {
			store(v, e.out[i])
		}
	})
	VZEROUPPER()
	RET()
}

// loop goes over n elements of some arrays: by several vectors, by one, and
// under a mask for the rest.
type loop struct {
	isa
	n      reg.GPVirtual
	arrays []string
	base   map[string]reg.GPVirtual
}

func newLoop(s isa, arrays []string) loop {
	l := loop{s, Load(Param("n"), GP64()).(reg.GPVirtual), arrays, map[string]reg.GPVirtual{}}
	for _, a := range arrays {
		l.base[a] = Load(Param(a), GP64()).(reg.GPVirtual)
	}
	return l
}

// run emits the loops. body treats the u-th vector of a step.
func (l loop) run(unroll int, body func(u int, load func(string) vector, store func(vector, string))) {
	step := func(label string, vectors int) {
		Label(label)
		CMPQ(l.n, operand.I32(vectors*l.lanes()))
		JL(operand.LabelRef("end_" + label))
		for u := range vectors {
			body(u, func(a string) vector {
				v := l.reg()
				l.op("VMOVU", operand.Mem{Base: l.base[a], Disp: u * l.vec}, v)
				return v
			}, func(v vector, a string) { l.op("VMOVU", v, operand.Mem{Base: l.base[a], Disp: u * l.vec}) })
		}
		for _, a := range l.arrays {
			ADDQ(operand.I32(vectors*l.vec), l.base[a])
		}
		SUBQ(operand.I32(vectors*l.lanes()), l.n)
		JMP(operand.LabelRef(label))
		Label("end_" + label)
	}
	if unroll > 1 {
		step("many", unroll)
	}
	step("one", 1)
	TESTQ(l.n, l.n)
	JZ(operand.LabelRef("done"))
	m := l.first(l.n)
	body(0, func(a string) vector {
		v := l.reg()
		m.load(operand.Mem{Base: l.base[a]}, v)
		return v
	}, func(v vector, a string) { m.store(v, operand.Mem{Base: l.base[a]}) })
	Label("done")
}

// accumulators hide the latency of a multiply-add: 4 cycles, 2 a cycle, by half.
const accumulators = 4

// reduce writes a sum over elements; masked lanes must add nothing.
func reduce(s isa, name string, in []string, add func(acc vector, in []vector)) {
	TEXT(name+s.name, NOSPLIT, fmt.Sprintf("func(n int, %s *%s) %s", strings.Join(in, ", "), s.typ, s.typ))
	Doc(fmt.Sprintf("%s adds in %d lanes, then the lanes; it is limited by loads.", name+s.name,
		accumulators*s.lanes()))
	Pragma("noescape")
	l := newLoop(s, in)
	var acc [accumulators]vector
	for i := range acc {
		acc[i] = s.reg()
		s.zero(acc[i])
	}
	l.run(accumulators, func(u int, load func(string) vector, _ func(vector, string)) {
		var v []vector
		for _, a := range in {
			v = append(v, load(a))
		}
		add(acc[u], v)
	})
	s.op("VADD", acc[1], acc[0], acc[0])
	s.op("VADD", acc[3], acc[2], acc[2])
	s.op("VADD", acc[2], acc[0], acc[0])
	Store(s.horizontal(acc[0]), ReturnIndex(0))
	VZEROUPPER()
	RET()
}

// horizontal adds the lanes of v, halving it each time.
func (s isa) horizontal(v vector) reg.Register { return s.foldTo("VADD", v) }

// foldTo is horizontal for another instruction.
func (s isa) foldTo(stem string, v vector) reg.Register {
	if s.is512() {
		h := YMM()
		VEXTRACTF64X4(operand.U8(1), v, h)
		s.op(stem, h, v.AsY(), v.AsY())
	}
	h := XMM()
	VEXTRACTF128(operand.U8(1), v.AsY(), h)
	x := v.AsX()
	s.op(stem, h, x, x)
	VPERMILPD(operand.U8(1), x, h)
	s.op(stem, h, x, x)
	if s.bytes == 4 {
		VMOVSHDUP(x, h)
		s.op(stem, h, x, x)
	}
	return x
}
