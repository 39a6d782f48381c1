package calls

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"

	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
)

// A builder draws the arguments of one call.
type builder struct {
	*world
	rng    *rand.Rand
	depth  int
	params []*nn.Param // that it has made
}

// deepest is how far a builder follows types into types.
const deepest = 4

// one returns one of all.
func one[T any](b *builder, all []T) T { return all[b.rng.IntN(len(all))] }

// good returns a value of type t that a user could pass, and what to call it.
func (b *builder) good(t reflect.Type, name string) (reflect.Value, string) {
	if b.depth > deepest {
		return reflect.Zero(t), "zero"
	}
	b.depth++
	defer func() { b.depth-- }()
	if made := byHand[t]; len(made) > 0 {
		if hints, ok := named(made, name); ok {
			made = hints
		}
		m := one(b, made)
		return as(t, m.make(b)), m.note
	}
	if v, ok := b.made(t); ok {
		return v, "made"
	}
	v := reflect.New(t).Elem()
	switch t.Kind() {
	case reflect.Bool:
		v.SetBool(b.rng.IntN(2) == 0)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(one(b, intsOf(name)))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		v.SetUint(uint64(one(b, []int{0, 1, 2, 7})))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(one(b, floatsOf(name)))
	case reflect.String:
		v.SetString(one(b, stringsOf(name)))
	case reflect.Slice:
		n := one(b, []int{1, 1, 2, 3})
		v.Set(reflect.MakeSlice(t, n, n))
		for i := range n {
			x, _ := b.good(t.Elem(), name)
			v.Index(i).Set(x)
		}
		return v, fmt.Sprintf("%d good", n)
	case reflect.Array:
		for i := range t.Len() {
			x, _ := b.good(t.Elem(), name)
			v.Index(i).Set(x)
		}
	case reflect.Struct:
		return b.goodStruct(t)
	case reflect.Pointer:
		x, note := b.good(t.Elem(), name)
		v.Set(reflect.New(t.Elem()))
		v.Elem().Set(x)
		return v, "&" + note
	case reflect.Func:
		return b.goodFunc(t), "func"
	case reflect.Interface:
		if all := light(b.implementers(t)); len(all) > 0 {
			of := one(b, all)
			x, _ := b.good(of, name)
			if x.IsValid() && !(x.Kind() == reflect.Pointer && x.IsNil()) {
				v.Set(x)
			}
			return v, of.String()
		}
	}
	return v, brief(v)
}

// goodStruct fills some of the exported fields of a struct.
func (b *builder) goodStruct(t reflect.Type) (reflect.Value, string) {
	v := reflect.New(t).Elem()
	likely := one(b, []float64{0.3, 0.6, 0.9})
	var notes []string
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() {
			continue
		}
		if x, note := b.good(f.Type, f.Name); b.rng.Float64() < likely || mustHave(f) {
			v.Field(i).Set(x)
			notes = append(notes, f.Name+":"+note)
		}
	}
	return v, "{" + strings.Join(notes, " ") + "}"
}

// mustHave reports whether a field is one that a user would always set, or without
// which networks are large.
func mustHave(f reflect.StructField) bool {
	return f.Anonymous || f.Name == "Width" && f.Type.Kind() == reflect.Int ||
		slices.Contains([]string{"A", "X", "Name", "Model", "Net", "Source", "Loss", "Optimizer", "Penalty",
			"Validation", "Steps"}, f.Name)
}

// goodFunc returns a function that returns the arguments that it can, and zeros.
func (b *builder) goodFunc(t reflect.Type) reflect.Value {
	return reflect.MakeFunc(t, func(args []reflect.Value) []reflect.Value {
		out := make([]reflect.Value, t.NumOut())
		for i := range out {
			out[i] = reflect.Zero(t.Out(i))
			for _, a := range args {
				if a.Type() == t.Out(i) {
					out[i] = a
				}
			}
		}
		return out
	})
}

// made returns a value that one of the module's functions returns, if t is a type
// of the module that some return.
func (b *builder) made(t reflect.Type) (v reflect.Value, ok bool) {
	from := b.producers(t)
	if len(from) == 0 || t.Kind() == reflect.Struct && fillable(t) && b.rng.IntN(3) > 0 {
		return v, false
	}
	for range 3 {
		p := one(b, from)
		seed, found := b.base(p.t)
		if !found {
			continue
		}
		inner := &builder{world: b.world, rng: newRand(seed), depth: b.depth}
		args, _ := inner.arguments(p.t)
		out, failure := perform(p.t, args)
		if failure != nil || !succeeded(out) {
			continue
		}
		v := out[p.result]
		if v.Kind() == reflect.Pointer && v.IsNil() {
			continue
		}
		if v.Type() != t && t.Kind() == reflect.Pointer {
			x := reflect.New(v.Type())
			x.Elem().Set(v)
			v = x
		}
		if v.Type() == t {
			return v, true
		}
	}
	return v, false
}

// heavy are targets whose results take long to make, as arguments of others; they
// themselves and the methods of what they return are called as all.
var heavy = []string{"models.NewResNet", "models.NewVGG11", "data.AllDigits", "data.Digits", "data.SparseCodes"}

// light returns the types that do not take long to make, or all if there are no others.
func light(all []reflect.Type) []reflect.Type {
	some := slices.DeleteFunc(slices.Clone(all), func(t reflect.Type) bool {
		return t == reflect.TypeFor[*models.ResNet]() || t == reflect.TypeFor[*models.VGG11]()
	})
	if len(some) == 0 {
		return all
	}
	return some
}

// fillable reports whether a struct can be made by setting fields.
func fillable(t reflect.Type) bool {
	for i := range t.NumField() {
		if f := t.Field(i); f.IsExported() && !f.Anonymous {
			return true
		}
	}
	return t.NumField() == 0
}

// arguments draws good ones for t.
func (b *builder) arguments(t *target) (args []reflect.Value, notes []string) {
	for i, in := range t.in {
		v, note := b.good(in, t.names[i])
		args = append(args, v)
		notes = append(notes, note)
	}
	return args, notes
}

// as returns x as a value of type t.
func as(t reflect.Type, x any) reflect.Value {
	v := reflect.New(t).Elem()
	if x != nil {
		v.Set(reflect.ValueOf(x).Convert(t))
	}
	return v
}

// brief returns a short text for v.
func brief(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint,
		reflect.Uint8, reflect.Uint16,
		reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64, reflect.Array:
		return fmt.Sprint(v.Interface())
	case reflect.String:
		if v.Len() > 20 {
			return fmt.Sprintf("%.20q…", v.String())
		}
		return fmt.Sprintf("%q", v.String())
	case reflect.Pointer, reflect.Interface, reflect.Slice, reflect.Func, reflect.Map:
		if v.IsNil() {
			return "nil"
		}
	}
	return v.Type().String()
}
