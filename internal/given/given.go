// Package given tells what was given from what was left out.
package given

import "reflect"

// Nil reports whether x, of an interface type, is nil, or holds a nil pointer, map
// or function: what has methods that cannot be called. A nil pointer to a struct even
// panics in methods that take nil, if a field has lent them to it.
func Nil(x any) bool {
	if x == nil {
		return true
	}
	switch v := reflect.ValueOf(x); v.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Func, reflect.Interface, reflect.Chan:
		return v.IsNil()
	}
	return false
}
