package distance_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/whitebox-nn/whitebox/internal/distance"
	"github.com/whitebox-nn/whitebox/internal/par"
)

// TestNearestIsThatOfDifferences draws points and centres of a few magnitudes, about a shift, some of them equal.
func TestNearestIsThatOfDifferences(t *testing.T) {
	pool := par.New(2)
	defer pool.Close()
	rapid.Check(t, func(r *rapid.T) {
		n, d := rapid.IntRange(1, 120).Draw(r, "n"), rapid.IntRange(1, 300).Draw(r, "d")
		k := rapid.IntRange(1, 30).Draw(r, "k")
		draws := rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "seed"), 0))
		shift := math.Ldexp(draws.NormFloat64(), rapid.IntRange(-40, 40).Draw(r, "shift"))
		spread := rapid.IntRange(0, 60).Draw(r, "spread")
		coarse := rapid.Bool().Draw(r, "coarse")
		draw := func(rows int) []float64 {
			x := make([]float64, rows*d)
			for i := range rows {
				e := -draws.IntN(spread + 1)
				for j := range d {
					v := draws.NormFloat64()
					if coarse {
						v = math.Round(v)
					}
					x[i*d+j] = shift + math.Ldexp(v, e)
				}
			}
			return x
		}
		x, rows := draw(n), draw(k)
		if k > 3 {
			copy(rows[2*d:3*d], rows[:d])
			copy(rows[3*d:], x[:d])
		}
		p := distance.NewPoints(pool, x, n, d, d)
		c := p.NewCentres(k)
		for j := range k {
			c.Set(j, rows[j*d:(j+1)*d])
		}
		lo := draws.IntN(k)
		near := make([]float64, n)
		for i := range near {
			near[i] = math.Inf(1)
		}
		var s distance.Scores
		for q := range p.Panels() {
			s.Of(p, c, k, q)
			for i, g := range s.Nearest(lo, k) {
				at, best := lo, math.Inf(1)
				for j := lo; j < k; j++ {
					if v := distance.Squared(p.Row(q*p.Width()+i), rows[j*d:(j+1)*d]); v < best {
						at, best = j, v
					}
				}
				require.EqualValues(r, at-lo, g, "row %d of panel %d", i, q)
			}
			for j := lo; j < k; j++ {
				s.Approach(j, near)
			}
		}
		for i, v := range near {
			least := math.Inf(1)
			for j := lo; j < k; j++ {
				least = min(least, distance.Squared(p.Row(i), rows[j*d:(j+1)*d]))
			}
			require.Equal(r, least, v, "row %d", i)
		}
	})
}

func TestVarianceIsTheMeanOfTheFeatures(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const n, d = 700, 3
	x := make([]float64, n*d)
	want := 0.0
	for j := range d {
		mean, square := 0.0, 0.0
		for i := range n {
			v := float64(j+1) * r.NormFloat64()
			x[i*d+j] = 1e6 + v
			mean, square = mean+v/n, square+v*v/n
		}
		want += (square - mean*mean) / d
	}
	require.InEpsilon(t, want, distance.Variance(nil, x, n, d, d), 1e-9)
	require.Zero(t, distance.Variance(nil, make([]float64, 6), 2, 3, 3))
}
