package simd

// normsOf returns the assembly twins of the active level, nil for none.
func normsOf[T Float]() *normKernels[T] {
	l := Active()
	if l == Generic {
		return nil
	}
	if k, ok := any(&norms32[l-1]).(*normKernels[T]); ok {
		return k
	}
	return any(&norms64[l-1]).(*normKernels[T])
}

// The twins by level, AVX2 first.
var (
	norms32 = [...]normKernels[float32]{
		{4, affineReLUF32AVX2, affineAddReLUF32AVX2, cutCombineF32AVX2, momentsF32AVX2, coMomentsF32AVX2, cutMomentsF32AVX2},
		{8, affineReLUF32AVX512, affineAddReLUF32AVX512, cutCombineF32AVX512, momentsF32AVX512, coMomentsF32AVX512, cutMomentsF32AVX512},
	}
	norms64 = [...]normKernels[float64]{
		{4, affineReLUF64AVX2, affineAddReLUF64AVX2, cutCombineF64AVX2, momentsF64AVX2, coMomentsF64AVX2, cutMomentsF64AVX2},
		{8, affineReLUF64AVX512, affineAddReLUF64AVX512, cutCombineF64AVX512, momentsF64AVX512, coMomentsF64AVX512, cutMomentsF64AVX512},
	}
)
