//go:build !whitebox_cuda

package optim

// ptx is empty: this build has no devices.
const ptx = ""
