package simd_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/simd"
)

// TestTriangleSolveUndoesTheProduct multiplies a triangle of small integers, with
// powers of two on its diagonal, by integers: all steps back are exact.
func TestTriangleSolveUndoesTheProduct(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		k := simd.NewTriangle()
		for rows := 1; rows <= k.Rows; rows++ {
			const ldl = 11
			ldx := k.Cols + 1
			l, inv := make([]float64, rows*ldl), make([]float64, rows)
			want, x := make([]float64, rows*ldx), make([]float64, rows*ldx)
			for i := range want {
				want[i] = float64(r.IntN(9) - 4)
			}
			for i := range rows {
				for p := range i {
					l[i*ldl+p] = float64(r.IntN(9) - 4)
				}
				l[i*ldl+i] = float64(int(1) << r.IntN(3))
				inv[i] = 1 / l[i*ldl+i]
			}
			product := func(at func(i, p int) float64) {
				copy(x, want)
				for i := range rows {
					for j := range k.Cols {
						x[i*ldx+j] = 0
						for p := range rows {
							x[i*ldx+j] += at(i, p) * want[p*ldx+j]
						}
					}
				}
			}
			product(func(i, p int) float64 { return l[i*ldl+p] })
			k.Solve(rows, &l[0], ldl, 1, &inv[0], 1, &x[0], ldx)
			require.Equal(t, want, x, "forward, %d rows", rows)

			product(func(i, p int) float64 { return l[p*ldl+i] })
			end := rows - 1
			k.Solve(rows, &l[end*ldl+end], -1, -ldl, &inv[end], -1, &x[end*ldx], -ldx)
			require.Equal(t, want, x, "backward, %d rows", rows)
		}
	})
}
