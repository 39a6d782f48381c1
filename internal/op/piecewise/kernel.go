package piecewise

import "github.com/whitebox-nn/whitebox/op"

func prelu(x, a, _, _ float64) float64 {
	if x > 0 {
		return x
	}
	return a * x
}

func slope(x, a, _, _ float64) float64 {
	if x > 0 {
		return 1
	}
	return a
}

// below returns ∂/∂a.
func below(x, _, _, _ float64) float64 {
	if x > 0 {
		return 0
	}
	return x
}

// share returns how much of D goes to x in max(x, y).
func share(x, y float64) float64 {
	if x == y {
		return 0.5
	}
	return one(x > y)
}

func one(if_ bool) float64 {
	if if_ {
		return 1
	}
	return 0
}

func leaky[T op.Float](k LeakyReLU) func(out, x []T) {
	return func(out, x []T) {
		for i, v := range x {
			out[i] = max(v, 0) + T(k.Slope*float64(min(v, 0))) // without a branch, which would often be mispredicted
		}
	}
}

func leakySlope[T op.Float](k LeakyReLU) func(out, x, dout []T) {
	return func(out, x, dout []T) {
		for i, d := range dout {
			if !(x[i] > 0) {
				d = T(float64(d) * k.Slope)
			}
			out[i] = d
		}
	}
}

func preluSlices[T op.Float](out, x, a []T) {
	for i, v := range x {
		if !(v > 0) {
			v *= a[i]
		}
		out[i] = v
	}
}

func preluGrad[T op.Float](out, dout, x, a []T) {
	for i, d := range dout {
		if !(x[i] > 0) {
			d *= a[i]
		}
		out[i] = d
	}
}

func maximum[T op.Float](out, x, y []T) {
	for i, v := range x {
		out[i] = max(v, y[i])
	}
}

func minimum[T op.Float](out, x, y []T) {
	for i, v := range x {
		out[i] = min(v, y[i])
	}
}

// larger stores D where x > y, half of it where they are equal, and 0 elsewhere.
func larger[T op.Float](out, dout, x, y []T) {
	for i, d := range dout {
		switch {
		case x[i] > y[i]:
		case x[i] == y[i]:
			d /= 2
		default:
			d = 0
		}
		out[i] = d
	}
}

// smaller stores D where x < y, likewise.
func smaller[T op.Float](out, dout, x, y []T) { larger(out, dout, y, x) }

func where[T op.Float](out, c, x, y []T) {
	for i, v := range c {
		if v != 0 {
			out[i] = x[i]
		} else {
			out[i] = y[i]
		}
	}
}

func chosen[T op.Float](out, dout, c, _ []T) {
	for i, d := range dout {
		if c[i] == 0 {
			d = 0
		}
		out[i] = d
	}
}

func other[T op.Float](out, dout, c, _ []T) {
	for i, d := range dout {
		if c[i] != 0 {
			d = 0
		}
		out[i] = d
	}
}
