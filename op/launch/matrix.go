package launch

// A Gemm is C = α op(A) op(B) + β C on row-major matrices, op(A) m×k and op(B)
// k×n, in float64 if Double and else in float32. With Batch above 1 it is as many
// products, whose matrices lie the strides apart, in elements.
type Gemm struct {
	Double         bool
	TransA, TransB bool
	M, N, K        int
	Alpha          float64
	A              Ptr
	LDA            int
	B              Ptr
	LDB            int
	Beta           float64
	C              Ptr
	LDC            int

	Batch                     int
	StrideA, StrideB, StrideC int
}

// A Syrk is G = α op(Z)ᵀop(Z) + β G of float64 in the lower triangle of a row-major
// G of side Size: of ZᵀZ for a row-major Z of Depth rows, of ZZᵀ, if Rows, for one
// of Depth columns.
type Syrk struct {
	Rows        bool
	Size, Depth int
	Alpha       float64
	Z           Ptr
	LDZ         int
	Beta        float64
	G           Ptr
	LDG         int
}
