package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// mask selects the first lanes of a vector: a mask register with AVX-512; with AVX2
// a vector of sign bits in memory, which each use loads, as there is no register to
// spare for it in the loop of a product.
type mask struct {
	s  isa
	k  reg.OpmaskVirtual
	at operand.Mem
}

// first returns the mask of the first rem lanes, 0 < rem ≤ lanes; rem is spoilt.
func (s isa) first(rem reg.GPVirtual) mask {
	if s.is512() {
		m := mask{s: s, k: K()}
		bits := GP64()
		MOVQ(operand.I32(-1), bits)
		BZHIQ(rem, bits, bits)
		KMOVW(bits.As32(), m.k)
		return m
	}
	table := GP64()
	LEAQ(operand.NewDataAddr(operand.NewStaticSymbol("lanes"), 32), table)
	SHLQ(s.shift(), rem)
	SUBQ(rem, table)
	return mask{s: s, at: operand.Mem{Base: table}}
}

// vector loads the mask of AVX2.
func (m mask) vector() reg.VecVirtual {
	v := YMM()
	VMOVUPS(m.at, v)
	return v
}

// laneTable is 32 bytes of ones, then 32 of zeros: 32 bytes from its middle less
// r lanes on have the first r lanes set.
func laneTable() {
	GLOBL("lanes", RODATA|NOPTR)
	for i := range 8 {
		v := operand.U64(0)
		if i < 4 {
			v = ^v
		}
		DATA(8*i, v)
	}
}

// load reads the lanes of a mask and zeroes the rest, without touching memory
// outside.
func (m mask) load(from operand.Mem, to reg.VecVirtual) {
	if m.s.is512() {
		m.s.op("VMOVUPZ", from, m.k, to)
		return
	}
	m.s.op("VMASKMOV", from, m.vector(), to)
}

// store writes the lanes of a mask only.
func (m mask) store(from reg.VecVirtual, to operand.Mem) {
	if m.s.is512() {
		m.s.op("VMOVU", from, m.k, to)
		return
	}
	m.s.op("VMASKMOV", from, m.vector(), to)
}
