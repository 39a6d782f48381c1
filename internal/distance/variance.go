package distance

import "github.com/whitebox-nn/whitebox/internal/par"

// Variance returns the mean over the d numbers of their variance over the rows of x, as NewPoints takes them.
func Variance(pool *par.Pool, x []float64, rows, d, ld int) float64 {
	p := &Points{x: x, n: rows, d: d, ld: ld}
	p.centre()
	work := &columns{Points: p, sums: make([]float64, sumChunks*d), squares: make([]float64, sumChunks)}
	pool.Run(work, sumChunks, 1)
	total, n := 0.0, float64(rows)
	for _, v := range work.squares {
		total += v / n
	}
	for j := range d {
		mean := 0.0
		for c := range sumChunks {
			mean += work.sums[c*d+j] / n
		}
		total -= mean * mean
	}
	return max(0, total) / float64(d)
}

// sumChunks are what the rows are split into for sums.
const sumChunks = 32

// columns is the task of adding up the rows, less μ.
type columns struct {
	*Points
	sums, squares []float64 // of each chunk
}

// Range adds up some chunks.
func (c *columns) Range(_, lo, hi int) {
	for at := lo; at < hi; at++ {
		sums := c.sums[at*c.d : (at+1)*c.d]
		for i := at * c.n / sumChunks; i < (at+1)*c.n/sumChunks; i++ {
			for j, v := range c.Row(i) {
				v -= c.shift[j]
				sums[j] += v
				c.squares[at] += v * v
			}
		}
	}
}
