//go:build !amd64

package simd

import "runtime"

// best returns the highest level of this machine.
func best() Level { return Generic }

// lacks says why this machine cannot run another level.
func lacks(Level) string {
	return "the kernels in assembly are for amd64, and this is " + runtime.GOARCH
}
