package redunet

import (
	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
)

// spectra is the statistic of features f×n×2c: for each class and frequency the
// Hermitian matrix Σ v vᴴ of the channels v, c×c. Neighbouring frequencies are summed,
// factored and inverted side by side (lin.Lanes), a pack at a time.
type spectra[T float32 | float64] struct {
	pool   *par.Pool
	cfg    Config
	f, c   int
	packs  int
	batch  int       // samples that a frequency has room for
	weight []float64 // of each frequency: how many of the whole spectrum it stands for
	total  float64   // their sum, the whole spectrum
	counts []int
	n      int

	gram   []lin.Lanes             // by class and pack: −Σ v vᴴ, times weight
	factor []lin.Lanes             // by class, all last, and pack: L of I + αΣ v vᴴ
	pivots [][][simd.Lanes]float64 // the reciprocals of its diagonal
	logdet [][simd.Lanes]float64   // by class and pack
	errs   []error                 // by pack
	spaces []workspace[T]          // by worker
	passes [3]func(*workspace[T], int)
	pass   func(*workspace[T], int)

	// The batch at work, and the parameters to be filled.
	order  []int // its samples, class by class
	starts []int
	z      []T
	e, ws  []T
}

// A workspace is the scratch of a worker.
type workspace[T float32 | float64] struct {
	rows    []T       // lanes×batch×2c: a batch by frequency, sorted by class
	v       []float64 // batch×2c×lanes: the same by sample
	sum     lin.Lanes
	inverse []float64 // 2×c×c lanes
}

func newSpectra[T float32 | float64](
	pool *par.Pool, cfg Config, counts []int, net *models.ReduNet, batch int,
) *spectra[T] {
	shape := net.FeatureShape(1)
	s := &spectra[T]{pool: pool, cfg: cfg, f: shape[0], c: shape[2] / 2, batch: batch, counts: counts}
	for _, n := range counts {
		s.n += n
	}
	s.weight = weights(net.Config().Shape[1:], s.f)
	for _, w := range s.weight {
		s.total += w
	}
	k := len(counts)
	s.packs = (s.f + simd.Lanes - 1) / simd.Lanes
	for range k * s.packs {
		s.gram = append(s.gram, lin.NewLanes(s.c))
	}
	for range (k + 1) * s.packs {
		s.factor = append(s.factor, lin.NewLanes(s.c))
		s.pivots = append(s.pivots, make([][simd.Lanes]float64, s.c))
	}
	s.logdet, s.errs = make([][simd.Lanes]float64, (k+1)*s.packs), make([]error, s.packs)
	for range pool.Workers() {
		s.spaces = append(s.spaces, workspace[T]{
			rows: make([]T, batch*2*s.c*simd.Lanes), v: make([]float64, batch*2*s.c*simd.Lanes),
			sum: lin.NewLanes(s.c), inverse: make([]float64, 2*s.c*s.c*simd.Lanes),
		})
	}
	s.order, s.starts = make([]int, batch), make([]int, k+1)
	s.passes = [3]func(*workspace[T], int){s.addAt, s.factorAt, s.invertAt}
	return s
}

// weights returns 2 for the frequencies of spectral.Transform whose mirror image it leaves
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

func (s *spectra[T]) reset() error {
	for _, g := range s.gram {
		clear(g)
	}
	return nil
}

func (s *spectra[T]) close() error { return nil }

// The passes over the packs.
const (
	sums = iota
	factors
	inverses
)

func (s *spectra[T]) run(pass int) {
	s.pass = s.passes[pass]
	s.pool.Run(s, s.packs, 1)
}

// Range implements par.Task.
func (s *spectra[T]) Range(worker, lo, hi int) {
	for pack := lo; pack < hi; pack++ {
		s.pass(&s.spaces[worker], pack)
	}
}

func (s *spectra[T]) add(z []T, n int, labels []int) error {
	byClass(s.starts, labels, func(place, i int) { s.order[place] = i })
	s.z = z
	s.run(sums)
	return nil
}

// lanes returns the frequencies of a pack, first and number.
func (s *spectra[T]) lanes(pack int) (p, n int) {
	p = pack * simd.Lanes
	return p, min(simd.Lanes, s.f-p)
}

// addAt adds the batch at the frequencies of a pack. Lanes beyond the last hold zeros.
func (s *spectra[T]) addAt(w *workspace[T], pack int) {
	d, n := 2*s.c, s.starts[len(s.counts)]
	batch := len(s.z) / (s.f * d)
	p, lanes := s.lanes(pack)
	for l := range lanes {
		for to, from := range s.order[:n] {
			copy(w.rows[(l*n+to)*d:(l*n+to+1)*d], s.z[((p+l)*batch+from)*d:])
		}
	}
	clear(w.rows[lanes*n*d : simd.Lanes*n*d])
	simd.Transpose(w.v, simd.Lanes, w.rows, n*d, simd.Lanes, n*d)
	for j := range s.counts {
		s.gram[j*s.packs+pack].SubtractGram(s.c, s.starts[j+1]-s.starts[j], w.v[s.starts[j]*d*simd.Lanes:])
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
		w /= 2 * s.total
		pack, l := p/simd.Lanes, p%simd.Lanes
		r.R += w * s.logdet[k*s.packs+pack][l]
		for j, n := range s.counts {
			r.Rc += w * float64(n) / float64(s.n) * s.logdet[j*s.packs+pack][l]
		}
	}
	r.DeltaR = r.R - r.Rc
	return r, nil
}

// factorAt factors the matrices of a pack.
func (s *spectra[T]) factorAt(w *workspace[T], pack int) {
	clear(w.sum)
	k := len(s.counts)
	for j := range k + 1 {
		of, n := w.sum, s.n
		if j < k {
			of, n = s.gram[j*s.packs+pack], s.counts[j]
			simd.Add(w.sum, w.sum, of)
		}
		var scale [simd.Lanes]float64
		p, lanes := s.lanes(pack)
		for l := range lanes {
			scale[l] = -s.alpha(n) / s.weight[p+l]
		}
		at := j*s.packs + pack
		s.factor[at].SetScaled(s.c, of, &scale)
		if err := s.factor[at].Cholesky(s.c, s.pivots[at], &s.logdet[at]); err != nil {
			s.errs[pack] = errors.Wrapf(nn.ErrNotFinite, "features of %d samples at frequencies %d to %d: %v", n, p,
				p+lanes-1, err)
			return
		}
	}
	s.errs[pack] = nil
}

// alpha returns C/(nε²).
func (s *spectra[T]) alpha(n int) float64 { return float64(s.c) / (float64(n) * s.cfg.Eps2) }

func (s *spectra[T]) weights(params [][]T) error {
	e, c, gamma := params[0], params[1], params[2]
	for j, n := range s.counts {
		gamma[j] = T(float64(n) / float64(s.n))
	}
	s.e, s.ws = e, c
	s.run(inverses)
	return nil
}

// invertAt stores E and all Cⱼ of a pack, α(I + αΣ v vᴴ)⁻¹ or to first order
// α(I − αΣ v vᴴ): real parts first.
func (s *spectra[T]) invertAt(w *workspace[T], pack int) {
	k, size := len(s.counts), 2*s.c*s.c
	p, lanes := s.lanes(pack)
	for j := range k + 1 {
		to, n := s.e, s.n
		if j < k {
			to, n = s.ws[j*s.f*size:], s.counts[j]
		}
		at := j*s.packs + pack
		if s.cfg.FirstOrder {
			s.factor[at].FirstOrder(s.c, s.alpha(n), w.sum, w.inverse)
		} else {
			s.factor[at].Inverse(s.c, s.pivots[at], s.alpha(n), w.sum, w.inverse)
		}
		simd.Transpose(to[p*size:], size, w.inverse, simd.Lanes, size, lanes)
	}
}
