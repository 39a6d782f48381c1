package engine

import (
	"fmt"
	"unsafe"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/internal/sizes"
	"github.com/whitebox-nn/whitebox/nn/profile"
	"github.com/whitebox-nn/whitebox/op"
)

// Compile returns the program that computes outputs. Every input must be bound
// to a value (gorgonia.WithValue), whose memory the program reads at each run.
func Compile(outputs gorgonia.Nodes, config Config) (*Program, error) {
	if len(outputs) == 0 {
		return nil, errors.New("engine: no outputs to compile for")
	}
	if err := simd.Check(); err != nil {
		return nil, err
	}
	nodes, err := order(outputs)
	if err != nil {
		return nil, err
	}
	if err := distinct(nodes); err != nil {
		return nil, err
	}
	for _, n := range nodes {
		if err := checkStock(n); err != nil {
			return nil, err
		}
	}
	c := newCompiler(nodes, outputs)
	c.Placement = config.Placement
	for i, n := range nodes {
		if err := c.place(i, n); err != nil {
			return nil, err
		}
	}
	p := &Program{
		nodes:  nodes,
		values: make(map[*gorgonia.Node]op.Operand, len(nodes)),
		pinned: make(map[*gorgonia.Node]*tensor.Dense, len(outputs)),
		plan:   c.finish(),
		pool:   par.New(config.Workers),
		config: config,
	}
	if config.Device != nil {
		err = c.bindDevice(p, outputs)
	} else {
		err = c.bind(p)
	}
	if err != nil {
		p.pool.Close()
		return nil, err
	}
	for _, n := range outputs {
		p.pinned[n] = p.values[n].Dense()
	}
	return p, nil
}

// A compiler plans the memory of one program.
type compiler struct {
	nodes   gorgonia.Nodes
	lastUse map[*gorgonia.Node]int // the step that reads the node last; the end if it is pinned
	values  map[*gorgonia.Node]op.Operand
	home    map[*gorgonia.Node]int // the buffer of each intermediate
	work    map[*gorgonia.Node]int // the buffer of each op's scratch
	buffers []profile.Buffer
	naive   int
	Placement
	written map[*gorgonia.Node]*gorgonia.Node // by which update
}

func newCompiler(nodes, outputs gorgonia.Nodes) *compiler {
	c := &compiler{
		nodes:   nodes,
		lastUse: make(map[*gorgonia.Node]int),
		values:  make(map[*gorgonia.Node]op.Operand),
		home:    make(map[*gorgonia.Node]int),
		work:    make(map[*gorgonia.Node]int),
		written: make(map[*gorgonia.Node]*gorgonia.Node),
	}
	for i, n := range nodes {
		if !isLeaf(n) {
			for _, in := range inputsOf(n) {
				c.lastUse[in] = i
			}
		}
	}
	for _, n := range outputs {
		c.lastUse[n] = len(nodes)
	}
	return c
}

// place decides where the value of n, the i-th node, will be.
func (c *compiler) place(i int, n *gorgonia.Node) error {
	if isLeaf(n) {
		return c.leaf(n)
	}
	x := op.Operand{Dtype: n.Dtype(), Shape: n.Shape()}
	if x.Dtype != tensor.Float32 && x.Dtype != tensor.Float64 {
		return errors.Errorf("engine: %v is %v: only float32 and float64 are run", n, x.Dtype)
	}
	if d, ok := declaredOf(n); ok && d.Writes != nil {
		if err := c.placeUpdate(i, n, d); err != nil {
			return err
		}
		return c.placeScratch(i, n)
	}
	c.values[n] = x
	c.naive += x.Len()
	if j, ok := c.inPlace(i, n); ok {
		c.home[n] = j
		c.buffers[j].Last = c.lastUse[n]
		c.buffers[j].Shared++
	} else {
		c.home[n] = c.buffer(label(n), x.Shape, x.Len(), i, c.lastUse[n])
	}
	return c.placeScratch(i, n)
}

// placeScratch decides where the scratch of n, the i-th node, will be.
func (c *compiler) placeScratch(i int, n *gorgonia.Node) error {
	d, ok := declaredOf(n)
	if !ok {
		return nil
	}
	size, err := c.scratch(d.Spec, n)
	if err != nil {
		return err
	}
	if _, ok := sizes.Product(size); !ok {
		return sizes.Check(fmt.Sprintf("engine: scratch memory of %s", label(n)), size)
	}
	if size > 0 {
		c.work[n] = c.buffer(label(n)+" scratch", []int{size}, 8*size, i, i)
		c.naive += 8 * size
	}
	return nil
}

// scratch returns how many float64 of scratch the kernel of n needs.
func (c *compiler) scratch(s *op.Spec, n *gorgonia.Node) (size int, err error) {
	if c.Device == nil {
		if s.Workspace == nil && s.Scratch == nil {
			return 0, nil
		}
		return s.WorkspaceOf(n.Dtype(), c.shapes(n)), nil
	}
	in := make([]op.Operand, 0, 4)
	for _, m := range inputsOf(n) {
		in = append(in, c.values[m])
	}
	err = c.Device.Do(func() error {
		a := &op.DeviceArgs{Dtype: s.Dtype(c.values[n].Dtype, in), Shapes: c.shapes(n)}
		if a.Stream, err = c.Device.Compute(); err == nil {
			size, err = s.ScratchOnDevice(a)
		}
		return err
	})
	return (size + 7) / 8, err
}

// leaf binds an input or a constant to its own memory.
func (c *compiler) leaf(n *gorgonia.Node) error {
	v := n.Value()
	if v == nil {
		return errors.Errorf("engine: input %q has no value: bind one before compiling", n.Name())
	}
	if t, ok := v.(*tensor.Dense); ok && (t.RequiresIterator() || t.DataOrder().IsColMajor()) {
		return errors.Errorf(
			"engine: the value of input %q is a view or column-major: make it contiguous and row-major", n.Name())
	}
	x, err := op.OperandOf(v)
	if err != nil {
		return errors.WithMessagef(err, "engine: input %q", n.Name())
	}
	x.Shape = n.Shape()
	if x.Len() != len(x.Bytes) {
		return errors.Errorf("engine: input %q has shape %v but its value has %v", n.Name(), n.Shape(), v.Shape())
	}
	c.values[n] = x
	return nil
}

func (c *compiler) buffer(name string, shape []int, bytes, first, last int) int {
	c.buffers = append(c.buffers, profile.Buffer{Name: name, Shape: shape, Bytes: bytes, First: first,
		Last: max(first, last)})
	return len(c.buffers) - 1
}

// inPlace returns the buffer of the input that n may write over, if its kernel allows one and no later op reads that
// input.
func (c *compiler) inPlace(i int, n *gorgonia.Node) (buffer int, ok bool) {
	d, ok := declaredOf(n)
	if !ok {
		return 0, false
	}
	over, ok := d.InPlace.Input()
	if !ok {
		return 0, false
	}
	ins := inputsOf(n)
	in := ins[over]
	for j, other := range ins {
		if other == in && j != over {
			return 0, false
		}
	}
	buffer, ok = c.home[in]
	if !ok || c.buffers[buffer].Last > i || c.values[in].Len() != c.values[n].Len() {
		return 0, false
	}
	return buffer, true
}

func (c *compiler) shapes(n *gorgonia.Node) []tensor.Shape {
	var shapes []tensor.Shape
	for _, in := range inputsOf(n) {
		shapes = append(shapes, in.Shape())
	}
	return shapes
}

func (c *compiler) finish() profile.Memory {
	return profile.Memory{Arena: layout(c.buffers), Buffers: c.buffers, Naive: c.naive}
}

// bind allocates the arena and binds every op to its operands in it.
func (c *compiler) bind(p *Program) error {
	p.arena = aligned(p.plan.Arena)
	at := func(b int) []byte {
		lo := c.buffers[b].Offset
		return p.arena[lo : lo+c.buffers[b].Bytes : lo+c.buffers[b].Bytes]
	}
	for _, n := range c.nodes {
		x := c.values[n]
		if b, ok := c.home[n]; ok {
			x.Bytes = at(b)
		}
		p.values[n] = x
		if isLeaf(n) {
			continue
		}
		var in []op.Operand
		for _, m := range inputsOf(n) {
			in = append(in, p.values[m])
		}
		s := step{node: n, cost: costOf(n, in, x)}
		if d, ok := declaredOf(n); ok {
			var work []float64
			if b, ok := c.work[n]; ok {
				work = op.Slice[float64](at(b))
			}
			h := op.Host{Work: work}
			h.Pool = p.pool
			var err error
			if s.run, err = d.Bind(x, in, h); err != nil {
				return errors.WithMessage(err, label(n))
			}
		} else {
			s.run = foreign(n.Op(), x, in)
		}
		p.steps = append(p.steps, s)
	}
	return nil
}

// aligned returns n zeroed bytes at a cache line's start.
func aligned(n int) []byte {
	b := op.Bytes(make([]float64, (n+align)/8+1))
	skip := int(-uintptr(unsafe.Pointer(&b[0])) & (align - 1))
	return b[skip : skip+n]
}

func inputShapes(in []op.Operand) []tensor.Shape {
	shapes := make([]tensor.Shape, len(in))
	for i, x := range in {
		shapes[i] = x.Shape
	}
	return shapes
}

// opName returns the name of an op's kernel, "codingrate.Rate", or the op's own
// words if it is Gorgonia's.
func opName(o gorgonia.Op) string {
	if k, _, ok := op.Of(o); ok {
		return op.Name(k)
	}
	return fmt.Sprint(o)
}
