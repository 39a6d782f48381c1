package simd

//go:generate go -C gen run . -family norm -out ../norm_amd64.s -stubs ../norm_amd64.go -pkg simd

// What follows is for normalising: lines a·(x − m) + c, from which the mean m is taken
// off first, so that what a large mean has in common with x is not rounded; cut off at 0
// or not; and sums that run in float64 whatever T is.

// normKernels are the assembly twins for one type at one level. The sums are over
// the elements that fill whole vectors, lanes of them each.
type normKernels[T Float] struct {
	lanes         int
	centre        func(n int, dst, x *T, a, m, c T)
	centreReLU    func(n int, dst, x *T, a, m, c T)
	centreAddReLU func(n int, dst, x, y *T, a, m, c T)
	centreCombine func(n int, dst, d, x *T, a, b, m, c T)
	cutCombine    func(n int, dst, d, x *T, a, b, m, c, scale, shift T)
	moments       func(n int, x *T, about float64) (sum, squares float64)
	coMoments     func(n int, d, x *T, about float64) (sum, product float64)
	cutMoments    func(n int, d, x *T, scale, centre, shift T, about float64) (sum, product float64)
}

// Centre computes dst = a·(x − m) + c.
func Centre[T Float](dst []T, a T, x []T, m, c T) {
	x = x[:len(dst)]
	if k := normsOf[T](); k != nil && len(dst) > 0 {
		k.centre(len(dst), &dst[0], &x[0], a, m, c)
		return
	}
	for i, v := range x {
		dst[i] = a*(v-m) + c
	}
}

// CentreReLU computes dst = max(a·(x − m) + c, 0); NaN stays NaN.
func CentreReLU[T Float](dst []T, a T, x []T, m, c T) {
	x = x[:len(dst)]
	if k := normsOf[T](); k != nil && len(dst) > 0 {
		k.centreReLU(len(dst), &dst[0], &x[0], a, m, c)
		return
	}
	for i, v := range x {
		if v = a*(v-m) + c; v < 0 {
			v = 0
		}
		dst[i] = v
	}
}

// CentreAddReLU computes dst = max(a·(x − m) + c + y, 0); NaN stays NaN.
func CentreAddReLU[T Float](dst []T, a T, x, y []T, m, c T) {
	x, y = x[:len(dst)], y[:len(dst)]
	if k := normsOf[T](); k != nil && len(dst) > 0 {
		k.centreAddReLU(len(dst), &dst[0], &x[0], &y[0], a, m, c)
		return
	}
	for i, v := range x {
		if v = a*(v-m) + c + y[i]; v < 0 {
			v = 0
		}
		dst[i] = v
	}
}

// CentreCombine computes dst = a·d + b·(x − m) + c.
func CentreCombine[T Float](dst []T, a T, d []T, b T, x []T, m, c T) {
	d, x = d[:len(dst)], x[:len(dst)]
	if k := normsOf[T](); k != nil && len(dst) > 0 {
		k.centreCombine(len(dst), &dst[0], &d[0], &x[0], a, b, m, c)
		return
	}
	for i, v := range x {
		dst[i] = a*d[i] + c + b*(v-m)
	}
}

// CutCombine is CentreCombine with d taken as 0 where CentreReLU of x, for scale, m and
// shift, cuts off.
func CutCombine[T Float](dst []T, a T, d []T, b T, x []T, m, c, scale, shift T) {
	d, x = d[:len(dst)], x[:len(dst)]
	if k := normsOf[T](); k != nil && len(dst) > 0 {
		k.cutCombine(len(dst), &dst[0], &d[0], &x[0], a, b, m, c, scale, shift)
		return
	}
	for i, v := range x {
		var kept T
		if scale*(v-m)+shift > 0 {
			kept = d[i]
		}
		dst[i] = a*kept + c + b*(v-m)
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

// CutMoments is CoMoments with d taken as 0 where CentreReLU of x, for scale, centre and
// shift, cuts off.
func CutMoments[T Float](d, x []T, scale, centre, shift T, about float64) (sum, product float64) {
	x = x[:len(d)]
	if k := normsOf[T](); k != nil && len(d) >= k.lanes {
		sum, product = k.cutMoments(len(d), &d[0], &x[0], scale, centre, shift, about)
		done := len(d) / k.lanes * k.lanes
		d, x = d[done:], x[done:]
	}
	for i, v := range x {
		if scale*(v-centre)+shift > 0 {
			sum += float64(d[i])
			product += float64(d[i]) * (float64(v) - about)
		}
	}
	return sum, product
}
