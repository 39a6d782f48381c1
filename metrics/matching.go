package metrics

import (
	"math"
	"slices"

	"github.com/pkg/errors"
)

// MatchClusters returns the clusters of samples under the names of the classes that the matching of ClusterAccuracy
// gives them: two partitions of a set can then be compared label by label. Clusters without a class are numbered from
// one above the greatest label on, in the order of their first sample. Cost and errors: as ClusterAccuracy.
func MatchClusters(clusters, labels []int) ([]int, error) {
	table, err := contingency(clusters, labels)
	if err != nil {
		return nil, errors.WithMessage(err, "match clusters")
	}
	y, _ := numbered(labels)
	name := make([]int, len(table.cols))
	for i, j := range y {
		name[j] = labels[i]
	}
	next := slices.Max(labels) + 1
	names := make([]int, len(table.rows))
	for i, j := range assign(table.counts) {
		if j >= 0 && table.counts[i][j] > 0 {
			names[i] = name[j]
			continue
		}
		names[i] = next
		next++
	}
	g, _ := numbered(clusters)
	for i, j := range g {
		g[i] = names[j]
	}
	return g, nil
}

// assign returns for each row of gains the column that it is matched with, −1 for
// none, such that the sum of the gains is greatest.
//
// It is the Hungarian algorithm in the form with potentials u, v: rows enter one
// at a time, each by the shortest augmenting path in reduced costs.
//
// Reference: Kuhn. The Hungarian method for the assignment problem. Naval
// Research Logistics Quarterly 2, 1955.
func assign(gains [][]float64) []int {
	rows, cols := len(gains), len(gains[0])
	k := max(rows, cols)
	cost := func(i, j int) float64 {
		if i < rows && j < cols {
			return -gains[i][j]
		}
		return 0
	}
	u, v := make([]float64, k), make([]float64, k+1)
	owner := make([]int, k+1) // row of each column; column k is where a new row waits
	for j := range owner {
		owner[j] = -1
	}
	for i := range k {
		owner[k] = i
		augment(k, cost, u, v, owner)
	}
	match := make([]int, rows)
	for i := range match {
		match[i] = -1
	}
	for j := range cols {
		if i := owner[j]; i < rows {
			match[i] = j
		}
	}
	return match
}

// augment finds the shortest path from the row that waits to a free column, and
// moves the rows along it.
func augment(k int, cost func(i, j int) float64, u, v []float64, owner []int) {
	least, from, seen := make([]float64, k), make([]int, k), make([]bool, k+1)
	for j := range least {
		least[j] = math.Inf(1)
	}
	at := k
	for owner[at] >= 0 {
		seen[at] = true
		i, delta, next := owner[at], math.Inf(1), -1
		for j := range k {
			if seen[j] {
				continue
			}
			if c := cost(i, j) - u[i] - v[j]; c < least[j] {
				least[j], from[j] = c, at
			}
			if least[j] < delta {
				delta, next = least[j], j
			}
		}
		for j := range k + 1 {
			if seen[j] {
				u[owner[j]] += delta
				v[j] -= delta
			} else if j < k {
				least[j] -= delta
			}
		}
		at = next
	}
	for at != k {
		owner[at] = owner[from[at]]
		at = from[at]
	}
	owner[k] = -1
}
