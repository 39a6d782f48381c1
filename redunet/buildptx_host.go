//go:build !whitebox_cuda

package redunet

// buildPTX is empty where no device can be opened.
const buildPTX = ""
