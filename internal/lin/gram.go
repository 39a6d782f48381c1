package lin

import (
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// Gram computes, in float64 whatever T is,
//
//	G = α ZᵀZ  (d×d, rows false)     or     G = α ZZᵀ  (n×n, rows true)
//
// and fills both triangles. Products of float32 are exact in float64, so the
// error is that of the float64 sums alone, and G + I can be factored where a
// float32 Gram matrix is not even semidefinite.
//
// Shapes: z n×d. Cost: n·d² (rows: n²·d) flops.
func Gram[T simd.Float](p *par.Pool, rows bool, n, d int, alpha float64, z []T, ldz int, g []float64, ldg int) {
	size, depth, si, sl := d, n, 1, ldz
	if rows {
		size, depth, si, sl = n, d, ldz, 1
	}
	p.Loop(size, 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			for j := 0; j <= i; j++ {
				var s float64
				for l := range depth {
					s += float64(z[i*si+l*sl]) * float64(z[j*si+l*sl])
				}
				g[i*ldg+j] = alpha * s
				g[j*ldg+i] = alpha * s
			}
		}
	}).Do()
}
