package extend

import (
	"context"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/train"
)

// PSNR is the peak signal-to-noise ratio of estimates, in dB, for signals from −1 to 1.
func PSNR(estimate, clean *mat.Dense) float64 {
	var d mat.Dense
	d.Sub(estimate, clean)
	n, m := d.Dims()
	return 10 * math.Log10(4*float64(n*m)/math.Pow(mat.Norm(&d, 2), 2))
}

// Denoising is an evaluator: what a model makes of a set, by PSNR.
type Denoising struct {
	Outputs *train.Predictor
	Set     *data.Set
}

// Evaluate implements train.Evaluator.
func (d Denoising) Evaluate(ctx context.Context) ([]train.Metric, error) {
	out, err := d.Outputs.Collect(ctx, d.Set)
	if err != nil {
		return nil, err
	}
	clean, err := d.Set.TargetMatrix()
	if err != nil {
		return nil, err
	}
	return []train.Metric{{Name: "psnr_db", Value: PSNR(out[0], clean)}}, nil
}
