package metrics

import (
	"math"

	"github.com/pkg/errors"
)

// ClusterAccuracy returns the fraction of samples that are right under the best
// matching of clusters to classes:
//
//	max_m (1/n) Σ_i [m(g_i) = y_i]
//
// over all m that give each class at most one cluster. Clusters that are left over are wrong. Labels are any
// integers; the numbering does not matter.
//
// Cost: k³ for k clusters or classes, by the Hungarian algorithm. Errors: ErrInput
// for no samples, or lengths that differ.
func ClusterAccuracy(clusters, labels []int) (float64, error) {
	table, err := contingency(clusters, labels)
	if err != nil {
		return 0, errors.WithMessage(err, "cluster accuracy")
	}
	right := 0.0
	for i, j := range assign(table.counts) {
		if j >= 0 {
			right += table.counts[i][j]
		}
	}
	return right / table.n, nil
}

// NMI returns the normalised mutual information of two partitions of n samples,
//
//	I(G; Y) / ½(H(G) + H(Y))
//
// which is 1 for equal partitions and 0 for independent ones. Two partitions of
// one group each are equal: 1. Labels are any integers. Errors: as
// ClusterAccuracy.
//
// The mean of the entropies is arithmetic, as in scikit-learn since 0.22.
func NMI(clusters, labels []int) (float64, error) {
	table, err := contingency(clusters, labels)
	if err != nil {
		return 0, errors.WithMessage(err, "NMI")
	}
	if len(table.rows) == 1 && len(table.cols) == 1 {
		return 1, nil
	}
	mutual := 0.0
	for i, row := range table.counts {
		for j, c := range row {
			if c > 0 {
				mutual += c / table.n * math.Log(c*table.n/(table.rows[i]*table.cols[j]))
			}
		}
	}
	return max(0, mutual) / ((entropy(table.rows, table.n) + entropy(table.cols, table.n)) / 2), nil
}

// ARI returns the adjusted Rand index of two partitions of n samples: the share of
// pairs of samples that both join or both part, adjusted so that it is 0 in
// expectation for random partitions with groups of the same sizes, and 1 for equal
// ones. It can be below 0. Labels are any integers. Errors: as ClusterAccuracy.
//
// Reference: Hubert, Arabie. Comparing partitions. Journal of Classification 2,
// 1985.
func ARI(clusters, labels []int) (float64, error) {
	table, err := contingency(clusters, labels)
	if err != nil {
		return 0, errors.WithMessage(err, "ARI")
	}
	joint := 0.0
	for _, row := range table.counts {
		joint += pairs(row)
	}
	a, b := pairs(table.rows), pairs(table.cols)
	all := pairs([]float64{table.n})
	most := (a + b) / 2
	if all == 0 || most*all == a*b { // both have one group, or both have a group for each sample
		return 1, nil
	}
	return (joint - a*b/all) / (most - a*b/all), nil
}

// A table counts the samples of each cluster in each class.
type table struct {
	n          float64
	counts     [][]float64 // clusters × classes
	rows, cols []float64   // sums
}

func contingency(clusters, labels []int) (table, error) {
	if len(clusters) == 0 || len(clusters) != len(labels) {
		return table{}, errors.Wrapf(ErrInput, "%d cluster labels for %d class labels, want as many and at least 1",
			len(clusters), len(labels))
	}
	g, p := numbered(clusters)
	y, q := numbered(labels)
	t := table{n: float64(len(labels)), counts: make([][]float64, p), rows: make([]float64, p),
		cols: make([]float64, q)}
	for i := range t.counts {
		t.counts[i] = make([]float64, q)
	}
	for i := range g {
		t.counts[g[i]][y[i]]++
		t.rows[g[i]]++
		t.cols[y[i]]++
	}
	return t, nil
}

// numbered returns labels as 0, …, k−1 in the order of their first sample.
func numbered(labels []int) (out []int, k int) {
	at := map[int]int{}
	out = make([]int, len(labels))
	for i, y := range labels {
		j, known := at[y]
		if !known {
			j = len(at)
			at[y] = j
		}
		out[i] = j
	}
	return out, len(at)
}

func entropy(counts []float64, n float64) (h float64) {
	for _, c := range counts {
		h -= c / n * math.Log(c/n)
	}
	return h
}

// pairs returns Σ c(c−1)/2.
func pairs(counts []float64) (sum float64) {
	for _, c := range counts {
		sum += c * (c - 1) / 2
	}
	return sum
}
