//go:build !purego

package simd

// fast returns the assembly twins of the active level, nil for none.
func fast[T Float]() *kernels[T] {
	l := Active()
	if l == Generic {
		return nil
	}
	if k, ok := any(&kernels32[l-1]).(*kernels[T]); ok {
		return k
	}
	return any(&kernels64[l-1]).(*kernels[T])
}

// The twins by level, AVX2 first.
var (
	kernels32 = [...]kernels[float32]{
		{
			add:          addF32AVX2,
			affine:       affineF32AVX2,
			combine:      combineF32AVX2,
			mul:          mulF32AVX2,
			addReLU:      addReLUF32AVX2,
			reluGrad:     reluGradF32AVX2,
			soft:         softF32AVX2,
			whereNonzero: whereNonzeroF32AVX2,
			signTimes:    signTimesF32AVX2,
			relu:         reluF32AVX2,
			axpy:         axpyF32AVX2,
			axpby:        axpbyF32AVX2,
			adam:         adamF32AVX2,
			sgd:          sgdF32AVX2,
			sub:          subF32AVX2,
			mulAdd:       mulAddF32AVX2,
			exp:          expF32AVX2,
			dot:          dotF32AVX2,
			sum:          sumF32AVX2,
			tanh:         tanhF32AVX2,
			sigmoid:      sigmoidF32AVX2,
			silu:         siluF32AVX2,
			gelu:         geluF32AVX2,
			geluTanh:     geluTanhF32AVX2,
			siluGrad:     siluGradF32AVX2,
			geluGrad:     geluGradF32AVX2,
			most:         mostF32AVX2,
		},
		{
			add:          addF32AVX512,
			affine:       affineF32AVX512,
			combine:      combineF32AVX512,
			mul:          mulF32AVX512,
			addReLU:      addReLUF32AVX512,
			reluGrad:     reluGradF32AVX512,
			soft:         softF32AVX512,
			whereNonzero: whereNonzeroF32AVX512,
			signTimes:    signTimesF32AVX512,
			relu:         reluF32AVX512,
			axpy:         axpyF32AVX512,
			axpby:        axpbyF32AVX512,
			adam:         adamF32AVX512,
			sgd:          sgdF32AVX512,
			sub:          subF32AVX512,
			mulAdd:       mulAddF32AVX512,
			exp:          expF32AVX512,
			dot:          dotF32AVX512,
			sum:          sumF32AVX512,
			tanh:         tanhF32AVX512,
			sigmoid:      sigmoidF32AVX512,
			silu:         siluF32AVX512,
			gelu:         geluF32AVX512,
			geluTanh:     geluTanhF32AVX512,
			siluGrad:     siluGradF32AVX512,
			geluGrad:     geluGradF32AVX512,
			most:         mostF32AVX512,
		},
	}
	kernels64 = [...]kernels[float64]{
		{
			add:          addF64AVX2,
			affine:       affineF64AVX2,
			combine:      combineF64AVX2,
			mul:          mulF64AVX2,
			addReLU:      addReLUF64AVX2,
			reluGrad:     reluGradF64AVX2,
			soft:         softF64AVX2,
			whereNonzero: whereNonzeroF64AVX2,
			signTimes:    signTimesF64AVX2,
			relu:         reluF64AVX2,
			axpy:         axpyF64AVX2,
			axpby:        axpbyF64AVX2,
			adam:         adamF64AVX2,
			sgd:          sgdF64AVX2,
			sub:          subF64AVX2,
			mulAdd:       mulAddF64AVX2,
			exp:          expF64AVX2,
			dot:          dotF64AVX2,
			sum:          sumF64AVX2,
			tanh:         tanhF64AVX2,
			sigmoid:      sigmoidF64AVX2,
			silu:         siluF64AVX2,
			gelu:         geluF64AVX2,
			geluTanh:     geluTanhF64AVX2,
			siluGrad:     siluGradF64AVX2,
			geluGrad:     geluGradF64AVX2,
			most:         mostF64AVX2,
		},
		{
			add:          addF64AVX512,
			affine:       affineF64AVX512,
			combine:      combineF64AVX512,
			mul:          mulF64AVX512,
			addReLU:      addReLUF64AVX512,
			reluGrad:     reluGradF64AVX512,
			soft:         softF64AVX512,
			whereNonzero: whereNonzeroF64AVX512,
			signTimes:    signTimesF64AVX512,
			relu:         reluF64AVX512,
			axpy:         axpyF64AVX512,
			axpby:        axpbyF64AVX512,
			adam:         adamF64AVX512,
			sgd:          sgdF64AVX512,
			sub:          subF64AVX512,
			mulAdd:       mulAddF64AVX512,
			exp:          expF64AVX512,
			dot:          dotF64AVX512,
			sum:          sumF64AVX512,
			tanh:         tanhF64AVX512,
			sigmoid:      sigmoidF64AVX512,
			silu:         siluF64AVX512,
			gelu:         geluF64AVX512,
			geluTanh:     geluTanhF64AVX512,
			siluGrad:     siluGradF64AVX512,
			geluGrad:     geluGradF64AVX512,
			most:         mostF64AVX512,
		},
	}
)
