package redunet

import (
	"math"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/nn"
)

// vectors is the statistic of features n×d. Of a class that has many samples it
// keeps their Gram matrix, of one that has fewer than half of d the samples.
type vectors[T float32 | float64] struct {
	pool  *par.Pool
	cfg   Config
	d, n  int
	class []*group[T]
	all   *group[T] // of all samples; shares the rows of the classes if it keeps rows
	rows  []T       // of the classes that keep them, one class after the other
	sort  []T       // a batch sorted by class
}

// A group is what is known of the samples of one class, or of all.
type group[T float32 | float64] struct {
	n, d   int
	alpha  float64
	rows   []T       // n×d, nil if gram is kept
	filled int       // rows
	gram   []float64 // ZᵀZ, d×d
	part   []float64 // of one batch, from the second on
	factor []float64 // of I/α + ZᵀZ, or of I/α + ZZᵀ
}

func newVectors[T float32 | float64](pool *par.Pool, cfg Config, counts []int) *vectors[T] {
	v := &vectors[T]{pool: pool, cfg: cfg, d: cfg.Net.Shape[0]}
	few := 0
	for _, n := range counts {
		v.n += n
		if 2*n <= v.d {
			few += n
		}
	}
	v.rows = make([]T, few*v.d)
	at := 0
	for _, n := range counts {
		g := newGroup[T](n, v.d, cfg.Eps2)
		if 2*n <= v.d {
			g.rows = v.rows[at*v.d : (at+n)*v.d]
			at += n
		}
		g.room()
		v.class = append(v.class, g)
	}
	v.all = newGroup[T](v.n, v.d, cfg.Eps2)
	if few == v.n && 2*v.n <= v.d {
		v.all.rows = v.rows
	}
	v.all.room()
	return v
}

func newGroup[T float32 | float64](n, d int, eps2 float64) *group[T] {
	return &group[T]{n: n, d: d, alpha: float64(d) / (float64(n) * eps2)}
}

// room makes the matrices that g needs.
func (g *group[T]) room() {
	s := g.n
	if g.rows == nil {
		s = g.d
		g.gram = make([]float64, s*s)
	}
	g.factor = make([]float64, s*s)
}

func (v *vectors[T]) reset() error {
	for _, g := range v.class {
		g.filled = 0
	}
	return nil
}

func (v *vectors[T]) close() error { return nil }

func (v *vectors[T]) add(z []T, n int, labels []int) error {
	starts := v.gather(z, n, labels)
	v.pool.Loop(len(v.class), 1, func(lo, hi int) {
		for j := lo; j < hi; j++ {
			v.class[j].add(nil, v.sort[starts[j]*v.d:starts[j+1]*v.d])
		}
	}).Do()
	return nil
}

// gather sorts the first n rows of z by class; class j begins at row starts[j].
func (v *vectors[T]) gather(z []T, n int, labels []int) (starts []int) {
	if len(v.sort) < n*v.d {
		v.sort = make([]T, n*v.d)
	}
	starts = make([]int, len(v.class)+1)
	byClass(starts, labels, func(place, i int) { copy(v.sort[place*v.d:(place+1)*v.d], z[i*v.d:(i+1)*v.d]) })
	return starts
}

// add counts more rows.
func (g *group[T]) add(p *par.Pool, rows []T) {
	n := len(rows) / g.d
	switch {
	case n == 0:
	case g.rows != nil:
		copy(g.rows[g.filled*g.d:], rows)
	case g.filled == 0:
		lin.Gram(p, false, n, g.d, 1, rows, g.d, g.gram, g.d)
	default:
		if g.part == nil {
			g.part = make([]float64, g.d*g.d)
		}
		lin.Gram(p, false, n, g.d, 1, rows, g.d, g.part, g.d)
		simd.Add(g.gram, g.gram, g.part)
	}
	g.filled += n
}

func (v *vectors[T]) rates() (r Rates, err error) {
	if v.all.rows == nil {
		v.total()
	}
	logdets, errs := make([]float64, len(v.class)), make([]error, len(v.class))
	v.pool.Loop(len(v.class), 1, func(lo, hi int) {
		for j := lo; j < hi; j++ {
			logdets[j], errs[j] = v.class[j].factorize(nil)
		}
	}).Do()
	for j, g := range v.class {
		if errs[j] != nil {
			return r, errors.WithMessagef(errs[j], "class %d", j)
		}
		r.Rc += float64(g.n) / float64(v.n) * logdets[j] / 2
	}
	logdet, err := v.all.factorize(v.pool)
	r.R = logdet / 2
	r.DeltaR = r.R - r.Rc
	return r, err
}

// total sums the Gram matrices of the classes.
func (v *vectors[T]) total() {
	if len(v.rows) > 0 {
		lin.Gram(v.pool, false, len(v.rows)/v.d, v.d, 1, v.rows, v.d, v.all.gram, v.d)
	} else {
		clear(v.all.gram)
	}
	for _, g := range v.class {
		if g.gram != nil {
			simd.Add(v.all.gram, v.all.gram, g.gram)
		}
	}
}

// factorize returns logdet(I + αZᵀZ) = logdet(I/α + ZᵀZ) + d log α. With 1/α on the
// diagonal, the inverse is the α(I + αZᵀZ)⁻¹ that is wanted.
func (g *group[T]) factorize(p *par.Pool) (float64, error) {
	s := g.d
	if g.rows != nil {
		s = g.n
		lin.Gram(p, true, g.n, g.d, 1, g.rows, g.d, g.factor, s)
	} else {
		copy(g.factor, g.gram)
	}
	for i := range s {
		g.factor[i*s+i] += 1 / g.alpha
	}
	if err := lin.Cholesky(p, s, g.factor, s); err != nil {
		return 0, errors.Wrapf(nn.ErrNotFinite, "features of %d samples: %v", g.n, err)
	}
	return lin.LogDet(s, g.factor, s) + float64(s)*math.Log(g.alpha), nil
}

func (v *vectors[T]) weights(params [][]T) error {
	gamma := params[len(params)-1]
	for j, g := range v.class {
		gamma[j] = T(float64(g.n) / float64(v.n))
	}
	v.all.weight(v.pool, params[0], v.cfg.FirstOrder)
	if v.cfg.Net.Rows != nil {
		v.factors(params[1], params[2])
		return nil
	}
	c, size := params[1], v.d*v.d
	v.pool.Loop(len(v.class), 1, func(lo, hi int) {
		for j := lo; j < hi; j++ {
			v.class[j].weight(nil, c[j*size:(j+1)*size], v.cfg.FirstOrder)
		}
	}).Do()
	return nil
}

// factors stores Bⱼ = L⁻¹Zⱼ for LLᵀ = I/αⱼ + ZⱼZⱼᵀ, class after class, and αⱼ.
func (v *vectors[T]) factors(b, alpha []T) {
	copy(b, v.rows)
	starts := make([]int, len(v.class)+1)
	for j, g := range v.class {
		starts[j+1] = starts[j] + g.n
		alpha[j] = T(g.alpha)
	}
	v.pool.Loop(len(v.class), 1, func(lo, hi int) {
		for j := lo; j < hi; j++ {
			g := v.class[j]
			lin.Trsm(nil, false, false, g.n, v.d, g.factor, g.n, b[starts[j]*v.d:starts[j+1]*v.d], v.d)
		}
	}).Do()
}

// weight stores α(I + αZᵀZ)⁻¹, or α(I − αZᵀZ), in w (d×d).
func (g *group[T]) weight(p *par.Pool, w []T, firstOrder bool) {
	d, a := g.d, g.alpha
	switch {
	case firstOrder && g.rows != nil:
		lin.Syrk(p, true, d, g.n, T(-a*a), g.rows, d, 0, w, d)
	case firstOrder:
		for i, v := range g.gram {
			w[i] = T(-a * a * v)
		}
	case g.rows != nil: // α(I − XᵀX) with X = L⁻¹Z, LLᵀ = I/α + ZZᵀ
		x := append([]T(nil), g.rows...)
		lin.Trsm(p, false, false, g.n, d, g.factor, g.n, x, d)
		lin.Syrk(p, true, d, g.n, T(-a), x, d, 0, w, d)
	default:
		lin.CholInverse(p, d, g.factor, d, w, d)
		return
	}
	for i := range d {
		w[i*d+i] += T(a)
	}
}
