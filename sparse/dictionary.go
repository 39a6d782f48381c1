package sparse

import (
	"cmp"
	"math"
	"math/rand/v2"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/internal/sizes"
)

// Learning configures what MOD, KSVD and MiniBatchDictionaryLearning have in common. They look for a
// dictionary D, m×n with columns of length 1, and codes Z such that X ≈ Z Dᵀ.
type Learning struct {
	Atoms   int        // n, at least 1
	Iters   int        // passes over the samples; 0 is 20
	Start   *mat.Dense // of D, m×n; nil is samples drawn by the seed
	Seed    uint64     // of the start, of batches, and of the samples that replace unused atoms
	Workers int        // goroutines; 0 is GOMAXPROCS

	// Progress, unless nil, is called after each pass with what is minimised, a
	// mean of the samples; an error ends the learning and is returned.
	Progress func(iter int, objective float64) error
}

// A Dictionary is what was learned.
type Dictionary struct {
	D         *mat.Dense // m×n, columns of length 1
	Z         *mat.Dense // codes, B×n; nil after [MiniBatchDictionaryLearning]
	Objective []float64  // after each pass, as given to Progress
	Replaced  int        // atoms that no sample used
}

// learner is the state that the methods share.
type learner struct {
	Learning
	pool        *par.Pool
	rng         *rand.Rand // what replaces dead atoms
	rows, m, n  int
	x           []float64 // rows×m
	atoms       []float64 // n×m: Dᵀ
	out         Dictionary
	nonNegative bool
}

// begin checks the settings and makes the first dictionary.
func (c Learning) begin(x *mat.Dense, nonNegative bool) (*learner, error) {
	if err := checkMatrix("X", x); err != nil {
		return nil, err
	}
	if most := simd.MaxAbs(flat(x)); most > 0x1p500 || most > 0 && most < 0x1p-450 {
		return nil, errors.Wrapf(ErrInput,
			"the largest number of X is %.3g, and float64 does not hold its square: scale the samples", most)
	}
	c.Iters = cmp.Or(c.Iters, 20)
	if c.Atoms < 1 || c.Iters < 1 || c.Workers < 0 {
		return nil, errors.Wrapf(ErrInput, "%d atoms, %d iterations, %d workers, want at least 1 atom", c.Atoms,
			c.Iters, c.Workers)
	}
	if c.Iters > sizes.Most {
		return nil, errors.Wrapf(ErrInput, "%d iterations, want at most %d", c.Iters, sizes.Most)
	}
	rows, m := x.Dims()
	if err := sizes.Check("atoms", c.Atoms, m); err != nil {
		return nil, errors.Wrap(ErrInput, err.Error())
	}
	if err := sizes.Check("codes", c.Atoms, rows); err != nil {
		return nil, errors.Wrap(ErrInput, err.Error())
	}
	l := &learner{Learning: c, rng: rand.New(rand.NewPCG(c.Seed, streamReplace)), n: c.Atoms, x: flat(x),
		nonNegative: nonNegative}
	l.rows, l.m = x.Dims()
	l.atoms = make([]float64, l.n*l.m)
	if c.Start == nil {
		l.draw()
	} else if err := l.take(c.Start); err != nil {
		return nil, err
	}
	l.pool = par.New(c.Workers)
	return l, nil
}

// take starts with a dictionary.
func (l *learner) take(start *mat.Dense) error {
	if err := checkRows("Start", start, l.n); err != nil {
		return err
	}
	if m, _ := start.Dims(); m != l.m {
		return errors.Wrapf(ErrInput, "Start has atoms of length %d for samples of length %d", m, l.m)
	}
	for j := range l.n {
		if !l.settle(mat.Col(l.atom(j), j, start)) {
			return errors.Wrapf(ErrInput, "atom %d of Start is 0", j)
		}
	}
	return nil
}

// draw starts with samples, in an order of the seed, and with noise where they are
// too few.
func (l *learner) draw() {
	rng := rand.New(rand.NewPCG(l.Seed, streamAtoms))
	order, j := rng.Perm(l.rows), 0
	for _, i := range order {
		if j == l.n {
			return
		}
		copy(l.atom(j), l.sample(i))
		if l.settle(l.atom(j)) {
			j++
		}
	}
	for ; j < l.n; j++ {
		for again := true; again; again = !l.settle(l.atom(j)) {
			copy(l.atom(j), gaussian(rng, l.m))
		}
	}
}

func (l *learner) atom(j int) []float64   { return l.atoms[j*l.m : (j+1)*l.m] }
func (l *learner) sample(i int) []float64 { return l.x[i*l.m : (i+1)*l.m] }

// settle scales an atom to length 1, after setting negative numbers to 0 if asked to. It returns false, and an atom
// of 0, if nothing is left.
func (l *learner) settle(atom []float64) bool {
	size := l.clamp(atom)
	if !(size > 1e-150) || math.IsInf(size, 1) {
		clear(atom)
		return false
	}
	for i := range atom {
		atom[i] /= size
	}
	return true
}

// clamp sets what is negative to 0 if that is asked, and returns the length.
func (l *learner) clamp(atom []float64) float64 {
	if l.nonNegative {
		for i, v := range atom {
			atom[i] = max(v, 0)
		}
	}
	return norm(atom)
}

// matrix returns the dictionary as an Operator.
func (l *learner) matrix() *Matrix {
	a := &Matrix{m: l.m, n: l.n, a: make([]float64, len(l.atoms))}
	for j := range l.n {
		for i, v := range l.atom(j) {
			a.a[i*l.n+j] = v
		}
	}
	return a
}

// report ends a pass.
func (l *learner) report(iter int, objective float64) error {
	l.out.Objective = append(l.out.Objective, objective)
	if l.Progress == nil {
		return nil
	}
	return l.Progress(iter, objective)
}

// dictionary returns what was learned.
func (l *learner) dictionary() *Dictionary {
	l.out.D = l.matrix().Dense()
	return &l.out
}

// Recovery returns the share of the atoms of a planted dictionary that a learned
// one has: each atom of one is matched to one of the other, the pair with the
// greatest |cos| first, and counts where |cos| > least. 0 is 0.99.
//
// Shapes: m×n and m×k. Errors: ErrInput. Cost: m·n·k + n·k·min(n, k).
func Recovery(learned, planted *mat.Dense, least float64) (float64, error) {
	for name, d := range map[string]*mat.Dense{"learned": learned, "planted": planted} {
		if _, err := NewMatrix(d); err != nil {
			return 0, errors.WithMessagef(err, "sparse: recovery: %s dictionary", name)
		}
	}
	m, n := learned.Dims()
	of, k := planted.Dims()
	if of != m {
		return 0, errors.Wrapf(ErrInput, "sparse: recovery: atoms of length %d and %d", m, of)
	}
	var cosines mat.Dense
	cosines.Mul(learned.T(), planted)
	cosines.Apply(func(i, j int, v float64) float64 {
		return math.Abs(v) / mat.Norm(learned.ColView(i), 2) / mat.Norm(planted.ColView(j), 2)
	}, &cosines)
	found := 0
	for range min(n, k) {
		bi, bj, best := 0, 0, cmp.Or(least, 0.99)
		for i := range n {
			for j, v := range cosines.RawRowView(i) {
				if v > best {
					bi, bj, best = i, j, v
				}
			}
		}
		if cosines.At(bi, bj) < best || best <= cmp.Or(least, 0.99) {
			break
		}
		found++
		for i := range n {
			cosines.Set(i, bj, -1)
		}
		fill(cosines.RawRowView(bi), -1)
	}
	return float64(found) / float64(k), nil
}
