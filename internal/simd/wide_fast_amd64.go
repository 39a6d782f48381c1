//go:build !purego

package simd

// fastWide returns the assembly twins of the active level, nil for none.
func fastWide[T Float]() *wides[T] {
	l := Active()
	if l == Generic {
		return nil
	}
	if k, ok := any(&wides32[l-1]).(*wides[T]); ok {
		return k
	}
	return any(&wides64[l-1]).(*wides[T])
}

// The twins by level, AVX2 first.
var (
	wides32 = [...]wides[float32]{
		{sum: wideSumF32AVX2, dot: wideDotF32AVX2, distance: wideDistanceF32AVX2, add: wideAddF32AVX2,
			mulAdd: wideMulAddF32AVX2},
		{sum: wideSumF32AVX512, dot: wideDotF32AVX512, distance: wideDistanceF32AVX512, add: wideAddF32AVX512,
			mulAdd: wideMulAddF32AVX512},
	}
	wides64 = [...]wides[float64]{
		{sum: wideSumF64AVX2, dot: wideDotF64AVX2, distance: wideDistanceF64AVX2, add: wideAddF64AVX2,
			mulAdd: wideMulAddF64AVX2},
		{sum: wideSumF64AVX512, dot: wideDotF64AVX512, distance: wideDistanceF64AVX512, add: wideAddF64AVX512,
			mulAdd: wideMulAddF64AVX512},
	}
)
