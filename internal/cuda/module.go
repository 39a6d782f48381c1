package cuda

import (
	"strings"
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
	if err := d.check("cuModuleLoadData", d.call(d.moduleLoad, uintptr(unsafe.Pointer(&m.handle)),
		uintptr(unsafe.Pointer(&image[0])))); err != nil {
		i := d.info
		return nil, errors.WithMessagef(err,
			"the kernels of %s, PTX %s, on %s, compute capability %d.%d, by a driver for CUDA %d.%d",
			name, ptxVersion(ptx), i.Name, i.Compute[0], i.Compute[1], i.Driver[0], i.Driver[1])
	}
	d.modules[ptx] = m
	return m, nil
}

// ptxVersion returns the version of its language that a PTX text names.
func ptxVersion(ptx string) string {
	_, rest, _ := strings.Cut(ptx, ".version ")
	version, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(version)
}

func (m *Module) function(name string) (uintptr, error) {
	if m == nil || m.d.none() {
		return 0, missing("a kernel")
	}
	if f, ok := m.functions[name]; ok {
		return f, nil
	}
	c, f := append([]byte(name), 0), new(uintptr)
	if err := m.d.check("cuModuleGetFunction", m.d.call(m.d.moduleGetFunction, uintptr(unsafe.Pointer(f)), m.handle,
		uintptr(unsafe.Pointer(&c[0])))); err != nil {
		return 0, errors.WithMessagef(err, "kernel %q of %s", name, m.name)
	}
	m.functions[name] = *f
	return *f, nil
}

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
	l := &Launch{d: m.d, name: name, function: f, shape: shape, values: make([]uint64, len(args)),
		params: make([]unsafe.Pointer, len(args)+1)}
	for i, a := range args {
		l.values[i] = a.Bits()
		l.params[i] = unsafe.Pointer(&l.values[i])
	}
	return l, nil
}

// Set replaces argument i, if there is one of that number.
func (l *Launch) Set(i int, a Arg) {
	if l != nil && i >= 0 && i < len(l.values) {
		l.values[i] = a.Bits()
	}
}

// Do puts the kernel into s.
func (l *Launch) Do(s *Stream) error {
	if l == nil || l.d.none() || s.none() {
		return missing("a launch")
	}
	s.Moved.Launches++
	d := l.d
	r := d.hot(d.launchKernel, l.function, uintptr(l.shape.Blocks), 1, 1, uintptr(l.shape.Threads), 1, 1,
		uintptr(l.shape.Shared), s.handle, uintptr(unsafe.Pointer(&l.params[0])), 0)
	if int32(r) == 0 {
		return nil
	}
	return errors.WithMessagef(d.check("cuLaunchKernel", r), "%s in %d blocks of %d threads", l.name, l.shape.Blocks,
		l.shape.Threads)
}
