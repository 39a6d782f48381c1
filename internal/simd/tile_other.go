//go:build !amd64

package simd

func tileFor[T Float](Level) (t Tile[T], ok bool) { return t, false }
