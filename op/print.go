package op

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
)

// printed returns what fmt prints of k by %#v. Graphs are built of many ops, most of them
// structs of a few numbers, booleans and strings: these it prints itself, several times
// as fast.
func printed(k Op) string {
	var room [96]byte
	b, ok := appendStruct(room[:0], k)
	if !ok {
		return fmt.Sprintf("%#v", k)
	}
	return string(b)
}

func appendStruct(b []byte, k Op) (_ []byte, ok bool) {
	switch k.(type) {
	case fmt.GoStringer, fmt.Formatter:
		return b, false
	}
	v := reflect.ValueOf(k)
	if v.Kind() != reflect.Struct {
		return b, false
	}
	t := v.Type()
	b = append(append(b, t.String()...), '{')
	for i := range v.NumField() {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = append(append(b, t.Field(i).Name...), ':')
		if b, ok = appendValue(b, v.Field(i)); !ok {
			return b, false
		}
	}
	return append(b, '}'), true
}

func appendValue(b []byte, v reflect.Value) (_ []byte, ok bool) {
	if v.Type().PkgPath() != "" && v.Type().NumMethod() > 0 { // it may print itself
		return b, false
	}
	switch v.Kind() {
	case reflect.Bool:
		return strconv.AppendBool(b, v.Bool()), true
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.AppendInt(b, v.Int(), 10), true
	case reflect.String:
		return strconv.AppendQuote(b, v.String()), true
	case reflect.Float64:
		f := v.Float()
		if size := math.Abs(f); size != 0 && !(size >= 1e-4 && size < 1e6) { // written otherwise, or not finite
			return b, false
		}
		return strconv.AppendFloat(b, f, 'g', -1, 64), true
	}
	return b, false
}
