//go:build race && whitebox_cuda && linux && (amd64 || arm64)

package fake

const racing = true
