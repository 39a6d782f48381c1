package lin

import "math"

// Squares is a sum of squares of any magnitude, in three parts: Mid + 2¹²⁰⁰·Big +
// 2⁻¹²⁰⁰·Small. Where no number is above 2⁵⁰⁰ or below 2⁻⁵⁰⁰ it is Mid, with the bits
// of the plain sum.
//
// Reference: Blue. A portable Fortran program to find the Euclidean norm of a vector.
// ACM Transactions on Mathematical Software 4(1), 1978.
type Squares struct{ Mid, Big, Small float64 }

const (
	tooBig, tooSmall   = 0x1p500, 0x1p-500
	shrinking, growing = 0x1p-600, 0x1p600
)

// Add adds v².
func (s *Squares) Add(v float64) {
	switch a := math.Abs(v); {
	case a > tooBig:
		s.Big += (v * shrinking) * (v * shrinking)
	case a < tooSmall:
		s.Small += (v * growing) * (v * growing)
	default: // NaN too
		s.Mid += v * v
	}
}

// AddDifference adds (a − b)², also where a − b is out of range.
func (s *Squares) AddDifference(a, b float64) {
	d := a - b
	if math.Abs(d) > tooBig {
		d = a*shrinking - b*shrinking
		s.Big += d * d
		return
	}
	s.Add(d)
}

// scaled returns s as v·2ᵉ.
func (s Squares) scaled() (v float64, e int) {
	switch {
	case s.Big != 0:
		return s.Big + s.Mid*shrinking*shrinking, 1200
	case s.Mid != 0:
		return s.Mid + s.Small*shrinking*shrinking, 0
	}
	return s.Small, -1200
}

// Decibels returns 10 log₁₀(s/t); −Inf for s = 0, and NaN if both are.
func Decibels(s, t Squares) float64 {
	v, i := s.scaled()
	w, j := t.scaled()
	if r := v / w; r > 0x1p-1000 && r < 0x1p1000 && i == j || v == 0 || w == 0 || math.IsInf(v+w, 0) {
		return 10 * math.Log10(r)
	}
	return 10 * (math.Log10(v) - math.Log10(w) + float64(i-j)*math.Log10(2))
}
