package sparse_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/sparse"
)

// solvers are all ways to a solution.
func solvers(stop sparse.Stop) map[string]sparse.Solver {
	return map[string]sparse.Solver{
		"ISTA":                     sparse.ISTA{Stop: stop},
		"ISTA, majorize":           sparse.ISTA{Stop: stop, Step: sparse.Step{Backtrack: sparse.Majorize}},
		"ISTA, decrease":           sparse.ISTA{Stop: stop, Step: sparse.Step{Backtrack: sparse.Decrease}},
		"FISTA":                    sparse.FISTA{Stop: stop},
		"FISTA, one worker":        sparse.FISTA{Stop: stop, Workers: 1},
		"FISTA, majorize":          sparse.FISTA{Stop: stop, Step: sparse.Step{Backtrack: sparse.Majorize}},
		"FISTA, monotone":          sparse.FISTA{Stop: stop, Monotone: true},
		"FISTA, function restart":  sparse.FISTA{Stop: stop, Restart: sparse.FunctionRestart},
		"FISTA, gradient restart":  sparse.FISTA{Stop: stop, Restart: sparse.GradientRestart},
		"FISTA, monotone, restart": sparse.FISTA{Stop: stop, Monotone: true, Restart: sparse.FunctionRestart},
		"FISTA, strongly convex":   sparse.FISTA{Stop: stop, Mu: 0.05},
	}
}

// TestSolversFindScikitLearnsSolution compares with coordinate descent.
func TestSolversFindScikitLearnsSolution(t *testing.T) {
	var ref struct {
		Params struct {
			Lambda float64 `json:"lambda_"`
		}
		Tensors map[string]struct {
			Shape []int
			Data  []float64
		}
	}
	b, err := os.ReadFile("../internal/conformance/testdata/lasso.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(b, &ref))
	get := func(name string) *mat.Dense {
		v := ref.Tensors[name]
		return mat.NewDense(v.Shape[0], v.Shape[1], v.Data)
	}
	a, x, want := get("A"), get("X"), get("Z_star")
	p := sparse.Problem{A: operator(t, a), X: x, Lambda: ref.Params.Lambda}
	for name, s := range solvers(sparse.Stop{MaxIter: 200_000, Gap: 1e-15}) {
		t.Run(name, func(t *testing.T) {
			got, err := s.Solve(p)
			require.NoError(t, err)
			assert.Equal(t, []bool{true, true, true}, got.Converged)
			near(t, want.RawMatrix().Data, got.Z.RawMatrix().Data, 2e-7)
			near(t, ref.Tensors["objective"].Data, got.Objective, 1e-12)
			for i := range got.Lambda {
				require.Less(t, violation(a, x.RawRowView(i), got.Z.RawRowView(i), p.Lambda), 1e-7)
			}
		})
	}
}

func TestIteratesAreThoseOfThePapers(t *testing.T) {
	g := readGolden(t).ISTA
	p := sparse.Problem{A: operator(t, dense(g.A)), X: mat.NewDense(1, 3, g.Y), Lambda: g.Lam}
	l, err := sparse.Lipschitz(p.A)
	require.NoError(t, err)
	assert.InDelta(t, g.L, l, 1e-14)
	most, err := p.LambdaMax()
	require.NoError(t, err)
	assert.InDelta(t, g.LambdaMax, most[0], 1e-15)
	var ista, fista [][]float64
	record := func(into *[][]float64) sparse.Callback {
		return func(_ int, z *mat.Dense) { *into = append(*into, append([]float64(nil), z.RawRowView(0)...)) }
	}
	_, err = sparse.ISTA{Stop: sparse.Stop{MaxIter: 5}, Callback: record(&ista)}.Solve(p)
	require.NoError(t, err)
	_, err = sparse.FISTA{Stop: sparse.Stop{MaxIter: 5}, Callback: record(&fista)}.Solve(p)
	require.NoError(t, err)
	require.Len(t, ista, 6, "the start and 5 iterates")
	for k := range 5 {
		near(t, g.ISTA[k], ista[k+1], 1e-14, "ISTA", k+1)
		near(t, g.FISTA[k], fista[k+1], 1e-14, "FISTA", k+1)
	}
	s, err := sparse.FISTA{Stop: sparse.Stop{MaxIter: 5000, Gap: 1e-16}, Restart: sparse.GradientRestart}.Solve(p)
	require.NoError(t, err)
	near(t, g.XStar, s.Z.RawRowView(0), 1e-9)
	assert.InDelta(t, g.FStar, s.Objective[0], 1e-14)
}

// The rates of Beck and Teboulle, theorems 3.1 and 4.4.
func TestErrorsFallAsTheTheoremsSay(t *testing.T) {
	a := atoms(3, 20, 40)
	op := operator(t, a)
	x := gauss(4, 1, 20)
	p := sparse.Problem{A: op, X: x, Lambda: 0.1, Relative: true}
	star, err := sparse.FISTA{Stop: sparse.Stop{MaxIter: 50000, Gap: 1e-15}, Restart: sparse.FunctionRestart}.Solve(p)
	require.NoError(t, err)
	l, err := sparse.Lipschitz(op)
	require.NoError(t, err)
	far := math.Pow(mat.Norm(star.Z, 2), 2)
	p.Lambda, p.Relative = star.Lambda[0], false
	was := math.Inf(1)
	objective := func(z *mat.Dense) float64 {
		var r mat.Dense
		r.Sub(times(a, z), x)
		return mat.Norm(&r, 2)*mat.Norm(&r, 2)/2 + p.Lambda*sparse.L1{}.Value(z.RawRowView(0))
	}
	watch := func(bound func(k float64) float64, monotone bool) sparse.Callback {
		was = math.Inf(1)
		return func(k int, z *mat.Dense) {
			f := objective(z)
			if k > 0 {
				require.LessOrEqual(t, f-star.Objective[0], bound(float64(k))*(1+1e-9), "iteration %d", k)
			}
			if monotone {
				require.LessOrEqual(t, f, was*(1+1e-12), "iteration %d", k)
			}
			was = f
		}
	}
	stop := sparse.Stop{MaxIter: 300}
	fast := func(k float64) float64 { return 2 * l * far / ((k + 1) * (k + 1)) }
	_, err = sparse.ISTA{Stop: stop, Callback: watch(func(k float64) float64 { return l * far / (2 * k) }, true)}.Solve(
		p)
	require.NoError(t, err)
	_, err = sparse.FISTA{Stop: stop, Callback: watch(fast, false)}.Solve(p)
	require.NoError(t, err)
	_, err = sparse.FISTA{Stop: stop, Monotone: true, Callback: watch(fast, true)}.Solve(p)
	require.NoError(t, err)
}

// A sample's codes do not depend on its neighbours, on who computes or on what a
// retired neighbour leaves.
func TestSamplesAreProblemsOfTheirOwn(t *testing.T) {
	a := atoms(5, 12, 30)
	op := operator(t, a)
	x := times(a, codes(6, 9, 30, 0.1))
	x.SetRow(4, make([]float64, 12)) // a sample of zeros is done at once
	for name, s := range solvers(sparse.Stop{MaxIter: 400, Gap: 1e-6, Change: 1e-9, Cost: 1e-12}) {
		all, err := s.Solve(sparse.Problem{A: op, X: x, Lambda: 0.2, Relative: true})
		require.NoError(t, err)
		assert.Zero(t, mat.Norm(all.Z.RowView(4), 2))
		for i := range 9 {
			one, err := s.Solve(sparse.Problem{A: op, X: mat.DenseCopyOf(x.Slice(i, i+1, 0, 12)), Lambda: 0.2,
				Relative: true})
			require.NoError(t, err)
			near(t, one.Z.RawRowView(0), all.Z.RawRowView(i), 1e-9, name, i)
			assert.InDelta(t, one.Objective[0], all.Objective[i], 1e-11)
			assert.Equal(t, one.Iterations[0], all.Iterations[i], fmt.Sprint(name, i))
		}
	}
}

func TestLambdaMaxIsTheLeastThatGivesZero(t *testing.T) {
	a := atoms(7, 10, 15)
	x := gauss(8, 3, 10)
	for _, g := range []sparse.Gauge{sparse.L1{}, sparse.NonNegativeL1{}, sparse.L1{Weights: weights(15)}} {
		p := sparse.Problem{A: operator(t, a), X: x, Relative: true, Penalty: g}
		for lambda, zero := range map[float64]bool{1: true, 0.99: false} {
			p.Lambda = lambda
			s, err := sparse.FISTA{Stop: sparse.Stop{MaxIter: 2000}}.Solve(p)
			require.NoError(t, err)
			for i := range 3 {
				assert.Equal(t, zero, mat.Norm(s.Z.RowView(i), 2) < 1e-12, "%T at %v λ_max", g, lambda)
			}
		}
	}
}

func weights(n int) []float64 {
	w := make([]float64, n)
	for i := range w {
		w[i] = 0.5 + float64(i%3)
	}
	return w
}

func TestGapBoundsTheError(t *testing.T) {
	a := atoms(9, 10, 25)
	p := sparse.Problem{A: operator(t, a), X: gauss(10, 4, 10), Lambda: 0.3}
	for _, g := range []sparse.Penalty{sparse.L1{}, sparse.NonNegativeL1{}} {
		p.Penalty = g
		star, err := sparse.FISTA{Stop: sparse.Stop{MaxIter: 20000, Gap: 1e-14}}.Solve(p)
		require.NoError(t, err)
		for _, k := range []int{1, 3, 10, 30} {
			s, err := sparse.FISTA{Stop: sparse.Stop{MaxIter: k}}.Solve(p)
			require.NoError(t, err)
			for i, f := range s.Objective {
				assert.GreaterOrEqual(t, s.Gap[i], f-star.Objective[i]-1e-12)
			}
		}
		for i := range star.Gap {
			assert.InDelta(t, 0, star.Gap[i], 1e-12)
		}
	}
}

func TestBadProblems(t *testing.T) {
	op := operator(t, atoms(1, 4, 6))
	x := gauss(2, 3, 4)
	with := func(i int, v float64) *mat.Dense {
		c := mat.DenseCopyOf(x)
		c.Set(0, i, v)
		return c
	}
	for want, p := range map[string]sparse.Problem{
		"A is nil":                        {X: x},
		"X is empty":                      {A: op},
		"rows of length 4":                {A: op, X: gauss(2, 3, 5)},
		"X holds NaN in row 0, column 2":  {A: op, X: with(2, math.NaN())},
		"X holds +Inf in row 0, column 1": {A: op, X: with(1, math.Inf(1))},
		"λ is -1":                         {A: op, X: x, Lambda: -1},
		"λ is NaN":                        {A: op, X: x, Lambda: math.NaN()},
		"Start has 2 rows for 3 samples":  {A: op, X: x, Start: gauss(1, 2, 6)},
		"want rows of length 6":           {A: op, X: x, Start: gauss(1, 3, 4)},
		"2 weights for 6 coefficients":    {A: op, X: x, Penalty: sparse.L1{Weights: []float64{1, 2}}},
	} {
		for _, s := range []sparse.Solver{sparse.ISTA{}, sparse.FISTA{}} {
			_, err := s.Solve(p)
			assert.ErrorIs(t, err, sparse.ErrInput, want)
			assert.ErrorContains(t, err, want)
		}
	}
	p := sparse.Problem{A: op, X: x}
	for _, s := range []sparse.Solver{
		sparse.ISTA{Step: sparse.Step{L: -1}}, sparse.ISTA{Step: sparse.Step{Backtrack: 9}},
		sparse.ISTA{Stop: sparse.Stop{MaxIter: -1}},
		sparse.ISTA{Stop: sparse.Stop{Gap: math.NaN()}}, sparse.FISTA{Mu: -1},
		sparse.FISTA{Step: sparse.Step{Backtrack: sparse.Decrease}}, sparse.FISTA{Restart: 7},
		sparse.FISTA{Workers: -1},
	} {
		_, err := s.Solve(p)
		assert.ErrorIs(t, err, sparse.ErrInput, "%+v", s)
	}
	for _, a := range []*mat.Dense{nil, {}, mat.NewDense(2, 2, []float64{1, 0, 1, 0}),
		mat.NewDense(1, 2, []float64{1, math.NaN()})} {
		_, err := sparse.NewMatrix(a)
		assert.ErrorIs(t, err, sparse.ErrInput)
	}
}

func TestAStepThatIsTooLongDiverges(t *testing.T) {
	p := sparse.Problem{A: operator(t, atoms(1, 8, 20)), X: gauss(2, 3, 8), Lambda: 0.01}
	for _, s := range []sparse.Solver{sparse.ISTA{Step: sparse.Step{L: 0.5}}, sparse.FISTA{Step: sparse.Step{L: 0.5}}} {
		_, err := s.Solve(p)
		require.ErrorIs(t, err, sparse.ErrDiverged)
		assert.ErrorContains(t, err, "with L = 0.5")
	}
}

func TestIterationsAllocateNothing(t *testing.T) {
	p := sparse.Problem{A: operator(t, atoms(1, 30, 60)), X: gauss(2, 50, 30), Lambda: 0.1, Relative: true}
	for name, make := range map[string]func(k int) sparse.Solver{
		"ISTA": func(k int) sparse.Solver { return sparse.ISTA{Stop: sparse.Stop{MaxIter: k, Gap: 1e-30}} },
		"FISTA": func(k int) sparse.Solver {
			return sparse.FISTA{Stop: sparse.Stop{MaxIter: k, Change: 1e-30}, Restart: 2}
		},
		"monotone": func(k int) sparse.Solver {
			return sparse.FISTA{Stop: sparse.Stop{MaxIter: k, Cost: 1e-30}, Monotone: true}
		},
	} {
		allocs := func(k int) float64 {
			return testing.AllocsPerRun(5, func() {
				if _, err := make(k).Solve(p); err != nil {
					t.Fatal(err)
				}
			})
		}
		assert.InDelta(t, allocs(5), allocs(105), 5, "%s: 100 more iterations", name) // goroutines of the pool
	}
}
