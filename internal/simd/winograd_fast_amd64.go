//go:build !purego

package simd

// winogradFast returns the assembly twin of a transform at the active level, nil for
// none, and how many elements its vectors have.
func winogradFast[T Float](which int) (f winogradTwin[T], lanes int) {
	l := Active()
	if l == Generic {
		return nil, 0
	}
	switch p := any(&f).(type) {
	case *winogradTwin[float32]:
		*p, lanes = winograds32[l-1][which], 8*int(l)
	case *winogradTwin[float64]:
		*p, lanes = winograds64[l-1][which], 4*int(l)
	}
	return f, lanes
}

// The twins by level, AVX2 first.
var (
	winograds32 = [...][5]winogradTwin[float32]{
		{winogradInputF32AVX2, winogradOutputF32AVX2, winogradFilterF32AVX2, winogradOutputGradF32AVX2,
			winogradFilterGradF32AVX2},
		{winogradInputF32AVX512, winogradOutputF32AVX512, winogradFilterF32AVX512, winogradOutputGradF32AVX512,
			winogradFilterGradF32AVX512},
	}
	winograds64 = [...][5]winogradTwin[float64]{
		{winogradInputF64AVX2, winogradOutputF64AVX2, winogradFilterF64AVX2, winogradOutputGradF64AVX2,
			winogradFilterGradF64AVX2},
		{winogradInputF64AVX512, winogradOutputF64AVX512, winogradFilterF64AVX512, winogradOutputGradF64AVX512,
			winogradFilterGradF64AVX512},
	}
)
