//go:build !whitebox_cuda

package extend

const garrotePTX, lionPTX = "", ""
