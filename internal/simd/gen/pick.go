package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
)

// copyPieces writes the copy of masked pieces of rows.
func copyPieces() {
	TEXT("pickF32AVX512", NOSPLIT,
		"func(rows int, dst *float32, ldd int, src *float32, lds int, pieces *uint32, n int)")
	Doc("pickF32AVX512 stores 16 lanes of each row of dst, n pieces and zeros between them.",
		"It is limited by the loads, two a piece.")
	Pragma("noescape")
	rows := Load(Param("rows"), GP64())
	dst, ldd := Load(Param("dst"), GP64()), Load(Param("ldd"), GP64())
	src, lds := Load(Param("src"), GP64()), Load(Param("lds"), GP64())
	pieces, n := Load(Param("pieces"), GP64()), Load(Param("n"), GP64())
	SHLQ(operand.U8(2), ldd)
	SHLQ(operand.U8(2), lds)
	v, p, left, off, k := ZMM(), GP64(), GP64(), GP64(), K()
	Label("row")
	VPXORD(v, v, v)
	MOVQ(pieces, p)
	MOVQ(n, left)
	Label("piece")
	KMOVW(operand.Mem{Base: p}, k)
	MOVLQSX(operand.Mem{Base: p, Disp: 4}, off)
	VMOVUPS(operand.Mem{Base: src, Index: off, Scale: 4}, k, v)
	ADDQ(operand.I32(8), p)
	DECQ(left)
	JNZ(operand.LabelRef("piece"))
	VMOVUPS(v, operand.Mem{Base: dst})
	ADDQ(lds, src)
	ADDQ(ldd, dst)
	DECQ(rows)
	JNZ(operand.LabelRef("row"))
	VZEROUPPER()
	RET()
}
