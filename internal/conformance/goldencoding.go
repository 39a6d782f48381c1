package conformance

import (
	"context"
	"strconv"
	"strings"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/coding"
)

// goldenOptimum is the landscape of the regularised rate reduction, with λ/2.
// The ranks of F_at_ranks_… are those of the key.
func goldenOptimum(r *Reference, _ tensor.Dtype) ([]comparison, error) {
	p := r.Params
	d, err := get(p, "d", 0)
	if err != nil {
		return nil, err
	}
	var eps2, lambda, most, global float64
	err = numbers(p, map[string]*float64{"eps2": &eps2, "lambda_half_convention": &lambda, "lambda_max": &most,
		"F_global": &global})
	if err != nil {
		return nil, err
	}
	sizes, err := p.ints("Nk")
	if err != nil {
		return nil, err
	}
	gotMost, err := coding.MaxLambda(d, sizes, eps2)
	if err != nil {
		return nil, err
	}
	o, err := coding.RegularizedOptimum(d, sizes, eps2, lambda)
	if err != nil {
		return nil, err
	}
	cs := []comparison{
		{"lambda_max", []float64{gotMost}, []float64{most}},
		{"F_global", []float64{o.Max}, []float64{global}},
	}
	for name, got := range map[string][]float64{"sigma": o.Sigma, "contrib": o.Gain} {
		want, err := p.Floats(name)
		if err != nil {
			return nil, err
		}
		cs = append(cs, comparison{name, got, want})
	}
	atRanks, err := valuesAtRanks(p, o)
	return append(cs, atRanks...), err
}

// valuesAtRanks compares the largest objective for each set of ranks that p has.
func valuesAtRanks(p Params, o *coding.Optimum) (cs []comparison, err error) {
	for key := range p {
		ranks, ok := ranksOf(key)
		if !ok {
			continue
		}
		want, err := p.Float(key, 0)
		if err != nil {
			return nil, err
		}
		got, err := o.Value(ranks)
		if err != nil {
			return nil, errors.WithMessage(err, key)
		}
		cs = append(cs, comparison{key, []float64{got}, []float64{want}})
	}
	return cs, nil
}

// goldenLossy is a clustering by lossy compression with samples as columns: its
// labels, its bits, and every merge on the way.
func goldenLossy(r *Reference, _ tensor.Dtype) ([]comparison, error) {
	p := r.Params
	columns, err := p.matrix("W")
	if err != nil {
		return nil, err
	}
	var eps, bits float64
	if err := numbers(p, map[string]*float64{"eps": &eps, "total_bits": &bits}); err != nil {
		return nil, err
	}
	want, err := p.Floats("labels")
	if err != nil {
		return nil, err
	}
	history, err := get[[][]float64](p, "history", nil)
	if err != nil {
		return nil, err
	}
	found, err := coding.Clustering{Eps2: eps * eps}.Fit(context.Background(), transposed(columns))
	if err != nil {
		return nil, err
	}
	cs := []comparison{
		{"labels", floatsOf(found.Labels), inOrder(want)},
		{"total_bits", []float64{found.Bits}, []float64{bits}},
	}
	if history == nil {
		return cs, nil
	}
	var steps, wantSteps []float64
	for _, h := range found.History {
		steps = append(steps, float64(h.Groups), h.Bits)
	}
	for _, h := range history {
		wantSteps = append(wantSteps, h...)
	}
	return append(cs, comparison{"history", steps, wantSteps}), nil
}

// ranksOf returns the ranks that a key F_at_ranks_3_3 names.
func ranksOf(key string) (ranks []int, ok bool) {
	list, ok := strings.CutPrefix(key, "F_at_ranks_")
	if !ok {
		return nil, false
	}
	for _, s := range strings.Split(list, "_") {
		r, err := strconv.Atoi(s)
		if err != nil {
			return nil, false
		}
		ranks = append(ranks, r)
	}
	return ranks, true
}

// inOrder returns labels with the same groups, numbered in the order of their
// first sample, for the numbers of groups mean nothing.
func inOrder(labels []float64) []float64 {
	number := map[float64]float64{}
	out := make([]float64, len(labels))
	for i, y := range labels {
		if _, known := number[y]; !known {
			number[y] = float64(len(number))
		}
		out[i] = number[y]
	}
	return out
}

func floatsOf(v []int) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = float64(x)
	}
	return out
}
