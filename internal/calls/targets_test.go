package calls

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/whitebox-nn/whitebox"

// An exportedFunction is one of a public package.
type exportedFunction struct {
	name string
	f    any
}

// An exportedType is one of a public package.
type exportedType struct {
	name string
	of   reflect.Type
}

// A target is a function to call. The receiver of a method is its argument 0.
type target struct {
	name   string
	f      reflect.Value
	in     []reflect.Type
	names  []string // of in
	method bool
	nilOK  bool // a nil receiver reaches code of ours
}

// targets returns all functions, then all methods that are ours, but for helpers of
// tests: what takes a testing.T ends the test where it goes wrong.
func targets() []*target {
	return slices.DeleteFunc(everything(), func(t *target) bool {
		return slices.ContainsFunc(t.in, func(in reflect.Type) bool {
			return in.Implements(reflect.TypeFor[testing.TB]())
		})
	})
}

func everything() (all []*target) {
	for _, f := range exportedFunctions {
		name, _, _ := strings.Cut(f.name, "[")
		all = append(all, newTarget(f.name, reflect.ValueOf(f.f), parameterNames[name]))
	}
	for _, t := range exportedTypes {
		if t.of.Kind() == reflect.Interface {
			continue
		}
		pointer := reflect.PointerTo(t.of)
		for i := range pointer.NumMethod() {
			m := pointer.Method(i)
			if by, ok := t.of.MethodByName(m.Name); ok {
				m = by
			}
			key := t.name + "." + m.Name
			names, declared := parameterNames[key]
			if owner := declares(t.of, m.Name); !declared && !strings.HasPrefix(owner.PkgPath(), module) {
				continue // promoted from another module's type
			}
			x := newTarget(key, m.Func, append([]string{"receiver"}, names...))
			x.method = true
			x.nilOK = declared || declares(t.of, m.Name) == t.of
			all = append(all, x)
		}
	}
	return all
}

// newTarget returns the target that calls f.
func newTarget(name string, f reflect.Value, names []string) *target {
	t := &target{name: name, f: f, names: names}
	for i := range f.Type().NumIn() {
		t.in = append(t.in, f.Type().In(i))
		if i >= len(t.names) {
			t.names = append(t.names, "_")
		}
	}
	return t
}

// declares returns the type that a method of t is declared on: t, or one that it
// embeds.
func declares(t reflect.Type, method string) reflect.Type {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t.Name() != "" && parameterNames[key(t)+"."+method] != nil {
		return t
	}
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.Anonymous {
			continue
		}
		of := f.Type
		if of.Kind() != reflect.Pointer && of.Kind() != reflect.Interface {
			of = reflect.PointerTo(of)
		}
		if _, ok := of.MethodByName(method); ok {
			return declares(f.Type, method)
		}
	}
	return t
}

// key returns the name of t as parameterNames has it.
func key(t reflect.Type) string {
	path := strings.Split(t.PkgPath(), "/")
	return path[len(path)-1] + "." + t.Name()
}

// results returns the types that the function returns.
func (t *target) results() (out []reflect.Type) {
	for i := range t.f.Type().NumOut() {
		out = append(out, t.f.Type().Out(i))
	}
	return out
}
