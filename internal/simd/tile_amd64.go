//go:build !purego

package simd

func tileFor[T Float](l Level) (t Tile[T], ok bool) {
	if l == Generic {
		return t, false
	}
	switch p := any(&t).(type) {
	case *Tile[float32]:
		if *p = (Tile[float32]{4, 24, tileF32AVX2}); l == AVX512 {
			*p = Tile[float32]{8, 48, tileF32AVX512}
		}
	case *Tile[float64]:
		if *p = (Tile[float64]{4, 12, tileF64AVX2}); l == AVX512 {
			*p = Tile[float64]{8, 24, tileF64AVX512}
		}
	}
	return t, true
}

func triangleFor(l Level) Triangle {
	switch l {
	case AVX512:
		return Triangle{8, 24, substituteF64AVX512}
	case AVX2:
		return Triangle{4, 12, substituteF64AVX2}
	}
	return Triangle{4, 4, nil}
}
