package optim

import (
	"unsafe"

	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// A many launches kernels of optim.cu on a device, each on all parameters at once:
// one launch for those of float32, one for those of float64.
type many struct {
	dev      *cuda.Device
	stream   *cuda.Stream
	n, first []int  // elements of a parameter, and of all before it
	double   []bool // it is float64
	parts    int    // of a table of all parameters
	tables   []pair // one for each user of operands
	launches map[launchKey]*cuda.Launch
	scratch  *cuda.Mem // a number for each part, and one of all
	number   [8]byte   // that, on the host
	rows     [2][]launch.Tensor
}

// A pair is a table of float32 and one of float64.
type pair [2]*cuda.Table

// A launchKey is a kernel on a table.
type launchKey struct {
	kernel       string
	table, dtype int
}

// operands are what kernels read and write for one parameter, in the order of
// optim.cu, and a number of its own. The first is 0 for a parameter to leave alone.
type operands struct {
	at     [4]launch.Ptr
	factor float64
}

var suffixes = [2]string{"_f32", "_f64"}

// newMany returns one of that many tables, to be made within Do.
func newMany(dev *cuda.Device, params []*nn.Param, tables int) (m *many, err error) {
	m = &many{dev: dev, launches: make(map[launchKey]*cuda.Launch)}
	total := 0
	for _, p := range params {
		n := p.Value.Size()
		m.n, m.first, m.double = append(m.n, n), append(m.first, total), append(m.double, p.Value.Dtype() == tensor.Float64)
		m.parts += (n + cuda.PartSize - 1) / cuda.PartSize
		total += n
	}
	for range tables {
		m.tables = append(m.tables, pair{dev.NewTable(4, "the optimizer"), dev.NewTable(8, "the optimizer")})
	}
	if m.stream, err = dev.Compute(); err != nil {
		return nil, err
	}
	m.scratch, err = dev.Alloc(8*(m.parts+1), "the optimizer")
	return m, err
}

// set makes a table list the operands of every parameter.
func (m *many) set(table int, operandsOf func(i int) (operands, error)) error {
	m.rows[0], m.rows[1] = m.rows[0][:0], m.rows[1][:0]
	for i, n := range m.n {
		o, err := operandsOf(i)
		if err != nil {
			return err
		}
		if o.at[0] == 0 {
			continue
		}
		w := 0
		if m.double[i] {
			w = 1
		}
		m.rows[w] = append(m.rows[w], launch.Tensor{At: o.at, N: n, First: m.first[i], Factor: o.factor})
	}
	for w, t := range m.tables[table] {
		if err := t.Set(m.stream, m.rows[w]); err != nil {
			return err
		}
	}
	return nil
}

// launch runs a kernel on a table. numbers follow the table's two arguments.
func (m *many) launch(table int, kernel string, numbers ...launch.Arg) error {
	for w, t := range m.tables[table] {
		if t.Parts() == 0 {
			continue
		}
		if err := m.one(table, w, t, kernel, numbers); err != nil {
			return err
		}
	}
	return nil
}

func (m *many) one(table, w int, t *cuda.Table, kernel string, numbers []launch.Arg) error {
	n, at := t.Args()
	key := launchKey{kernel, table, w}
	l, ok := m.launches[key]
	if !ok {
		module, err := m.dev.Module("optim", ptx)
		if err != nil {
			return err
		}
		if l, err = module.Launch("optim_"+kernel+suffixes[w], t.Shape(), append([]launch.Arg{n, at}, numbers...)...); err != nil {
			return err
		}
		m.launches[key] = l
	}
	l.Set(0, n)
	l.Set(1, at)
	for i, a := range numbers {
		l.Set(2+i, a)
	}
	return l.Do(m.stream)
}

// reduce runs a kernel that makes a number of each part of a table, then one that
// makes one number of these, and waits for it. numbers follow the kernel's place for
// its results.
func (m *many) reduce(table int, kernel, of string, numbers ...launch.Arg) (float64, error) {
	done := 0
	args := append([]launch.Arg{{}}, numbers...)
	for w, t := range m.tables[table] {
		if t.Parts() == 0 {
			continue
		}
		args[0] = launch.P(m.scratch.Ptr + launch.Ptr(8*done))
		if err := m.one(table, w, t, kernel, args); err != nil {
			return 0, err
		}
		done += t.Parts()
	}
	result := m.scratch.Ptr + launch.Ptr(8*m.parts)
	key := launchKey{of, table, 0}
	l, ok := m.launches[key]
	if !ok {
		module, err := m.dev.Module("optim", ptx)
		if err != nil {
			return 0, err
		}
		if l, err = module.Launch("optim_"+of, launch.One(), launch.I(done), launch.P(m.scratch.Ptr), launch.P(result)); err != nil {
			return 0, err
		}
		m.launches[key] = l
	}
	if err := l.Do(m.stream); err != nil {
		return 0, err
	}
	if err := m.stream.Download(m.number[:], result); err != nil {
		return 0, err
	}
	return *(*float64)(unsafe.Pointer(&m.number[0])), m.stream.Synchronize()
}

// free gives all memory back.
func (m *many) free() error {
	var first error
	for _, p := range m.tables {
		for _, t := range p {
			if err := t.Free(); first == nil {
				first = err
			}
		}
	}
	if err := m.scratch.Free(); first == nil {
		first = err
	}
	return first
}

// bytesOf returns the memory of v.
func bytesOf(v *tensor.Dense) []byte {
	if v.Dtype() == tensor.Float64 {
		x := v.Float64s()
		return unsafe.Slice((*byte)(unsafe.Pointer(&x[0])), 8*len(x))
	}
	x := v.Float32s()
	return unsafe.Slice((*byte)(unsafe.Pointer(&x[0])), 4*len(x))
}
