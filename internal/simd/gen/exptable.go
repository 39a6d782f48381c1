package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
)

// table is a list of constants in memory, each a vector of equal elements.
type table struct {
	isa
	symbol operand.Symbol
	names  []string
	degree int // of the polynomial
}

// coefficient names the i-th coefficient in the order of Horner's rule.
func coefficient(i int) string { return fmt.Sprintf("c%d", i) }

func (t *table) at(name string) operand.Mem {
	for i, s := range t.names {
		if s == name {
			return operand.NewDataAddr(t.symbol, 64*i)
		}
	}
	panic("gen: no constant " + name)
}

var expTables = map[int]*table{}

// expTable returns the constants of exp for a type, written at the first call.
func (s isa) expTable() *table {
	if t, ok := expTables[s.bytes]; ok {
		return t
	}
	// hi is where exp overflows to +Inf, lo where it is below half the least
	// positive number; ln2hi has so few bits that n·ln2hi is exact.
	degree, hi, lo, bits, bias := 7, 89.0, -104.0, 11, uint64(127)
	if s.bytes == 8 {
		degree, hi, lo, bits, bias = 13, 710, -746, 32, 1023
	}
	ln2hi := math.Ldexp(math.Floor(math.Ldexp(math.Ln2, bits)), -bits)
	values := []float64{hi, lo, math.Log2E, ln2hi, math.Ln2 - ln2hi}
	if s.bytes == 8 {
		values[4] = 1.90821492927058770002e-10 // ln 2 − ln2hi beyond float64
		values[3] = 6.93147180369123816490e-01
	}
	t := &table{isa: s, symbol: operand.NewStaticSymbol("exp" + s.typ), names: []string{"hi", "lo", "log2e", "ln2hi",
		"ln2lo"}, degree: degree}
	factorial := 1.0
	var taylor []float64 // of degree 0, 1, …
	for i := range degree + 1 {
		factorial *= float64(max(i, 1))
		taylor = append(taylor, 1/factorial)
	}
	for i := degree; i >= 0; i-- {
		t.names = append(t.names, coefficient(degree-i))
		values = append(values, taylor[i])
	}
	expTables[s.bytes] = t
	t.write(append(values, math.NaN()), bias)
	t.names = append(t.names, "bias")
	return t
}

// constants writes the values as they are.
func (t *table) constants(values []float64) {
	GLOBL(t.symbol.Name, RODATA|NOPTR)
	for i, v := range values {
		for at := 0; at < 64; at += t.bytes {
			if t.bytes == 8 {
				DATA(64*i+at, operand.U64(math.Float64bits(v)))
			} else {
				DATA(64*i+at, operand.U32(math.Float32bits(float32(v))))
			}
		}
	}
}

func (t *table) write(values []float64, bias uint64) {
	GLOBL(t.symbol.Name, RODATA|NOPTR)
	for i, v := range values {
		for at := 0; at < 64; at += t.bytes {
			var c operand.Constant
			switch {
			case t.bytes == 8 && i == len(values)-1:
				c = operand.U64(bias)
			case t.bytes == 8:
				c = operand.U64(math.Float64bits(v))
			case i == len(values)-1:
				c = operand.U32(bias)
			default:
				c = operand.U32(math.Float32bits(float32(v)))
			}
			DATA(64*i+at, c)
		}
	}
}

// term names the i-th coefficient of the tail of the normal distribution.
func term(i int) string { return fmt.Sprintf("t%d", i) }

// signs writes the values, and after them masks of the sign and of what is not.
func (t *table) signs(values []float64) {
	t.constants(values)
	for i, name := range []string{"sign", "magnitude"} {
		t.names = append(t.names, name)
		for at := 0; at < 64; at += t.bytes {
			sign := operand.U64(1 << 63)
			if i == 1 {
				sign = ^sign
			}
			if t.bytes == 8 {
				DATA(64*(len(values)+i)+at, sign)
			} else {
				DATA(64*(len(values)+i)+at, operand.U32(sign>>32))
			}
		}
	}
}
