package denoise

import (
	"context"
	"io"
	"math"
	"math/rand/v2"
	"time"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/nn"
)

// A sensing is compressive sensing of images with a learned dictionary: of each block
// x of p pixels there are m < p measurements y = Φx, and x is looked for among what
// the dictionary D writes with few atoms, x̂ = D z with y ≈ (ΦD) z.
type sensing struct {
	cfg      config
	options  nn.Options // on the device
	progress io.Writer

	phi      *mat.Dense // Φ, m×p: Gaussian, of variance 1/m
	atoms    *mat.Dense // D, p×n: those that were learned, and a constant one
	a        *mat.Dense // ΦD
	training *mat.Dense // patches to tune and to train on, p
	clean    *images    // test images that blocks tile
	measured *mat.Dense // y of each block of the test images, m

	Measurements int         `json:"measurements"`
	Recoveries   []*recovery `json:"recoveries"`
}

// A recovery is what a method makes of the measurements.
type recovery struct {
	Name    string    `json:"name"`
	PSNR    float64   `json:"psnr_db"`          // over all pixels of the test images
	ByLayer []float64 `json:"psnr_db_by_layer"` // from the code 0 on; nil of a method without layers
	Tuned   float64   `json:"tuned"`            // λ, or the number of atoms, by the training patches
	Seconds float64   `json:"seconds_a_block"`  // to recover a block of the test images
	Learned float64   `json:"seconds_to_learn"` // of a network
	note    string
	images  *images
}

// newSensing draws Φ and measures the blocks of the test images.
func newSensing(cfg config, clean, training *images, learned *mat.Dense) *sensing {
	s := &sensing{cfg: cfg, clean: clean.cropped(cfg.Patch)}
	p, n := learned.Dims()
	s.Measurements = max(1, int(math.Round(cfg.Rate*float64(p))))
	rng := rand.New(rand.NewPCG(cfg.Seed, streamMeasurements))
	s.phi = mat.NewDense(s.Measurements, p, nil)
	s.phi.Apply(func(int, int, float64) float64 { return rng.NormFloat64() / math.Sqrt(float64(s.Measurements)) },
		s.phi)
	s.atoms = mat.NewDense(p, n+1, nil)
	s.atoms.Apply(func(i, j int, _ float64) float64 {
		if j == n {
			return 1 / math.Sqrt(float64(p)) // for the mean, which the others do not have
		}
		return learned.At(i, j)
	}, s.atoms)
	s.a = product(s.phi, s.atoms)
	s.training = choose(training.patches(cfg.Patch, 1), trainingPatches, cfg.Seed, streamSensed)
	s.measured = s.measure(s.blocks())
	return s
}

func product(a, b mat.Matrix) *mat.Dense {
	var c mat.Dense
	c.Mul(a, b)
	return &c
}

// blocks returns the blocks of the test images.
func (s *sensing) blocks() *mat.Dense { return s.clean.patches(s.cfg.Patch, s.cfg.Patch) }

// measure returns y of each of the patches, a row each.
func (s *sensing) measure(patches *mat.Dense) *mat.Dense { return product(patches, s.phi.T()) }

// decode returns the patches that codes stand for.
func (s *sensing) decode(z mat.Matrix) *mat.Dense { return product(z, s.atoms.T()) }

// assemble returns the images of blocks.
func (s *sensing) assemble(blocks *mat.Dense) *images {
	return s.clean.average(blocks, s.cfg.Patch, s.cfg.Patch)
}

// psnr returns that of patches, for their pixels from 0 to 1.
func psnr(want, got *mat.Dense) float64 {
	e := 0.0
	rows, d := want.Dims()
	for i := range rows {
		for j, v := range want.RawRowView(i) {
			e += math.Pow(min(max(got.At(i, j), 0), 1)-v, 2)
		}
	}
	return -10 * math.Log10(e/float64(rows*d))
}

// recoverAll recovers the test images by every method.
func (s *sensing) recoverAll(ctx context.Context) error {
	for _, method := range []func(context.Context) (*recovery, error){
		s.leastNorm, s.pursuit, s.iterations("ISTA"), s.iterations("FISTA"), s.converged, s.unsupervised, s.supervised,
	} {
		if err := ctx.Err(); err != nil {
			return errors.WithStack(err)
		}
		r, err := method(ctx)
		if err != nil {
			return err
		}
		r.PSNR = s.clean.psnr(r.images)
		s.Recoveries = append(s.Recoveries, r)
	}
	return nil
}

// timed returns what f makes of the measurements of the test blocks, as images.
func (s *sensing) timed(name, note string, f func(y *mat.Dense) (*mat.Dense, error)) (*recovery, error) {
	start := time.Now()
	x, err := f(s.measured)
	if err != nil {
		return nil, errors.WithMessage(err, name)
	}
	blocks, _ := s.measured.Dims()
	return &recovery{Name: name, note: note, Seconds: time.Since(start).Seconds() / float64(blocks),
		images: s.assemble(x)}, nil
}
