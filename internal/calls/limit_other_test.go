//go:build !linux

package calls

import "runtime/debug"

// limitMemory asks the collector to keep to so many bytes: there is no hard limit
// of a process here, so a call that asks for absurd memory shows in what it
// allocates alone.
func limitMemory(bytes uint64) error {
	debug.SetMemoryLimit(int64(bytes))
	return nil
}
