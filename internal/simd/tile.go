package simd

import "unsafe"

//go:generate go -C gen run . -family gemm -out ../gemm_amd64.s -stubs ../gemm_amd64.go -pkg simd

// Tile is a micro-kernel of matrix products. Call computes
//
//	C[i,j] = α·Σ_l A[i,l]·B[l,j] + β·C[i,j],   i < mr, j < nr, l < kc,
//
// each sum in the order of l, and does not read C if β = 0. A[i,l] is at
// a + i·rsa + l·csa, B[l,j] at b + l·ldb + j, C[i,j] at c + i·ldc + j, counted in
// elements. 1 ≤ mr ≤ Rows, 1 ≤ nr ≤ Cols, kc ≥ 0. It reads Rows rows of A
// whatever mr is: the caller pads the last ones. Nothing is checked.
type Tile[T Float] struct {
	Rows, Cols int
	Call       func(kc int, a *T, rsa, csa int, b *T, ldb int, c *T, ldc, mr, nr int, alpha, beta T)
}

// NewTile returns the micro-kernel of the active level.
func NewTile[T Float]() Tile[T] {
	if t, ok := tileFor[T](Active()); ok {
		return t
	}
	return portable[T]()
}

// portable returns the portable twin. The function of a type that is not known
// before it is called would be allocated at every call.
func portable[T Float]() (t Tile[T]) {
	switch p := any(&t).(type) {
	case *Tile[float32]:
		*p = Tile[float32]{4, 4, tile[float32]}
	case *Tile[float64]:
		*p = Tile[float64]{4, 4, tile[float64]}
	}
	return t
}

// tile is the portable twin: a 4×4 tile whose accumulators are variables, so
// that the compiler keeps most of them in registers.
func tile[T Float](kc int, a *T, rsa, csa int, b *T, ldb int, c *T, ldc, mr, nr int, alpha, beta T) {
	if mr < 4 || nr < 4 {
		tileEdge(kc, a, rsa, csa, b, ldb, c, ldc, mr, nr, alpha, beta)
		return
	}
	var c00, c01, c02, c03, c10, c11, c12, c13, c20, c21, c22, c23, c30, c31, c32, c33 T
	for l := range kc {
		al := at(a, l*csa)
		bl := (*[4]T)(unsafe.Pointer(at(b, l*ldb)))
		a0, a1, a2, a3 := *al, *at(al, rsa), *at(al, 2*rsa), *at(al, 3*rsa)
		b0, b1, b2, b3 := bl[0], bl[1], bl[2], bl[3]
		c00, c01, c02, c03 = c00+a0*b0, c01+a0*b1, c02+a0*b2, c03+a0*b3
		c10, c11, c12, c13 = c10+a1*b0, c11+a1*b1, c12+a1*b2, c13+a1*b3
		c20, c21, c22, c23 = c20+a2*b0, c21+a2*b1, c22+a2*b2, c23+a2*b3
		c30, c31, c32, c33 = c30+a3*b0, c31+a3*b1, c32+a3*b2, c33+a3*b3
	}
	rows := [4][4]T{{c00, c01, c02, c03}, {c10, c11, c12, c13}, {c20, c21, c22, c23}, {c30, c31, c32, c33}}
	for i := range rows {
		dst := (*[4]T)(unsafe.Pointer(at(c, i*ldc)))
		for j, s := range rows[i] {
			s *= alpha
			if beta != 0 {
				s += beta * dst[j]
			}
			dst[j] = s
		}
	}
}

func tileEdge[T Float](kc int, a *T, rsa, csa int, b *T, ldb int, c *T, ldc, mr, nr int, alpha, beta T) {
	for i := range mr {
		for j := range nr {
			var s T
			for l := range kc {
				s += *at(a, i*rsa+l*csa) * *at(b, l*ldb+j)
			}
			s *= alpha
			dst := at(c, i*ldc+j)
			if beta != 0 {
				s += beta * *dst
			}
			*dst = s
		}
	}
}

// at returns p + i elements.
func at[T Float](p *T, i int) *T {
	return (*T)(unsafe.Add(unsafe.Pointer(p), uintptr(i)*unsafe.Sizeof(*p)))
}
