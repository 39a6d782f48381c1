package sparse

import (
	"cmp"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/internal/sizes"
)

// IHT is normalised iterative hard thresholding, a gradient step on ½‖Az − x‖² of
// which the Sparsity largest coefficients stay:
//
//	z⁺ = H_s(z + μ g),   g = Aᵀ(x − Az),   μ = ‖g_S‖²/‖A g_S‖²
//
// where S is the support of z, at first that of H_s(Aᵀx). Where the support
// changes, μ is halved until μ ≤ 0.99·‖z⁺ − z‖²/‖A(z⁺ − z)‖², so that the residual
// never grows. ISTA with TopK and its fixed step is the algorithm without this.
//
// With Accelerate, each iterate is over-relaxed twice, along where the last one and
// the one before came from, by the lengths that fit x best,
//
//	y = z⁺ + α₁(z⁺ − z),   y′ = y + α₂(y − z⁻),   z⁺⁺ = H_s(y′),
//
// and H_s(y′) is taken in place of z⁺ where its residual is smaller.
//
// Cost: about 6·m·n flops an iteration and sample, 8·m·n with Accelerate.
//
// References: Blumensath, Davies. Normalized iterative hard thresholding: guaranteed
// stability and performance. IEEE J. STSP 4(2), 2010. Blumensath. Accelerated iterative hard
// thresholding. Signal Processing 92(3), 2012, for steps that are taken where they lower the
// residual. Qiu, Dogandžić. ECME thresholding methods for sparse signal reconstruction.
// arXiv:1004.4880, for the double over-relaxation; theirs starts from another iteration.
type IHT struct {
	Sparsity int     // s, at least 1
	MaxIter  int     // 0 is 100
	Tol      float64 // ends at ‖z⁺ − z‖ ≤ Tol·‖z‖; 0 is 1e-10
	Workers  int     // goroutines; 0 is GOMAXPROCS

	Accelerate bool // over-relax the iterates
}

// Solve returns the codes, B×n, of the samples x, B×m. Errors: ErrInput.
func (s IHT) Solve(a *Matrix, x *mat.Dense) (*mat.Dense, error) {
	z, err := s.solve(a, x)
	return z, errors.WithMessage(err, "sparse: IHT")
}

func (s IHT) solve(a *Matrix, x *mat.Dense) (*mat.Dense, error) {
	if a == nil {
		return nil, errors.Wrap(ErrInput, "A is nil")
	}
	if err := checkRows("X", x, a.m); err != nil {
		return nil, err
	}
	if err := checkSquares(x); err != nil {
		return nil, err
	}
	if err := (TopK{K: s.Sparsity}).Check(a.n); err != nil {
		return nil, err
	}
	if s.MaxIter < 0 || s.MaxIter > sizes.Most || s.Workers < 0 {
		return nil, errors.Wrapf(ErrInput, "%d iterations, %d workers", s.MaxIter, s.Workers)
	}
	if err := nonNegative("Tol", s.Tol); err != nil {
		return nil, err
	}
	s.MaxIter, s.Tol = cmp.Or(s.MaxIter, 100), cmp.Or(s.Tol, 1e-10)
	rows, _ := x.Dims()
	pool := par.New(s.Workers)
	defer pool.Close()
	q := &thresholding{cfg: s, a: a, x: flat(x), z: make([]float64, rows*a.n)}
	pool.Run(q, rows, 1)
	return mat.NewDense(rows, a.n, q.z), nil
}

// thresholding is IHT of a batch.
type thresholding struct {
	cfg  IHT
	a    *Matrix
	x, z []float64
}

// Range solves for some samples.
func (q *thresholding) Range(_, lo, hi int) {
	m, n := q.a.m, q.a.n
	w := newThresholder(q.a, q.cfg.Sparsity)
	for i := lo; i < hi; i++ {
		z, x := q.z[i*n:(i+1)*n], q.x[i*m:(i+1)*m]
		var o *overRelaxation
		if q.cfg.Accelerate {
			o = newOverRelaxation(w)
		}
		for range q.cfg.MaxIter {
			change := w.iterate(z, x)
			if o != nil {
				change = max(change, o.improve(z, x))
			}
			if change <= q.cfg.Tol*norm(z) {
				break
			}
		}
	}
}

// thresholder has the scratch of one sample.
type thresholder struct {
	a          *Matrix
	top        TopK
	r, ad      []float64 // m
	g, d, next []float64 // n
}

func newThresholder(a *Matrix, sparsity int) *thresholder {
	return &thresholder{
		a: a, top: TopK{K: sparsity},
		r: make([]float64, a.m), ad: make([]float64, a.m), g: make([]float64, a.n), d: make([]float64, a.n),
		next: make([]float64, a.n),
	}
}

// iterate improves z and returns how far it moved.
func (w *thresholder) iterate(z, x []float64) float64 {
	w.a.Apply(w.r, z, 1)
	simd.Combine(w.r, 1, x, -1, w.r, 0)
	w.a.Adjoint(w.g, w.r, 1)
	support := z
	if count(z) == 0 {
		w.top.Prox(w.next, w.g, 0)
		support = w.next
	}
	for j, v := range support {
		w.d[j] = indicator(v != 0) * w.g[j]
	}
	w.a.Apply(w.ad, w.d, 1)
	along, curve := simd.Dot(w.d, w.d), simd.Dot(w.ad, w.ad)
	if !(curve > 0) { // stationary on the support; another step is as good as any
		return 0
	}
	mu := along / curve
	for range 100 { // halvings; a step that is 0 in float64 ends before that
		simd.Combine(w.next, 1, z, mu, w.g, 0)
		w.top.Prox(w.next, w.next, 0)
		simd.Combine(w.d, 1, w.next, -1, z, 0)
		w.a.Apply(w.ad, w.d, 1)
		moved, amoved := simd.Dot(w.d, w.d), simd.Dot(w.ad, w.ad)
		if sameSupport(w.next, z) || mu*amoved <= 0.99*moved || moved == 0 {
			change := norm(w.d)
			copy(z, w.next)
			return change
		}
		mu /= 2
	}
	return 0
}

func sameSupport(a, b []float64) bool {
	for j := range a {
		if (a[j] != 0) != (b[j] != 0) {
			return false
		}
	}
	return true
}
