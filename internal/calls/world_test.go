package calls

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"

	"github.com/whitebox-nn/whitebox/nn"
)

// A world is what the calls of one process share: what is known of the targets,
// and the graph of the call under way.
type world struct {
	targets   []*target
	bases     map[*target]*found
	by        map[reflect.Type][]producer
	implement map[reflect.Type][]reflect.Type
	call      func(label string, t *target, args []reflect.Value, notes []string) ([]reflect.Value, error)

	ctx    context.Context
	cancel context.CancelFunc
	g      *nn.Graph
	names  int
}

// found is the seed of arguments that a target takes, if there is one.
type found struct {
	seed uint64
	ok   bool
}

// A producer is a target with a result of a type.
type producer struct {
	t      *target
	result int
}

// newRand returns the generator of that seed.
func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }

// seedOf returns a seed for a label.
func seedOf(label string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(label))
	return h.Sum64()
}

// fresh forgets the graph and the context of the call before, for one of t.
func (w *world) fresh(t *target) {
	if w.cancel != nil {
		w.cancel()
	}
	w.g, w.names = nil, 0
	limit := patience / 2
	if fetches(t) {
		limit = patience / 100
	}
	w.ctx, w.cancel = context.WithTimeout(context.Background(), limit)
}

// graph returns the graph of the call.
func (w *world) graph() *nn.Graph {
	if w.g == nil {
		w.g = nn.NewGraph(nn.Train)
	}
	return w.g
}

// name returns a name that the call has not used.
func (w *world) name(prefix string) string {
	w.names++
	return fmt.Sprintf("%s%d", prefix, w.names)
}

// tries is how many arguments are drawn to find some that a target takes.
const tries = 200

// base returns the seed of arguments that t takes without an error.
func (w *world) base(t *target) (seed uint64, ok bool) {
	if f := w.bases[t]; f != nil { // found, or being looked for
		return f.seed, f.ok
	}
	f := &found{}
	w.bases[t] = f
	kept := *w
	defer func() { w.g, w.names, w.ctx, w.cancel = kept.g, kept.names, kept.ctx, kept.cancel }()
	n := tries
	if fetches(t) {
		n = 2
	}
	for i := range n {
		w.cancel = nil // that of the call under way
		w.fresh(t)
		label := fmt.Sprintf("%s/search %d", t.name, i)
		seed := seedOf(label)
		b := &builder{world: w, rng: newRand(seed)}
		args, notes := b.arguments(t)
		out, err := w.call(label, t, args, notes)
		w.cancel()
		if err == nil && succeeded(out) && !missing(out) {
			*f = found{seed, true}
			break
		}
	}
	return f.seed, f.ok
}

// fetches reports whether t would fetch files, which takes long where there is no
// network: it is called a few times.
func fetches(t *target) bool {
	return strings.HasPrefix(t.name, "data.") && strings.HasSuffix(t.name, ".Load")
}

// succeeded reports whether the last result, if it is an error, is nil.
func succeeded(out []reflect.Value) bool {
	if len(out) == 0 {
		return true
	}
	last := out[len(out)-1]
	return last.Type() != reflect.TypeFor[error]() || last.IsNil()
}

// missing reports whether the first result is a nil pointer.
func missing(out []reflect.Value) bool {
	return len(out) > 0 && out[0].Kind() == reflect.Pointer && out[0].IsNil()
}

// producers returns the targets that return a t, or what it points to.
func (w *world) producers(t reflect.Type) []producer {
	if w.by == nil {
		w.by = map[reflect.Type][]producer{}
		for _, x := range w.targets {
			for i, of := range x.results() {
				w.by[of] = append(w.by[of], producer{x, i})
				if of.Kind() == reflect.Struct {
					w.by[reflect.PointerTo(of)] = append(w.by[reflect.PointerTo(of)], producer{x, i})
				}
			}
		}
	}
	if named := t.Kind() == reflect.Pointer && strings.HasPrefix(t.Elem().PkgPath(), module) ||
		strings.HasPrefix(t.PkgPath(), module); !named {
		return nil
	}
	some := slices.DeleteFunc(slices.Clone(w.by[t]), func(p producer) bool { return slices.Contains(heavy, p.t.name) })
	if len(some) == 0 {
		return w.by[t]
	}
	return some
}

// implementers returns the module's types that implement an interface.
func (w *world) implementers(t reflect.Type) (all []reflect.Type) {
	if all, ok := w.implement[t]; ok || t.NumMethod() == 0 {
		return all
	}
	defer func() { w.implement[t] = all }()
	for _, x := range exportedTypes {
		switch {
		case x.of.Kind() == reflect.Interface:
		case x.of.Implements(t):
			all = append(all, x.of)
		case reflect.PointerTo(x.of).Implements(t):
			all = append(all, reflect.PointerTo(x.of))
		}
	}
	return all
}

// A failed call is a panic, and where it was.
type failed struct {
	What string
	Site string
	Full string
}

func (f *failed) Error() string { return f.What + " at " + f.Site }

// perform calls t.
func perform(t *target, args []reflect.Value) (out []reflect.Value, failure error) {
	defer func() {
		if r := recover(); r != nil {
			site, full := where()
			failure = &failed{What: fmt.Sprint(r), Site: site, Full: full}
		}
	}()
	if t.f.Type().IsVariadic() {
		return t.f.CallSlice(args), nil
	}
	return t.f.Call(args), nil
}

// where returns the place of the module that panicked, and all of the stack below.
func where() (site, full string) {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	var all []string
	panicking := false
	for {
		f, more := frames.Next()
		if strings.HasPrefix(f.Function, "runtime.") {
			panicking = panicking || strings.HasPrefix(f.Function, "runtime.gopanic") ||
				strings.HasPrefix(f.Function, "runtime.panic")
		} else if strings.HasPrefix(f.Function, "reflect.") || strings.Contains(f.Function, "/internal/calls.") {
			if len(all) > 0 {
				break
			}
		} else {
			line := fmt.Sprintf("%s:%d %s", short(f.File), f.Line, f.Function[strings.LastIndex(f.Function, "/")+1:])
			all = append(all, line)
			if site == "" && strings.HasPrefix(f.Function, module) && !strings.Contains(f.Function, "/internal/par.") {
				site = line
			}
		}
		if !more {
			break
		}
	}
	if site == "" && len(all) > 0 {
		site = all[0]
	}
	return site, strings.Join(all, " < ")
}

// short returns the last two parts of a path.
func short(path string) string {
	parts := strings.Split(path, "/")
	return strings.Join(parts[max(0, len(parts)-2):], "/")
}
