//go:build !amd64

package simd

func tileFor[T Float](Level) (t Tile[T], ok bool) { return t, false }

func triangleFor(Level) Triangle { return Triangle{4, 4, nil} }
