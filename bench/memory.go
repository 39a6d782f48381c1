package main

import (
	"runtime/debug"
)

// A gauge tells the most memory of the process that was resident since it began.
type gauge struct{ reset bool }

// newGauge gives what is free back to the system and begins anew.
func newGauge() gauge {
	debug.FreeOSMemory() // collects too
	return gauge{resetResident()}
}

// mib returns the peak in MiB, or 0 where the system does not tell.
func (g gauge) mib() float64 {
	if !g.reset {
		return 0
	}
	return float64(peakResident()) / (1 << 20)
}
