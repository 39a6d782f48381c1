package data

import (
	"cmp"
	"math"
	"math/rand/v2"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"
)

// SparseCodesConfig configures SparseCodes and NewSparseStream. The zero value of
// a field is its default: the LISTA benchmark of Chen et al.
type SparseCodesConfig struct {
	Samples      int     // n; 0 is 1000
	Measurements int     // m; 0 is 250
	Atoms        int     // d; 0 is 500
	Density      float64 // probability that a coefficient is not 0; 0 is 0.1
	SNR          float64 // of the measurements, in dB; 0 is no noise
	Condition    float64 // κ, the condition number of the dictionary; 0 leaves it as it is drawn, with unit columns
	Seed         uint64  // of the dictionary, the codes and the noise
	Stream       uint64  // of the codes and the noise: other samples of one dictionary
}

// SparseCodes returns measurements of sparse codes, b = A z + e, as samples with
// the codes as their targets, and the dictionary A, m×d row-major. A is Gaussian
// with unit columns; coefficients of z are Gaussian where a Bernoulli variable
// says so. The noise of a sample has the standard deviation of the m entries of
// its A z, times 10^(−SNR/20).
//
// With a Condition κ the singular values of A are replaced by min(m, d) numbers
// from 1 to 1/κ at equal ratios, and A is scaled to ‖A‖_F = √d; its columns then
// have no longer one length.
//
// Shapes: samples m, targets d. Errors: ErrInput for settings out of range.
//
// Reference: Chen, Liu, Wang, Yin. Theoretical linear convergence of unfolded
// ISTA and its practical weights and thresholds. NeurIPS 2018, sec. 4.
func SparseCodes(cfg SparseCodesConfig) (set *Set, dictionary []float64, err error) {
	s, err := newSparseModel(cfg)
	if err != nil {
		return nil, nil, errors.WithMessage(err, "data: sparse codes")
	}
	n := cmp.Or(cfg.Samples, 1000)
	if !fitsMemory(n, s.m) || !fitsMemory(n, s.d) {
		return nil, nil, errors.Wrapf(ErrInput, "data: sparse codes: %d samples of %d measurements and %d atoms, "+
			"want at most %d numbers: see NewSparseStream", n, s.m, s.d, maxNumbers)
	}
	rng := rand.New(rand.NewPCG(cfg.Seed, streamSamples+cfg.Stream<<16))
	b, z := make([]float64, n*s.m), make([]float64, n*s.d)
	for i := range n {
		s.draw(rng, b[i*s.m:(i+1)*s.m], z[i*s.d:(i+1)*s.d])
	}
	set, err = NewPairs(b, []int{s.m}, z, s.d)
	return set, s.rowMajor(), err
}

// A SparseStream is a Source of sparse codes that never repeat: every batch of
// every epoch is drawn anew, as a function of the seed, the stream and the
// batch's position.
type SparseStream struct {
	model         *sparseModel
	size, batches int
	pos           Position
	pcg           *rand.PCG
	rng           *rand.Rand
	b, z          []float64
	sample        []int
	target        []int
}

var _ Source = (*SparseStream)(nil)

// NewSparseStream returns the source of batches of fresh samples, as SparseCodes makes them, and the dictionary, m×d
// row-major. An epoch has cfg.Samples/size batches. The samples differ from those of [SparseCodes] with the same
// Stream.
//
// Errors: ErrInput for settings out of range, or an epoch without a batch.
func NewSparseStream(cfg SparseCodesConfig, size int) (s *SparseStream, dictionary []float64, err error) {
	model, err := newSparseModel(cfg)
	if err != nil {
		return nil, nil, errors.WithMessage(err, "data: sparse stream")
	}
	n := cmp.Or(cfg.Samples, 1000)
	if size < 1 || n < size {
		return nil, nil, errors.Wrapf(ErrInput, "data: sparse stream: batches of %d of %d samples an epoch, want "+
			"at least 1, and an epoch as large as a batch", size, n)
	}
	pcg := rand.NewPCG(0, 0)
	s = &SparseStream{
		model: model, size: size, batches: n / size, pcg: pcg, rng: rand.New(pcg),
		b: make([]float64, model.m), z: make([]float64, model.d), sample: []int{model.m}, target: []int{model.d},
	}
	return s, model.rowMajor(), nil
}

// Next implements Source. It allocates nothing.
func (s *SparseStream) Next(x, y *tensor.Dense) error {
	s = zero(s)
	if done, err := begin(s, &s.pos, x, y); done {
		return err
	}
	number := uint64(s.pos.Epoch)*uint64(s.batches) + uint64(s.pos.Batch)
	s.pcg.Seed(s.model.cfg.Seed^(number+1)*0x9e3779b97f4a7c15, streamFresh+s.model.cfg.Stream<<16)
	m, d := s.model.m, s.model.d
	for i := range s.size {
		s.model.draw(s.rng, s.b, s.z)
		if x.Dtype() == tensor.Float64 {
			copy(x.Float64s()[i*m:], s.b)
			copy(y.Float64s()[i*d:], s.z)
			continue
		}
		narrow(x.Float32s()[i*m:], s.b)
		narrow(y.Float32s()[i*d:], s.z)
	}
	s.pos.Batch++
	return nil
}

// BatchSize implements Source.
func (s *SparseStream) BatchSize() int { return zero(s).size }

// Batches implements Source.
func (s *SparseStream) Batches() int { return zero(s).batches }

// SampleShape implements Source.
func (s *SparseStream) SampleShape() []int { return zero(s).sample }

// TargetShape implements Source.
func (s *SparseStream) TargetShape() []int { return zero(s).target }

// Position implements Source.
func (s *SparseStream) Position() Position { return zero(s).pos }

// Seek implements Source.
func (s *SparseStream) Seek(p Position) error { return seek(&zero(s).pos, p, zero(s).batches) }

// A sparseModel is the distribution of samples and codes.
type sparseModel struct {
	cfg     SparseCodesConfig
	m, d    int
	p       float64
	columns [][]float64 // of A
}

func newSparseModel(cfg SparseCodesConfig) (*sparseModel, error) {
	s := &sparseModel{cfg: cfg, m: cmp.Or(cfg.Measurements, 250), d: cmp.Or(cfg.Atoms, 500),
		p: cmp.Or(cfg.Density, 0.1)}
	n := cmp.Or(cfg.Samples, 1000)
	if n < 1 || s.m < 1 || s.d < 1 || !(s.p > 0 && s.p <= 1) || cfg.SNR-cfg.SNR != 0 {
		return nil, errors.Wrapf(ErrInput, "%d of density %v, %d measurements of %d atoms, SNR %v; want at least 1 "+
			"of each, a density in (0, 1] and a finite SNR", n, s.p, s.m, s.d, cfg.SNR)
	}
	if !fitsMemory(s.m, s.d) {
		return nil, errors.Wrapf(ErrInput, "a dictionary of %d×%d, want at most %d numbers", s.m, s.d, maxNumbers)
	}
	if cfg.Condition != 0 && !(cfg.Condition >= 1 && cfg.Condition <= math.MaxFloat64) {
		return nil, errors.Wrapf(ErrInput, "condition number %v, want a finite number of at least 1, or 0",
			cfg.Condition)
	}
	atoms := rand.New(rand.NewPCG(cfg.Seed, streamBasis))
	s.columns = make([][]float64, s.d)
	for j := range s.columns {
		s.columns[j] = orthonormal(atoms, s.m, nil)
	}
	if cfg.Condition != 0 {
		return s, s.condition(cfg.Condition)
	}
	return s, nil
}

// condition gives the dictionary the condition number kappa.
func (s *sparseModel) condition(kappa float64) error {
	var svd mat.SVD // gonum's, for the bits that the samples of a seed have always had
	if !svd.Factorize(mat.NewDense(s.m, s.d, s.rowMajor()), mat.SVDThin) {
		return errors.Wrapf(ErrInput, "no singular values of a dictionary of %d×%d", s.m, s.d)
	}
	var u, v, a mat.Dense
	svd.UTo(&u)
	svd.VTo(&v)
	sigma, energy := make([]float64, min(s.m, s.d)), 0.0
	for i := range sigma {
		sigma[i] = math.Pow(kappa, -float64(i)/float64(max(len(sigma)-1, 1)))
		energy += sigma[i] * sigma[i]
	}
	u.Apply(func(_, j int, x float64) float64 { return x * sigma[j] * math.Sqrt(float64(s.d)/energy) }, &u)
	a.Mul(&u, v.T())
	for j := range s.columns {
		mat.Col(s.columns[j], j, &a)
	}
	return nil
}

// rowMajor returns the dictionary, m×d.
func (s *sparseModel) rowMajor() []float64 {
	a := make([]float64, s.m*s.d)
	for j, column := range s.columns {
		for i, v := range column {
			a[i*s.d+j] = v
		}
	}
	return a
}

// draw makes one sample b and its code z.
func (s *sparseModel) draw(rng *rand.Rand, b, z []float64) {
	clear(b)
	for j := range z {
		z[j] = 0
		if rng.Float64() < s.p {
			z[j] = rng.NormFloat64()
			add(b, z[j], s.columns[j])
		}
	}
	if s.cfg.SNR != 0 {
		disturb(rng, b, deviation(b)*math.Pow(10, -s.cfg.SNR/20))
	}
}

// narrow rounds src into dst.
func narrow(dst []float32, src []float64) {
	for i, v := range src {
		dst[i] = float32(v)
	}
}
