package elementary

import (
	"math"

	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/op"
)

func root[T op.Float](out, x []T) {
	for i, v := range x {
		out[i] = T(math.Sqrt(float64(v)))
	}
}

func rootSlope[T op.Float](out, y, dout []T) {
	for i, v := range y {
		out[i] = T(float64(dout[i]) * (0.5 / float64(v)))
	}
}

func abs[T op.Float](out, x []T) {
	for i, v := range x {
		out[i] = T(math.Abs(float64(v)))
	}
}

// sign returns sgn x, 0 at 0, and NaN stays.
func sign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x
}

func absSlope[T op.Float](out, x, dout []T) {
	for i, v := range x {
		switch {
		case v > 0:
			v = dout[i]
		case v < 0:
			v = -dout[i]
		}
		out[i] = v
	}
}

func square[T op.Float](out, x []T) { simd.Mul(out, x, x) }

func squareSlope[T op.Float](out, x, dout []T) {
	for i, v := range x {
		out[i] = dout[i] * (2 * v)
	}
}

// value returns the clamped x; NaN stays.
func (k Clamp) value(x float64) float64 {
	switch {
	case x < k.Lo:
		return k.Lo
	case x > k.Hi:
		return k.Hi
	}
	return x
}

func (k Clamp) slope(x float64) float64 {
	if x < k.Lo || x > k.Hi {
		return 0
	}
	return 1
}

func clamp[T op.Float](k Clamp) func(out, x []T) {
	return func(out, x []T) {
		lo, hi := T(k.Lo), T(k.Hi)
		for i, v := range x {
			out[i] = min(max(v, lo), hi) // without a branch, which would often be mispredicted
		}
	}
}

// clampSlope is slope, but that an infinite D is 0 outside of the bounds.
func clampSlope[T op.Float](k Clamp) func(out, x, dout []T) {
	return func(out, x, dout []T) {
		for i, v := range x {
			d := dout[i]
			if x := float64(v); x < k.Lo || x > k.Hi {
				d = 0
			}
			out[i] = d
		}
	}
}
