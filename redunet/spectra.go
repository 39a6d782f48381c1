package redunet

import (
	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
)

// spectra is the statistic of features f×n×2c: for each class and frequency the
// Hermitian matrix Σ v vᴴ of the channels v, c×c. With a sample's real and imaginary
// parts x and y in one row, it comes from the Gram matrix S of the rows, and is factored
// and inverted in its real form (lin.HermitianForm), of which logdet counts everything
// twice.
type spectra[T float32 | float64] struct {
	pool   *par.Pool
	cfg    Config
	f, c   int
	batch  int       // samples that a frequency has room for
	weight []float64 // of each frequency: how many of the whole spectrum it stands for
	total  float64   // their sum, the whole spectrum
	counts []int
	n      int
	gram   []float64 // (k, f, 2c, 2c): sums of S
	factor []float64 // (k+1, f, 2c, 2c): Cholesky factors, of all classes last
	logdet []float64 // (k+1, f)
	errs   []error   // by frequency

	// Of the batch at work, by worker.
	rows    []T
	scratch []float64
	order   []int
	starts  []int
	z       []T
	e, ws   []T
	phase   phase
}

// phase is what Range does at a frequency.
type phase int

const (
	sums phase = iota
	factors
	inverses
)

func newSpectra[T float32 | float64](pool *par.Pool, cfg Config, counts []int, net *models.ReduNet, batch int) *spectra[T] {
	shape := net.FeatureShape(1)
	s := &spectra[T]{pool: pool, cfg: cfg, f: shape[0], c: shape[2] / 2, batch: batch, counts: counts}
	for _, n := range counts {
		s.n += n
	}
	s.weight = weights(net.Config().Shape[1:], s.f)
	for _, w := range s.weight {
		s.total += w
	}
	k, size := len(counts), 4*s.c*s.c
	s.gram, s.factor = make([]float64, k*s.f*size), make([]float64, (k+1)*s.f*size)
	s.logdet, s.errs = make([]float64, (k+1)*s.f), make([]error, s.f)
	s.rows, s.scratch = make([]T, pool.Workers()*batch*2*s.c), make([]float64, pool.Workers()*size)
	s.order, s.starts = make([]int, batch), make([]int, k+1)
	return s
}

// weights returns 2 for the frequencies of nn.Spectrum whose mirror image it leaves
// out, and 1 for the others.
func weights(sides []int, f int) []float64 {
	w := make([]float64, f)
	columns := f / (sides[0]/2 + 1)
	for p := range w {
		w[p] = 2
		if u := p / columns; u == 0 || 2*u == sides[0] {
			w[p] = 1
		}
	}
	return w
}

func (s *spectra[T]) reset() { clear(s.gram) }

func (s *spectra[T]) run(what phase) {
	s.phase = what
	s.pool.Run(s, s.f, 1)
}

// Range implements par.Task.
func (s *spectra[T]) Range(worker, lo, hi int) {
	size := 4 * s.c * s.c
	scratch := s.scratch[worker*size : (worker+1)*size]
	for p := lo; p < hi; p++ {
		switch s.phase {
		case sums:
			s.addAt(p, s.rows[worker*s.batch*2*s.c:(worker+1)*s.batch*2*s.c], scratch)
		case factors:
			s.errs[p] = s.factorAt(p, scratch)
		case inverses:
			s.invertAt(p, scratch)
		}
	}
}

func (s *spectra[T]) add(z []T, n int, labels []int) {
	clear(s.starts)
	for _, y := range labels {
		s.starts[y+1]++
	}
	for j := range s.counts {
		s.starts[j+1] += s.starts[j]
	}
	next := append([]int(nil), s.starts...)
	for i, y := range labels {
		s.order[next[y]] = i
		next[y]++
	}
	s.z = z
	s.run(sums)
}

// addAt adds the batch at frequency p.
func (s *spectra[T]) addAt(p int, rows []T, part []float64) {
	d := 2 * s.c
	batch := len(s.z) / (s.f * d)
	for to, from := range s.order[:s.starts[len(s.counts)]] {
		copy(rows[to*d:(to+1)*d], s.z[(p*batch+from)*d:])
	}
	for j := range s.counts {
		if n := s.starts[j+1] - s.starts[j]; n > 0 {
			lin.Gram(nil, false, n, d, 1, rows[s.starts[j]*d:], d, part, d)
			for i, v := range part {
				s.gram[(j*s.f+p)*d*d+i] += v
			}
		}
	}
}

func (s *spectra[T]) rates() (r Rates, err error) {
	s.run(factors)
	for _, err := range s.errs {
		if err != nil {
			return r, err
		}
	}
	k := len(s.counts)
	for p, w := range s.weight {
		w /= 4 * s.total // ½ logdet, counted twice
		r.R += w * s.logdet[k*s.f+p]
		for j, n := range s.counts {
			r.Rc += w * float64(n) / float64(s.n) * s.logdet[j*s.f+p]
		}
	}
	r.DeltaR = r.R - r.Rc
	return r, nil
}

// at returns a matrix of class j, or of all, at frequency p.
func (s *spectra[T]) at(m []float64, j, p int) []float64 {
	size := 4 * s.c * s.c
	return m[(j*s.f+p)*size : (j*s.f+p+1)*size]
}

// factorAt factors the matrices of frequency p.
func (s *spectra[T]) factorAt(p int, all []float64) error {
	clear(all)
	k, d := len(s.counts), 2*s.c
	for j := range k + 1 {
		of, n := all, s.n
		if j < k {
			of, n = s.at(s.gram, j, p), s.counts[j]
			for i, v := range of {
				all[i] += v
			}
		}
		m := s.at(s.factor, j, p)
		lin.HermitianForm(s.c, s.alpha(n)/s.weight[p], of, m)
		for i := range d {
			m[i*d+i]++
		}
		if err := lin.Cholesky(nil, d, m, d); err != nil {
			return errors.Wrapf(nn.ErrNotFinite, "features of %d samples at frequency %d: %v", n, p, err)
		}
		s.logdet[j*s.f+p] = lin.LogDet(d, m, d)
	}
	return nil
}

// alpha returns C/(nε²).
func (s *spectra[T]) alpha(n int) float64 { return float64(s.c) / (float64(n) * s.cfg.Eps2) }

func (s *spectra[T]) weights(params [][]T) {
	e, c, gamma := params[0], params[1], params[2]
	for j, n := range s.counts {
		gamma[j] = T(float64(n) / float64(s.n))
	}
	s.e, s.ws = e, c
	s.run(inverses)
}

// invertAt stores E and all Cⱼ of frequency p.
func (s *spectra[T]) invertAt(p int, inverse []float64) {
	k, size := len(s.counts), 2*s.c*s.c
	for j := range k {
		s.complexWeight(s.ws[(j*s.f+p)*size:], j, p, s.counts[j], inverse)
	}
	s.complexWeight(s.e[p*size:], k, p, s.n, inverse)
}

// complexWeight stores α(I + αΣ v vᴴ)⁻¹, or α(I − αΣ v vᴴ), in w: real part first.
func (s *spectra[T]) complexWeight(w []T, j, p, n int, m []float64) {
	c, d, a := s.c, 2*s.c, s.alpha(n)
	factor := s.at(s.factor, j, p)
	if s.cfg.FirstOrder { // LLᵀ = I + αΣ, so α(2I − LLᵀ)
		lin.Gemm(nil, false, true, d, d, d, -1, factor, d, factor, d, 0, m, d)
		for i := range d {
			m[i*d+i] += 2
		}
	} else {
		lin.CholInverse(nil, d, factor, d, m, d)
	}
	for i := range c {
		for l := range c {
			w[i*c+l], w[c*c+i*c+l] = T(a*m[i*d+l]), T(a*m[(c+i)*d+l])
		}
	}
}
