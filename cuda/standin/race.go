//go:build race && whitebox_cuda && linux && (amd64 || arm64)

package standin

const racing = true
