// Package launch describes how kernels are started on a device: the addresses and
// the numbers that they take, and how many threads run them.
//
// It is what an op's Spec.Device is written with; see package op.
package launch

import "math"

// Ptr is an address in a device's memory. 0 is none.
type Ptr uint64

// Align is what every allocation starts at a multiple of, in bytes.
const Align = 256

// A Shape is how many threads run a kernel.
type Shape struct {
	Blocks, Threads int
	Shared          int // bytes of memory that the threads of a block share
}

const (
	elementThreads = 256
	rowThreads     = 128
	mostBlocks     = 1024
)

// Elements is a thread for each of n elements, up to a number after which each
// thread takes several.
func Elements(n int) Shape {
	return Shape{Blocks: min(max(1, (n+elementThreads-1)/elementThreads), mostBlocks), Threads: elementThreads}
}

// Rows is a block for each of n rows, likewise, with shared memory for the sum of
// a double of each thread.
func Rows(n int) Shape {
	return Shape{Blocks: min(max(1, n), mostBlocks), Threads: rowThreads, Shared: 8 * rowThreads}
}

// LongRows is Rows for rows of that many numbers: the longer, the more threads share
// one, and at most 512, for the registers of a multiprocessor to suffice.
func LongRows(n, length int) Shape {
	s := Rows(n)
	for s.Threads < 512 && 8*s.Threads < length {
		s.Threads *= 2
	}
	s.Shared = 8 * s.Threads
	return s
}

// One is one block, with shared memory as Rows.
func One() Shape { return Shape{Blocks: 1, Threads: 256, Shared: 8 * 256} }

// Columns is blocks of threads for 32 of d columns each, with shared memory as
// Rows.
func Columns(d int) Shape {
	return Shape{Blocks: min((d+31)/32, mostBlocks), Threads: 256, Shared: 8 * 256}
}

// Parts is a block for each of some parts of n elements, of 2¹⁴ at least, with
// shared memory as Rows.
func Parts(n int) Shape {
	return Shape{Blocks: min(n>>14+1, 256), Threads: 256, Shared: 8 * 256}
}

// Tensors is a block for each of so many parts of tensors, with shared memory as Rows:
// see DeviceArgs.Tensors of package op.
func Tensors(parts int) Shape {
	return Shape{Blocks: min(max(1, parts), mostBlocks), Threads: elementThreads, Shared: 8 * elementThreads}
}

// An Arg is an argument of a kernel.
type Arg struct{ bits uint64 }

// Bits returns the argument as the 64 bits that a kernel's first bytes are read from.
func (a Arg) Bits() uint64 { return a.bits }

// P is an address.
func P(p Ptr) Arg { return Arg{uint64(p)} }

// I is an int: 32 bits.
func I(n int) Arg { return Arg{uint64(uint32(int32(n)))} }

// B is an int, 1 or 0.
func B(b bool) Arg {
	if b {
		return I(1)
	}
	return I(0)
}

// U is 64 bits.
func U(n uint64) Arg { return Arg{n} }

// F64 is a double.
func F64(v float64) Arg { return Arg{math.Float64bits(v)} }

// F32 is a float.
func F32(v float32) Arg { return Arg{uint64(math.Float32bits(v))} }

// PartSize is how many elements of a tensor a block takes at a time, of many tensors.
const PartSize = 4096

// A Tensor is one of many tensors that a kernel computes on in one launch: Part in
// device.cuh.
type Tensor struct {
	At     [4]Ptr  // of what a kernel reads and writes, as many as it has operands
	N      int     // elements of each
	First  int     // number of the first one, among those of all tensors
	Factor float64 // a number of the tensor's own, if the kernel wants one
}
