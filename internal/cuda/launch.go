package cuda

import "github.com/whitebox-nn/whitebox/op/launch"

// A Ptr is an address in device memory.
type Ptr = launch.Ptr

// An Arg is an argument of a kernel.
type Arg = launch.Arg

// A Shape is how many threads run a kernel.
type Shape = launch.Shape

// A Gemm is a product of matrices.
type Gemm = launch.Gemm

// A Syrk is a Gram matrix.
type Syrk = launch.Syrk

// A Row is one tensor of a Table.
type Row = launch.Tensor

// Align is the alignment of memory that Alloc returns, in bytes.
const Align = launch.Align
