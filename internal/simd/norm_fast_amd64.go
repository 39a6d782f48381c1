//go:build !purego

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
		{4, centreF32AVX2, centreReLUF32AVX2, centreAddReLUF32AVX2, centreCombineF32AVX2, cutCombineF32AVX2,
			momentsF32AVX2, coMomentsF32AVX2, cutMomentsF32AVX2},
		{8, centreF32AVX512, centreReLUF32AVX512, centreAddReLUF32AVX512, centreCombineF32AVX512, cutCombineF32AVX512,
			momentsF32AVX512, coMomentsF32AVX512, cutMomentsF32AVX512},
	}
	norms64 = [...]normKernels[float64]{
		{4, centreF64AVX2, centreReLUF64AVX2, centreAddReLUF64AVX2, centreCombineF64AVX2, cutCombineF64AVX2,
			momentsF64AVX2, coMomentsF64AVX2, cutMomentsF64AVX2},
		{8, centreF64AVX512, centreReLUF64AVX512, centreAddReLUF64AVX512, centreCombineF64AVX512, cutCombineF64AVX512,
			momentsF64AVX512, coMomentsF64AVX512, cutMomentsF64AVX512},
	}
)
