package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// winograd writes the transforms of ../winograd.go, in which the formulas are.
func winograd() {
	for _, s := range isas {
		k := s.winogradTable()
		for _, m := range []separable{
			{"Input", 6, 6, k.input}, {"Output", 6, 4, k.output}, {"Filter", 3, 6, k.filter},
			{"OutputGrad", 4, 6, k.outputGrad}, {"FilterGrad", 6, 3, k.filterGrad},
		} {
			m.write(s)
		}
	}
}

// A separable map of from×from matrices to to×to: line on all columns, then on all
// rows. Each lane is a matrix.
type separable struct {
	name     string
	from, to int
	line     func(x []vector, store func(i int, v vector))
}

func (m separable) write(s isa) {
	name := "winograd" + m.name + s.name
	TEXT(name, NOSPLIT,
		fmt.Sprintf("func(n int, dst *%[1]s, dRow, dCol int, src *%[1]s, sRow, sCol int, scratch *%[1]s)", s.typ))
	Doc(fmt.Sprintf("%s maps n matrices of %d×%d to %d×%d, see Winograd%s; it is limited by loads and", name, m.from,
		m.from, m.to, m.to, m.name),
		"stores of the first-level cache.")
	Pragma("noescape")
	n := Load(Param("n"), GP64()).(reg.GPVirtual)
	arg := func(name string) reg.GPVirtual { return Load(Param(name), GP64()).(reg.GPVirtual) }
	dst, src, scratch := arg("dst"), arg("src"), arg("scratch")
	strides := map[string]reg.GPVirtual{}
	for _, a := range []string{"dRow", "dCol", "sRow", "sCol"} {
		strides[a] = arg(a)
		SHLQ(s.shift(), strides[a])
	}
	Label("loop")
	column, at := GP64(), GP64()
	MOVQ(src, column)
	for j := range m.from {
		MOVQ(column, at)
		var x []vector
		for i := range m.from {
			v := s.reg()
			s.op("VMOVU", operand.Mem{Base: at}, v)
			x = append(x, v)
			if i < m.from-1 {
				ADDQ(strides["sRow"], at)
			}
		}
		m.line(x, func(i int, v vector) {
			s.op("VMOVU", v, operand.Mem{Base: scratch, Disp: (i*m.from + j) * s.vec})
		})
		if j < m.from-1 {
			ADDQ(strides["sCol"], column)
		}
	}
	row := GP64()
	MOVQ(dst, row)
	for i := range m.to {
		var x []vector
		for j := range m.from {
			v := s.reg()
			s.op("VMOVU", operand.Mem{Base: scratch, Disp: (i*m.from + j) * s.vec}, v)
			x = append(x, v)
		}
		MOVQ(row, at)
		m.line(x, func(j int, v vector) {
			s.op("VMOVU", v, operand.Mem{Base: at})
			if j < m.to-1 {
				ADDQ(strides["dCol"], at)
			}
		})
		if i < m.to-1 {
			ADDQ(strides["dRow"], row)
		}
	}
	ADDQ(operand.I32(s.vec), dst)
	ADDQ(operand.I32(s.vec), src)
	SUBQ(operand.I32(s.lanes()), n)
	JG(operand.LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// Points of the interpolation, see ../winograd.go.
const (
	pa, pb = 0.75, 1.5
	ca     = 1 / (2 * pa * pa * (pa*pa - pb*pb))
	cb     = 1 / (2 * pb * pb * (pb*pb - pa*pa))
)

// lines are the one-dimensional maps with their constants.
type lines struct {
	isa
	*table
}

// winogradTable writes the constants of a type, once.
func (s isa) winogradTable() lines {
	if t, ok := winogradTables[s.bytes]; ok {
		return lines{s, &table{isa: s, symbol: t.symbol, names: t.names}}
	}
	t := &table{isa: s, symbol: operand.NewStaticSymbol("winograd" + s.typ)}
	var values []float64
	for _, c := range []struct {
		name  string
		value float64
	}{
		{"a", pa}, {"b", pb}, {"a2", pa * pa}, {"b2", pb * pb}, {"a3", pa * pa * pa}, {"b3", pb * pb * pb},
		{"-a2", -pa * pa}, {"-b2", -pb * pb}, {"a2b2", pa * pa * pb * pb}, {"-a2-b2", -pa*pa - pb*pb},
		{"c0", 1 / (pa * pa * pb * pb)}, {"ca", ca}, {"cb", cb}, {"aca", pa * ca}, {"bcb", pb * cb},
		{"a2ca", pa * pa * ca}, {"b2cb", pb * pb * cb},
	} {
		t.names, values = append(t.names, c.name), append(values, c.value)
	}
	t.constants(values)
	winogradTables[s.bytes] = t
	return lines{s, t}
}

var winogradTables = map[int]*table{}

func (k lines) sum(x, y vector) vector {
	v := k.isa.reg()
	k.isa.op("VADD", x, y, v)
	return v
}

// less is x − y.
func (k lines) less(x, y vector) vector {
	v := k.isa.reg()
	k.isa.op("VSUB", y, x, v)
	return v
}

// times is c·x.
func (k lines) times(c string, x vector) vector {
	v := k.isa.reg()
	k.isa.op("VMUL", k.at(c), x, v)
	return v
}

// plus is x + c·y, in a new vector.
func (k lines) plus(x vector, c string, y vector) vector {
	v := k.isa.reg()
	k.isa.op("VMOVU", x, v)
	k.isa.op("VFMADD231", k.at(c), y, v)
	return v
}

func (k lines) input(d []vector, store func(int, vector)) {
	store(0, k.plus(k.plus(d[4], "-a2-b2", d[2]), "a2b2", d[0]))
	for i, p := range []struct{ p, other string }{{"a", "-b2"}, {"b", "-a2"}} {
		even := k.plus(d[4], p.other, d[2])
		odd := k.times(p.p, k.plus(d[3], p.other, d[1]))
		store(2*i+1, k.sum(even, odd))
		store(2*i+2, k.less(even, odd))
	}
	store(5, k.plus(k.plus(d[5], "-a2-b2", d[3]), "a2b2", d[1]))
}

func (k lines) output(m []vector, store func(int, vector)) {
	sa, da, sb, db := k.sum(m[1], m[2]), k.less(m[1], m[2]), k.sum(m[3], m[4]), k.less(m[3], m[4])
	store(0, k.sum(m[0], k.sum(sa, sb)))
	store(1, k.plus(k.times("a", da), "b", db))
	store(2, k.plus(k.times("a2", sa), "b2", sb))
	store(3, k.plus(k.plus(m[5], "a3", da), "b3", db))
}

func (k lines) filter(g []vector, store func(int, vector)) {
	store(0, k.times("c0", g[0]))
	for i, p := range [][3]string{{"ca", "aca", "a2ca"}, {"cb", "bcb", "b2cb"}} {
		even := k.plus(k.times(p[0], g[0]), p[2], g[2])
		odd := k.times(p[1], g[1])
		store(2*i+1, k.sum(even, odd))
		store(2*i+2, k.less(even, odd))
	}
	store(5, g[2])
}

func (k lines) outputGrad(y []vector, store func(int, vector)) {
	store(0, y[0])
	for i, p := range [][3]string{{"a", "a2", "a3"}, {"b", "b2", "b3"}} {
		even := k.plus(y[0], p[1], y[2])
		odd := k.plus(k.times(p[0], y[1]), p[2], y[3])
		store(2*i+1, k.sum(even, odd))
		store(2*i+2, k.less(even, odd))
	}
	store(5, y[3])
}

func (k lines) filterGrad(u []vector, store func(int, vector)) {
	sa, da, sb, db := k.sum(u[1], u[2]), k.less(u[1], u[2]), k.sum(u[3], u[4]), k.less(u[3], u[4])
	store(0, k.plus(k.plus(k.times("c0", u[0]), "ca", sa), "cb", sb))
	store(1, k.plus(k.times("aca", da), "bcb", db))
	store(2, k.plus(k.plus(u[5], "a2ca", sa), "b2cb", sb))
}
