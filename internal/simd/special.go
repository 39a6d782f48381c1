package simd

import "math"

//go:generate go -C gen run . -family special -out ../special_amd64.s -stubs ../special_amd64.go -pkg simd

// Tanh computes dst = tanh x. The error of float32 is below 2 units in the last place.
func Tanh[T Float](dst, x []T) {
	x = x[:len(dst)]
	if k := fast[T](); k != nil && len(dst) > 0 {
		k.tanh(len(dst), &dst[0], &x[0])
		return
	}
	for i, v := range x {
		dst[i] = T(math.Tanh(float64(v)))
	}
}

// Sigmoid computes dst = 1/(1 + e⁻ˣ), to 2 units in the last place.
func Sigmoid[T Float](dst, x []T) {
	x = x[:len(dst)]
	if k := fast[T](); k != nil && len(dst) > 0 {
		k.sigmoid(len(dst), &dst[0], &x[0])
		return
	}
	for i, v := range x {
		dst[i] = T(sigmoid(float64(v)))
	}
}

// SiLU computes dst = x/(1 + e⁻ˣ), −0 at −∞, to 2 units in the last place.
func SiLU[T Float](dst, x []T) {
	x = x[:len(dst)]
	if k := fast[T](); k != nil && len(dst) > 0 {
		k.silu(len(dst), &dst[0], &x[0])
		return
	}
	for i, v := range x {
		w := float64(v)
		dst[i] = T(finite(w) * sigmoid(w))
	}
}

// SiLUGrad computes dst = dout·(σ(x) + x σ(x) σ(−x)).
func SiLUGrad[T Float](dst, x, dout []T) {
	x, dout = x[:len(dst)], dout[:len(dst)]
	if k := fast[T](); k != nil && len(dst) > 0 {
		k.siluGrad(len(dst), &dst[0], &x[0], &dout[0])
		return
	}
	for i, v := range x {
		w := max(-1e4, min(float64(v), 1e4))
		s := sigmoid(w)
		dst[i] = T(float64(dout[i]) * (s + w*s*sigmoid(-w)))
	}
}

// GELU computes dst = x Φ(x) for the distribution Φ of a standard normal number, −0 at
// −∞. The error of float32 is below 1 unit in the last place, also where the result is tiny.
func GELU[T Float](dst, x []T) {
	x = x[:len(dst)]
	if k := fast[T](); k != nil && len(dst) > 0 {
		k.gelu(len(dst), &dst[0], &x[0])
		return
	}
	for i, v := range x {
		w := float64(v)
		dst[i] = T(finite(w) * distribution(w))
	}
}

// GELUGrad computes dst = dout·(Φ(x) + x φ(x)), φ being Φ's density.
func GELUGrad[T Float](dst, x, dout []T) {
	x, dout = x[:len(dst)], dout[:len(dst)]
	if k := fast[T](); k != nil && len(dst) > 0 {
		k.geluGrad(len(dst), &dst[0], &x[0], &dout[0])
		return
	}
	for i, v := range x {
		w := max(-1e4, min(float64(v), 1e4))
		dst[i] = T(float64(dout[i]) * (distribution(w) + w*math.Exp(-w*w/2)/math.Sqrt(2*math.Pi)))
	}
}

// GELUTanh computes dst = x σ(2√(2/π)(x + 0.044715 x³)), in float64 for both types.
func GELUTanh[T Float](dst, x []T) {
	x = x[:len(dst)]
	if k := fast[T](); k != nil && len(dst) > 0 {
		k.geluTanh(len(dst), &dst[0], &x[0])
		return
	}
	twice := 2 * math.Sqrt(2/math.Pi)
	for i, v := range x {
		w := max(-1e4, float64(v))
		near := min(w, 1e4)
		dst[i] = T(w * sigmoid(twice*(near+0.044715*near*near*near)))
	}
}

// sigmoid returns σ(x).
func sigmoid(x float64) float64 {
	if x >= 0 {
		return 1 / (1 + math.Exp(-x))
	}
	e := math.Exp(x)
	return e / (1 + e)
}

// distribution returns Φ(x).
func distribution(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }

// finite returns x, or the least finite number for −∞, which times 0 is −0.
func finite(x float64) float64 { return max(-math.MaxFloat64, x) }

// Softmax computes dst = exp(x)/Σ exp(x), after taking off the largest element, so that
// nothing overflows; dst may be x. A NaN in x makes all of dst NaN.
func Softmax[T Float](dst, x []T) {
	if len(x) == 0 {
		return
	}
	ExpShift(dst, x, Most(x))
	Affine(dst, T(1/SumWide(dst[:len(x)])), dst, 0)
}

// Most returns the largest element of x, which has one at least; a NaN may be passed over.
func Most[T Float](x []T) T {
	const lanes = 16 // of the widest register
	if k := fast[T](); k != nil && len(x) >= lanes {
		return k.most(len(x), &x[0])
	}
	top := x[0]
	for _, v := range x[1:] {
		if v > top {
			top = v
		}
	}
	return top
}

// ShiftMul computes dst = (x + c) ⊙ y: with −⟨x, y⟩ for c, the gradient of a softmax y.
func ShiftMul[T Float](dst, x, y []T, c T) {
	x, y = x[:len(dst)], y[:len(dst)]
	if k := fast[T](); k != nil && len(dst) > 0 {
		k.shiftMul(len(dst), &dst[0], &x[0], &y[0], c)
		return
	}
	for i, v := range x {
		dst[i] = (v + c) * y[i]
	}
}
