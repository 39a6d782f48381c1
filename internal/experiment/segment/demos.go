package segment

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/report"
	"github.com/whitebox-nn/whitebox/subspace"
	"github.com/whitebox-nn/whitebox/train"
)

// demonstrations are two methods for linear structure beside clustering.
type demonstrations struct {
	robust, phase, lines *report.Figure
	Error                float64 `json:"low_rank_error"` // ‖L̂ − L‖/‖L‖
	Recovered            float64 `json:"recovered"`      // share of the phase diagram's cells
}

func demonstrate(ctx context.Context, seed uint64, progress *train.Status) (*demonstrations, error) {
	d := &demonstrations{}
	for _, part := range []struct {
		name string
		do   func(context.Context, uint64, *train.Status) error
	}{{"robust PCA", d.takeApart}, {"phase diagram", d.diagram}, {"GPCA", d.fewLines}} {
		progress.Show(part.name)
		if err := part.do(ctx, seed, progress); err != nil {
			return nil, errors.WithMessage(err, part.name)
		}
	}
	progress.Clear()
	return d, nil
}

// corrupted returns an n×n matrix of a rank, and one of random signs at a share of
// places.
func corrupted(rng *rand.Rand, n, rank int, share float64) (low, signs *mat.Dense) {
	factor := func(rows, cols int) *mat.Dense {
		m := mat.NewDense(rows, cols, nil)
		m.Apply(func(_, _ int, _ float64) float64 { return rng.NormFloat64() / math.Sqrt(float64(n)) }, m)
		return m
	}
	low, signs = new(mat.Dense), mat.NewDense(n, n, nil)
	low.Mul(factor(n, rank), factor(rank, n))
	signs.Apply(func(_, _ int, _ float64) float64 {
		if rng.Float64() >= share {
			return 0
		}
		return float64(2*rng.IntN(2) - 1)
	}, signs)
	return low, signs
}

// recoverLow takes low + signs apart and returns the error of the part of low rank.
func recoverLow(ctx context.Context, r subspace.RobustPCA, low, signs *mat.Dense) (*subspace.Parts, float64, error) {
	var x, away mat.Dense
	x.Add(low, signs)
	p, err := r.Fit(ctx, &x)
	if err != nil {
		return nil, 0, err
	}
	away.Sub(p.Low, low)
	return p, mat.Norm(&away, 2) / mat.Norm(low, 2), nil
}

// takeApart draws a matrix and its parts.
func (d *demonstrations) takeApart(ctx context.Context, seed uint64, _ *train.Status) error {
	low, signs := corrupted(rand.New(rand.NewPCG(seed, 2)), 100, 4, 0.1)
	p, away, err := recoverLow(ctx, subspace.RobustPCA{}, low, signs)
	if err != nil {
		return err
	}
	d.Error = away
	var x mat.Dense
	x.Add(low, signs)
	var row []report.Plot
	for _, part := range []struct {
		title string
		m     *mat.Dense
		scale float64
	}{{"X = L + S", &x, 0.06}, {fmt.Sprintf("L, rank %d", p.Rank), p.Low, 0.06}, {"S, signs", p.Sparse, 1}} {
		row = append(row, report.Plot{Title: part.title, Picture: &report.Picture{Values: part.m, Signed: true,
			Lo: -part.scale, Hi: part.scale, Bar: "entry"}})
	}
	d.robust, err = report.Compose("robust_pca", "A matrix, its part of low rank and its sparse part.", 3.2, 2.8, row)
	return err
}

// diagram draws where robust PCA finds the parts again: the rank from left to right,
// the share of wrong entries from below.
func (d *demonstrations) diagram(ctx context.Context, seed uint64, progress *train.Status) error {
	const n, cells, most = 40, 8, 0.3
	digits := mat.NewDense(cells, cells, nil) // that are right
	for i := range cells {
		for j := range cells {
			rank, share := 1+2*i, most*(float64(j)+0.5)/cells
			low, signs := corrupted(rand.New(rand.NewPCG(seed, uint64(100+i*cells+j))), n, rank, share)
			_, away, err := recoverLow(ctx, subspace.RobustPCA{Tol: 1e-6, Iterations: 100}, low, signs)
			if err != nil && !errors.Is(err, subspace.ErrInput) {
				return err
			}
			if err != nil {
				continue
			}
			if away < 1e-3 {
				d.Recovered += 1.0 / (cells * cells)
			}
			digits.Set(cells-1-j, i, min(max(-math.Log10(away), 0), 6))
		}
		progress.Show(fmt.Sprintf("phase diagram: %d of %d", i+1, cells))
	}
	plot := report.Plot{Title: "robust PCA of 40×40", X: "rank / n", Y: "share of random signs",
		Picture: &report.Picture{
			Values: digits, Lo: 0, Hi: 6, Blues: true, Bar: "digits of L that are right",
			Axes: [4]float64{0, 2.0 * cells / n, 0, most},
		}}
	var err error
	d.phase, err = report.Compose("phase",
		"How exactly robust PCA recovers the part of low rank, by its rank and by the share of wrong entries.", 4.2,
		3.4, []report.Plot{plot})
	return err
}

// fewLines finds three noisy lines in the plane by one polynomial of degree 3.
func (d *demonstrations) fewLines(_ context.Context, seed uint64, _ *train.Status) error {
	rng := rand.New(rand.NewPCG(seed, 3))
	x := mat.NewDense(120, 2, nil)
	for i := range 120 {
		angle, a := 0.3+float64(i%3), rng.NormFloat64()
		x.SetRow(i, []float64{a*math.Cos(angle) + 0.03*rng.NormFloat64(), a*math.Sin(angle) + 0.03*rng.NormFloat64()})
	}
	found, err := subspace.GPCA{Groups: 3, Hyperplanes: true, Noise: 0.03}.Fit(x)
	if err != nil {
		return err
	}
	plot := report.Plot{Title: "GPCA: lines as zeros of a polynomial", Square: true, X: "x₁", Y: "x₂",
		Clouds: clouds(x, found.Labels, 3)}
	for j, b := range found.Normals {
		u, v := b.At(1, 0), -b.At(0, 0)
		plot.Curves = append(plot.Curves, report.Curve{Of: groupName(j), X: []float64{-2.5 * u, 2.5 * u},
			Y: []float64{-2.5 * v, 2.5 * v}, Dashed: true})
	}
	d.lines, err = report.Compose("gpca",
		"Three lines that GPCA finds as the zeros of one polynomial, and the samples of each.", 4.2, 3.4,
		[]report.Plot{plot})
	return err
}

// groupName returns what a group is called in keys.
func groupName(j int) string { return "group " + strconv.Itoa(j) }

// clouds returns the points, coloured by group; those of groups from k on in grey.
func clouds(view *mat.Dense, labels []int, k int) (out []report.Cloud) {
	all := make([]report.Cloud, k+1)
	for i, y := range labels {
		c := &all[min(y, k)]
		c.X, c.Y = append(c.X, view.At(i, 0)), append(c.Y, view.At(i, 1))
	}
	all[k].Class, all[k].Name = -1, "others"
	for j := range all {
		if j < k {
			all[j].Class, all[j].Name = j, groupName(j)
		}
		if len(all[j].X) > 0 {
			out = append(out, all[j])
		}
	}
	return out
}
