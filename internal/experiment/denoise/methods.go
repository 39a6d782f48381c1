package denoise

import (
	"context"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/sparse"
	"github.com/whitebox-nn/whitebox/train"
)

// A result is what came out.
type result struct {
	clean      *images
	names      []string // of the methods: noisy first, learned last
	estimates  []*images
	dictionary *sparse.Dictionary
	used       []int // how many test patches use each atom

	PSNR          map[string]float64 `json:"psnr_db"`
	AtomsPerPatch float64            `json:"atoms_per_patch"`
	Objective     []float64          `json:"objective"`
	Patches       int                `json:"training_patches"`
	Learning      float64            `json:"learning_seconds"`
	Denoising     float64            `json:"denoising_seconds"`
	Sensing       *sensing           `json:"sensing,omitempty"`
}

// gain is how many times the noise of a patch OMP leaves, as Elad and Aharon have
// it (IEEE TIP 15(12), 2006).
const gain = 1.15

// compare learns a dictionary and denoises with it, with a dictionary of cosines, which is not learned, and by total
// variation.
func compare(ctx context.Context, cfg config, clean *images, training *mat.Dense, progress io.Writer) (*result, error) {
	r := &result{clean: clean, PSNR: map[string]float64{}}
	r.Patches, _ = training.Dims()
	noisy := clean.noisy(cfg.Sigma, cfg.Seed)
	r.add("noisy", noisy)
	start := time.Now()
	var err error
	if r.dictionary, err = learn(ctx, cfg, training, progress); err != nil {
		return nil, err
	}
	r.Objective, r.Learning = r.dictionary.Objective, time.Since(start).Seconds()
	r.add("total variation", variation(noisy, cfg.Sigma))
	cosines := cosines(cfg.Patch)
	byCosines, _, err := cfg.estimate(noisy, cosines)
	if err != nil {
		return nil, err
	}
	r.add("cosines", byCosines)
	start = time.Now()
	learned, z, err := cfg.estimate(noisy, r.dictionary.D)
	if err != nil {
		return nil, err
	}
	r.add("learned dictionary", learned)
	r.Denoising = time.Since(start).Seconds()
	r.count(z)
	return r, ctx.Err()
}

func (r *result) add(name string, x *images) {
	r.names, r.estimates = append(r.names, name), append(r.estimates, x)
	r.PSNR[name] = r.clean.psnr(x)
}

// count notes what atoms the codes use.
func (r *result) count(z *mat.Dense) {
	rows, n := z.Dims()
	r.used = make([]int, n)
	for i := range rows {
		for j, v := range z.RawRowView(i) {
			if v != 0 {
				r.used[j]++
				r.AtomsPerPatch += 1 / float64(rows)
			}
		}
	}
}

// learn returns the dictionary of patches.
func learn(ctx context.Context, cfg config, training *mat.Dense, progress io.Writer) (*sparse.Dictionary, error) {
	status := train.Status{Out: progress}
	defer status.Clear()
	common := sparse.Learning{Atoms: cfg.Atoms, Iters: cfg.Iters, Seed: cfg.Seed}
	common.Progress = func(iter int, objective float64) error {
		status.Show(fmt.Sprintf("pass %d of %d: objective %.5f", iter, cfg.Iters, objective))
		return ctx.Err()
	}
	switch cfg.Method {
	case "mod":
		return sparse.MOD{Learning: common, Sparsity: cfg.Sparsity}.Learn(training)
	case "ksvd":
		return sparse.KSVD{Learning: common, Sparsity: cfg.Sparsity}.Learn(training)
	}
	return sparse.MiniBatchDictionaryLearning{Learning: common, Lambda: cfg.Lambda}.Learn(training)
}

// estimate denoises with a dictionary: by OMP, to the residual that the noise of a
// patch has, or by the LASSO for what was learned with it.
func (cfg config) estimate(noisy *images, d *mat.Dense) (*images, *mat.Dense, error) {
	patches := noisy.patches(cfg.Patch, 1)
	means := split(patches)
	a, err := sparse.NewMatrix(d)
	if err != nil {
		return nil, nil, err
	}
	z, err := cfg.code(a, patches)
	if err != nil {
		return nil, nil, errors.WithMessage(err, "codes of the noisy patches")
	}
	patches.Mul(z, d.T())
	patches.Apply(func(i, _ int, v float64) float64 { return v + means[i] }, patches)
	return noisy.average(patches, cfg.Patch, 1), z, nil
}

func (cfg config) code(a *sparse.Matrix, patches *mat.Dense) (*mat.Dense, error) {
	if cfg.Method != "online" {
		return sparse.OMP{Tol: gain * cfg.Sigma * float64(cfg.Patch), Sparsity: 0}.Solve(a, patches)
	}
	s, err := sparse.FISTA{
		Stop: sparse.Stop{Gap: 1e-3, MaxIter: 500}, Restart: sparse.GradientRestart,
	}.Solve(sparse.Problem{A: a, X: patches, Lambda: cfg.Lambda})
	if err != nil {
		return nil, err
	}
	return s.Z, nil
}

// variation denoises each image by total variation.
func variation(noisy *images, sigma float64) *images {
	g := sparse.TV2{Rows: noisy.h, Cols: noisy.w, Tol: 1e-5}
	x := mat.DenseCopyOf(noisy.pixels)
	n, _ := x.Dims()
	for i := range n {
		row := x.RawRowView(i)
		g.Prox(row, row, sigma/2)
		sparse.Box{Lo: 0, Hi: 1}.Prox(row, row, 1)
	}
	return &images{x, noisy.h, noisy.w}
}

// cosines returns a dictionary of products of cosines of side patches, with twice
// as many frequencies as pixels along each axis but for the constant.
func cosines(side int) *mat.Dense {
	k := 2 * side
	wave := func(f, i int) float64 { return math.Cos(math.Pi * float64(f) * (float64(i) + 0.5) / float64(k)) }
	d := mat.NewDense(side*side, k*k-1, nil)
	for f := 1; f < k*k; f++ {
		column := make([]float64, side*side)
		for p := range column {
			column[p] = wave(f/k, p/side) * wave(f%k, p%side)
		}
		v := mat.NewVecDense(len(column), column)
		v.AddScaledVec(v, -mat.Sum(v)/float64(len(column)), ones(len(column)))
		v.ScaleVec(1/mat.Norm(v, 2), v)
		d.SetCol(f-1, column)
	}
	return d
}

func ones(n int) *mat.VecDense {
	v := mat.NewVecDense(n, nil)
	for i := range n {
		v.SetVec(i, 1)
	}
	return v
}
