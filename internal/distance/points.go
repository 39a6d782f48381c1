package distance

import (
	"math"

	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// Points are n rows of d numbers that others are compared with. They are only read after NewPoints.
type Points struct {
	x        []float64
	n, d, ld int
	shift    []float64 // μ
	scale    float64   // s
	tile     simd.Tile[float32]
	panels   []float32 // number l of row i of panel q at (q·d+l)·tile.Cols+i
	norms    []float64 // ‖x̂‖
	most     float64   // the largest of |x̂|
	bound    bound
}

// depth is the length b of a sum in the error bound: sums of more products are split.
const depth = 128

// NewPoints prepares the rows of x, row i from x[i·ld] on, which must be finite and of a magnitude that float64 holds
// the square of. It copies them in float32, x must not change later.
func NewPoints(pool *par.Pool, x []float64, n, d, ld int) *Points {
	p := &Points{x: x, n: n, d: d, ld: ld, tile: simd.NewTile[float32](), bound: boundOf(d)}
	p.panels = make([]float32, p.Panels()*p.tile.Cols*d)
	p.norms = make([]float64, n)
	p.centre()
	for {
		work := &packing{Points: p, most: make([]float64, p.Panels()), rows: make([][]float32, pool.Workers())}
		pool.Run(work, p.Panels(), 1)
		p.most = 0
		for _, v := range work.most {
			p.most = max(p.most, v)
		}
		if p.most <= largest {
			return p
		}
		p.scale = powerBelow(p.scale / p.most) // a row is far from those that s was chosen by
		if math.IsInf(p.most, 1) {
			p.scale = 1
		}
	}
}

// largest is the most that a scaled number may be: its products are far from overflow.
const largest = 0x1p20

// centre chooses μ and s by some rows: the mean, and a scale by which these are within ±1.
func (p *Points) centre() {
	const some = 256
	p.shift, p.scale = make([]float64, p.d), 1
	step := max(1, p.n/some)
	count := (p.n + step - 1) / step
	for i := 0; i < p.n; i += step {
		for j, v := range p.Row(i) {
			p.shift[j] += v / float64(count)
		}
	}
	most := 0.0
	for i := 0; i < p.n; i += step {
		for j, v := range p.Row(i) {
			most = max(most, math.Abs(v-p.shift[j]))
		}
	}
	if most > 0 {
		p.scale = powerBelow(1 / max(most, 0x1p-1000))
	}
}

// powerBelow returns the largest power of two that is not above v, within the range of squares.
func powerBelow(v float64) float64 {
	_, e := math.Frexp(v)
	return math.Ldexp(1, min(max(e-1, -1000), 1000))
}

// Len returns n.
func (p *Points) Len() int { return p.n }

// Row returns row i, as it was given.
func (p *Points) Row(i int) []float64 { return p.x[i*p.ld : i*p.ld+p.d] }

// AddRows computes sums += a·x for some rows, one after the other.
func (p *Points) AddRows(sums []float64, a float64, rows []int32) {
	const cache = 1 << 13 // numbers: a part of the first-level cache stays free for the sums
	some := max(4, cache/p.d)
	for ; len(rows) > some; rows = rows[some:] {
		simd.AddRows(sums, a, p.x, p.ld, rows[:some])
	}
	simd.AddRows(sums, a, p.x, p.ld, rows)
}

// Panels returns the number of panels, Width rows each but for the last.
func (p *Points) Panels() int { return (p.n + p.tile.Cols - 1) / p.tile.Cols }

// Width returns the number of rows of a panel.
func (p *Points) Width() int { return p.tile.Cols }

// rows returns the rows of panel q: lo, …, hi−1.
func (p *Points) rows(q int) (lo, hi int) { return q * p.tile.Cols, min((q+1)*p.tile.Cols, p.n) }

// packing is the task of filling the panels.
type packing struct {
	*Points
	most []float64   // of each panel
	rows [][]float32 // of each worker
}

// Range fills some panels.
func (p *packing) Range(worker, lo, hi int) {
	width, d := p.tile.Cols, p.d
	if p.rows[worker] == nil {
		p.rows[worker] = make([]float32, width*d)
	}
	rows := p.rows[worker]
	for q := lo; q < hi; q++ {
		first, end := p.Points.rows(q)
		most := 0.0
		for i := first; i < end; i++ {
			sum := 0.0
			row := rows[(i-first)*d : (i-first+1)*d]
			shift := p.shift[:len(row)]
			for j, v := range p.Row(i)[:len(row)] {
				v = (v - shift[j]) * p.scale
				row[j] = float32(v)
				sum += v * v
				most = max(most, math.Abs(v))
			}
			p.norms[i] = math.Sqrt(sum)
		}
		simd.Transpose(p.panels[q*width*d:], width, rows, d, end-first, d)
		p.most[q] = most
	}
}

// bound holds the coefficients of the error bound for rows of d numbers.
type bound struct{ cross, square, exact, underflow float64 }

func boundOf(d int) bound {
	const u, more = 0x1p-24, 1.001 // for terms of higher order
	blocks := (d + depth - 1) / depth
	gamma := float64(min(d, depth)+2*blocks+2) * u
	return bound{
		cross: more * 2 * (2*gamma + 7*u), square: more * 2 * 3 * u, exact: more * 4 * float64(d+8) * 0x1p-53,
		underflow: float64(d+1) * 0x1p-79,
	}
}

// margin returns what two scores for a row of norm x must differ by for rows of norms up to c.
func (b *bound) margin(x, c float64) float64 {
	return b.cross*x*c + b.square*c*c + b.exact*(x+c)*(x+c) + b.underflow
}

// Dim returns d.
func (p *Points) Dim() int { return p.d }

// Variance returns the mean over the d numbers of their variance over the rows.
func (p *Points) Variance(pool *par.Pool) float64 {
	work := &columns{Points: p, sums: make([]float64, sumChunks*p.d), squares: make([]float64, sumChunks)}
	pool.Run(work, sumChunks, 1)
	total, n := 0.0, float64(p.n)
	for _, v := range work.squares {
		total += v / n
	}
	for j := range p.d {
		mean := 0.0
		for c := range sumChunks {
			mean += work.sums[c*p.d+j] / n
		}
		total -= mean * mean
	}
	return max(0, total) / float64(p.d)
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
