package simd

//go:generate go -C gen run . -family norm -out ../norm_amd64.s -stubs ../norm_amd64.go -pkg simd

// What follows is for normalising: lines, cut off at 0 or not, and sums that run in
// float64 whatever T is.

// normKernels are the assembly twins for one type at one level. The sums are over
// the elements that fill whole vectors, lanes of them each.
type normKernels[T Float] struct {
	lanes         int
	affineReLU    func(n int, dst, x *T, a, c T)
	affineAddReLU func(n int, dst, x, y *T, a, c T)
	cutCombine    func(n int, dst, d, x *T, a, b, c, scale, shift T)
	moments       func(n int, x *T, about float64) (sum, squares float64)
	coMoments     func(n int, d, x *T, about float64) (sum, product float64)
	cutMoments    func(n int, d, x *T, scale, shift T, about float64) (sum, product float64)
}

// AffineReLU computes dst = max(a·x + c, 0); NaN stays NaN.
func AffineReLU[T Float](dst []T, a T, x []T, c T) {
	x = x[:len(dst)]
	if k := normsOf[T](); k != nil && len(dst) > 0 {
		k.affineReLU(len(dst), &dst[0], &x[0], a, c)
		return
	}
	for i, v := range x {
		if v = a*v + c; v < 0 {
			v = 0
		}
		dst[i] = v
	}
}

// AffineAddReLU computes dst = max(a·x + c + y, 0); NaN stays NaN.
func AffineAddReLU[T Float](dst []T, a T, x, y []T, c T) {
	x, y = x[:len(dst)], y[:len(dst)]
	if k := normsOf[T](); k != nil && len(dst) > 0 {
		k.affineAddReLU(len(dst), &dst[0], &x[0], &y[0], a, c)
		return
	}
	for i, v := range x {
		if v = a*v + c + y[i]; v < 0 {
			v = 0
		}
		dst[i] = v
	}
}

// CutCombine computes dst = a·d + b·x + c with d taken as 0 where AffineReLU of x,
// for scale and shift, cuts off.
func CutCombine[T Float](dst []T, a T, d []T, b T, x []T, c, scale, shift T) {
	d, x = d[:len(dst)], x[:len(dst)]
	if k := normsOf[T](); k != nil && len(dst) > 0 {
		k.cutCombine(len(dst), &dst[0], &d[0], &x[0], a, b, c, scale, shift)
		return
	}
	for i, v := range x {
		var kept T
		if scale*v+shift > 0 {
			kept = d[i]
		}
		dst[i] = a*kept + c + b*v
	}
}

// Moments returns Σ(x − about) and Σ(x − about)².
func Moments[T Float](x []T, about float64) (sum, squares float64) {
	if k := normsOf[T](); k != nil && len(x) >= k.lanes {
		sum, squares = k.moments(len(x), &x[0], about)
		x = x[len(x)/k.lanes*k.lanes:]
	}
	for _, v := range x {
		d := float64(v) - about
		sum += d
		squares += d * d
	}
	return sum, squares
}

// CoMoments returns Σ d and Σ d·(x − about).
func CoMoments[T Float](d, x []T, about float64) (sum, product float64) {
	x = x[:len(d)]
	if k := normsOf[T](); k != nil && len(d) >= k.lanes {
		sum, product = k.coMoments(len(d), &d[0], &x[0], about)
		done := len(d) / k.lanes * k.lanes
		d, x = d[done:], x[done:]
	}
	for i, v := range d {
		sum += float64(v)
		product += float64(v) * (float64(x[i]) - about)
	}
	return sum, product
}

// CutMoments is CoMoments with d taken as 0 where AffineReLU of x, for scale and
// shift, cuts off.
func CutMoments[T Float](d, x []T, scale, shift T, about float64) (sum, product float64) {
	x = x[:len(d)]
	if k := normsOf[T](); k != nil && len(d) >= k.lanes {
		sum, product = k.cutMoments(len(d), &d[0], &x[0], scale, shift, about)
		done := len(d) / k.lanes * k.lanes
		d, x = d[done:], x[done:]
	}
	for i, v := range x {
		if scale*v+shift > 0 {
			sum += float64(d[i])
			product += float64(d[i]) * (float64(v) - about)
		}
	}
	return sum, product
}
