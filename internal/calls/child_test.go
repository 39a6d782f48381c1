package calls

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/nn"
)

const (
	// patience is how long one call may take. It is long, since the machine may be
	// slow or busy: what hangs takes for ever.
	patience = 20 * time.Second

	// mostMemory is what a child may have, and mostAllocated what one call may
	// allocate: no argument is larger than some kilobytes.
	mostMemory    = 6 << 30
	mostAllocated = 512 << 20

	randomCalls = 30 // of each target
)

// An order is what a child is to do.
type order struct {
	Shard, Of int
	Only      []string        // what the names of targets begin with, one of them; none is all but those spared
	From      string          // a target's name: those before are done
	Skip      map[string]bool // labels of calls that have ended a child
	Less      map[string]bool // targets whose calls have ended too many
	Patience  time.Duration
}

// A message is what a child says.
type message struct {
	Call   string  // a call begins
	Count  int     // of calls, at the end of a target
	Found  bool    // arguments for Target were
	Target string  // is through
	Fault  *fault  // a call went wrong
	Memo   string  // for who looks on
	Done   bool    // all targets are
	Took   float64 // seconds of a slow call
}

// A fault is a call that went wrong.
type fault struct {
	Kind   string // panic, memory, crash or hang
	Site   string
	Target string
	Label  string
	Args   []string
	What   string
	Full   string
}

// A child calls the targets of its shard.
type child struct {
	world
	order
	out   *bufio.Writer
	count int
	since atomic.Int64 // when the call under way began, in ns; 0 is none
	heap  []metrics.Sample
}

// runChild does what the order on stdin says.
func runChild() error {
	c := &child{out: bufio.NewWriter(os.Stdout), heap: []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}}
	if err := json.NewDecoder(os.Stdin).Decode(&c.order); err != nil {
		return err
	}
	if err := limitMemory(mostMemory); err != nil {
		return err
	}
	c.targets, c.bases, c.implement = targets(), map[*target]*found{}, map[reflect.Type][]reflect.Type{}
	c.world.call = c.perform
	go c.watch()
	begun := c.From == ""
	for i, t := range c.targets {
		if t.name == c.From {
			begun = true
			continue
		}
		if !begun {
			continue
		}
		if !c.Less[t.name] && i%c.Of == c.Shard && c.wanted(t.name) {
			if err := files(); err != nil {
				return err
			}
			c.try(t)
		}
	}
	c.say(message{Done: true})
	return nil
}

// wanted reports whether the target of that name is to be called.
func (o *order) wanted(name string) bool {
	if len(o.Only) > 0 {
		return begins(name, o.Only)
	}
	return !begins(name, spared)
}

// begins reports whether name begins with one of the prefixes.
func begins(name string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(name, p) })
}

// files puts some into the folder of the child.
func files() error {
	for _, dir := range []string{"dir", "../evil"} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	if _, err := os.Lstat("zero"); err != nil && filepath.Separator == '/' {
		if err := os.Symlink("/dev/zero", "zero"); err != nil {
			return err
		}
	}
	return os.WriteFile("file", []byte("step,loss\n1,0.5\n"), 0o644)
}

// watch ends the process, with the stacks of all goroutines, when a call takes
// too long.
func (c *child) watch() {
	for {
		time.Sleep(c.Patience / 50)
		if since := c.since.Load(); since != 0 && time.Since(time.Unix(0, since)) > c.Patience {
			stacks := make([]byte, 1<<16)
			os.Stderr.Write(stacks[:runtime.Stack(stacks, true)])
			os.Exit(hung)
		}
	}
}

// hung is the exit status of a child with a call that took too long.
const hung = 3

// say sends a message to the parent.
func (c *child) say(m message) {
	b, err := json.Marshal(m)
	if err == nil {
		_, err = c.out.Write(append(b, '\n'))
	}
	if err == nil {
		err = c.out.Flush()
	}
	if err != nil {
		os.Exit(1) // nobody listens
	}
}

// perform calls t, watched.
func (c *child) perform(label string, t *target, args []reflect.Value, notes []string) ([]reflect.Value, error) {
	if c.Skip[label] {
		return nil, fmt.Errorf("skipped")
	}
	c.say(message{Call: label})
	c.count++
	metrics.Read(c.heap)
	before, start := c.heap[0].Value.Uint64(), time.Now()
	c.since.Store(start.UnixNano())
	out, err := perform(t, args)
	c.since.Store(0)
	f := fault{Target: t.name, Label: label}
	for i, n := range notes {
		f.Args = append(f.Args, t.names[i]+"="+n)
	}
	if err != nil {
		e := err.(*failed)
		f.Kind, f.Site, f.What, f.Full = "panic", e.Site, e.What, e.Full
		c.say(message{Fault: &f})
	}
	metrics.Read(c.heap)
	if n := c.heap[0].Value.Uint64() - before; n > mostAllocated && !fetches(t) {
		f.Kind, f.Site, f.What = "memory", t.name, fmt.Sprintf("%d MiB", n>>20)
		c.say(message{Fault: &f})
	}
	if took := time.Since(start); took > c.Patience/40 {
		c.say(message{Memo: fmt.Sprintf("slow: %.2f s %s %v", took.Seconds(), label, f.Args), Took: took.Seconds()})
	}
	return out, err
}

// try makes all calls of a target.
func (c *child) try(t *target) {
	c.fresh(t)
	c.count = 0
	start := time.Now()
	seed, ok := c.base(t)
	found := time.Since(start)
	defer func() {
		c.say(message{Target: t.name, Found: ok, Count: c.count})
		if took := time.Since(start); took > c.Patience/10 {
			c.say(message{Memo: fmt.Sprintf("took: %6.2f s, %.2f of them for the search, %s, %d calls", took.Seconds(),
				found.Seconds(), t.name, c.count), Took: took.Seconds()})
		}
	}()
	zeros := make([]reflect.Value, len(t.in))
	notes := make([]string, len(t.in))
	for i, in := range t.in {
		zeros[i], notes[i] = reflect.Zero(in), "zero"
	}
	if !t.method || t.nilOK || t.in[0].Kind() != reflect.Pointer {
		c.one(t, "zeros", zeros, notes)
	}
	if t.method && t.in[0].Kind() == reflect.Pointer {
		zeros[0] = reflect.New(t.in[0].Elem())
		c.one(t, "zeros of new", zeros, notes)
	}
	seeds := []uint64{seed, seedOf(t.name + " second")}
	if fetches(t) {
		seeds = seeds[:1]
	}
	for k, seed := range seeds {
		c.oneOdd(t, k, seed)
	}
	if !fetches(t) {
		c.someOdd(t)
	}
	c.closed(t, seed)
}

// draw returns good arguments.
func (c *child) draw(t *target, seed uint64) (*builder, []reflect.Value, []string) {
	c.fresh(t)
	b := &builder{world: &c.world, rng: newRand(seed)}
	args, notes := b.arguments(t)
	return b, args, notes
}

// oneOdd calls t with one odd argument at a time.
func (c *child) oneOdd(t *target, k int, seed uint64) {
	for i, in := range t.in {
		for j := 0; ; j++ {
			b, args, notes := c.draw(t, seed)
			all := b.odd(in, args[i], 0)
			if j >= len(all) {
				break
			}
			if t.method && i == 0 && !t.nilOK && j == 0 {
				continue // a nil receiver, which Go itself reports
			}
			args[i], notes[i] = as(in, all[j].make(b)), all[j].note
			c.one(t, fmt.Sprintf("odd %d.%d.%d", k, i, j), args, notes)
		}
	}
}

// someOdd calls t with several odd arguments at a time.
func (c *child) someOdd(t *target) {
	for k := range randomCalls {
		label := fmt.Sprintf("random %d", k)
		b, args, notes := c.draw(t, seedOf(t.name+label))
		rng := rand.New(rand.NewPCG(seedOf(label), 2))
		for i, in := range t.in {
			if rng.IntN(2) == 0 || t.method && i == 0 {
				continue
			}
			x := one(b, b.odd(in, args[i], 0))
			args[i], notes[i] = as(in, x.make(b)), x.note
		}
		c.one(t, label, args, notes)
	}
}

// closed calls a method of what has been closed.
func (c *child) closed(t *target, seed uint64) {
	for _, end := range []string{"Close", "Free"} {
		if !t.method {
			return
		}
		if _, ok := t.in[0].MethodByName(end); !ok {
			continue
		}
		_, args, notes := c.draw(t, seed)
		finish(args[:1])
		notes[0] = "closed"
		c.one(t, end, args, notes)
	}
}

// one makes a call and uses what it returns.
func (c *child) one(t *target, label string, args []reflect.Value, notes []string) {
	label = t.name + "/" + label
	out, err := c.perform(label, t, args, notes)
	if err == nil && succeeded(out) {
		for i, v := range out {
			c.use(t, fmt.Sprintf("%s/result %d", label, i), v, notes)
		}
	}
	finish(append(slices.Clone(out), args...))
}

// use compiles and runs a node, and calls methods of a value of the module's.
func (c *child) use(t *target, label string, v reflect.Value, notes []string) {
	if n, ok := v.Interface().(*gorgonia.Node); ok && n != nil {
		c.perform(label, newTarget(t.name+" compiled and run",
			reflect.ValueOf(func() error { return compiled(c.g, n) }), nil), nil, nil)
		return
	}
	of := v.Type()
	if of.Kind() == reflect.Pointer && v.IsNil() || of.Kind() == reflect.Interface {
		return
	}
	for _, m := range c.targets {
		if !m.method || m.in[0] != of || m == t {
			continue
		}
		b := &builder{world: &c.world, rng: newRand(seedOf(label + m.name))}
		args := []reflect.Value{v}
		said := append(slices.Clone(notes[:0:0]), "of "+fmt.Sprint(notes))
		for i, in := range m.in[1:] {
			x, note := b.good(in, m.names[i+1])
			args, said = append(args, x), append(said, note)
		}
		out, _ := c.perform(label+"/"+m.name, m, args, said)
		finish(out)
	}
}

// compiled runs the program of a node.
func compiled(g *nn.Graph, n *gorgonia.Node) error {
	if g == nil {
		g = nn.NewGraph(nn.Train)
	}
	p, err := nn.Compile(g, nn.Outputs{Values: []*gorgonia.Node{n}})
	if err != nil {
		return err
	}
	defer p.Close()
	return p.Run()
}

// finish closes what can be closed, so that no goroutines stay.
func finish(all []reflect.Value) {
	defer func() { _ = recover() }() // it is not the call that is tried
	for _, v := range all {
		if !v.IsValid() || !v.CanInterface() || (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) &&
			v.IsNil() {
			continue
		}
		switch x := v.Interface().(type) {
		case interface{ Close() error }:
			_ = x.Close()
		case interface{ Free() error }:
			_ = x.Free()
		}
	}
}
