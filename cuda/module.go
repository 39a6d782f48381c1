package cuda

import (
	"math"
	"unsafe"

	"github.com/pkg/errors"
)

// A Module is loaded kernels.
type Module struct {
	d         *Device
	name      string
	handle    uintptr
	functions map[string]uintptr
}

// Module returns the kernels of ptx, the text that the compiler made of a .cu
// file. They are loaded once a device and name.
func (d *Device) Module(name, ptx string) (*Module, error) {
	if err := d.within("Module"); err != nil {
		return nil, err
	}
	if m, ok := d.modules[ptx]; ok { // two modules may have one name
		return m, nil
	}
	m := &Module{d: d, name: name, functions: make(map[string]uintptr)}
	image := append([]byte(ptx), 0)
	if err := d.check("cuModuleLoadData", d.call(d.moduleLoad, uintptr(unsafe.Pointer(&m.handle)), uintptr(unsafe.Pointer(&image[0])))); err != nil {
		return nil, errors.WithMessagef(err, "the kernels of %s on %s, compute capability %d.%d", name, d.info.Name, d.info.Compute[0], d.info.Compute[1])
	}
	d.modules[ptx] = m
	return m, nil
}

func (m *Module) function(name string) (uintptr, error) {
	if f, ok := m.functions[name]; ok {
		return f, nil
	}
	c, f := append([]byte(name), 0), new(uintptr)
	if err := m.d.check("cuModuleGetFunction", m.d.call(m.d.moduleGetFunction, uintptr(unsafe.Pointer(f)), m.handle, uintptr(unsafe.Pointer(&c[0])))); err != nil {
		return 0, errors.WithMessagef(err, "kernel %q of %s", name, m.name)
	}
	m.functions[name] = *f
	return *f, nil
}

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

// An Arg is an argument of a kernel.
type Arg struct{ bits uint64 }

// P is an address.
func P(p Ptr) Arg { return Arg{uint64(p)} }

// I is an int: 32 bits.
func I(n int) Arg { return Arg{uint64(uint32(int32(n)))} }

// U is 64 bits.
func U(n uint64) Arg { return Arg{n} }

// F64 is a double.
func F64(v float64) Arg { return Arg{math.Float64bits(v)} }

// F32 is a float.
func F32(v float32) Arg { return Arg{uint64(math.Float32bits(v))} }

// A Launch is a kernel with its arguments.
type Launch struct {
	d        *Device
	name     string
	function uintptr
	shape    Shape
	values   []uint64
	params   []unsafe.Pointer
}

// Launch prepares a kernel. Do puts it into a stream, as often as wanted.
func (m *Module) Launch(name string, shape Shape, args ...Arg) (*Launch, error) {
	f, err := m.function(name)
	if err != nil {
		return nil, err
	}
	l := &Launch{d: m.d, name: name, function: f, shape: shape, values: make([]uint64, len(args)), params: make([]unsafe.Pointer, len(args)+1)}
	for i, a := range args {
		l.values[i] = a.bits
		l.params[i] = unsafe.Pointer(&l.values[i])
	}
	return l, nil
}

// Set replaces argument i.
func (l *Launch) Set(i int, a Arg) { l.values[i] = a.bits }

// Do puts the kernel into s.
func (l *Launch) Do(s *Stream) error {
	s.Moved.Launches++
	d := l.d
	r := d.hot(d.launchKernel, l.function, uintptr(l.shape.Blocks), 1, 1, uintptr(l.shape.Threads), 1, 1,
		uintptr(l.shape.Shared), s.handle, uintptr(unsafe.Pointer(&l.params[0])), 0)
	if int32(r) == 0 {
		return nil
	}
	return errors.WithMessagef(d.check("cuLaunchKernel", r), "%s in %d blocks of %d threads", l.name, l.shape.Blocks, l.shape.Threads)
}

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
