package coding_test

import (
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
