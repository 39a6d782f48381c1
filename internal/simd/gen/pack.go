package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// pack writes what copies matrices into panels. 32-byte vectors do for all: the
// copies are limited by shuffles and stores, not by width.
func pack() {
	transpose8("transposeF32", false)
	transpose8("transposeDownF32", true)
	transpose4x8()
	double := func(from operand.Mem, to reg.VecVirtual) { VMOVUPD(from, to) }
	transpose4("transposeF64", "float64", 8, false, double)
	transpose4("transposeDownF64", "float64", 8, true, double)
	transpose4("transposeWiden", "float32", 4, false, func(from operand.Mem, to reg.VecVirtual) { VCVTPS2PD(from, to) })
	widen()
	copyRows("copyRowsF32", "float32", 4)
	copyRows("copyRowsF64", "float64", 8)
	copyQuads("copyQuadsF32", "float32", 4)
	copyQuads("copyQuadsF64", "float64", 8)
	for _, vecs := range []int{3, 6} {
		copyPanels("F32", "float32", 4, vecs)
		copyPanels("F64", "float64", 8, vecs)
	}
}

// strip holds the arguments of a transposition.
type strip struct {
	src, lds, lds3, src4, dst, ldd, ldd3, blocks reg.GPVirtual
}

// loadStrip begins a function that writes height rows and blocks·width columns of src
// as columns and rows of dst, or, going down, blocks·height rows and width columns.
func loadStrip(name, from, to string, bytesFrom, bytesTo, height, width int, down bool) strip {
	TEXT(name, NOSPLIT, fmt.Sprintf("func(dst *%s, ldd int, src *%s, lds, blocks int)", to, from))
	what := fmt.Sprintf("%s stores %d rows and %d·blocks columns of src as %d columns of dst.", name, height, width,
		height)
	if down {
		what = fmt.Sprintf("%s stores %d·blocks rows and %d columns of src as %d rows of dst.", name, height, width,
			width)
	}
	Doc(what, "It is limited by the shuffles, one a cycle.")
	Pragma("noescape")
	s := strip{lds3: GP64(), src4: GP64(), ldd3: GP64()}
	s.dst = Load(Param("dst"), GP64()).(reg.GPVirtual)
	s.ldd = Load(Param("ldd"), GP64()).(reg.GPVirtual)
	s.src = Load(Param("src"), GP64()).(reg.GPVirtual)
	s.lds = Load(Param("lds"), GP64()).(reg.GPVirtual)
	s.blocks = Load(Param("blocks"), GP64()).(reg.GPVirtual)
	SHLQ(operand.U8(log2(bytesFrom)), s.lds)
	SHLQ(operand.U8(log2(bytesTo)), s.ldd)
	LEAQ(operand.Mem{Base: s.lds, Index: s.lds, Scale: 2}, s.lds3)
	LEAQ(operand.Mem{Base: s.ldd, Index: s.ldd, Scale: 2}, s.ldd3)
	LEAQ(operand.Mem{Base: s.src, Index: s.lds, Scale: 4}, s.src4)
	return s
}

func log2(n int) int {
	if n == 4 {
		return 2
	}
	return 3
}

// row is the address of row i < 4 from base.
func row(base, ld, ld3 reg.GPVirtual, i int) operand.Mem {
	switch i {
	case 0:
		return operand.Mem{Base: base}
	case 1:
		return operand.Mem{Base: base, Index: ld, Scale: 1}
	case 2:
		return operand.Mem{Base: base, Index: ld, Scale: 2}
	}
	return operand.Mem{Base: base, Index: ld3, Scale: 1}
}

// transpose8 transposes 8×8 blocks of float32, side by side or, going down, one below
// the other.
func transpose8(name string, down bool) {
	s := loadStrip(name, "float32", "float32", 4, 4, 8, 8, down)
	ldd8, lds8 := GP64(), GP64()
	MOVQ(s.ldd, ldd8)
	SHLQ(operand.U8(3), ldd8)
	MOVQ(s.lds, lds8)
	SHLQ(operand.U8(3), lds8)
	Label("loop")
	var in, pair, quad [8]reg.VecVirtual
	for i := range in {
		in[i], pair[i], quad[i] = YMM(), YMM(), YMM()
	}
	next := [2]reg.GPVirtual{GP64(), GP64()}
	LEAQ(operand.Mem{Base: s.src4, Index: s.lds, Scale: 4}, next[0])
	LEAQ(operand.Mem{Base: next[0], Index: s.lds, Scale: 4}, next[1])
	for i := range in {
		PREFETCHT0(row(next[i/4], s.lds, s.lds3, i%4))
		VMOVUPS(row([]reg.GPVirtual{s.src, s.src4}[i/4], s.lds, s.lds3, i%4), in[i])
	}
	for i := 0; i < 8; i += 2 { // pairs of rows interleaved
		VUNPCKLPS(in[i+1], in[i], pair[i])
		VUNPCKHPS(in[i+1], in[i], pair[i+1])
	}
	for i := 0; i < 8; i += 4 { // quadruples of rows
		VUNPCKLPD(pair[i+2], pair[i], quad[i])
		VUNPCKHPD(pair[i+2], pair[i], quad[i+1])
		VUNPCKLPD(pair[i+3], pair[i+1], quad[i+2])
		VUNPCKHPD(pair[i+3], pair[i+1], quad[i+3])
	}
	below := GP64()
	LEAQ(operand.Mem{Base: s.dst, Index: s.ldd, Scale: 4}, below)
	for half, dst := range []reg.GPVirtual{s.dst, below} { // halves of vectors
		for i := range 4 {
			out := YMM()
			VPERM2F128(operand.U8(0x20+0x11*half), quad[i+4], quad[i], out)
			VMOVUPS(out, row(dst, s.ldd, s.ldd3, i))
		}
	}
	if down {
		ADDQ(operand.I32(32), s.dst)
		ADDQ(lds8, s.src)
		ADDQ(lds8, s.src4)
	} else {
		ADDQ(ldd8, s.dst)
		ADDQ(operand.I32(32), s.src)
		ADDQ(operand.I32(32), s.src4)
	}
	DECQ(s.blocks)
	JNZ(operand.LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// transpose4x8 transposes blocks of 4 rows and 8 columns of float32: what a tile of
// AVX2 has of rows.
func transpose4x8() {
	s := loadStrip("transposeF32x4", "float32", "float32", 4, 4, 4, 8, false)
	Label("loop")
	var in, pair [4]reg.VecVirtual
	for i := range in {
		in[i], pair[i] = YMM(), YMM()
		PREFETCHT0(row(s.src4, s.lds, s.lds3, i))
		VMOVUPS(row(s.src, s.lds, s.lds3, i), in[i])
	}
	for i := 0; i < 4; i += 2 { // pairs of rows interleaved
		VUNPCKLPS(in[i+1], in[i], pair[i])
		VUNPCKHPS(in[i+1], in[i], pair[i+1])
	}
	below := GP64()
	LEAQ(operand.Mem{Base: s.dst, Index: s.ldd, Scale: 4}, below)
	for i := range 4 { // columns i and i + 4
		both := YMM()
		if i%2 == 0 {
			VUNPCKLPD(pair[i/2+2], pair[i/2], both)
		} else {
			VUNPCKHPD(pair[i/2+2], pair[i/2], both)
		}
		VMOVUPS(both.AsX(), row(s.dst, s.ldd, s.ldd3, i))
		VEXTRACTF128(operand.U8(1), both, row(below, s.ldd, s.ldd3, i))
	}
	LEAQ(operand.Mem{Base: below, Index: s.ldd, Scale: 4}, s.dst)
	ADDQ(operand.I32(32), s.src)
	ADDQ(operand.I32(32), s.src4)
	DECQ(s.blocks)
	JNZ(operand.LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// transpose4 transposes 4×4 blocks into float64, side by side or one below the other.
func transpose4(name, from string, bytes int, down bool, load func(operand.Mem, reg.VecVirtual)) {
	s := loadStrip(name, from, "float64", bytes, 8, 4, 4, down)
	Label("loop")
	var in, pair [4]reg.VecVirtual
	for i := range in {
		in[i], pair[i] = YMM(), YMM()
		PREFETCHT0(row(s.src4, s.lds, s.lds3, i))
		load(row(s.src, s.lds, s.lds3, i), in[i])
	}
	for i := 0; i < 4; i += 2 {
		VUNPCKLPD(in[i+1], in[i], pair[i])
		VUNPCKHPD(in[i+1], in[i], pair[i+1])
	}
	for i := range 4 {
		out := YMM()
		VPERM2F128(operand.U8(0x20+0x11*(i/2)), pair[i%2+2], pair[i%2], out)
		VMOVUPD(out, row(s.dst, s.ldd, s.ldd3, i))
	}
	if down {
		ADDQ(operand.I32(32), s.dst)
		LEAQ(operand.Mem{Base: s.src, Index: s.lds, Scale: 4}, s.src)
		LEAQ(operand.Mem{Base: s.src4, Index: s.lds, Scale: 4}, s.src4)
	} else {
		LEAQ(operand.Mem{Base: s.dst, Index: s.ldd, Scale: 4}, s.dst)
		ADDQ(operand.I32(4*bytes), s.src)
		ADDQ(operand.I32(4*bytes), s.src4)
	}
	DECQ(s.blocks)
	JNZ(operand.LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// widen converts rows of float32 to float64.
func widen() {
	TEXT("widenRows", NOSPLIT, "func(dst *float64, ldd int, src *float32, lds, rows, blocks int)")
	Doc("widenRows converts rows of 4·blocks elements; it is limited by the stores, one or two a cycle.")
	Pragma("noescape")
	dst, ldd := Load(Param("dst"), GP64()), Load(Param("ldd"), GP64())
	src, lds := Load(Param("src"), GP64()), Load(Param("lds"), GP64())
	rows, blocks := Load(Param("rows"), GP64()), Load(Param("blocks"), GP64())
	SHLQ(operand.U8(2), lds)
	SHLQ(operand.U8(3), ldd)
	i := GP64()
	Label("row")
	XORQ(i, i)
	Label("loop")
	x, at := YMM(), GP64()
	MOVQ(i, at)
	SHLQ(operand.U8(4), at)
	VCVTPS2PD(operand.Mem{Base: src, Index: at, Scale: 1}, x)
	VMOVUPD(x, operand.Mem{Base: dst, Index: at, Scale: 2})
	INCQ(i)
	CMPQ(i, blocks)
	JL(operand.LabelRef("loop"))
	ADDQ(lds, src)
	ADDQ(ldd, dst)
	DECQ(rows)
	JNZ(operand.LabelRef("row"))
	VZEROUPPER()
	RET()
}

// copyRows copies rows of whole 32-byte vectors.
func copyRows(name, typ string, bytes int) {
	TEXT(name, NOSPLIT, fmt.Sprintf("func(dst *%[1]s, ldd int, src *%[1]s, lds, rows, blocks int)", typ))
	Doc(fmt.Sprintf("%s copies rows of %d·blocks elements; it is limited by the loads and stores, one or two a cycle.",
		name, 32/bytes))
	Pragma("noescape")
	dst, ldd := Load(Param("dst"), GP64()), Load(Param("ldd"), GP64())
	src, lds := Load(Param("src"), GP64()), Load(Param("lds"), GP64())
	rows, bytesOf := Load(Param("rows"), GP64()), Load(Param("blocks"), GP64())
	SHLQ(operand.U8(log2(bytes)), lds)
	SHLQ(operand.U8(log2(bytes)), ldd)
	SHLQ(operand.U8(5), bytesOf)
	at := GP64()
	Label("row")
	XORQ(at, at)
	Label("loop")
	x := YMM()
	VMOVUPS(operand.Mem{Base: src, Index: at, Scale: 1}, x)
	VMOVUPS(x, operand.Mem{Base: dst, Index: at, Scale: 1})
	ADDQ(operand.I32(32), at)
	CMPQ(at, bytesOf)
	JL(operand.LabelRef("loop"))
	ADDQ(lds, src)
	ADDQ(ldd, dst)
	DECQ(rows)
	JNZ(operand.LabelRef("row"))
	VZEROUPPER()
	RET()
}

// copyPanels copies rows of panels that are some 32-byte vectors wide, as tiles are. It
// asks for what follows a row below: rows of a large matrix lie in pages of their own,
// where no processor guesses the next.
func copyPanels(suffix, typ string, bytes, vecs int) {
	name := fmt.Sprintf("copyPanels%d%s", vecs, suffix)
	TEXT(name, NOSPLIT, fmt.Sprintf("func(dst *%[1]s, step int, src *%[1]s, lds, rows, panels int)", typ))
	Doc(fmt.Sprintf("%s copies rows of panels that are %d elements wide: panel q of a row goes to q·step from",
		name, vecs*32/bytes),
		"the row's place in dst, whose rows lie one behind the other. It is limited by memory.")
	Pragma("noescape")
	dst, step := Load(Param("dst"), GP64()), Load(Param("step"), GP64())
	src, lds := Load(Param("src"), GP64()), Load(Param("lds"), GP64())
	rows, panels := Load(Param("rows"), GP64()), Load(Param("panels"), GP64())
	SHLQ(operand.U8(log2(bytes)), step)
	SHLQ(operand.U8(log2(bytes)), lds)
	left, from, to := GP64(), GP64(), GP64()
	Label("row")
	MOVQ(panels, left)
	MOVQ(src, from)
	MOVQ(dst, to)
	Label("panel")
	for at := 0; at < 32*vecs; at += line {
		PREFETCHT0(operand.Mem{Base: from, Index: lds, Scale: 4, Disp: at})
	}
	for v := range vecs {
		x := YMM()
		VMOVUPS(operand.Mem{Base: from, Disp: 32 * v}, x)
		VMOVUPS(x, operand.Mem{Base: to, Disp: 32 * v})
	}
	ADDQ(operand.I32(32*vecs), from)
	ADDQ(step, to)
	DECQ(left)
	JNZ(operand.LabelRef("panel"))
	ADDQ(lds, src)
	ADDQ(operand.I32(32*vecs), dst)
	DECQ(rows)
	JNZ(operand.LabelRef("row"))
	VZEROUPPER()
	RET()
}

// copyQuads copies rows of quads of four elements, each quad of a row to another place.
func copyQuads(name, typ string, bytes int) {
	TEXT(name, NOSPLIT, fmt.Sprintf("func(dst *%[1]s, ldd, step int, src *%[1]s, lds, rows, quads int)", typ))
	Doc(name+" copies rows of 4·quads elements: quad q of a row goes to q·step from the row's place in dst.",
		"It is limited by the loads and stores, one or two a cycle.")
	Pragma("noescape")
	dst, ldd, step := Load(Param("dst"), GP64()), Load(Param("ldd"), GP64()), Load(Param("step"), GP64())
	src := Load(Param("src"), GP64()).(reg.GPVirtual)
	lds := Load(Param("lds"), GP64()).(reg.GPVirtual)
	rows, quads := Load(Param("rows"), GP64()), Load(Param("quads"), GP64())
	for _, count := range []reg.Register{ldd, step, lds} {
		SHLQ(operand.U8(log2(bytes)), count)
	}
	left, from, to, lds3 := GP64(), GP64(), GP64(), GP64()
	LEAQ(operand.Mem{Base: lds, Index: lds, Scale: 2}, lds3)
	vector := func() operand.Op {
		if bytes == 8 {
			return YMM()
		}
		return XMM()
	}
	loop := func(label string, height int) {
		Label(label)
		SUBQ(operand.I32(height), rows)
		JL(operand.LabelRef(label + "_done"))
		MOVQ(quads, left)
		MOVQ(src, from)
		MOVQ(dst, to)
		Label(label + "_quad")
		at := GP64()
		LEAQ(operand.Mem{Base: from, Index: lds, Scale: 4}, at)
		for i := range height {
			PREFETCHT0(row(at, lds, lds3, i))
		}
		MOVQ(to, at)
		for i := range height {
			x := vector()
			VMOVUPS(row(from, lds, lds3, i), x)
			VMOVUPS(x, operand.Mem{Base: at})
			if i < height-1 {
				ADDQ(ldd, at)
			}
		}
		ADDQ(operand.I32(4*bytes), from)
		ADDQ(step, to)
		DECQ(left)
		JNZ(operand.LabelRef(label + "_quad"))
		for range height {
			ADDQ(lds, src)
			ADDQ(ldd, dst)
		}
		JMP(operand.LabelRef(label))
		Label(label + "_done")
		ADDQ(operand.I32(height), rows)
	}
	loop("rows4", 4) // lines of dst are written whole: quads lie where the cache has few ways
	loop("rows1", 1)
	VZEROUPPER()
	RET()
}
