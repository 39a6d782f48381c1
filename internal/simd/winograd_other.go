//go:build !amd64

package simd

func winogradFast[T Float](int) (f winogradTwin[T], lanes int) { return nil, 0 }
