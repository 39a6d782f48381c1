package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// isa is an instruction set together with an element type: what differs between
// the four twins of a kernel.
type isa struct {
	name  string // suffix of the functions
	typ   string // Go type of an element
	bytes int    // of an element
	vec   int    // bytes of a vector
}

// isas lists all twins.
var isas = []isa{
	{"F32AVX512", "float32", 4, 64},
	{"F64AVX512", "float64", 8, 64},
	{"F32AVX2", "float32", 4, 32},
	{"F64AVX2", "float64", 8, 32},
}

func (s isa) is512() bool { return s.vec == 64 }

// lanes is the number of elements in a vector.
func (s isa) lanes() int { return s.vec / s.bytes }

func (s isa) shift() operand.U8 {
	if s.bytes == 4 {
		return 2
	}
	return 3
}

func (s isa) reg() reg.VecVirtual {
	if s.is512() {
		return ZMM()
	}
	return YMM()
}

// op calls the packed instruction of a stem: op("VADD", …) is VADDPS or VADDPD.
func (s isa) op(stem string, ops ...operand.Op) { s.instr(stem+"P", ops...) }

// scalar calls the scalar instruction of a stem, VADDSS or VADDSD.
func (s isa) scalar(stem string, ops ...operand.Op) { s.instr(stem+"S", ops...) }

func (s isa) instr(stem string, ops ...operand.Op) {
	suffix := "S"
	if s.bytes == 8 {
		suffix = "D"
	}
	f, ok := instructions[stem+suffix]
	if !ok {
		panic(fmt.Sprintf("gen: no instruction %s in the table", stem+suffix))
	}
	f(ops...)
}

// zero clears a vector.
func (s isa) zero(v reg.VecVirtual) {
	if s.is512() {
		VPXORD(v, v, v)
	} else {
		VPXOR(v, v, v)
	}
}

// instructions maps names to avo's functions, as far as the kernels use them.
var instructions = map[string]func(...operand.Op){
	"VMOVUPS": VMOVUPS, "VMOVUPD": VMOVUPD,
	"VMOVUPZPS": three(VMOVUPS_Z), "VMOVUPZPD": three(VMOVUPD_Z),
	"VMASKMOVPS": three(VMASKMOVPS), "VMASKMOVPD": three(VMASKMOVPD),
	"VBROADCASTSS": VBROADCASTSS, "VBROADCASTSD": VBROADCASTSD,
	"VADDPS": VADDPS, "VADDPD": VADDPD,
	"VSUBPS": VSUBPS, "VSUBPD": VSUBPD,
	"VMULPS": VMULPS, "VMULPD": VMULPD,
	"VDIVPS": VDIVPS, "VDIVPD": VDIVPD,
	"VMAXPS": VMAXPS, "VMAXPD": VMAXPD,
	"VMINPS": VMINPS, "VMINPD": VMINPD,
	"VSQRTPS": VSQRTPS, "VSQRTPD": VSQRTPD,
	"VFMADD231PS": VFMADD231PS, "VFMADD231PD": VFMADD231PD,
	"VFMADD213PS": VFMADD213PS, "VFMADD213PD": VFMADD213PD,
	"VFNMADD231PS": VFNMADD231PS, "VFNMADD231PD": VFNMADD231PD,
	"VFMSUB231PS": VFMSUB231PS, "VFMSUB231PD": VFMSUB231PD,
	"VANDPS": VANDPS, "VANDPD": VANDPD,
	"VORPS": VORPS, "VORPD": VORPD,
	"VCMPPS": VCMPPS, "VCMPPD": VCMPPD,
	"VBLENDMPS": VBLENDMPS, "VBLENDMPD": VBLENDMPD,
	"VBLENDVPS": four(VBLENDVPS), "VBLENDVPD": four(VBLENDVPD),
	"VRNDSCALEPS": VRNDSCALEPS, "VRNDSCALEPD": VRNDSCALEPD,
	"VROUNDPS": three(VROUNDPS), "VROUNDPD": three(VROUNDPD),
	"VSCALEFPS": VSCALEFPS, "VSCALEFPD": VSCALEFPD,
	"VUCOMISS": two(VUCOMISS), "VUCOMISD": two(VUCOMISD),
}

func two(f func(a, b operand.Op)) func(...operand.Op) {
	return func(o ...operand.Op) { f(o[0], o[1]) }
}

func three(f func(a, b, c operand.Op)) func(...operand.Op) {
	return func(o ...operand.Op) { f(o[0], o[1], o[2]) }
}

func four(f func(a, b, c, d operand.Op)) func(...operand.Op) {
	return func(o ...operand.Op) { f(o[0], o[1], o[2], o[3]) }
}
