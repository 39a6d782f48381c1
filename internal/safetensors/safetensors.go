// Package safetensors reads and writes safetensors files: named tensors and
// text, readable from every language, with nothing in them that could run.
//
//	8 bytes     n, the length of the header, little-endian
//	n bytes     the header: JSON, padded with spaces
//	the rest    the data: every tensor's elements, row-major and little-endian
//
// The header maps each tensor's name to its dtype, its shape and the half-open
// range of the data that it fills; the name __metadata__ is kept for a map of
// strings:
//
//	{"__metadata__":{"step":"12"},"w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}}
//
// # Reading
//
// A file may come from anywhere, so Read trusts nothing in it. It takes the
// header by a grammar narrower than JSON, in which there is nothing to nest, and
// it demands that the tensors fill the data exactly: no byte without a tensor,
// none with two. Nothing is allocated on the word of the file: memory is a small
// multiple of the bytes that are there, whatever the header says. What is amiss
// is an error that wraps ErrFormat.
//
// # Writing
//
// Tensors are laid out by the size of their elements, widest first, and then by
// name, and the data start at a multiple of 8 bytes, so that every tensor is
// aligned for its dtype. The bytes of a file depend on the tensors and the text
// alone, not on the order in which they were given.
//
// # References
//
// Hugging Face. Safetensors: format.
// https://huggingface.co/docs/safetensors
package safetensors

import "errors"

// ErrFormat reports a file that is not a whole and consistent safetensors file.
// Test for it with errors.Is.
var ErrFormat = errors.New("malformed safetensors file")

// ErrMismatch reports a tensor that is missing or is not of the dtype or shape
// asked for. Test for it with errors.Is.
var ErrMismatch = errors.New("tensor mismatch")

// Limits of what Read accepts and Write makes.
const (
	MaxHeader = 100_000_000 // bytes of the header, as in the reference implementation
	MaxRank   = 64          // dimensions of a tensor, as in NumPy
)

// metadata is the header's name for the text.
const metadata = "__metadata__"
