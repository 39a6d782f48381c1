package simd

//go:generate go -C gen run . -family vec -out ../vec_amd64.s -stubs ../vec_amd64.go -pkg simd

// The functions on vectors take slices as long as the first one; a shorter one
// crashes as an index out of range does. Outputs may be inputs, but not overlap
// them otherwise. Bits do not depend on where in memory a slice lies.

// kernels are the assembly twins for one type at one level.
type kernels[T Float] struct {
	proximal                                       func(n int, v, z, last *T, a, b, c, theta T)
	add, sub, mul, mulAdd, addReLU, reluGrad, soft func(n int, dst, x, y *T)
	whereNonzero, signTimes                        func(n int, dst, s, x *T)

	affine  func(n int, dst, x *T, a, c T)
	combine func(n int, dst, x, y *T, a, b, c T)

	relu  func(n int, dst, x *T)
	axpy  func(n int, y, x *T, a T)
	axpby func(n int, y, x *T, a, b T)
	sgd   func(n int, p, m, g *T, keep, add, grad, trace, lr, l2 T)
	adam  func(n int, p, m, v, g *T, w1, b2, w2, root, eps, lr, l2, decay T)
	exp   func(n int, dst, x *T, shift T)
	dot   func(n int, x, y *T) T
	sum   func(n int, x *T) T

	tanh, sigmoid, silu, gelu, geluTanh func(n int, dst, x *T) // see special.go
	siluGrad, geluGrad                  func(n int, dst, x, dout *T)
	most                                func(n int, x *T) T
	shiftMul                            func(n int, dst, x, y *T, c T)
}

// Axpy computes y += a·x.
func Axpy[T Float](y []T, a T, x []T) {
	x = x[:len(y)]
	if k := fast[T](); k != nil && len(y) > 0 {
		k.axpy(len(y), &y[0], &x[0], a)
		return
	}
	for i, v := range x {
		y[i] += a * v
	}
}

// Axpby computes y = a·x + b·y.
func Axpby[T Float](y []T, a T, x []T, b T) {
	x = x[:len(y)]
	if k := fast[T](); k != nil && len(y) > 0 {
		k.axpby(len(y), &y[0], &x[0], a, b)
		return
	}
	for i, v := range x {
		y[i] = a*v + b*y[i]
	}
}

// Affine computes dst = a·x + c.
func Affine[T Float](dst []T, a T, x []T, c T) {
	x = x[:len(dst)]
	if k := fast[T](); k != nil && len(dst) > 0 {
		k.affine(len(dst), &dst[0], &x[0], a, c)
		return
	}
	for i, v := range x {
		dst[i] = a*v + c
	}
}

// Combine computes dst = a·x + b·y + c.
func Combine[T Float](dst []T, a T, x []T, b T, y []T, c T) {
	x, y = x[:len(dst)], y[:len(dst)]
	if k := fast[T](); k != nil && len(dst) > 0 {
		k.combine(len(dst), &dst[0], &x[0], &y[0], a, b, c)
		return
	}
	for i, v := range x {
		dst[i] = a*v + c + b*y[i]
	}
}

// Add computes dst = x + y.
func Add[T Float](dst, x, y []T) {
	x, y = x[:len(dst)], y[:len(dst)]
	if k := fast[T](); k != nil && len(dst) > 0 {
		k.add(len(dst), &dst[0], &x[0], &y[0])
		return
	}
	for i, v := range x {
		dst[i] = v + y[i]
	}
}

// Sub computes dst = x − y.
func Sub[T Float](dst, x, y []T) {
	x, y = x[:len(dst)], y[:len(dst)]
	if k := fast[T](); k != nil && len(dst) > 0 {
		k.sub(len(dst), &dst[0], &x[0], &y[0])
		return
	}
	for i, v := range x {
		dst[i] = v - y[i]
	}
}

// MulAdd computes dst += x ⊙ y.
func MulAdd[T Float](dst, x, y []T) {
	x, y = x[:len(dst)], y[:len(dst)]
	if k := fast[T](); k != nil && len(dst) > 0 {
		k.mulAdd(len(dst), &dst[0], &x[0], &y[0])
		return
	}
	for i, v := range x {
		dst[i] += v * y[i]
	}
}

// Mul computes dst = x ⊙ y, element by element.
func Mul[T Float](dst, x, y []T) {
	x, y = x[:len(dst)], y[:len(dst)]
	if k := fast[T](); k != nil && len(dst) > 0 {
		k.mul(len(dst), &dst[0], &x[0], &y[0])
		return
	}
	for i, v := range x {
		dst[i] = v * y[i]
	}
}

// ReLU computes dst = max(x, 0); NaN stays NaN.
func ReLU[T Float](dst, x []T) {
	x = x[:len(dst)]
	if k := fast[T](); k != nil && len(dst) > 0 {
		k.relu(len(dst), &dst[0], &x[0])
		return
	}
	for i, v := range x {
		if v < 0 {
			v = 0
		}
		dst[i] = v
	}
}

// AddReLU computes dst = max(x + y, 0); NaN stays NaN.
func AddReLU[T Float](dst, x, y []T) {
	x, y = x[:len(dst)], y[:len(dst)]
	if k := fast[T](); k != nil && len(dst) > 0 {
		k.addReLU(len(dst), &dst[0], &x[0], &y[0])
		return
	}
	for i, v := range x {
		if v += y[i]; v < 0 {
			v = 0
		}
		dst[i] = v
	}
}

// ReLUGrad computes dst = dout where out > 0, and 0 elsewhere.
func ReLUGrad[T Float](dst, out, dout []T) {
	out, dout = out[:len(dst)], dout[:len(dst)]
	if k := fast[T](); k != nil && len(dst) > 0 {
		k.reluGrad(len(dst), &dst[0], &out[0], &dout[0])
		return
	}
	for i, v := range out {
		if v > 0 {
			dst[i] = dout[i]
		} else {
			dst[i] = 0
		}
	}
}

// SoftThreshold moves x towards zero by theta, where it stops:
//
//	dst = x − θ where x > θ, else x + θ where x < −θ, else 0·x.
//
// NaN stays NaN.
func SoftThreshold[T Float](dst, x, theta []T) {
	x, theta = x[:len(dst)], theta[:len(dst)]
	if k := fast[T](); k != nil && len(dst) > 0 {
		k.soft(len(dst), &dst[0], &x[0], &theta[0])
		return
	}
	for i, v := range x {
		switch t := theta[i]; {
		case v > t:
			dst[i] = v - t
		case v < -t:
			dst[i] = v + t
		default:
			dst[i] = 0 * v
		}
	}
}

// WhereNonzero computes dst = x where s ≠ 0, NaN included, and 0 elsewhere.
func WhereNonzero[T Float](dst, s, x []T) {
	s, x = s[:len(dst)], x[:len(dst)]
	if k := fast[T](); k != nil && len(dst) > 0 {
		k.whereNonzero(len(dst), &dst[0], &s[0], &x[0])
		return
	}
	for i, v := range x {
		if s[i] == 0 {
			v = 0
		}
		dst[i] = v
	}
}

// SignTimes computes dst = sgn(s)·x; where s is 0 or NaN it is 0.
func SignTimes[T Float](dst, s, x []T) {
	s, x = s[:len(dst)], x[:len(dst)]
	if k := fast[T](); k != nil && len(dst) > 0 {
		k.signTimes(len(dst), &dst[0], &s[0], &x[0])
		return
	}
	for i, v := range x {
		switch {
		case s[i] > 0:
			dst[i] = v
		case s[i] < 0:
			dst[i] = 0 - v
		default:
			dst[i] = 0
		}
	}
}

// Dot returns Σ xᵢyᵢ, summed in T in an order that depends on the length alone.
func Dot[T Float](x, y []T) (s T) {
	y = y[:len(x)]
	if k := fast[T](); k != nil && len(x) > 0 {
		return k.dot(len(x), &x[0], &y[0])
	}
	for i, v := range x {
		s += v * y[i]
	}
	return s
}

// Sum returns Σ xᵢ, summed in T in an order that depends on the length alone.
func Sum[T Float](x []T) (s T) {
	if k := fast[T](); k != nil && len(x) > 0 {
		return k.sum(len(x), &x[0])
	}
	for _, v := range x {
		s += v
	}
	return s
}
