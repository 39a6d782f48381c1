package fourier

import "github.com/whitebox-nn/whitebox/internal/simd"

// A stage is one splitting, of m·s butterflies.
type stage[T simd.Float] struct {
	r, s, m  int
	twiddles []T // cos and sin of 2πpk/(rm), p < m, 1 ≤ k < r
	roots    []T // cos and sin of 2πk/r, k < r, of an odd radix
}

func newStage[T simd.Float](r, s, m int) stage[T] {
	x := stage[T]{r: r, s: s, m: m}
	for p := range m {
		for k := 1; k < r; k++ {
			cos, sin := root(p*k, r*m)
			x.twiddles = append(x.twiddles, T(cos), T(sin))
		}
	}
	for k := 0; r%2 == 1 && k < r; k++ {
		cos, sin := root(k, r)
		x.roots = append(x.roots, T(cos), T(sin))
	}
	return x
}

// mostRun is how many numbers of a row butterflies take at a time: their intermediate
// results stay in the first-level cache.
const mostRun = 512

// work returns the numbers of intermediate results.
func (x *stage[T]) work() int { return (2*x.r + 8) * mostRun }

// run takes the stage from src to dst, of which the rows of a butterfly are s·lanes
// numbers one after the other; where s is 1 those of src may be any distance apart.
func (x *stage[T]) run(dst, src Planes[T], lanes int, temps []T) {
	b := butterfly[T]{n: min(mostRun, x.s*lanes), temps: temps, roots: x.roots}
	for p := range x.m {
		b.twiddles = nil
		if p > 0 {
			b.twiddles = x.twiddles[2*(x.r-1)*p : 2*(x.r-1)*(p+1)]
		}
		for at := 0; at < x.s*lanes; at += b.n {
			n := min(b.n, x.s*lanes-at)
			from, to := x.s*p, x.s*x.r*p
			in := rows[T]{src.Re[from*src.LdRe+at:], src.Im[from*src.LdIm+at:], x.s * x.m * src.LdRe,
				x.s * x.m * src.LdIm, n}
			out := rows[T]{dst.Re[to*dst.LdRe+at:], dst.Im[to*dst.LdIm+at:], x.s * dst.LdRe, x.s * dst.LdIm, n}
			switch x.r {
			case 2:
				b.two(out, in)
			case 4:
				b.four(out, in)
			default:
				b.odd(x.r, out, in)
			}
		}
	}
}

// rows are the numbers of a butterfly: the k-th are n from k·stepRe and k·stepIm on.
type rows[T simd.Float] struct {
	re, im         []T
	stepRe, stepIm int
	n              int
}

func (x rows[T]) at(k int) (re, im []T) {
	return x.re[k*x.stepRe : k*x.stepRe+x.n], x.im[k*x.stepIm : k*x.stepIm+x.n]
}

// A butterfly is a transform of r rows, each then turned by its twiddle.
type butterfly[T simd.Float] struct {
	n        int // between intermediate results
	temps    []T
	twiddles []T // cos and sin of the angle of each row but the first; nil is no turn
	roots    []T
}

// temp returns the k-th intermediate result.
func (b *butterfly[T]) temp(k, n int) []T { return b.temps[k*b.n : k*b.n+n] }

// turn stores (xr + i xi)·exp(−iθₖ) in the k-th row of out.
func (b *butterfly[T]) turn(out rows[T], k int, xr, xi []T) {
	re, im := out.at(k)
	cos, sin := b.twiddles[2*k-2], b.twiddles[2*k-1]
	simd.Combine(re, cos, xr, sin, xi, 0)
	simd.Combine(im, cos, xi, -sin, xr, 0)
}

// put stores (ar ± cr) + i(ai ∓ ci), turned, in the k-th row: plus is the upper signs.
func (b *butterfly[T]) put(out rows[T], k int, plus bool, ar, cr, ai, ci []T) {
	re, im := out.at(k)
	if b.twiddles != nil {
		re, im = b.temp(0, out.n), b.temp(1, out.n)
	}
	if plus {
		simd.Add(re, ar, cr)
		simd.Sub(im, ai, ci)
	} else {
		simd.Sub(re, ar, cr)
		simd.Add(im, ai, ci)
	}
	if b.twiddles != nil {
		b.turn(out, k, re, im)
	}
}

func (b *butterfly[T]) two(out, in rows[T]) {
	xr, xi := in.at(0)
	yr, yi := in.at(1)
	re, im := out.at(0)
	simd.Add(re, xr, yr)
	simd.Add(im, xi, yi)
	b.difference(out, 1, xr, xi, yr, yi)
}

// difference stores x − y, turned, in the k-th row.
func (b *butterfly[T]) difference(out rows[T], k int, xr, xi, yr, yi []T) {
	re, im := out.at(k)
	if b.twiddles != nil {
		re, im = b.temp(0, out.n), b.temp(1, out.n)
	}
	simd.Sub(re, xr, yr)
	simd.Sub(im, xi, yi)
	if b.twiddles != nil {
		b.turn(out, k, re, im)
	}
}

func (b *butterfly[T]) four(out, in rows[T]) {
	var sum, diff [2][2][]T // of rows k and k+2, real and imaginary
	for k := range 2 {
		xr, xi := in.at(k)
		yr, yi := in.at(k + 2)
		for part, pair := range [2][2][]T{{xr, yr}, {xi, yi}} {
			sum[k][part], diff[k][part] = b.temp(2+4*k+2*part, in.n), b.temp(3+4*k+2*part, in.n)
			simd.Add(sum[k][part], pair[0], pair[1])
			simd.Sub(diff[k][part], pair[0], pair[1])
		}
	}
	re, im := out.at(0)
	simd.Add(re, sum[0][0], sum[1][0])
	simd.Add(im, sum[0][1], sum[1][1])
	b.difference(out, 2, sum[0][0], sum[0][1], sum[1][0], sum[1][1])
	b.put(out, 1, true, diff[0][0], diff[1][1], diff[0][1], diff[1][0]) // d₀ − i d₁
	b.put(out, 3, false, diff[0][0], diff[1][1], diff[0][1], diff[1][0])
}

// odd takes rows k and r−k together: their sum goes with a cosine, their difference
// with a sine.
func (b *butterfly[T]) odd(r int, out, in rows[T]) {
	b.pair(r, out, in)
	x0r, x0i := in.at(0)
	ar, ai, br, bi := b.temp(2, in.n), b.temp(3, in.n), b.temp(4, in.n), b.temp(5, in.n)
	for q := 1; q <= r/2; q++ {
		for k := 1; k <= r/2; k++ {
			cos, sin := b.roots[2*(k*q%r)], b.roots[2*(k*q%r)+1]
			sr, si, dr, di := b.paired(k, in.n)
			if k == 1 {
				simd.Combine(ar, 1, x0r, cos, sr, 0)
				simd.Combine(ai, 1, x0i, cos, si, 0)
				simd.Affine(br, sin, dr, 0)
				simd.Affine(bi, sin, di, 0)
				continue
			}
			simd.Axpy(ar, cos, sr)
			simd.Axpy(ai, cos, si)
			simd.Axpy(br, sin, dr)
			simd.Axpy(bi, sin, di)
		}
		b.put(out, q, true, ar, bi, ai, br) // a − ib
		b.put(out, r-q, false, ar, bi, ai, br)
	}
}

// paired returns where the sum and the difference of rows k and r−k are.
func (b *butterfly[T]) paired(k, n int) (sr, si, dr, di []T) {
	at := 6 + 4*(k-1)
	return b.temp(at, n), b.temp(at+1, n), b.temp(at+2, n), b.temp(at+3, n)
}

// pair computes these, and the first row of out, which is the sum of all.
func (b *butterfly[T]) pair(r int, out, in rows[T]) {
	totalR, totalI := in.at(0)
	re, im := out.at(0)
	for k := 1; k <= r/2; k++ {
		xr, xi := in.at(k)
		yr, yi := in.at(r - k)
		sr, si, dr, di := b.paired(k, in.n)
		simd.Add(sr, xr, yr)
		simd.Add(si, xi, yi)
		simd.Sub(dr, xr, yr)
		simd.Sub(di, xi, yi)
		simd.Add(re, totalR, sr)
		simd.Add(im, totalI, si)
		totalR, totalI = re, im
	}
}
