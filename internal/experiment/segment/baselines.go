package segment

import (
	"context"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/experiment"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/subspace"
)

// A method groups the samples of a problem into k groups.
type method struct {
	name, note string
	fit        func(ctx context.Context, p *problem, k int, seed uint64) ([]int, error)
}

// baselines are methods that are given the number of groups. They work on the same coordinates as lossy compression,
// and for images also on the pixels.
func (p *problem) baselines(opt nn.Options) []method {
	out := of("", "told the number of groups", p.x, opt)
	if p.images != nil {
		out = append(out, of(", pixels", "of the images, not their coordinates", p.images, opt)...)
	}
	return append(out, p.extra...)
}

// of returns the baselines that group the rows of x.
func of(suffix, note string, x *mat.Dense, opt nn.Options) []method {
	var products *mat.Dense // of rows, once they are known
	express := func(tau float64) func(context.Context, *problem, int, uint64) ([]int, error) {
		return func(ctx context.Context, _ *problem, k int, seed uint64) (_ []int, err error) {
			if products == nil {
				if products, err = innerProducts(x, opt); err != nil {
					return nil, err
				}
			}
			c, err := subspace.EnSC{Tau: tau}.FitGram(ctx, products)
			if err != nil {
				return nil, err
			}
			w, err := subspace.Affinity(c)
			if err != nil {
				return nil, err
			}
			return subspace.Spectral{Groups: k, Seed: seed}.Fit(w)
		}
	}
	return []method{
		{"k-means" + suffix, note, func(_ context.Context, _ *problem, k int, seed uint64) ([]int, error) {
			found, err := subspace.KMeans{Groups: k, Seed: seed}.Fit(x)
			if err != nil {
				return nil, err
			}
			return found.Labels, nil
		}},
		{"SSC" + suffix, note, express(1)},
		{"EnSC" + suffix, note, express(0.9)},
	}
}

// innerProducts returns XXᵀ, n×n: the one product of this command that grows with the
// square of the samples, and what it does on a device.
func innerProducts(x *mat.Dense, opt nn.Options) (out *mat.Dense, err error) {
	n, d := x.Dims()
	g := nn.NewGraph(nn.Eval)
	in, err := g.Input("x", tensor.New(tensor.WithShape(n, d),
		tensor.WithBacking(append([]float64(nil), x.RawMatrix().Data...))))
	if err != nil {
		return nil, err
	}
	product, err := nn.MatMul(in, in, false, true)
	if err != nil {
		return nil, err
	}
	program, err := nn.Compile(g, nn.Outputs{Values: []*gorgonia.Node{product}}, opt)
	if err != nil {
		return nil, err
	}
	defer experiment.Close(program, &err)
	if err := program.Run(); err != nil {
		return nil, err
	}
	value, err := program.Value(product)
	if err != nil {
		return nil, err
	}
	return mat.NewDense(n, n, append([]float64(nil), value.Data().([]float64)...)), nil
}
