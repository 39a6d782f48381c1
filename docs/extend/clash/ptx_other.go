//go:build !whitebox_cuda

package clash

const ptx = ""
