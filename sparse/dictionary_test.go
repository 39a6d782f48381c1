package sparse_test

import (
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/sparse"
)

// planted returns a dictionary and samples of k of its atoms each.
func planted(seed uint64, m, n, samples, k int, noise float64) (d, x *mat.Dense) {
	d = atoms(seed, m, n)
	z := mat.NewDense(samples, n, nil)
	amplitudes := gauss(seed+1, samples, n)
	order := gauss(seed+2, samples, n)
	for i := range samples {
		for range k { // the k greatest of random numbers
			best := 0
			for j := range n {
				if order.At(i, j) > order.At(i, best) {
					best = j
				}
			}
			order.Set(i, best, math.Inf(-1))
			z.Set(i, best, amplitudes.At(i, best))
		}
	}
	x = times(d, z)
	e := gauss(seed+3, samples, m)
	e.Scale(noise, e)
	x.Add(x, e)
	return d, x
}

// methods are the three, for samples of k atoms.
func methods(c sparse.Learning, k int) map[string]interface {
	Learn(*mat.Dense) (*sparse.Dictionary, error)
} {
	return map[string]interface {
		Learn(*mat.Dense) (*sparse.Dictionary, error)
	}{
		"MOD":    sparse.MOD{Learning: c, Sparsity: k},
		"K-SVD":  sparse.KSVD{Learning: c, Sparsity: k, Distinct: true},
		"online": sparse.MiniBatchDictionaryLearning{Learning: c, Lambda: 0.1, Batch: 200},
	}
}

// The experiment of the K-SVD paper, smaller: atoms that made the samples are
// found again.
func TestDictionariesAreRecovered(t *testing.T) {
	d, x := planted(1, 16, 24, 1500, 3, 0.01)
	for name, method := range methods(sparse.Learning{Atoms: 24, Iters: 40, Seed: 3}, 3) {
		got, err := method.Learn(x)
		require.NoError(t, err, name)
		share, err := sparse.Recovery(got.D, d, 0)
		require.NoError(t, err)
		t.Logf("%s: %.3f recovered, %d replaced, objective %.5f", name, share, got.Replaced, got.Objective[39])
		assert.GreaterOrEqual(t, share, 0.9, name)
		for j := range 24 {
			assert.InDelta(t, 1, mat.Norm(got.D.ColView(j), 2), 1e-12)
		}
	}
}

func TestObjectivesFall(t *testing.T) {
	_, x := planted(5, 12, 20, 300, 3, 0.1)
	learning := sparse.Learning{Atoms: 15, Iters: 25, Seed: 7}
	for name, method := range map[string]interface {
		Learn(*mat.Dense) (*sparse.Dictionary, error)
	}{
		"MOD":   sparse.MOD{Learning: learning, Sparsity: 3},
		"K-SVD": sparse.KSVD{Learning: learning, Sparsity: 3},
		// All samples a batch and no memory: minimisation by codes and by atoms in turn.
		"online": sparse.MiniBatchDictionaryLearning{Learning: learning, Lambda: 0.2, Batch: 300, Forget: 1e6,
			Gap: 1e-9},
		"online, positive": sparse.MiniBatchDictionaryLearning{Learning: learning, Lambda: 0.2, Batch: 300, Forget: 1e6,
			Gap: 1e-9, Positive: true},
	} {
		got, err := method.Learn(x)
		require.NoError(t, err)
		require.Len(t, got.Objective, 25)
		for i := 1; i < 25; i++ {
			assert.LessOrEqual(t, got.Objective[i], got.Objective[i-1]*(1+1e-7), "%s: pass %d", name, i)
		}
		assert.Less(t, got.Objective[24], 0.97*got.Objective[0], name)
	}
}

// What is reported is the error of the codes that are returned.
func TestCodesGoWithTheirDictionary(t *testing.T) {
	_, x := planted(5, 12, 20, 100, 3, 0.1)
	learning := sparse.Learning{Atoms: 15, Iters: 5, Seed: 7}
	for _, method := range []interface {
		Learn(*mat.Dense) (*sparse.Dictionary, error)
	}{sparse.MOD{Learning: learning, Sparsity: 3}, sparse.KSVD{Learning: learning, Sparsity: 3},
		sparse.KSVD{Learning: learning, Tol: 0.3}} {
		got, err := method.Learn(x)
		require.NoError(t, err)
		var r mat.Dense
		r.Sub(x, times(got.D, got.Z))
		assert.InDelta(t, math.Pow(mat.Norm(&r, 2), 2)/200, got.Objective[4], 1e-12)
	}
}

// MOD's update is least squares: from the true codes it finds the dictionary.
func TestMODFitsItsCodes(t *testing.T) {
	d, x := planted(9, 10, 10, 400, 1, 0)
	got, err := sparse.MOD{Learning: sparse.Learning{Atoms: 10, Iters: 1, Start: d}, Sparsity: 1}.Learn(x)
	require.NoError(t, err)
	near(t, d.RawMatrix().Data, got.D.RawMatrix().Data, 1e-8)
	assert.InDelta(t, 0, got.Objective[0], 1e-16)
}

// The scale of an atom goes to its codes: what is left of the samples is what least
// squares leave, for the codes that OMP found.
func TestMODKeepsItsFit(t *testing.T) {
	_, x := planted(9, 10, 12, 300, 2, 0.2)
	start := atoms(31, 10, 6)
	z, err := sparse.OMP{Sparsity: 2}.Solve(operator(t, start), x)
	require.NoError(t, err)
	var fit, r mat.Dense
	require.NoError(t, fit.Solve(z, x))
	r.Mul(z, &fit)
	r.Sub(x, &r)
	got, err := sparse.MOD{Learning: sparse.Learning{Atoms: 6, Iters: 1, Start: start}, Sparsity: 2}.Learn(x)
	require.NoError(t, err)
	assert.InEpsilon(t, math.Pow(mat.Norm(&r, 2), 2)/600, got.Objective[0], 1e-9)
}

func TestPositiveDictionaries(t *testing.T) {
	d, x := planted(11, 12, 10, 200, 2, 0)
	for i := range 200 {
		for j := range 12 {
			x.Set(i, j, math.Abs(x.At(i, j)))
		}
	}
	got, err := sparse.MiniBatchDictionaryLearning{Learning: sparse.Learning{Atoms: 10, Seed: 1, Start: absolute(d)},
		Lambda: 0.1, Positive: true}.Learn(x)
	require.NoError(t, err)
	assert.GreaterOrEqual(t, mat.Min(got.D), 0.0)
}

func absolute(d *mat.Dense) *mat.Dense {
	var a mat.Dense
	a.Apply(func(_, _ int, v float64) float64 { return math.Abs(v) }, d)
	return &a
}

func TestDeadAtomsAreReplaced(t *testing.T) {
	_, x := planted(13, 8, 8, 100, 2, 0.05)
	start := atoms(14, 8, 6)
	for i := range 8 {
		start.Set(i, 5, start.At(i, 4)) // OMP takes the first of the two
	}
	for name, method := range map[string]interface {
		Learn(*mat.Dense) (*sparse.Dictionary, error)
	}{
		"MOD":   sparse.MOD{Learning: sparse.Learning{Atoms: 6, Iters: 3, Start: start}, Sparsity: 2},
		"K-SVD": sparse.KSVD{Learning: sparse.Learning{Atoms: 6, Iters: 3, Start: start}, Sparsity: 2},
	} {
		got, err := method.Learn(x)
		require.NoError(t, err)
		assert.GreaterOrEqual(t, got.Replaced, 1, name)
		mu, err := sparse.Coherence(got.D)
		require.NoError(t, err)
		assert.Less(t, mu, 0.999, name)
	}
	// With a λ that no sample reaches, no atom is used.
	got, err := sparse.MiniBatchDictionaryLearning{Learning: sparse.Learning{Atoms: 6, Iters: 1}, Lambda: 1e6}.Learn(x)
	require.NoError(t, err)
	assert.Equal(t, 6, got.Replaced)
}

// TestDistinctAtomsInheritTheCoefficientsOfTheirCopies. Samples are multiples of one
// of two atoms whose cosine c is above 0.99. The first takes over the samples of the
// second, with their coefficients times c, the projection onto it; so the objective is
// that of the best codes with the first alone.
func TestDistinctAtomsInheritTheCoefficientsOfTheirCopies(t *testing.T) {
	const c = 0.995
	start := mat.NewDense(3, 3, []float64{1, 0, c, 0, 0, math.Sqrt(1 - c*c), 0, 1, 0}) // the third copies the first
	scales := []float64{2, -3, 1, 4, -1.5, 2.5}
	x := mat.NewDense(6, 3, nil)
	for i, s := range scales {
		column := []int{0, 0, 2, 2, 2, 1}[i]
		for p := range 3 {
			x.Set(i, p, s*start.At(p, column))
		}
	}
	got, err := sparse.KSVD{Learning: sparse.Learning{Atoms: 3, Iters: 1, Start: start}, Sparsity: 1,
		Distinct: true}.Learn(x)
	require.NoError(t, err)
	assert.Equal(t, 1, got.Replaced)
	want := mat.NewDense(6, 3, []float64{2, 0, 0, -3, 0, 0, c, 0, 0, 4 * c, 0, 0, -1.5 * c, 0, 0, 0, 2.5, 0})
	near(t, want.RawMatrix().Data, got.Z.RawMatrix().Data, 1e-12)
	near(t, []float64{(1 - c*c) * (1 + 16 + 2.25) / 12}, got.Objective, 1e-12)
	assert.Equal(t, start.At(0, 0), got.D.At(0, 0))
	var all mat.Dense
	all.Mul(got.D.T(), got.D)
	assert.Less(t, math.Abs(all.At(0, 2)), 0.99)
	kept, err := sparse.KSVD{Learning: sparse.Learning{Atoms: 3, Iters: 1, Start: start}, Sparsity: 1}.Learn(x)
	require.NoError(t, err)
	assert.Zero(t, kept.Replaced)
	near(t, []float64{0}, kept.Objective, 1e-12)
}

func TestLearningIsAFunctionOfItsSeed(t *testing.T) {
	_, x := planted(15, 8, 12, 120, 2, 0.05)
	for name := range methods(sparse.Learning{}, 2) {
		learn := func(seed uint64, workers int) *sparse.Dictionary {
			got, err := methods(sparse.Learning{Atoms: 12, Iters: 4, Seed: seed, Workers: workers}, 2)[name].Learn(x)
			require.NoError(t, err)
			return got
		}
		assert.Equal(t, learn(1, 1), learn(1, 3), name)
		assert.NotEqual(t, learn(1, 1).D, learn(2, 1).D, name)
	}
}

func TestProgressEndsLearning(t *testing.T) {
	_, x := planted(15, 8, 12, 60, 2, 0.05)
	enough := errors.New("enough")
	for name := range methods(sparse.Learning{}, 2) {
		calls := 0
		_, err := methods(sparse.Learning{Atoms: 5, Progress: func(iter int, objective float64) error {
			calls++
			assert.Equal(t, calls, iter)
			assert.Positive(t, objective)
			if iter == 2 {
				return enough
			}
			return nil
		}}, 2)[name].Learn(x)
		assert.ErrorIs(t, err, enough, name)
		assert.Equal(t, 2, calls)
	}
}

// More atoms than samples, samples of zeros, one sample.
func TestFewSamples(t *testing.T) {
	for _, x := range []*mat.Dense{gauss(1, 3, 6), mat.NewDense(4, 6, nil), gauss(2, 1, 6)} {
		for name, method := range methods(sparse.Learning{Atoms: 9, Iters: 3}, 2) {
			got, err := method.Learn(x)
			require.NoError(t, err, name)
			for j := range 9 {
				assert.InDelta(t, 1, mat.Norm(got.D.ColView(j), 2), 1e-12)
			}
		}
	}
}

func TestBadLearning(t *testing.T) {
	x := gauss(1, 10, 6)
	good := sparse.Learning{Atoms: 4}
	for _, method := range []interface {
		Learn(*mat.Dense) (*sparse.Dictionary, error)
	}{
		sparse.MOD{}, sparse.MOD{Learning: good}, sparse.MOD{Learning: good, Sparsity: 5},
		sparse.MOD{Learning: good, Sparsity: -1}, sparse.KSVD{Learning: good, Tol: -1},
		sparse.KSVD{Learning: sparse.Learning{Atoms: 4, Iters: -1}, Sparsity: 1},
		sparse.KSVD{Learning: sparse.Learning{Atoms: 4, Start: gauss(1, 5, 4)}, Sparsity: 1},
		sparse.KSVD{Learning: sparse.Learning{Atoms: 4, Start: mat.NewDense(6, 4, nil)}, Sparsity: 1},
		sparse.MiniBatchDictionaryLearning{Learning: good}, sparse.MiniBatchDictionaryLearning{Learning: good,
			Lambda: -1}, sparse.MiniBatchDictionaryLearning{Learning: good, Lambda: 1, Batch: -1},
		sparse.MiniBatchDictionaryLearning{Learning: good, Lambda: 1, Forget: -1},
		sparse.MiniBatchDictionaryLearning{Learning: good, Lambda: 1, Gap: math.NaN()},
	} {
		_, err := method.Learn(x)
		assert.ErrorIs(t, err, sparse.ErrInput, "%+v", method)
	}
	x.Set(3, 2, math.NaN())
	_, err := sparse.MOD{Learning: good, Sparsity: 1}.Learn(x)
	assert.ErrorContains(t, err, "X holds NaN in row 3, column 2")
	_, err = sparse.Recovery(gauss(1, 3, 2), gauss(1, 4, 2), 0)
	assert.ErrorIs(t, err, sparse.ErrInput)
	_, err = sparse.Recovery(nil, gauss(1, 4, 2), 0)
	assert.ErrorIs(t, err, sparse.ErrInput)
}

func TestRecoveryIgnoresOrderAndSign(t *testing.T) {
	d := atoms(1, 8, 5)
	e := mat.NewDense(8, 5, nil)
	for j := range 5 {
		for i := range 8 {
			e.Set(i, j, -2*d.At(i, (j+2)%5))
		}
	}
	share, err := sparse.Recovery(e, d, 0)
	require.NoError(t, err)
	assert.Equal(t, 1.0, share)
	for i := range 8 {
		e.Set(i, 0, e.At(i, 1)) // a copy counts once
	}
	share, err = sparse.Recovery(e, d, 0)
	require.NoError(t, err)
	assert.Equal(t, 0.8, share)
	// One atom that is close to two planted ones has found one of them.
	twins := mat.NewDense(3, 2, []float64{1, 1, 0, 0.05, 0, 0})
	one := mat.NewDense(3, 2, []float64{1, 0, 0.02, 0, 0, 1})
	share, err = sparse.Recovery(one, twins, 0)
	require.NoError(t, err)
	assert.Equal(t, 0.5, share)
}
