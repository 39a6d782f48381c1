//go:build !amd64

package simd

// fast returns nil: there are no assembly twins.
func fast[T Float]() *kernels[T] { return nil }
