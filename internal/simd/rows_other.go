//go:build !amd64

package simd

// bothWaysFast returns false: there are no assembly twins.
func bothWaysFast[T Float](int, *T, int, *T, *T, *T, *T) bool { return false }
