//go:build !purego

package simd

// specials returns the assembly twins of the active level, nil for none.
func specials[T Float]() *specialKernels[T] {
	l := Active()
	if l == Generic {
		return nil
	}
	if k, ok := any(&specials32[l-1]).(*specialKernels[T]); ok {
		return k
	}
	return any(&specials64[l-1]).(*specialKernels[T])
}

// The twins by level, AVX2 first.
var (
	specials32 = [...]specialKernels[float32]{
		{
			tanh: tanhF32AVX2, sigmoid: sigmoidF32AVX2, silu: siluF32AVX2, gelu: geluF32AVX2,
			geluTanh: geluTanhF32AVX2, siluGrad: siluGradF32AVX2, geluGrad: geluGradF32AVX2,
			most: mostF32AVX2,
		},
		{
			tanh: tanhF32AVX512, sigmoid: sigmoidF32AVX512, silu: siluF32AVX512, gelu: geluF32AVX512,
			geluTanh: geluTanhF32AVX512, siluGrad: siluGradF32AVX512, geluGrad: geluGradF32AVX512,
			most: mostF32AVX512,
		},
	}
	specials64 = [...]specialKernels[float64]{
		{
			tanh: tanhF64AVX2, sigmoid: sigmoidF64AVX2, silu: siluF64AVX2, gelu: geluF64AVX2,
			geluTanh: geluTanhF64AVX2, siluGrad: siluGradF64AVX2, geluGrad: geluGradF64AVX2,
			most: mostF64AVX2,
		},
		{
			tanh: tanhF64AVX512, sigmoid: sigmoidF64AVX512, silu: siluF64AVX512, gelu: geluF64AVX512,
			geluTanh: geluTanhF64AVX512, siluGrad: siluGradF64AVX512, geluGrad: geluGradF64AVX512,
			most: mostF64AVX512,
		},
	}
)
