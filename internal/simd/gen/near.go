package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// near writes the kernels of nearest rows and their means.
func near() {
	laneTable()
	for _, s := range isas {
		if s.bytes == 4 {
			leastTwo(s)
			below(s)
		} else {
			addRows(s)
		}
	}
}

// leastVectors is the vectors of a row of scores: the width of a tile.
const leastVectors = 3

// leastTwo goes down the columns of scores, three vectors of them at a time, which stay in registers.
func leastTwo(s isa) {
	name := "leastTwo" + s.name
	TEXT(name, NOSPLIT, fmt.Sprintf("func(rows int, offsets, scores, best, second *%s, at *int32)", s.typ))
	Doc(name + fmt.Sprintf(" is LeastTwo for %d columns; it is limited by comparisons.", leastVectors*s.lanes()))
	Pragma("noescape")
	arg := func(name string) reg.GPVirtual { return Load(Param(name), GP64()).(reg.GPVirtual) }
	rows, offsets, scores := arg("rows"), arg("offsets"), arg("scores")
	var best, second, at [leastVectors]vector
	infinity := GP32()
	MOVL(operand.U32(0x7f800000), infinity)
	for i := range leastVectors {
		best[i], second[i], at[i] = s.reg(), s.reg(), s.reg()
		VMOVD(infinity, best[i].AsX())
		VBROADCASTSS(best[i].AsX(), best[i])
		s.op("VMOVU", best[i], second[i])
		s.zero(at[i])
	}
	index, one := s.reg(), s.reg()
	MOVL(operand.U32(1), infinity)
	VMOVD(infinity, one.AsX())
	VPBROADCASTD(one.AsX(), one)
	s.zero(index)
	Label("loop")
	for i := range leastVectors {
		v, worse := s.reg(), s.reg()
		s.scalar("VBROADCAST", operand.Mem{Base: offsets}, v)
		s.op("VADD", operand.Mem{Base: scores, Disp: i * s.vec}, v, v)
		s.op("VMAX", best[i], v, worse)
		s.op("VMIN", worse, second[i], second[i])
		s.op("VMOVU", s.choose(less, v, best[i], index, at[i]), at[i])
		s.op("VMIN", best[i], v, best[i])
	}
	VPADDD(one, index, index)
	ADDQ(operand.I32(s.bytes), offsets)
	ADDQ(operand.I32(leastVectors*s.vec), scores)
	DECQ(rows)
	JNZ(operand.LabelRef("loop"))
	for _, out := range []struct {
		name string
		regs [leastVectors]vector
	}{{"best", best}, {"second", second}, {"at", at}} {
		to := arg(out.name)
		for i, v := range out.regs {
			s.op("VMOVU", v, operand.Mem{Base: to, Disp: i * s.vec})
		}
	}
	VZEROUPPER()
	RET()
}

// below compares the sums of as many elements as a row of scores has.
func below(s isa) {
	const notAtLeast = 0x19 // quiet, and true for NaN
	name := "below" + s.name
	TEXT(name, NOSPLIT, fmt.Sprintf("func(a, b, limit *%s) uint64", s.typ))
	Doc(name + fmt.Sprintf(" is Below for %d elements; it is limited by the call.", leastVectors*s.lanes()))
	Pragma("noescape")
	arg := func(name string) reg.GPVirtual { return Load(Param(name), GP64()).(reg.GPVirtual) }
	a, b, limit := arg("a"), arg("b"), s.reg()
	s.scalar("VBROADCAST", operand.Mem{Base: arg("limit")}, limit)
	all := GP64()
	XORQ(all, all)
	for i := range leastVectors {
		v, bits := s.reg(), GP64()
		s.op("VMOVU", operand.Mem{Base: a, Disp: i * s.vec}, v)
		s.op("VADD", operand.Mem{Base: b, Disp: i * s.vec}, v, v)
		if s.is512() {
			k := K()
			s.op("VCMP", operand.U8(notAtLeast), limit, v, k)
			KMOVW(k, bits.As32())
		} else {
			s.op("VCMP", operand.U8(notAtLeast), limit, v, v)
			VMOVMSKPS(v.AsY(), bits.As32())
		}
		SHLQ(operand.U8(i*s.lanes()), bits)
		ORQ(bits, all)
	}
	Store(all, ReturnIndex(0))
	VZEROUPPER()
	RET()
}

// addRows adds rows of a matrix to sums that stay in registers, some vectors of columns at a time. Products are
// rounded before they are added.
func addRows(s isa) {
	const most = 8 // vectors at a time: as many sums hide the latency of one
	name := "addRows" + s.name
	TEXT(name, NOSPLIT, fmt.Sprintf("func(n int, sums, x *%[1]s, ld int, rows *int32, count int, a *%[1]s)", s.typ))
	Doc(name + " is AddRows; it is limited by loads, or memory.")
	Pragma("noescape")
	arg := func(name string) reg.GPVirtual { return Load(Param(name), GP64()).(reg.GPVirtual) }
	n, sums, x, ld := arg("n"), arg("sums"), arg("x"), arg("ld")
	SHLQ(s.shift(), ld)
	a := s.reg()
	s.scalar("VBROADCAST", operand.Mem{Base: arg("a")}, a)
	block := func(label string, vectors int, load func(operand.Mem, vector), store func(vector, operand.Mem)) {
		var acc []vector
		for i := range vectors {
			acc = append(acc, s.reg())
			load(operand.Mem{Base: sums, Disp: i * s.vec}, acc[i])
		}
		list, left := arg("rows"), arg("count")
		Label(label)
		row := GP64()
		MOVLQSX(operand.Mem{Base: list}, row)
		IMULQ(ld, row)
		ADDQ(x, row)
		for i := range vectors {
			v := s.reg()
			load(operand.Mem{Base: row, Disp: i * s.vec}, v)
			s.op("VMUL", a, v, v)
			s.op("VADD", v, acc[i], acc[i])
		}
		ADDQ(operand.I32(4), list)
		DECQ(left)
		JNZ(operand.LabelRef(label))
		for i := range vectors {
			store(acc[i], operand.Mem{Base: sums, Disp: i * s.vec})
		}
	}
	load := func(from operand.Mem, to vector) { s.op("VMOVU", from, to) }
	store := func(from vector, to operand.Mem) { s.op("VMOVU", from, to) }
	for _, vectors := range []int{most, 1} {
		label := fmt.Sprintf("by%d", vectors)
		Label(label)
		CMPQ(n, operand.I32(vectors*s.lanes()))
		JL(operand.LabelRef("end_" + label))
		block("rows_"+label, vectors, load, store)
		for _, p := range []reg.GPVirtual{sums, x} {
			ADDQ(operand.I32(vectors*s.vec), p)
		}
		SUBQ(operand.I32(vectors*s.lanes()), n)
		JMP(operand.LabelRef(label))
		Label("end_" + label)
	}
	TESTQ(n, n)
	JZ(operand.LabelRef("done"))
	m := s.first(n)
	block("rows_rest", 1, m.load, m.store)
	Label("done")
	VZEROUPPER()
	RET()
}
