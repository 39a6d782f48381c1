package train

import (
	"crypto/sha256"
	"encoding"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/nn"
)

const (
	deepest = 16      // levels of what is described
	listed  = 64      // numbers of a list that are written down; of more a checksum is
	parts   = 1024    // other elements of a list that are described
	summed  = 1 << 20 // numbers of a list that a checksum is of; of more as many, spread evenly
)

// A describer turns values into what JSON can hold: maps, lists, strings and numbers.
type describer struct {
	steps int              // that a schedule is described for
	above map[uintptr]bool // the pointers that lead to what is described
}

// of describes v, as Loop.Description says.
func (d describer) of(v any) any {
	d.above = make(map[uintptr]bool)
	return d.value(reflect.ValueOf(v), deepest)
}

// value describes v, of at most depth levels.
func (d describer) value(v reflect.Value, depth int) any {
	if !v.IsValid() || depth == 0 {
		return nil
	}
	if nilable(v) && v.IsNil() {
		return nil
	}
	if v.Kind() == reflect.Interface {
		return d.value(v.Elem(), depth)
	}
	if v.Kind() == reflect.Pointer {
		if d.above[v.Pointer()] { // it is within itself
			return nil
		}
		d.above[v.Pointer()] = true
		defer delete(d.above, v.Pointer())
	}
	if v.CanInterface() {
		if out, ok := d.known(v, depth); ok {
			return out
		}
	}
	switch v.Kind() {
	case reflect.Pointer:
		return d.value(v.Elem(), depth)
	case reflect.Struct:
		return withKind(d.fields(v, depth), v.Type())
	case reflect.Slice, reflect.Array:
		return d.list(v, depth)
	case reflect.Map:
		m := make(map[string]any)
		for _, key := range v.MapKeys() {
			m[fmt.Sprint(key)] = d.value(v.MapIndex(key), depth-1)
		}
		return m
	}
	return scalar(v)
}

func nilable(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Func, reflect.Map, reflect.Slice, reflect.Chan:
		return true
	}
	return false
}

// known describes values that have a method for it.
func (d describer) known(v reflect.Value, depth int) (any, bool) {
	switch x := v.Interface().(type) {
	case *nn.Param:
		return map[string]any{"name": x.Name, "shape": shapeText(x.Value)}, true
	case *tensor.Dense:
		values, err := nn.Floats(nil, x)
		if err != nil {
			return shapeText(x), true
		}
		return map[string]any{"shape": shapeText(x), "sha256": checksum(values)}, true
	case mat.Matrix:
		a := mat.DenseCopyOf(x)
		r, c := a.Dims()
		return map[string]any{"shape": fmt.Sprintf("%d×%d", r, c), "sha256": checksum(a.RawMatrix().Data)}, true
	case *data.Set:
		return map[string]any{"samples": x.Len(), "classes": x.Classes(), "sha256": x.Checksum()}, true
	case tensor.Dtype:
		if x == (tensor.Dtype{}) {
			x = tensor.Float32
		}
		return x.String(), true
	}
	if r := v.Type(); r.Kind() == reflect.Func && r.ConvertibleTo(reflect.TypeFor[func(int) float64]()) {
		return d.schedule(v.Convert(reflect.TypeFor[func(int) float64]()).Interface().(func(int) float64)), true
	}
	if m := v.MethodByName("Config"); m.IsValid() && m.Type().NumIn() == 0 && m.Type().NumOut() == 1 {
		return d.config(v, m.Call(nil)[0], depth), true
	}
	switch x := v.Interface().(type) {
	case json.Marshaler:
		if text, err := x.MarshalJSON(); err == nil {
			return json.RawMessage(text), true
		}
	case encoding.TextMarshaler:
		if text, err := x.MarshalText(); err == nil {
			return string(text), true
		}
	}
	return nil, false
}

// config describes v by what its method Config returned: its settings, or another
// value that it stands for.
func (d describer) config(v, of reflect.Value, depth int) any {
	if of.Kind() == reflect.Interface || of.MethodByName("Config").IsValid() {
		return d.value(of, depth-1)
	}
	for of.Kind() == reflect.Pointer && !of.IsNil() {
		of = of.Elem()
	}
	if of.Kind() == reflect.Struct {
		return withKind(d.fields(of, depth), v.Type())
	}
	settings, ok := d.value(of, depth-1).(map[string]any)
	if !ok {
		settings = map[string]any{"settings": d.value(of, depth-1)}
	}
	return withKind(settings, v.Type())
}

// withKind adds the name of a type to what describes one of it, if it has one.
func withKind(m map[string]any, t reflect.Type) any {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if _, known := m["kind"]; !known && t.Name() != "" {
		m["kind"] = kindOf(t)
	}
	return m
}

// kindOf returns the name of a type, with its package if that is not of this module.
func kindOf(t reflect.Type) string {
	if strings.HasPrefix(t.PkgPath(), "github.com/whitebox-nn/whitebox/") {
		return t.Name()
	}
	return t.String()
}

// fields describes the exported fields of a struct, those of embedded ones with them.
func (d describer) fields(v reflect.Value, depth int) map[string]any {
	m := make(map[string]any)
	for i := range v.NumField() {
		f := v.Type().Field(i)
		tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case tag == "-":
			continue
		case f.Anonymous && f.Type.Kind() == reflect.Struct && tag == "":
			for key, x := range d.fields(v.Field(i), depth) {
				if _, known := m[key]; !known {
					m[key] = x
				}
			}
			continue
		case !f.IsExported():
			continue
		case tag == "":
			tag = f.Name
		}
		m[tag] = d.value(v.Field(i), depth-1)
	}
	return m
}

// list describes a list: a long one of numbers by its length and a checksum.
func (d describer) list(v reflect.Value, depth int) any {
	k := v.Type().Elem().Kind()
	numbers := k >= reflect.Bool && k <= reflect.Float64
	switch n := v.Len(); {
	case numbers && n > listed:
		h, most := sha256.New(), min(n, summed/16)
		for k := range most {
			fmt.Fprintln(h, v.Index(int(float64(k)*float64(n)/float64(most)))) // never an error
		}
		return map[string]any{"length": n, "sha256": hex.EncodeToString(h.Sum(nil))}
	case n > parts:
		return map[string]any{"length": n}
	}
	all := make([]any, v.Len())
	for i := range all {
		all[i] = d.value(v.Index(i), depth-1)
	}
	if numbers {
		return all
	}
	if t := v.Type(); t.Name() != "" {
		return map[string]any{"kind": kindOf(t), "parts": all}
	}
	return all
}

// scalar describes a value without parts; values that cannot be described, such as functions, are left out.
func scalar(v reflect.Value) any {
	switch {
	case v.CanFloat():
		if x := v.Float(); math.IsNaN(x) || math.IsInf(x, 0) {
			return strconv.FormatFloat(x, 'g', -1, 64)
		}
		if v.Kind() == reflect.Float32 {
			return float32(v.Float())
		}
		return v.Float()
	case v.CanInt():
		return v.Int()
	case v.CanUint():
		return v.Uint()
	case v.CanComplex():
		return fmt.Sprint(v.Complex())
	case v.Kind() == reflect.Bool:
		return v.Bool()
	case v.Kind() == reflect.String:
		return v.String()
	}
	return nil
}

// shapeText returns the shape of v: 32×64.
func shapeText(v *tensor.Dense) string {
	if v == nil {
		return none
	}
	var words []string
	for _, n := range v.Shape() {
		words = append(words, strconv.Itoa(n))
	}
	return strings.Join(words, "×")
}

// checksum returns the SHA-256 of numbers.
func checksum(x []float64) string {
	if n := len(x); n > summed {
		some := make([]float64, summed)
		for k := range some {
			some[k] = x[int(float64(k)*float64(n)/summed)]
		}
		x = some
	}
	h := sha256.New()
	var b []byte
	for len(x) > 0 {
		n := min(len(x), 512)
		b = b[:0]
		for _, v := range x[:n] {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		}
		h.Write(b) // never an error
		x = x[n:]
	}
	return hex.EncodeToString(h.Sum(nil))
}

const (
	mostSteps = 1 << 20 // whose rates are looked at
	mostRuns  = 8       // of equal rates that are written down
)

// schedule describes a rate by its value, or by those of its runs, or if they are many
// by some values and a checksum of all.
func (d describer) schedule(rate func(step int) float64) any {
	rates := make([]float64, max(1, min(d.steps, mostSteps)))
	runs := []string{}
	for i := range rates {
		rates[i] = rate(i + 1)
		if i == 0 || rates[i] != rates[i-1] && len(runs) <= mostRuns {
			runs = append(runs, fmt.Sprintf("%v from step %d", rates[i], i+1))
		}
	}
	switch {
	case len(runs) == 1:
		return scalar(reflect.ValueOf(rates[0]))
	case len(runs) > mostRuns:
		runs = runs[:0]
		for k := range 5 {
			i := (len(rates) - 1) * k / 4
			runs = append(runs, fmt.Sprintf("%.4g at step %d", rates[i], i+1))
		}
	}
	return map[string]any{inFull: strings.Join(runs, ", "), "sha256": checksum(rates)}
}

// inFull is the key of the text by which an object is shown.
const inFull = "is"
