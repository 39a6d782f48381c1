//go:build !whitebox_cuda

package engine

// stockPTX is empty: this build has no devices.
const stockPTX = ""
