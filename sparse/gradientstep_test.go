package sparse_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/sparse"
)

// plain is a Matrix that nothing but its products is known of.
type plain struct{ a *sparse.Matrix }

func (p plain) Dims() (m, n int)                 { return p.a.Dims() }
func (p plain) Apply(x, z []float64, rows int)   { p.a.Apply(x, z, rows) }
func (p plain) Adjoint(z, x []float64, rows int) { p.a.Adjoint(z, x, rows) }

// TestGroupsOfSamplesAreTheBatch compares the iteration group by group, with a packed
// matrix, with the products of a whole batch, and on numbers of workers that cut it up or
// do not: 300 samples are five groups, and no group is left whole.
func TestGroupsOfSamplesAreTheBatch(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	normal := func(rows, cols int) *mat.Dense {
		x := mat.NewDense(rows, cols, nil)
		x.Apply(func(int, int, float64) float64 { return r.NormFloat64() }, x)
		return x
	}
	a, err := sparse.NewMatrix(normal(30, 70))
	require.NoError(t, err)
	l, err := sparse.Lipschitz(a)
	require.NoError(t, err)
	few := sparse.Stop{MaxIter: 60, Change: 1e-2}
	weights := make([]float64, 70)
	for i := range weights {
		weights[i] = 0.5 + r.Float64()
	}
	x := normal(300, 30)
	for _, penalty := range []sparse.Penalty{sparse.L1{}, sparse.L1{Weights: weights}} {
		for _, c := range []struct {
			name   string
			solver func(workers int) sparse.Solver
		}{
			{"ISTA", func(w int) sparse.Solver {
				return sparse.ISTA{Step: sparse.Step{L: l}, Stop: few, Workers: w}
			}},
			{"FISTA", func(w int) sparse.Solver {
				return sparse.FISTA{Step: sparse.Step{L: l}, Stop: few, Restart: sparse.GradientRestart, Workers: w}
			}},
			{"FISTA that backtracks", func(w int) sparse.Solver {
				return sparse.FISTA{Step: sparse.Step{Backtrack: sparse.Majorize}, Stop: few, Workers: w}
			}},
		} {
			t.Run(fmt.Sprintf("%s, weights %t", c.name, penalty.(sparse.L1).Weights != nil), func(t *testing.T) {
				solve := func(op sparse.Operator, workers int) *sparse.Solution {
					s, err := c.solver(workers).Solve(sparse.Problem{A: op, X: x, Lambda: 3, Penalty: penalty})
					require.NoError(t, err)
					return s
				}
				want := solve(a, 1)
				for _, workers := range []int{2, 3, 8} {
					got := solve(a, workers)
					require.Equal(t, want.Z.RawMatrix().Data, got.Z.RawMatrix().Data, "%d workers", workers)
					require.Equal(t, want.Iterations, got.Iterations)
				}
				other := solve(plain{a}, 1)
				require.InDeltaSlice(t, other.Z.RawMatrix().Data, want.Z.RawMatrix().Data, 1e-12)
				require.Equal(t, other.Iterations, want.Iterations)
			})
		}
	}
}
