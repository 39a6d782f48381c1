//go:build !amd64

package simd

// fastWide returns nil: there are no assembly twins.
func fastWide[T Float]() *wides[T] { return nil }
