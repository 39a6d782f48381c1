package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// lanes writes the kernel of ConjDots.
func lanes() {
	for _, s := range isas {
		if s.bytes == 8 {
			conjDot(s)
		}
	}
}

// conjDot goes over the sums for each vector of the lanes, which AVX-512 has one of and
// AVX2 two. The four products of a term have a sum each, so that a term waits for no
// other but the one before it. Strides are in bytes.
func conjDot(s isa) {
	name := "conjDot" + s.name
	TEXT(name, NOSPLIT, "func(m, n int, a *float64, nextA, lda int, b *float64, ldb, im int, base *float64, "+
		"nextBase int, scale, out *float64, nextOut, imOut int)")
	Doc(fmt.Sprintf("%s is ConjDots, with strides in bytes; it is limited by loads, four a term.", name))
	Pragma("noescape")
	at := func(base reg.GPVirtual, h int) operand.Mem { return operand.Mem{Base: base, Disp: h * s.vec} }
	plus := func(base, by reg.GPVirtual, h int) operand.Mem {
		return operand.Mem{Base: base, Index: by, Scale: 1, Disp: h * s.vec}
	}
	load := func(param string) reg.GPVirtual { return Load(Param(param), GP64()).(reg.GPVirtual) }
	lda, ldb, im, imOut := load("lda"), load("ldb"), load("im"), load("imOut")
	for h := range 64 / s.vec {
		m, first, base, out := load("m"), load("a"), load("base"), load("out")
		loop, done, each := fmt.Sprintf("loop%d", h), fmt.Sprintf("done%d", h), fmt.Sprintf("each%d", h)
		Label(each)
		n, a, b := load("n"), GP64(), load("b")
		MOVQ(first, a)
		var sums [4]vector // re·re, im·im, im·re, re·im
		for i := range sums {
			sums[i] = s.reg()
			s.zero(sums[i])
		}
		TESTQ(n, n)
		JLE(operand.LabelRef(done))
		Label(loop)
		ar, ai := s.reg(), s.reg()
		s.op("VMOVU", at(a, h), ar)
		s.op("VMOVU", plus(a, im, h), ai)
		s.op("VFMADD231", at(b, h), ar, sums[0])
		s.op("VFMADD231", plus(b, im, h), ai, sums[1])
		s.op("VFMADD231", at(b, h), ai, sums[2])
		s.op("VFMADD231", plus(b, im, h), ar, sums[3])
		ADDQ(lda, a)
		ADDQ(ldb, b)
		DECQ(n)
		JNZ(operand.LabelRef(loop))
		Label(done)
		s.op("VADD", sums[1], sums[0], sums[0])
		s.op("VSUB", sums[3], sums[2], sums[2])
		c, re, imag := s.reg(), s.reg(), s.reg()
		s.op("VMOVU", at(load("scale"), h), c)
		s.op("VMOVU", at(base, h), re)
		s.op("VMOVU", plus(base, imOut, h), imag)
		s.op("VSUB", sums[0], re, re)
		s.op("VSUB", sums[2], imag, imag)
		s.op("VMUL", c, re, re)
		s.op("VMUL", c, imag, imag)
		s.op("VMOVU", re, at(out, h))
		s.op("VMOVU", imag, plus(out, imOut, h))
		ADDQ(load("nextA"), first)
		ADDQ(load("nextBase"), base)
		ADDQ(load("nextOut"), out)
		DECQ(m)
		JNZ(operand.LabelRef(each))
	}
	VZEROUPPER()
	RET()
}
