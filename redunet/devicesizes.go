package redunet

import "github.com/pkg/errors"

// deviceSizes are the numbers that a construction on a device is of.
type deviceSizes struct {
	counts     []int     // of the classes
	n          int       // samples
	f, d       int       // frequencies, 1 for vectors; numbers of a sample at each
	side       int       // of the matrices: d of vectors, d/2 of spectra
	planes     int       // 2 where these are complex
	batch      int       // samples that are added at a time
	weight     []float64 // of each frequency: how many of the whole spectrum it stands for
	total      float64   // their sum
	alphas     []float64 // of the classes, and of all samples last
	firstOrder bool
}

func vectorSizes(cfg Config, counts []int, batch int) deviceSizes {
	s := deviceSizes{counts: counts, f: 1, d: cfg.Net.Shape[0], side: cfg.Net.Shape[0], planes: 1, batch: batch,
		weight: []float64{1}, total: 1}
	return s.filled(cfg)
}

func spectrumSizes(cfg Config, counts []int, feature []int, batch int) deviceSizes {
	s := deviceSizes{counts: counts, f: feature[0], d: feature[2], side: feature[2] / 2, planes: 2, batch: batch}
	s.weight = weights(cfg.Net.Shape[1:], s.f)
	for _, w := range s.weight {
		s.total += w
	}
	return s.filled(cfg)
}

// filled adds what follows from the others.
func (s deviceSizes) filled(cfg Config) deviceSizes {
	for _, n := range s.counts {
		s.n += n
	}
	for _, n := range append(s.counts[:len(s.counts):len(s.counts)], s.n) {
		s.alphas = append(s.alphas, float64(s.side)/(float64(n)*cfg.Eps2))
	}
	s.firstOrder = cfg.FirstOrder
	return s
}

// matrices returns how many there are.
func (s *deviceSizes) matrices() int { return (len(s.counts) + 1) * s.f }

// most is how many numbers a kernel counts up to, and mostMatrices how many matrices a
// batch may have.
const (
	most         = 1 << 30
	mostMatrices = 65535
)

func (s *deviceSizes) check() error {
	numbers := max(len(s.counts)*s.f*s.d*s.d, s.matrices()*s.side*s.side*s.planes, s.f*s.batch*s.d)
	if numbers > most || s.matrices() > mostMatrices {
		return errors.Wrapf(ErrInput, "%d matrices of %d×%d and at most %d numbers of a kind, which a device takes "+
			"up to %d and %d of: construct on the host",
			s.matrices(), s.side, s.side, numbers, mostMatrices, most)
	}
	return nil
}

// scales returns two numbers of each matrix: what the sum Σ is multiplied by, and what
// is added to the diagonal, to have the matrix that is factored; and the same to have
// the weights, of the inverse, or of that matrix itself if they are of first order.
//
// Vectors: M = Σ + I/α, α(I + αΣ)⁻¹ = M⁻¹ ≈ 2αI − α²M. Spectra, whose Σ stands for w
// samples: M = I + α/w Σ, αM⁻¹ ≈ α(2I − M).
func (s *deviceSizes) scales() (matrix, weight []float64) {
	for _, a := range s.alphas {
		for _, w := range s.weight {
			m, inverse, first := []float64{1, 1 / a}, []float64{1, 0}, []float64{-a * a, 2 * a}
			if s.planes == 2 {
				m, inverse, first = []float64{a / w, 1}, []float64{a, 0}, []float64{-a, 2 * a}
			}
			matrix = append(matrix, m...)
			if s.firstOrder {
				inverse = first
			}
			weight = append(weight, inverse...)
		}
	}
	return matrix, weight
}
