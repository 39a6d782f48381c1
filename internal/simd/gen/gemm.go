package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// gemm writes the micro-kernels of matrix products.
func gemm() {
	laneTable()
	for _, s := range isas {
		tile(s)
	}
}

// tileRows is the height of a tile. A tile is three vectors wide, so that its
// accumulators leave room for a row of B and the broadcast elements of A in the
// 32 registers of AVX-512 (8·3 + 3 + 1 and more) and the 16 of AVX2 (4·3 + 3 + 1).
// A mask of AVX2, which is a vector, would be the 17th: only the loops for a last
// vector that is not whole have it, and load it anew for each row of B.
func (s isa) tileRows() int {
	if s.is512() {
		return 8
	}
	return 4
}

// tile writes one micro-kernel: a loop for each width in vectors, chosen by nr.
func tile(s isa) {
	name := "tile" + s.name
	rows := s.tileRows()
	TEXT(name, NOSPLIT, fmt.Sprintf(
		"func(kc int, a *%[1]s, rsa, csa int, b *%[1]s, ldb int, c *%[1]s, ldc, mr, nr int, alpha, beta %[1]s)", s.typ))
	Doc(fmt.Sprintf("%s is the micro-kernel of matrix products, see Tile: mr ≤ %d, nr ≤ %d.", name, rows, 3*s.lanes()),
		fmt.Sprintf("It does %d flops for each %d bytes loaded from the first-level cache and is limited",
			6*rows*s.lanes(), 3*s.vec+rows*s.bytes),
		"by the two fused multiply-adds a cycle.")
	Pragma("noescape")
	nr := Load(Param("nr"), GP64()).(reg.GPVirtual)
	CMPQ(nr, operand.I32(2*s.lanes()))
	JG(operand.LabelRef("three"))
	CMPQ(nr, operand.I32(s.lanes()))
	JG(operand.LabelRef("two"))
	for vecs, label := range []string{"one", "two", "three"} {
		Label(label)
		t := tileLoop{isa: s, label: label, rows: rows, vecs: vecs + 1}
		if !s.is512() { // whole vectors need no mask
			CMPQ(nr, operand.I32(t.vecs*s.lanes()))
			JNE(operand.LabelRef(label + "_part"))
			whole := t
			whole.whole, whole.label = true, label+"_whole"
			whole.multiply()
			whole.update()
			Label(label + "_part")
		}
		t.multiply()
		t.update()
	}
}

// tileLoop is the kernel for one width.
type tileLoop struct {
	isa
	label      string
	rows, vecs int
	whole      bool // the last vector of a row is
	acc        [][]reg.VecVirtual
	last       mask // the lanes of the last vector of a row, where it is not whole
}

func (t *tileLoop) param(name string, scale bool) reg.GPVirtual {
	r := Load(Param(name), GP64()).(reg.GPVirtual)
	if scale {
		SHLQ(t.shift(), r)
	}
	return r
}

// multiply sums the products into the accumulators.
func (t *tileLoop) multiply() {
	kc, a, b := t.param("kc", false), t.param("a", false), t.param("b", false)
	rsa, csa, ldb := t.param("rsa", true), t.param("csa", true), t.param("ldb", true)
	if !t.whole {
		rem := t.param("nr", false)
		if t.vecs > 1 {
			SUBQ(operand.I32((t.vecs-1)*t.lanes()), rem)
		}
		t.last = t.first(rem)
	}
	rsa3 := GP64()
	LEAQ(operand.Mem{Base: rsa, Index: rsa, Scale: 2}, rsa3)
	bases := []reg.GPVirtual{a}
	if t.rows == 8 {
		a4 := GP64()
		LEAQ(operand.Mem{Base: a, Index: rsa, Scale: 4}, a4)
		bases = append(bases, a4)
	}
	for range t.rows {
		var row []reg.VecVirtual
		for range t.vecs {
			v := t.reg()
			t.zero(v)
			row = append(row, v)
		}
		t.acc = append(t.acc, row)
	}
	t.fetch()
	TESTQ(kc, kc)
	JZ(operand.LabelRef(t.label + "_update"))

	step := func() { t.step(bases, rsa, rsa3, csa, b, ldb) }
	if t.whole {
		t.fours(kc, a, step)
	}
	Label(t.label + "_loop")
	step()
	DECQ(kc)
	JNZ(operand.LabelRef(t.label + "_loop"))
}

// fours does four steps at a time, as long as there are four: processors with AVX2 take
// four instructions a cycle and have none to spare for counting. It asks for lines of A
// ahead, which stream through the first-level cache, panel after panel.
func (t *tileLoop) fours(kc, a reg.GPVirtual, step func()) {
	SUBQ(operand.I32(4), kc)
	JL(operand.LabelRef(t.label + "_rest"))
	Label(t.label + "_fours")
	for at := 0; at < 4*t.rows*t.bytes; at += line {
		PREFETCHT0(operand.Mem{Base: a, Disp: ahead + at})
	}
	for range 4 {
		step()
	}
	SUBQ(operand.I32(4), kc)
	JGE(operand.LabelRef(t.label + "_fours"))
	Label(t.label + "_rest")
	ADDQ(operand.I32(4), kc)
	JZ(operand.LabelRef(t.label + "_update"))
}

// step adds the products of one column of A and one row of B.
func (t *tileLoop) step(bases []reg.GPVirtual, rsa, rsa3, csa, b, ldb reg.GPVirtual) {
	row := t.loadRow(b)
	for i := range t.rows {
		at := operand.Mem{Base: bases[i/4]}
		switch i % 4 {
		case 1:
			at.Index, at.Scale = rsa, 1
		case 2:
			at.Index, at.Scale = rsa, 2
		case 3:
			at.Index, at.Scale = rsa3, 1
		}
		x := t.reg()
		t.scalar("VBROADCAST", at, x)
		for v := range row {
			t.op("VFMADD231", x, row[v], t.acc[i][v])
		}
	}
	for _, base := range bases {
		ADDQ(csa, base)
	}
	ADDQ(ldb, b)
}

// Bytes of a line of the caches, and from a line in use to the one that is asked for.
const (
	line  = 64
	ahead = 512
)

// fetch asks for the lines of C that update will need: its rows are far apart, and no
// processor guesses the next.
func (t *tileLoop) fetch() {
	c, ldc := t.param("c", false), t.param("ldc", true)
	for i := range t.rows {
		for at := 0; at < t.vecs*t.vec; at += line {
			PREFETCHT0(operand.Mem{Base: c, Disp: at})
		}
		if i < t.rows-1 {
			ADDQ(ldc, c)
		}
	}
}

func (t *tileLoop) loadRow(b reg.GPVirtual) []reg.VecVirtual {
	var row []reg.VecVirtual
	for v := range t.vecs {
		x := t.reg()
		t.load(operand.Mem{Base: b, Disp: v * t.vec}, v, x)
		row = append(row, x)
	}
	return row
}

func (t *tileLoop) load(from operand.Mem, v int, to reg.VecVirtual) {
	if v == t.vecs-1 && !t.whole {
		t.last.load(from, to)
		return
	}
	t.op("VMOVU", from, to)
}

func (t *tileLoop) broadcast(name string) reg.VecVirtual {
	at, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	v := t.reg()
	t.scalar("VBROADCAST", at.Addr, v)
	return v
}

// update stores the first mr rows: alpha·acc, or alpha·acc + beta·C.
func (t *tileLoop) update() {
	Label(t.label + "_update")
	c, ldc, mr := t.param("c", false), t.param("ldc", true), t.param("mr", false)
	alpha, beta := t.broadcast("alpha"), t.broadcast("beta")
	for _, row := range t.acc {
		for _, v := range row {
			t.op("VMUL", alpha, v, v)
		}
	}
	none := XMM()
	VXORPS(none, none, none)
	t.scalar("VUCOMI", none, beta.AsX())
	JNE(operand.LabelRef(t.label + "_add"))
	JP(operand.LabelRef(t.label + "_add"))
	t.rowsOf("store", c, ldc, mr, func(i, v int, at operand.Mem) {})
	Label(t.label + "_add")
	t.rowsOf("sum", c, ldc, mr, func(i, v int, at operand.Mem) {
		old := t.reg()
		t.load(at, v, old)
		t.op("VFMADD231", old, beta, t.acc[i][v])
	})
}

func (t *tileLoop) rowsOf(label string, c, ldc, mr reg.GPVirtual, before func(i, v int, at operand.Mem)) {
	done := t.label + "_" + label + "_done"
	for i := range t.rows {
		for v := range t.vecs {
			at := operand.Mem{Base: c, Disp: v * t.vec}
			before(i, v, at)
			if v == t.vecs-1 && !t.whole {
				t.last.store(t.acc[i][v], at)
			} else {
				t.op("VMOVU", t.acc[i][v], at)
			}
		}
		if i < t.rows-1 {
			CMPQ(mr, operand.I32(i+1))
			JEQ(operand.LabelRef(done))
			ADDQ(ldc, c)
		}
	}
	Label(done)
	VZEROUPPER()
	RET()
}
