package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// triangle writes the kernels of triangular systems.
func triangle() {
	for _, s := range isas {
		if s.bytes == 8 {
			substitute(s)
		}
	}
}

// substitute solves a triangular system as high and wide as a tile, whose
// right-hand sides stay in registers.
func substitute(s isa) {
	name, rows := "substitute"+s.name, s.tileRows()
	TEXT(name, NOSPLIT, fmt.Sprintf("func(l *%[1]s, rs, cs int, inv *%[1]s, is int, x *%[1]s, ldx int)", s.typ))
	Doc(fmt.Sprintf("%s is Tile.Solve for %d rows and %d columns. It is limited by the latency of", name, rows,
		3*s.lanes()),
		"a multiply-add a row and column of the triangle, three chains at a time.")
	Pragma("noescape")
	arg := func(name string, scale bool) reg.GPVirtual {
		r := Load(Param(name), GP64()).(reg.GPVirtual)
		if scale {
			SHLQ(s.shift(), r)
		}
		return r
	}
	l, rs, cs := arg("l", false), arg("rs", true), arg("cs", true)
	inv, is := arg("inv", false), arg("is", true)
	x, ldx := arg("x", false), arg("ldx", true)
	var sol [][3]reg.VecVirtual
	for range rows {
		var r [3]reg.VecVirtual
		for v := range r {
			r[v] = s.reg()
		}
		sol = append(sol, r)
	}
	for i := range sol {
		for v := range sol[i] {
			s.op("VMOVU", operand.Mem{Base: x, Disp: v * s.vec}, sol[i][v])
		}
		at := GP64()
		MOVQ(l, at)
		for p := range i {
			c := s.reg()
			s.scalar("VBROADCAST", operand.Mem{Base: at}, c)
			for v := range sol[i] {
				s.op("VFNMADD231", c, sol[p][v], sol[i][v])
			}
			ADDQ(cs, at)
		}
		c := s.reg()
		s.scalar("VBROADCAST", operand.Mem{Base: inv}, c)
		for v := range sol[i] {
			s.op("VMUL", c, sol[i][v], sol[i][v])
			s.op("VMOVU", sol[i][v], operand.Mem{Base: x, Disp: v * s.vec})
		}
		if i < rows-1 {
			ADDQ(ldx, x)
			ADDQ(rs, l)
			ADDQ(is, inv)
		}
	}
	VZEROUPPER()
	RET()
}
