package nn

import "github.com/whitebox-nn/whitebox/op"

// ErrInput reports inputs that an operation cannot take: a rank, a shape or a
// dtype when the graph is built, a label out of range when it runs. Test for it
// with errors.Is.
var ErrInput = op.ErrInput

// ErrNotFinite reports a NaN or an infinity where the mathematics allow none.
var ErrNotFinite = op.ErrNotFinite
