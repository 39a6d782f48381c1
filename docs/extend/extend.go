// Package extend has one of each thing that a user of whitebox writes: an op with its
// gradient and its CUDA kernel, a layer, a loss, an optimizer, a source of data, a hook
// and a metric. It is a module of its own, and imports nothing that yours cannot.
package extend
