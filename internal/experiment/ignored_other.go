//go:build !unix

package experiment

// ignoreFailedWrites does nothing: a write that fails sends no signal.
func ignoreFailedWrites() {}
