package op

import (
	"io"
	"reflect"
)

// Name returns the name of k's type: "gelu.GELU".
func Name(k Op) string {
	if k == nil {
		return "no op"
	}
	return reflect.TypeOf(k).String()
}

// writeIdentity writes what distinguishes k from all other ops: its printed form, which has every attribute, and the
// full path of its type and of the types in it. The paths are needed because the printed form has only the last
// element of a path, and two modules may each have a gelu.GELU.
func writeIdentity(h io.StringWriter, k Op, printed string) {
	_, _ = h.WriteString(printed)
	writePaths(h, reflect.ValueOf(k))
}

func writePaths(h io.StringWriter, v reflect.Value) {
	switch v.Kind() {
	case reflect.Interface:
		writePaths(h, v.Elem())
	case reflect.Struct:
		_, _ = h.WriteString(" ")
		_, _ = h.WriteString(v.Type().PkgPath())
		for i := range v.NumField() {
			writePaths(h, v.Field(i))
		}
	case reflect.Array:
		for i := range v.Len() {
			writePaths(h, v.Index(i))
		}
	}
}

// identifiable reports an attribute that is not a value.
func identifiable(k Op) error {
	if at := notValue(reflect.ValueOf(k)); at != "" {
		return Errorf("%s: an op is told from others by its attributes, and %s is none: want numbers, strings, and "+
			"structs and arrays of them", Name(k), at)
	}
	return nil
}

func notValue(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Interface:
		if v.IsNil() {
			return ""
		}
		return notValue(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			if at := notValue(v.Field(i)); at != "" {
				return at
			}
		}
	case reflect.Array:
		if v.Len() > 0 {
			return notValue(v.Index(0))
		}
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Chan, reflect.Func, reflect.UnsafePointer:
		return "a " + v.Type().String()
	}
	return ""
}
