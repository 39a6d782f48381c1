//go:build whitebox_cuda && linux && (amd64 || arm64)

package fake

import "testing"

// Allocs is testing.AllocsPerRun of what calls the device. Under the race detector it
// runs f and returns 0: purego then allocates at a call now and then.
func Allocs(runs int, f func()) float64 {
	if racing {
		for range runs + 1 {
			f()
		}
		return 0
	}
	return testing.AllocsPerRun(runs, f)
}
