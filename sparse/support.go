package sparse

import (
	"math"
	"slices"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/lin"
)

// SelectSupport is the soft threshold with support selection: the q percent of v
// that are the largest, as far as they are above θ, pass unshrunk. It stores in
// dst, which may be v,
//
//	vⱼ            where |vⱼ| > θ and |vⱼ| > τ
//	S_θ(vⱼ)       elsewhere
//
// where τ is the element of index round((n − 1)(1 − q/100)), halves to even, of |v| in ascending order. So with q = 0
// no element passes. scratch has n elements; if it is shorter, it is allocated. For a q outside of 0 to 100 dst is
// NaN.
//
// Reference: Chen, Liu, Wang, Yin. Theoretical linear convergence of unfolded
// ISTA and its practical weights and thresholds. NeurIPS 2018; τ is a percentile
// as in the authors' code.
func SelectSupport(dst, v []float64, theta, q float64, scratch []float64) {
	if !fits(dst, len(v), q >= 0 && q <= 100) {
		return
	}
	if len(v) == 0 {
		return
	}
	if len(scratch) < len(v) {
		scratch = make([]float64, len(v))
	}
	scratch = scratch[:len(v)]
	for j, x := range v {
		scratch[j] = math.Abs(x)
	}
	slices.Sort(scratch)
	tau := scratch[SupportIndex(len(v), q)]
	for j, x := range v {
		if a := math.Abs(x); a > theta && a > tau {
			dst[j] = x
		} else {
			dst[j] = soft(x, theta)
		}
	}
}

// SupportIndex returns the index, in ascending order of n magnitudes, of the
// largest one that support selection of q percent does not select. It selects at
// most n − 1 minus that. A q outside of 0 to 100 counts as the nearer end, NaN as 0.
func SupportIndex(n int, q float64) int {
	if !(q >= 0) {
		q = 0
	}
	return max(0, int(math.RoundToEven(float64(max(n, 1)-1)*(100-min(q, 100))/100)))
}

// NMSE returns the normalised mean squared error of estimates, in dB:
//
//	10 log₁₀(Σ‖ẑ − z‖² / Σ‖z‖²)
//
// with sums over all samples, as the LISTA papers have it; −Inf where ẑ = z.
//
// Shapes: both B×n. Errors: ErrInput for other shapes, or z = 0.
func NMSE(estimate, z *mat.Dense) (float64, error) {
	if err := sameShape(estimate, z); err != nil {
		return 0, errors.WithMessage(err, "sparse: NMSE")
	}
	rows, _ := z.Dims()
	var wrong, all lin.Squares // of any magnitude
	for i := range rows {
		e := estimate.RawRowView(i)
		for j, v := range z.RawRowView(i) {
			wrong.AddDifference(e[j], v)
			all.Add(v)
		}
	}
	if all == (lin.Squares{}) {
		return 0, errors.Wrap(ErrInput, "sparse: NMSE: z is 0")
	}
	return lin.Decibels(wrong, all), nil
}

// Support compares the support of estimates, where |ẑ| is above a tolerance, to
// that of the codes.
type Support struct {
	Size           float64 // ‖ẑ‖₀, mean of the samples
	FalsePositives float64 // of ẑ a sample
	FalseNegatives float64
	Precision      float64 // share of the support of ẑ that is right; 1 if it is empty
	Recall         float64 // share of the support of z that is found; 1 if it is empty
}

// NewSupport compares. Shapes: both B×n. Errors: ErrInput for other shapes.
func NewSupport(estimate, z *mat.Dense, tol float64) (s Support, err error) {
	if err := sameShape(estimate, z); err != nil {
		return s, errors.WithMessage(err, "sparse: support")
	}
	rows, _ := z.Dims()
	var both, found, there float64
	for i := range rows {
		e := estimate.RawRowView(i)
		for j, v := range z.RawRowView(i) {
			in, is := math.Abs(e[j]) > tol, v != 0
			found += indicator(in)
			there += indicator(is)
			both += indicator(in && is)
		}
	}
	n := float64(rows)
	s = Support{Size: found / n, FalsePositives: (found - both) / n, FalseNegatives: (there - both) / n, Precision: 1,
		Recall: 1}
	if found > 0 {
		s.Precision = both / found
	}
	if there > 0 {
		s.Recall = both / there
	}
	return s, nil
}

func indicator(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func sameShape(estimate, z *mat.Dense) error {
	if err := checkMatrix("the codes", z); err != nil {
		return err
	}
	_, n := z.Dims()
	if err := checkRows("the estimate", estimate, n); err != nil {
		return err
	}
	rows, _ := z.Dims()
	if r, _ := estimate.Dims(); r != rows {
		return errors.Wrapf(ErrInput, "%d estimates of %d codes", r, rows)
	}
	return nil
}
