package coding

import "math"

// packed returns the size of the lower triangle of a symmetric matrix of order s. It is packed row
// by row: row i begins at packed(i).
func packed(s int) int { return s * (s + 1) / 2 }

// logdetPacked returns logdet(I + a·G) of a symmetric matrix G of order s, packed, which it overwrites; NaN if it
// overflows float64. inv is scratch of s numbers.
//
// It is the factorisation L·diag(p)·Lᵀ by columns, which needs no roots. The pivots p, which are
// at least 1 but for rounding, are multiplied as long as their product has room: a logarithm costs
// as much as a column of a small matrix.
//
// Cost: s³/3 flops.
func logdetPacked(g []float64, s int, a float64, inv []float64) float64 {
	const room = 1e150
	ld, product := 0.0, 1.0
	for j := range s {
		at := packed(j)
		pivot := 1 + a*g[at+j]
		row := g[at : at+j]
		by := inv[:len(row)]
		for k, v := range row {
			row[k] = v * by[k]
			pivot -= v * row[k]
		}
		if !(pivot > 0 && pivot < room) {
			return math.NaN()
		}
		inv[j] = 1 / pivot
		if product *= pivot; product > room {
			ld, product = ld+math.Log(product), 1
		}
		eliminate(g, row, s, a)
	}
	return ld + math.Log(product)
}

// eliminate computes the column after those of row, which is that of L, in the rows below it: of
// L·diag(p). Four sums at a time do not wait for each other.
func eliminate(g, row []float64, s int, a float64) {
	j := len(row)
	i, at := j+1, packed(j+1)
	for ; i+4 <= s; i += 4 {
		r0 := g[at : at+j+1]
		r1 := g[at+i+1 : at+i+1+j+1]
		r2 := g[at+2*i+3 : at+2*i+3+j+1]
		r3 := g[at+3*i+6 : at+3*i+6+j+1]
		v0, v1, v2, v3 := a*r0[j], a*r1[j], a*r2[j], a*r3[j]
		for k, l := range row {
			v0 -= r0[k] * l
			v1 -= r1[k] * l
			v2 -= r2[k] * l
			v3 -= r3[k] * l
		}
		r0[j], r1[j], r2[j], r3[j] = v0, v1, v2, v3
		at += 4*i + 10
	}
	for ; i < s; i++ {
		r := g[at : at+j+1]
		v := a * r[j]
		for k, l := range row {
			v -= r[k] * l
		}
		r[j] = v
		at += i + 1
	}
}
