package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// wideSums writes the kernels that read float32 or float64 and compute in float64. They
// go over blocks of wideBlock elements; what remains is the caller's.
func wideSums() {
	for _, s := range isas {
		double := s
		double.typ, double.bytes = "float64", 8
		wideKernels(source{double, s})
	}
}

// source is an instruction set for float64 whose operands come as another type.
type source struct {
	isa      // of the arithmetic
	from isa // of what is read; it names the kernel
}

// wideBlock is the elements of a step, the same for all twins.
const wideBlock = 16

func wideKernels(s source) {
	wideSum(s, "wideSum", []string{"x"}, func(acc vector, in []vector) { s.op("VADD", in[0], acc, acc) })
	wideSum(s, "wideDot", []string{"x", "y"}, func(acc vector, in []vector) { s.op("VFMADD231", in[0], in[1], acc) })
	wideSum(s, "wideDistance", []string{"x", "y"}, func(acc vector, in []vector) {
		s.op("VSUB", in[1], in[0], in[0])
		s.op("VFMADD231", in[0], in[0], acc)
	})
	wideAdd(s, "wideAdd", []string{"x"}, func(sums vector, in []vector) { s.op("VADD", in[0], sums, sums) })
	wideAdd(s, "wideMulAdd", []string{"x", "y"}, func(sums vector, in []vector) {
		s.op("VFMADD231", in[0], in[1], sums)
	})
}

// wideBases loads the pointers of a kernel.
func wideBases(names []string) (bases []reg.GPVirtual) {
	for _, name := range names {
		bases = append(bases, Load(Param(name), GP64()).(reg.GPVirtual))
	}
	return bases
}

// widened loads one vector of each array from the u-th of a step.
func (s source) widened(bases []reg.GPVirtual, u int) (in []vector) {
	for _, base := range bases {
		v, at := s.reg(), operand.Mem{Base: base, Disp: u * s.lanes() * s.from.bytes}
		if s.from.bytes == 4 {
			VCVTPS2PD(at, v)
		} else {
			s.op("VMOVU", at, v)
		}
		in = append(in, v)
	}
	return in
}

// wideSum writes a sum over elements, in as many lanes as a step has elements.
func wideSum(s source, name string, arrays []string, add func(acc vector, in []vector)) {
	sig := ""
	for _, a := range arrays {
		sig += fmt.Sprintf(", %s *%s", a, s.from.typ)
	}
	TEXT(name+s.from.name, NOSPLIT, fmt.Sprintf("func(blocks int%s) float64", sig))
	Doc(fmt.Sprintf("%s adds in %d lanes, then the lanes; it is limited by loads and conversions.", name+s.from.name,
		wideBlock))
	Pragma("noescape")
	blocks := Load(Param("blocks"), GP64()).(reg.GPVirtual)
	bases := wideBases(arrays)
	acc := make([]vector, wideBlock/s.lanes())
	for i := range acc {
		acc[i] = s.reg()
		s.zero(acc[i])
	}
	Label("loop")
	for u := range acc {
		add(acc[u], s.widened(bases, u))
	}
	for _, base := range bases {
		ADDQ(operand.I32(wideBlock*s.from.bytes), base)
	}
	DECQ(blocks)
	JNZ(operand.LabelRef("loop"))
	for n := len(acc); n > 1; n /= 2 { // lane by lane as a vector of all would be halved
		for i := range n / 2 {
			s.op("VADD", acc[i+n/2], acc[i], acc[i])
		}
	}
	Store(s.horizontal(acc[0]), ReturnIndex(0))
	VZEROUPPER()
	RET()
}

// wideAdd writes sums of columns: sums[j] changes by the j-th elements.
func wideAdd(s source, name string, arrays []string, add func(sums vector, in []vector)) {
	sig := ""
	for _, a := range arrays {
		sig += fmt.Sprintf(", %s *%s", a, s.from.typ)
	}
	TEXT(name+s.from.name, NOSPLIT, fmt.Sprintf("func(blocks int, sums *float64%s)", sig))
	Doc(name + s.from.name + " adds to each sum; it is limited by memory, or by stores where the sums stay in cache.")
	Pragma("noescape")
	blocks, sums := Load(Param("blocks"), GP64()).(reg.GPVirtual), Load(Param("sums"), GP64()).(reg.GPVirtual)
	bases := wideBases(arrays)
	Label("loop")
	for u := range wideBlock / s.lanes() {
		v := s.reg()
		at := operand.Mem{Base: sums, Disp: u * s.vec}
		s.op("VMOVU", at, v)
		add(v, s.widened(bases, u))
		s.op("VMOVU", v, at)
	}
	for _, base := range bases {
		ADDQ(operand.I32(wideBlock*s.from.bytes), base)
	}
	ADDQ(operand.I32(wideBlock*8), sums)
	DECQ(blocks)
	JNZ(operand.LabelRef("loop"))
	VZEROUPPER()
	RET()
}
