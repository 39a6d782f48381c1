package simd

import "unsafe"

//go:generate go -C gen run . -family winograd -out ../winograd_amd64.s -stubs ../winograd_amd64.go -pkg simd

// Convolutions of 4×4 outputs with 3×3 filters, by 36 products instead of 144:
//
//	Y = Aᵀ [ (G g Gᵀ) ⊙ (Bᵀ d B) ] A        d 6×6, g 3×3, Y 4×4
//
// summed over channels inside the brackets. The matrices come from interpolation in
// 0, ±a, ±b and ∞. With a = 3/4 and b = 3/2, which binary numbers are exactly, the
// error is half of that for the usual 1 and 2: the powers of the points stay near 1.
//
//	Bᵀd: (d₄ − (a²+b²)d₂ + a²b²d₀,  (d₄ − b²d₂) ± a(d₃ − b²d₁),  (d₄ − a²d₂) ± b(d₃ − a²d₁),
//	      d₅ − (a²+b²)d₃ + a²b²d₁)
//	Gg:  (g₀/(a²b²),  cₐ(g₀ + a²g₂) ± cₐa·g₁,  c_b(g₀ + b²g₂) ± c_b·b·g₁,  g₂)
//	Aᵀm: (m₀ + s + t,  a·s' + b·t',  a²s + b²t,  a³s' + b³t' + m₅)
//
// with cₐ = 1/(2a²(a²−b²)), c_b = 1/(2b²(b²−a²)), s, s' = m₁ ± m₂, t, t' = m₃ ± m₄.
// The gradients are by the transposed matrices: A y for an output's, Gᵀu for a
// filter's.
//
// Reference: Lavin, Gray. Fast algorithms for convolutional neural networks. CVPR
// 2016, for the method; Barabasz, Anderson, Soodhalter, Gregg. Error analysis and
// improving the accuracy of Winograd convolution for deep neural networks. ACM TOMS
// 46(4), 2020, for the choice of points.
const (
	pa, pb = 0.75, 1.5
	ca     = 1 / (2 * pa * pa * (pa*pa - pb*pb))
	cb     = 1 / (2 * pb * pb * (pb*pb - pa*pa))
)

// WinogradScratch is the number of elements that a transform needs besides.
const WinogradScratch = 36 * 16

// Matrices are some n small matrices side by side: element (i, j) of the l-th is
// X[At + i·Row + j·Col + l].
type Matrices[T Float] struct {
	X            []T
	At, Row, Col int
}

// reach panics as an index out of range does if a corner of n matrices of that
// size is outside.
func (m *Matrices[T]) reach(size, n int) {
	for _, corner := range [4]int{0, (size - 1) * m.Row, (size - 1) * m.Col, (size - 1) * (m.Row + m.Col)} {
		_, _ = m.X[m.At+corner], m.X[m.At+corner+n-1]
	}
}

// WinogradInput computes Bᵀ d B, 6×6 to 6×6, for n matrices.
func WinogradInput[T Float](n int, dst, src Matrices[T], scratch []T) {
	winograd(0, 6, 6, inputLine[T], n, &dst, &src, scratch)
}

// WinogradOutput computes Aᵀ m A, 6×6 to 4×4.
func WinogradOutput[T Float](n int, dst, src Matrices[T], scratch []T) {
	winograd(1, 6, 4, outputLine[T], n, &dst, &src, scratch)
}

// WinogradFilter computes G g Gᵀ, 3×3 to 6×6.
func WinogradFilter[T Float](n int, dst, src Matrices[T], scratch []T) {
	winograd(2, 3, 6, filterLine[T], n, &dst, &src, scratch)
}

// WinogradOutputGrad computes A y Aᵀ, 4×4 to 6×6.
func WinogradOutputGrad[T Float](n int, dst, src Matrices[T], scratch []T) {
	winograd(3, 4, 6, outputGradLine[T], n, &dst, &src, scratch)
}

// WinogradFilterGrad computes Gᵀ u G, 6×6 to 3×3.
func WinogradFilterGrad[T Float](n int, dst, src Matrices[T], scratch []T) {
	winograd(4, 6, 3, filterGradLine[T], n, &dst, &src, scratch)
}

// winogradTwin is the assembly twin of one transform.
type winogradTwin[T Float] func(n int, dst *T, dRow, dCol int, src *T, sRow, sCol int, scratch *T)

// winograd runs the assembly on whole vectors, and line on columns and rows for the
// rest.
func winograd[T Float](which, from, to int, line func(x, y *[6]T), n int, dst, src *Matrices[T], scratch []T) {
	if n <= 0 {
		return
	}
	dst.reach(to, n)
	src.reach(from, n)
	_ = scratch[WinogradScratch-1]
	at := 0
	if f, lanes := winogradFast[T](which); f != nil && n >= lanes {
		at = n / lanes * lanes
		f(at, &dst.X[dst.At], dst.Row, dst.Col, &src.X[src.At], src.Row, src.Col, &scratch[0])
	}
	x, y := (*[6]T)(scratch), (*[6]T)(scratch[6:])
	half := (*[6][6]T)(unsafe.Pointer(&scratch[12]))
	for l := at; l < n; l++ {
		for j := range from {
			for i := range from {
				x[i] = src.X[src.At+i*src.Row+j*src.Col+l]
			}
			line(x, y)
			for i := range to {
				half[i][j] = y[i]
			}
		}
		for i := range to {
			line(&half[i], y)
			for j := range to {
				dst.X[dst.At+i*dst.Row+j*dst.Col+l] = y[j]
			}
		}
	}
}

func inputLine[T Float](d, y *[6]T) {
	y[0] = d[4] - (pa*pa+pb*pb)*d[2] + pa*pa*pb*pb*d[0]
	even, odd := d[4]-pb*pb*d[2], pa*(d[3]-pb*pb*d[1])
	y[1], y[2] = even+odd, even-odd
	even, odd = d[4]-pa*pa*d[2], pb*(d[3]-pa*pa*d[1])
	y[3], y[4] = even+odd, even-odd
	y[5] = d[5] - (pa*pa+pb*pb)*d[3] + pa*pa*pb*pb*d[1]
}

func outputLine[T Float](m, y *[6]T) {
	sa, da, sb, db := m[1]+m[2], m[1]-m[2], m[3]+m[4], m[3]-m[4]
	y[0] = m[0] + (sa + sb)
	y[1] = pa*da + pb*db
	y[2] = pa*pa*sa + pb*pb*sb
	y[3] = m[5] + pa*pa*pa*da + pb*pb*pb*db
}

func filterLine[T Float](g, y *[6]T) {
	const c0 = 1 / (pa * pa * pb * pb)
	y[0] = c0 * g[0]
	even, odd := ca*g[0]+pa*pa*ca*g[2], pa*ca*g[1]
	y[1], y[2] = even+odd, even-odd
	even, odd = cb*g[0]+pb*pb*cb*g[2], pb*cb*g[1]
	y[3], y[4] = even+odd, even-odd
	y[5] = g[2]
}

func outputGradLine[T Float](d, y *[6]T) {
	y[0] = d[0]
	even, odd := d[0]+pa*pa*d[2], pa*d[1]+pa*pa*pa*d[3]
	y[1], y[2] = even+odd, even-odd
	even, odd = d[0]+pb*pb*d[2], pb*d[1]+pb*pb*pb*d[3]
	y[3], y[4] = even+odd, even-odd
	y[5] = d[3]
}

func filterGradLine[T Float](u, y *[6]T) {
	const c0 = 1 / (pa * pa * pb * pb)
	sa, da, sb, db := u[1]+u[2], u[1]-u[2], u[3]+u[4], u[3]-u[4]
	y[0] = c0*u[0] + ca*sa + cb*sb
	y[1] = pa*ca*da + pb*cb*db
	y[2] = u[5] + pa*pa*ca*sa + pb*pb*cb*sb
}
