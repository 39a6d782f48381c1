package sparse

import (
	"cmp"
	"math"
	"math/rand/v2"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/matrix"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// MiniBatchDictionaryLearning learns a dictionary from mini-batches, for
//
//	min_D E_x min_z ½‖x − Dz‖² + λ‖z‖₁,  ‖dⱼ‖ ≤ 1.
//
// Each batch is coded by FISTA, and its codes added to what the dictionary's
// quadratic model remembers,
//
//	A ← βA + Σ zzᵀ,  B ← βB + Σ xzᵀ,   dⱼ ← u/max(‖u‖, 1), u = (bⱼ − Daⱼ)/Aⱼⱼ + dⱼ
//
// with β = (1 − 1/t)^Forget at batch t. Atoms that the batches of a pass did not use
// are replaced by samples.
//
// The objective of a pass is the mean of the batches as they were coded, before
// their updates. Cost: the codes', and m·n² for the update of a batch.
//
// Reference: Mairal, Bach, Ponce, Sapiro. Online learning for matrix factorization
// and sparse coding. JMLR 11, 2010, algorithms 1 and 2. At the end atoms are
// scaled to length 1, which they have at an optimum: a longer atom makes for shorter
// codes.
type MiniBatchDictionaryLearning struct {
	Learning
	Lambda   float64 // λ > 0
	Batch    int     // samples of a batch; 0 is 256, and all if there are fewer
	Forget   float64 // exponent of β; 0 is 5, of a few passes; 1 forgets nothing but the first batches
	Positive bool    // z ≥ 0 and D ≥ 0
	Gap      float64 // relative duality gap of the codes; 0 is 1e-3
}

// onlineIters is the most iterations a code takes.
const onlineIters = 500

// online is the state.
type online struct {
	*learner
	cfg    MiniBatchDictionaryLearning
	a, b   []float64 // n×n, n×m (Bᵀ)
	used   []float64 // Σ|z| of each atom in this pass
	worst  []float64 // the sample of the pass that is fitted worst
	misfit float64   // its ‖r‖²
	t      float64   // batches so far
}

// Learn returns the dictionary of the samples x, B×m. Errors: ErrInput; that of
// Progress.
func (c MiniBatchDictionaryLearning) Learn(x *mat.Dense) (*Dictionary, error) {
	d, err := c.learn(x)
	return d, errors.WithMessage(err, "sparse: online dictionary learning")
}

func (c MiniBatchDictionaryLearning) learn(x *mat.Dense) (*Dictionary, error) {
	l, err := c.begin(x, c.Positive)
	if err != nil {
		return nil, err
	}
	defer l.pool.Close()
	c.Batch, c.Forget, c.Gap = min(cmp.Or(c.Batch, 256), l.rows), cmp.Or(c.Forget, 5), cmp.Or(c.Gap, 1e-3)
	if !(c.Lambda > 0) || !matrix.Finite(c.Lambda) || c.Batch < 1 || !(c.Forget > 0) || !(c.Gap > 0) ||
		!matrix.Finite(c.Forget+c.Gap) {
		return nil, errors.Wrapf(ErrInput, "λ %v, batches of %d, Forget %v, Gap %v, want numbers above 0", c.Lambda,
			c.Batch, c.Forget, c.Gap)
	}
	s := &online{learner: l, cfg: c, a: make([]float64, l.n*l.n), b: make([]float64, l.n*l.m),
		used: make([]float64, l.n)}
	rng := rand.New(rand.NewPCG(c.Seed, streamBatches))
	for iter := range l.Iters {
		objective, err := s.pass(rng.Perm(l.rows))
		if err != nil {
			return nil, err
		}
		s.replace()
		if err := s.report(iter+1, objective); err != nil {
			return nil, err
		}
	}
	for j := range s.n {
		s.settle(s.atom(j))
	}
	return s.dictionary(), nil
}

// pass goes over all samples, in that order, and returns the mean objective.
func (s *online) pass(order []int) (sum float64, err error) {
	clear(s.used)
	s.worst, s.misfit = nil, 0
	for lo := 0; lo < s.rows; lo += s.cfg.Batch {
		hi := min(lo+s.cfg.Batch, s.rows)
		batch := make([]float64, 0, (hi-lo)*s.m)
		for _, i := range order[lo:hi] {
			batch = append(batch, s.sample(i)...)
		}
		codes, err := s.code(mat.NewDense(hi-lo, s.m, batch))
		if err != nil {
			return 0, err
		}
		for _, f := range codes.Objective {
			sum += f
		}
		s.remember(batch, codes.Z.RawMatrix().Data, hi-lo)
		s.descend()
	}
	return sum / float64(s.rows), nil
}

// code solves the LASSO of a batch.
func (s *online) code(x *mat.Dense) (*Solution, error) {
	p := Problem{A: s.matrix(), X: x, Lambda: s.cfg.Lambda}
	if s.cfg.Positive {
		p.Penalty = NonNegativeL1{}
	}
	return FISTA{
		Stop: Stop{MaxIter: onlineIters, Gap: s.cfg.Gap}, Restart: GradientRestart, Workers: s.Workers,
	}.Solve(p)
}

// remember adds a batch and its codes to A and B.
func (s *online) remember(x, z []float64, rows int) {
	s.t++
	beta := math.Pow(1-1/s.t, s.cfg.Forget)
	lin.Gemm(s.pool, true, false, s.n, s.n, rows, 1, z, s.n, z, s.n, beta, s.a, s.n)
	lin.Gemm(s.pool, true, false, s.n, s.m, rows, 1, z, s.n, x, s.m, beta, s.b, s.m)
	r := append([]float64(nil), x...)
	lin.Gemm(s.pool, false, false, rows, s.m, s.n, -1, z, s.n, s.atoms, s.m, 1, r, s.m)
	for i := range rows {
		for j, v := range z[i*s.n : (i+1)*s.n] {
			s.used[j] += math.Abs(v)
		}
		if e := simd.Dot(r[i*s.m:(i+1)*s.m], r[i*s.m:(i+1)*s.m]); e > s.misfit {
			s.worst, s.misfit = append(s.worst[:0], x[i*s.m:(i+1)*s.m]...), e
		}
	}
}

// descend is one sweep of block coordinate descent over the atoms.
func (s *online) descend() {
	was := make([]float64, s.m)
	for j := range s.n {
		ajj := s.a[j*s.n+j]
		if !(ajj > 1e-12) {
			continue
		}
		atom := s.atom(j)
		copy(was, atom)
		simd.Axpy(atom, 1/ajj, s.b[j*s.m:(j+1)*s.m])
		for k, v := range s.a[j*s.n : (j+1)*s.n] {
			if v == 0 {
				continue
			}
			other := s.atom(k)
			if k == j {
				other = was
			}
			simd.Axpy(atom, -v/ajj, other)
		}
		switch size := s.clamp(atom); {
		case !(size > 0) || math.IsInf(size, 1):
			copy(atom, was)
		case size > 1:
			simd.Affine(atom, 1/size, atom, 0)
		}
	}
}

// replace puts samples in the place of atoms that no sample of the pass used: the
// one that is fitted worst first, then some drawn by the seed.
func (s *online) replace() {
	for j, used := range s.used {
		if used > 0 {
			continue
		}
		from := s.worst
		if from == nil {
			from = s.sample(s.rng.IntN(s.rows))
		}
		s.worst = nil
		was := append([]float64(nil), s.atom(j)...)
		copy(s.atom(j), from)
		if !s.settle(s.atom(j)) {
			copy(s.atom(j), was)
			continue
		}
		s.out.Replaced++
		for k := range s.n {
			s.a[j*s.n+k], s.a[k*s.n+j] = 0, 0
		}
		clear(s.b[j*s.m : (j+1)*s.m])
	}
}
