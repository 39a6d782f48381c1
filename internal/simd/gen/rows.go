package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// rows writes the kernels of four rows of a matrix at a time.
func rows() {
	laneTable()
	for _, s := range isas {
		bothWays(s)
	}
}

// bothWays multiplies four rows by a vector and adds them up with weights, in one pass.
func bothWays(s isa) {
	const height = 4
	name := "bothWays" + s.name
	TEXT(name, NOSPLIT, fmt.Sprintf("func(n int, a *%[1]s, lda int, x, y, weights, sums *%[1]s)", s.typ))
	Doc(name+" is BothWays for four rows; it is limited by the multiply-adds in cache, two for each element",
		"of a, and by memory beyond.")
	Pragma("noescape")
	arg := func(name string) reg.GPVirtual { return Load(Param(name), GP64()).(reg.GPVirtual) }
	n, a, lda, x, y := arg("n"), arg("a"), arg("lda"), arg("x"), arg("y")
	SHLQ(s.shift(), lda)
	lda3 := GP64()
	LEAQ(operand.Mem{Base: lda, Index: lda, Scale: 2}, lda3)
	weights := arg("weights")
	var acc, weight [height]vector
	for i := range height {
		acc[i], weight[i] = s.reg(), s.reg()
		s.zero(acc[i])
		s.scalar("VBROADCAST", operand.Mem{Base: weights, Disp: i * s.bytes}, weight[i])
	}
	step := func(load func(operand.Mem) vector, store func(vector, operand.Mem)) {
		at := operand.Mem{Base: x}
		vx, vy := load(at), load(operand.Mem{Base: y})
		for i := range height {
			va := load(row(a, lda, lda3, i))
			s.op("VFMADD231", vx, va, acc[i])
			s.op("VFMADD231", weight[i], va, vy)
		}
		store(vy, operand.Mem{Base: y})
	}
	Label("loop")
	CMPQ(n, operand.I32(s.lanes()))
	JL(operand.LabelRef("rest"))
	step(func(from operand.Mem) vector {
		v := s.reg()
		s.op("VMOVU", from, v)
		return v
	}, func(v vector, to operand.Mem) { s.op("VMOVU", v, to) })
	for _, p := range []reg.GPVirtual{a, x, y} {
		ADDQ(operand.I32(s.vec), p)
	}
	SUBQ(operand.I32(s.lanes()), n)
	JMP(operand.LabelRef("loop"))
	Label("rest")
	TESTQ(n, n)
	JZ(operand.LabelRef("done"))
	m := s.first(n)
	step(func(from operand.Mem) vector {
		v := s.reg()
		m.load(from, v)
		return v
	}, m.store)
	Label("done")
	sums := arg("sums")
	for i := range height {
		if s.bytes == 4 {
			VMOVSS(s.horizontal(acc[i]), operand.Mem{Base: sums, Disp: i * s.bytes})
		} else {
			VMOVSD(s.horizontal(acc[i]), operand.Mem{Base: sums, Disp: i * s.bytes})
		}
	}
	VZEROUPPER()
	RET()
}
