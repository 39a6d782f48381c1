package coding_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/coding"
)

// TestSweepHasAPlateauAtTheTruth finds the number of groups without being told ε.
func TestSweepHasAPlateauAtTheTruth(t *testing.T) {
	x, _ := planeAndLines(rand.New(rand.NewPCG(12, 1)))
	eps2, err := coding.Logspace(1e-6, 10, 15)
	require.NoError(t, err)
	points, err := coding.Clustering{}.Sweep(t.Context(), x, eps2)
	require.NoError(t, err)
	require.Len(t, points, 15)
	at, err := coding.Plateau(points)
	require.NoError(t, err)
	require.Equal(t, 3, points[at].Groups)
	require.Equal(t, eps2[at], points[at].Eps2)
	for i := 1; i < len(points); i++ {
		require.Less(t, points[i].Bits, points[i-1].Bits, "a coarser code is shorter")
	}
}

// TestPlateauIsTheMiddleOfTheWidest has sweeps with an answer.
func TestPlateauIsTheMiddleOfTheWidest(t *testing.T) {
	sweep := func(groups ...int) (points []coding.SweepPoint) {
		e := 1.0
		for _, k := range groups {
			points = append(points, coding.SweepPoint{Eps2: e, Clusters: &coding.Clusters{Groups: k}})
			e *= 2
		}
		return points
	}
	for want, points := range [][]coding.SweepPoint{
		sweep(7),
		sweep(4, 4, 4, 3, 3, 1, 1, 1, 1, 1, 1),
		sweep(9, 4, 4, 4, 3, 3, 3, 1),
		sweep(9, 8, 7, 4, 4, 4, 4),
		sweep(9, 3, 3, 2, 1, 1),
	} {
		at, err := coding.Plateau(points)
		require.NoError(t, err)
		require.Equal(t, []int{0, 1, 2, 4, 1}[want], at, "sweep %d", want)
	}
	points := sweep(2, 3, 3)
	points[1].Eps2 = 9
	points[2].Eps2 = 8
	_, err := coding.Plateau(points)
	require.ErrorIs(t, err, coding.ErrInput)
	_, err = coding.Plateau(nil)
	require.ErrorIs(t, err, coding.ErrInput)
	_, err = coding.Logspace(1, 1, 3)
	require.ErrorIs(t, err, coding.ErrInput)
	_, err = coding.Clustering{}.Sweep(t.Context(), rowsOf([][]float64{{1}}), []float64{1, 0})
	require.ErrorContains(t, err, "sweep: ε² 0: lossy clustering: ε² is 0")
}

// TestPlateauPassesOverOneGroupAndShortRanges: at what is wider, all samples are one group,
// or two distortions agree by chance.
func TestPlateauPassesOverOneGroupAndShortRanges(t *testing.T) {
	points := func(of ...float64) (all []coding.SweepPoint) { // log₁₀ ε² and groups in turn
		for i := 0; i < len(of); i += 2 {
			all = append(all, coding.SweepPoint{
				Eps2: math.Pow(10, of[i]), Clusters: &coding.Clusters{Groups: int(of[i+1])},
			})
		}
		return all
	}
	for want, p := range map[int][]coding.SweepPoint{
		1: points(-6, 2, -5, 2, -4, 2, -3, 1, -2, 1, -1, 1, 0, 1, 1, 1),
		3: points(-9, 9, -4, 9, -1.9, 4, -1.8, 4, -1.7, 4, -1.6, 1),
		0: points(-6, 7, -2, 7, -1.9, 3, -1.8, 1), // no range is long: the widest
		2: points(-6, 1, -5, 1, -4, 1, -3, 1, -2, 1),
	} {
		at, err := coding.Plateau(p)
		require.NoError(t, err)
		require.Equal(t, want, at)
	}
}

// TestLogspaceRefusesEachThingThatIsNotARange by itself.
func TestLogspaceRefusesEachThingThatIsNotARange(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		count  int
	}{
		{0, 1, 3}, {-1, 1, 3}, {1, 1, 3}, {2, 1, 3}, {1, math.Inf(1), 3}, {math.NaN(), 1, 3},
		{1, math.NaN(), 3}, {1, 2, 1},
		{1, 2, -1}, {1, 2, math.MaxInt},
	} {
		_, err := coding.Logspace(c.lo, c.hi, c.count)
		require.ErrorIs(t, err, coding.ErrInput, "%+v", c)
	}
	two, err := coding.Logspace(1, 100, 2)
	require.NoError(t, err)
	require.InDeltaSlice(t, []float64{1, 100}, two, 1e-12)
}
