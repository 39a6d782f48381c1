package lin

import (
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// CholSolve overwrites B by X, where
//
//	L Lᵀ X = B.
//
// Shapes: l n×n, of which the lower triangle is read; b n×nrhs. b must not
// overlap l. It computes in float64 whatever T is. Cost: 2n²·nrhs flops, nearly
// all in the micro-kernel of products.
func CholSolve[T simd.Float](p *par.Pool, n, nrhs int, l []float64, ldl int, b []T, ldb int) {
	solve(p, &system[T]{kind: kind{forward: true, backward: true}, n: n, cols: nrhs, l: l, ldl: ldl, b: b, ldb: ldb})
}

// CholInverse stores in inv the inverse
//
//	(L Lᵀ)⁻¹,
//
// which is symmetric, both triangles filled.
//
// Shapes: l n×n, of which the lower triangle is read; inv n×n. inv must not
// overlap l. It computes in float64 whatever T is. Cost: 2n³/3 flops: column j of
// the inverse is solved for from row j on, where the right-hand side begins and
// symmetry gives the rest.
func CholInverse[T simd.Float](p *par.Pool, n int, l []float64, ldl int, inv []T, ldinv int) {
	solve(p, &system[T]{kind: kind{inverse: true}, n: n, cols: n, l: l, ldl: ldl, b: inv, ldb: ldinv})
}

// Trsm overwrites B by the solution X of a triangular system,
//
//	op(L) X = B, B n×m,     or, on the right,     X op(L) = B, B m×n,
//
// with op(L) = Lᵀ where trans is set and L where not.
//
// Shapes: l n×n, of which the lower triangle is read. b must not overlap l. A
// zero on the diagonal gives infinities. It computes in float64 whatever T is.
// Cost: n²·m flops, nearly all in the micro-kernel of products.
func Trsm[T simd.Float](p *par.Pool, right, trans bool, n, m int, l []float64, ldl int, b []T, ldb int) {
	forward := right == trans // X Lᵀ = B is L Xᵀ = Bᵀ
	solve(p, &system[T]{kind: kind{right: right, forward: forward, backward: !forward}, n: n, cols: m, l: l, ldl: ldl,
		b: b, ldb: ldb})
}
