package models

import (
	"cmp"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"
)

var (
	dtypeType  = reflect.TypeFor[tensor.Dtype]()
	matrixType = reflect.TypeFor[*mat.Dense]()
)

// eachField calls do for the exported fields of a configuration, those of structs in it with the path
// to them: "Select.P", and "A" of one that is embedded.
func eachField(v reflect.Value, path string, do func(path string, f reflect.Value)) {
	if v.Kind() != reflect.Struct {
		return
	}
	for i := range v.NumField() {
		f, t := v.Field(i), v.Type().Field(i)
		switch at := path + t.Name; {
		case !f.CanSet():
		case f.Kind() != reflect.Struct || f.Type() == dtypeType:
			do(at, f)
		case t.Anonymous:
			eachField(f, path, do)
		default:
			eachField(f, at+".", do)
		}
	}
}

// encode returns a configuration as JSON, and the names of the tensors that its matrices become, which it
// stores.
func encode(config any, path string, store matrices) (text json.RawMessage, names map[string]string, err error) {
	if config == nil {
		return nil, nil, nil
	}
	c := reflect.New(reflect.TypeOf(config)).Elem()
	c.Set(reflect.ValueOf(config))
	eachField(c, "", func(at string, f reflect.Value) {
		if a, ok := f.Interface().(*mat.Dense); ok && a != nil && !a.IsEmpty() {
			if names == nil {
				names = make(map[string]string)
			}
			names[at] = "config." + path + at
			store[names[at]] = a
		}
	})
	text, err = json.Marshal(plain(c))
	return text, names, errors.WithStack(err)
}

// plain returns a configuration in the form that JSON can hold: a struct as a map, without fields that JSON cannot
// hold.
func plain(v reflect.Value) any {
	if _, own := v.Interface().(json.Marshaler); own || v.Kind() != reflect.Struct {
		return v.Interface()
	}
	m := make(map[string]any)
	for i := range v.NumField() {
		f, t := v.Field(i), v.Type().Field(i)
		name, _, _ := strings.Cut(t.Tag.Get("json"), ",")
		switch f.Kind() {
		case reflect.Interface, reflect.Func:
			continue
		}
		if !f.CanSet() || name == "-" || f.Type() == dtypeType || f.Type() == matrixType {
			continue
		}
		inner, ok := plain(f).(map[string]any)
		if ok && t.Anonymous && name == "" {
			for key, x := range inner {
				if _, known := m[key]; !known {
					m[key] = x
				}
			}
			continue
		}
		m[cmp.Or(name, t.Name)] = plain(f)
	}
	return m
}

// decode reads a configuration into c, which points to one.
func decode(c any, from pieces) error {
	if from.config == nil {
		return nil
	}
	if err := json.Unmarshal(from.config, c); err != nil {
		return errors.WithStack(err)
	}
	left := len(from.matrices)
	eachField(reflect.ValueOf(c).Elem(), "", func(at string, f reflect.Value) {
		switch f.Type() {
		case dtypeType:
			f.Set(reflect.ValueOf(from.dt))
		case matrixType:
			f.SetZero()
			if a := from.matrices[at]; a != nil {
				f.Set(reflect.ValueOf(a))
				left--
			}
		}
	})
	if left != 0 {
		return errors.Errorf("%d matrices of its configuration that it does not have", left)
	}
	return nil
}

// partOf returns the path of a part.
func partOf(path string, i int) string { return path + strconv.Itoa(i) + "." }
