//go:build !unix

package cli

// ignoreFailedWrites does nothing: a write that fails sends no signal.
func ignoreFailedWrites() {}
