package distance

import "math"

// Centres are rows that Points are compared with, in any order of filling: Set each before it is used.
type Centres struct {
	of     *Points
	rows   []float64 // as given, k×d
	packed []float32 // −2ĉ, number l of row i of panel r at (r·d+l)·tile.Rows+i
	square []float32 // ‖ĉ‖²
	norm   []float64 // ‖ĉ‖, Inf for what float32 does not hold
}

// NewCentres returns room for k rows.
func (p *Points) NewCentres(k int) *Centres {
	h := p.tile.Rows
	return &Centres{of: p, rows: make([]float64, k*p.d), packed: make([]float32, (k+h-1)/h*h*p.d),
		square: make([]float32, k), norm: make([]float64, k)}
}

// Row returns row j.
func (c *Centres) Row(j int) []float64 { return c.rows[j*c.of.d : (j+1)*c.of.d] }

// Set makes row, of d finite numbers, row j. Several may be set at once.
func (c *Centres) Set(j int, row []float64) {
	d, h := c.of.d, c.of.tile.Rows
	copy(c.Row(j), row)
	at := c.packed[j/h*h*d+j%h:]
	sum := 0.0
	for l, v := range row {
		v = (v - c.of.shift[l]) * c.of.scale
		at[l*h] = float32(-2 * v)
		sum += v * v
	}
	c.square[j], c.norm[j] = float32(sum), math.Sqrt(sum)
	if !(c.norm[j] < 0x1p50) {
		c.norm[j] = math.Inf(1)
	}
}

// longest returns the largest norm of rows lo, …, hi−1.
func (c *Centres) longest(lo, hi int) (most float64) {
	for _, v := range c.norm[lo:hi] {
		most = max(most, v)
	}
	return most
}
