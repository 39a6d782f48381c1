package distance

import (
	"math"
	"slices"

	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// Points are n rows of d numbers that others are compared with. They are only read, but by Fill.
type Points struct {
	x        []float64
	n, d, ld int
	shift    []float64 // μ
	scale    float64   // s
	tile     simd.Tile[float32]
	panels   []float32   // number l of row i of panel q at (q·d+l)·tile.Cols+i
	norms    []float64   // ‖x̂‖
	squares  []float32   // ‖x̂‖², of as many rows as panels hold
	most     []float64   // the largest of |x̂| of each panel
	rows     [][]float32 // of each worker
	bound    bound
}

// depth is the length b of a sum in the error bound: sums of more products are split.
const depth = 128

// NewPoints prepares the rows of x, row i from x[i·ld] on, which must be finite and of a magnitude that float64 holds
// the square of. It copies them in float32; x must not change later.
func NewPoints(pool *par.Pool, x []float64, n, d, ld int) *Points {
	p := &Points{x: x, n: n, d: d, ld: ld, tile: simd.NewTile[float32](), bound: boundOf(d)}
	p.centre()
	p.Fill(pool, x, n, ld)
	return p
}

// Fill puts other rows in the place of those that are there, with their μ and s if these do: Centres have to be Set
// again. It allocates where there are more rows than ever.
func (p *Points) Fill(pool *par.Pool, x []float64, n, ld int) {
	p.x, p.n, p.ld = x, n, ld
	panels := p.Panels()
	if size := panels * p.tile.Cols; cap(p.norms) < size {
		p.panels, p.norms, p.most = make([]float32, size*p.d), make([]float64, size), make([]float64, panels)
		p.squares = make([]float32, size)
	}
	p.norms, p.most = p.norms[:n], p.most[:panels]
	for len(p.rows) < pool.Workers() {
		p.rows = append(p.rows, make([]float32, p.tile.Cols*p.d))
	}
	for {
		pool.Run((*packing)(p), panels, 1)
		most := slices.Max(p.most)
		if most <= largest {
			return
		}
		p.scale = powerBelow(p.scale / most) // a row is far from those that s was chosen by
		if math.IsInf(most, 1) {
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

// rowsOf returns the rows of panel q: lo, …, hi−1.
func (p *Points) rowsOf(q int) (lo, hi int) { return q * p.tile.Cols, min((q+1)*p.tile.Cols, p.n) }

// packing is the task of filling the panels.
type packing Points

// Range fills some panels.
func (p *packing) Range(worker, lo, hi int) {
	width, d, rows := p.tile.Cols, p.d, p.rows[worker]
	for q := lo; q < hi; q++ {
		first, end := (*Points)(p).rowsOf(q)
		most := 0.0
		for i := first; i < end; i++ {
			sum := 0.0
			row := rows[(i-first)*d : (i-first+1)*d]
			shift := p.shift[:len(row)]
			for j, v := range p.x[i*p.ld : i*p.ld+p.d][:len(row)] {
				v = (v - shift[j]) * p.scale
				row[j] = float32(v)
				sum += v * v
				most = max(most, math.Abs(v))
			}
			p.norms[i], p.squares[i] = math.Sqrt(sum), float32(sum)
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
