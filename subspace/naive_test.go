package subspace_test

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/subspace"
)

// naiveKMeans is k-means by differences, one after the other: k-means++ and Lloyd's iterations as they are written.
func naiveKMeans(x *mat.Dense, c subspace.KMeans) (best subspace.Centres) {
	n, d := x.Dims()
	rng := rand.New(rand.NewPCG(c.Seed, 0))
	best.Inertia = math.Inf(1)
	for range c.NInit {
		var centres *mat.Dense
		if c.Start != nil {
			centres = mat.DenseCopyOf(c.Start)
		} else {
			centres = naivePlusPlus(rng, x, c.Groups)
		}
		labels := naiveLloyd(x, centres, c)
		inertia := 0.0
		for i, g := range labels {
			inertia += naiveSquared(x.RawRowView(i), centres.RawRowView(g))
		}
		if inertia < best.Inertia {
			best = subspace.Centres{Labels: labels, Centres: centres, Inertia: inertia}
		}
	}
	at := map[int]int{} // groups in the order of their first sample
	ordered := mat.NewDense(c.Groups, d, nil)
	for i := range n {
		g := best.Labels[i]
		if _, known := at[g]; !known {
			at[g] = len(at)
		}
		ordered.SetRow(at[g], best.Centres.RawRowView(g))
		best.Labels[i] = at[g]
	}
	best.Centres = ordered
	return best
}

func naiveSquared(a, b []float64) (sum float64) {
	for i, v := range a {
		v -= b[i]
		sum += float64(v * v)
	}
	return sum
}

func naivePlusPlus(rng *rand.Rand, x *mat.Dense, k int) *mat.Dense {
	n, d := x.Dims()
	centres := mat.NewDense(k, d, nil)
	centres.SetRow(0, x.RawRowView(rng.IntN(n)))
	near := make([]float64, n)
	for i := range near {
		near[i] = math.Inf(1)
	}
	for j := 1; j < k; j++ {
		total := 0.0
		for i := range near {
			near[i] = min(near[i], naiveSquared(x.RawRowView(i), centres.RawRowView(j-1)))
			total += near[i]
		}
		at, left := n-1, total*rng.Float64()
		for i, v := range near {
			if left -= v; left < 0 {
				at = i
				break
			}
		}
		centres.SetRow(j, x.RawRowView(at))
	}
	return centres
}

func naiveLloyd(x, centres *mat.Dense, c subspace.KMeans) []int {
	n, d := x.Dims()
	k, _ := centres.Dims()
	labels, far := make([]int, n), make([]float64, n)
	for i := range labels {
		labels[i] = -1
	}
	for range c.MaxIter {
		moved := false
		counts := make([]int, k)
		for i := range n {
			at, best := 0, math.Inf(1)
			for j := range k {
				if s := naiveSquared(x.RawRowView(i), centres.RawRowView(j)); s < best {
					at, best = j, s
				}
			}
			moved = moved || at != labels[i]
			labels[i], far[i] = at, best
			counts[at]++
		}
		if !moved {
			break
		}
		for j := range counts {
			if counts[j] > 0 {
				continue
			}
			at := -1
			for i, v := range far {
				if counts[labels[i]] > 1 && (at < 0 || v > far[at]) {
					at = i
				}
			}
			counts[labels[at]]--
			labels[at], counts[j] = j, 1
		}
		before := mat.DenseCopyOf(centres)
		centres.Zero()
		for i, g := range labels {
			floats.AddScaled(centres.RawRowView(g), 1/float64(counts[g]), x.RawRowView(i))
		}
		if c.Tol > 0 {
			steps, variance := 0.0, 0.0
			for j := range k {
				steps += naiveSquared(before.RawRowView(j), centres.RawRowView(j))
			}
			for j := range d {
				column := mat.Col(nil, j, x)
				mean := floats.Sum(column) / float64(n)
				for _, v := range column {
					variance += (v - mean) * (v - mean) / float64(n*d)
				}
			}
			if steps <= c.Tol*variance {
				break
			}
		}
	}
	return labels
}
