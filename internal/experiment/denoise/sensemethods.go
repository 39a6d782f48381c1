package denoise

import (
	"context"
	"math"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/sparse"
)

// leastNorm is Φ⁺y, the solution of least norm, which uses no knowledge of images.
func (s *sensing) leastNorm(context.Context) (*recovery, error) {
	return s.timed("least norm", "Φ⁺y: the shortest patch that explains the measurements",
		func(y *mat.Dense) (*mat.Dense, error) {
			var x mat.Dense
			if err := x.Solve(s.phi, y.T()); err != nil {
				return nil, errors.WithStack(err)
			}
			return mat.DenseCopyOf(x.T()), nil
		})
}

// tuningPatches are what λ and the number of atoms are chosen by.
const tuningPatches = 300

// tuned returns the value of a grid whose codes give the best patches of the first
// training patches.
func (s *sensing) tuned(
	ctx context.Context, grid []float64, code func(value float64, y *mat.Dense) (*mat.Dense, error),
) (best float64, err error) {
	rows, d := s.training.Dims()
	x := s.training.Slice(0, min(rows, tuningPatches), 0, d).(*mat.Dense)
	y := s.measure(x)
	most := math.Inf(-1)
	for _, value := range grid {
		if err := ctx.Err(); err != nil {
			return 0, errors.WithStack(err)
		}
		z, err := code(value, y)
		if err != nil {
			return 0, err
		}
		if v := psnr(x, s.decode(z)); v > most {
			most, best = v, value
		}
	}
	return best, nil
}

// recover tunes a method and recovers the test images with it.
func (s *sensing) recover(
	ctx context.Context, name, note string, grid []float64, code func(value float64, y *mat.Dense) (*mat.Dense, error),
) (*recovery, error) {
	value, err := s.tuned(ctx, grid, code)
	if err != nil {
		return nil, errors.WithMessage(err, name)
	}
	r, err := s.timed(name, note, func(y *mat.Dense) (*mat.Dense, error) {
		z, err := code(value, y)
		if err != nil {
			return nil, err
		}
		return s.decode(z), nil
	})
	if err == nil {
		r.Tuned = value
	}
	return r, err
}

// lambdas are the λ that solvers are tuned over.
func lambdas() (grid []float64) {
	for v := 0.001; v < 1; v *= 2 {
		grid = append(grid, v)
	}
	return grid
}

// pursuit is OMP.
func (s *sensing) pursuit(ctx context.Context) (*recovery, error) {
	var grid []float64
	for k := 1; k <= s.Measurements/2; k++ {
		grid = append(grid, float64(k))
	}
	a, err := sparse.NewMatrix(s.a)
	if err != nil {
		return nil, err
	}
	return s.recover(ctx, "OMP", "its number of atoms is tuned", append(grid, float64(s.Measurements)),
		func(k float64, y *mat.Dense) (*mat.Dense, error) {
			return sparse.OMP{Sparsity: int(k)}.Solve(a, y)
		})
}

// iterations is as many iterations of a solver as the networks have layers.
func (s *sensing) iterations(name string) func(context.Context) (*recovery, error) {
	return func(ctx context.Context) (*recovery, error) {
		a, err := sparse.NewMatrix(s.a)
		if err != nil {
			return nil, err
		}
		solve := func(lambda float64, y *mat.Dense, watch sparse.Callback) (*mat.Dense, error) {
			var solver sparse.Solver = sparse.ISTA{Stop: sparse.Stop{MaxIter: s.cfg.Layers}, Callback: watch}
			if name == "FISTA" {
				solver = sparse.FISTA{Stop: sparse.Stop{MaxIter: s.cfg.Layers}, Callback: watch}
			}
			return codes(solver.Solve(sparse.Problem{A: a, X: y, Lambda: lambda}))
		}
		r, err := s.recover(ctx, name, "as many iterations as the networks have layers; λ is tuned", lambdas(),
			func(lambda float64, y *mat.Dense) (*mat.Dense, error) {
				return solve(lambda, y, nil)
			})
		if err != nil {
			return nil, err
		}
		want := s.blocks()
		_, err = solve(r.Tuned, s.measured, func(_ int, z *mat.Dense) {
			r.ByLayer = append(r.ByLayer, psnr(want, s.decode(z)))
		})
		return r, err
	}
}

// nameLASSO is the method that has converged.
const nameLASSO = "LASSO"

// converged is the solution of the LASSO.
func (s *sensing) converged(ctx context.Context) (*recovery, error) {
	a, err := sparse.NewMatrix(s.a)
	if err != nil {
		return nil, err
	}
	return s.recover(ctx, nameLASSO, "FISTA until it has converged; λ is tuned", lambdas(),
		func(lambda float64, y *mat.Dense) (*mat.Dense, error) {
			return codes(sparse.FISTA{
				Stop: sparse.Stop{Gap: 1e-3, MaxIter: 500}, Restart: sparse.GradientRestart,
			}.Solve(sparse.Problem{A: a, X: y, Lambda: lambda}))
		})
}

func codes(s *sparse.Solution, err error) (*mat.Dense, error) {
	if err != nil {
		return nil, err
	}
	return s.Z, nil
}
