package lin_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/lin"
)

// exactDecibels is 10 log₁₀(Σ(a − b)²/Σb²) by long arithmetic, whose exponents have no end.
func exactDecibels(a, b []float64) float64 {
	long := func(v float64) *big.Float { return new(big.Float).SetPrec(2500).SetFloat64(v) }
	e, t := long(0), long(0)
	for i := range a {
		d := new(big.Float).Sub(long(a[i]), long(b[i]))
		e.Add(e, new(big.Float).Mul(d, d))
		t.Add(t, new(big.Float).Mul(long(b[i]), long(b[i])))
	}
	log10 := func(x *big.Float) float64 {
		m := new(big.Float)
		exp := x.MantExp(m)
		v, _ := m.Float64()
		return math.Log10(v) + float64(exp)*math.Log10(2)
	}
	return 10 * (log10(e) - log10(t))
}

// TestDecibelsAtAnyMagnitude compares with long arithmetic, in the whole range of float64,
// and of numbers whose magnitudes have nothing in common.
func TestDecibelsAtAnyMagnitude(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	scales := []float64{1, 1e100, 1e150, 1e153, 1e155, 1e200, 1.5e308, 1e-100, 1e-150, 1e-153, 1e-155, 1e-200, 1e-300,
		5e-324}
	for _, s := range scales {
		for _, u := range append(scales, 0) {
			a, b := make([]float64, 20), make([]float64, 20)
			for i := range a {
				b[i] = s * (2*r.Float64() - 1)
				a[i] = b[i]*(1+r.Float64()/8) + u*(2*r.Float64()-1)/4
				if i%3 == 0 {
					a[i], b[i] = u*(2*r.Float64()-1), s*math.Copysign(1, r.Float64()-0.5)
				}
			}
			var e, norm lin.Squares
			for i := range a {
				e.AddDifference(a[i], b[i])
				norm.Add(b[i])
			}
			// of logarithms of ±8000
			require.InDelta(t, exactDecibels(a, b), lin.Decibels(e, norm), 1e-11, "%v in %v", u, s)
		}
	}
}

// TestDecibelsOfUsualNumbersAreThePlainRatio, to the bit.
func TestDecibelsOfUsualNumbersAreThePlainRatio(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 100 {
		var e, norm lin.Squares
		var plainE, plain float64
		for range 50 {
			a, b := r.NormFloat64()*math.Exp(20*r.NormFloat64()), r.NormFloat64()
			e.AddDifference(a, b)
			norm.Add(b)
			plainE += (a - b) * (a - b)
			plain += b * b
		}
		require.Equal(t, 10*math.Log10(plainE/plain), lin.Decibels(e, norm))
	}
}

func TestDecibelsOfNothingAndOfInfinities(t *testing.T) {
	of := func(v ...float64) (s lin.Squares) {
		for _, v := range v {
			s.Add(v)
		}
		return s
	}
	require.Equal(t, math.Inf(-1), lin.Decibels(of(0), of(1e-300)))
	require.Equal(t, math.Inf(1), lin.Decibels(of(1e-300), of()))
	require.Equal(t, math.Inf(1), lin.Decibels(of(math.Inf(-1), 1), of(1e200)))
	for _, s := range [][2]lin.Squares{{of(), of(0)}, {of(math.NaN()), of(1)}, {of(1e200, math.NaN()), of(1e200)},
		{of(math.Inf(1)), of(math.Inf(1))}} {
		require.True(t, math.IsNaN(lin.Decibels(s[0], s[1])), "%v", s)
	}
	var both lin.Squares
	both.AddDifference(1.5e308, -1.5e308)
	require.InDelta(t, 20*math.Log10(2), lin.Decibels(both, of(1.5e308)), 1e-12)
}
