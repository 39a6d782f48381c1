//go:build !linux

package main

// resetResident reports that this system has no peak that begins anew.
func resetResident() bool { return false }

// peakResident reports that this system does not say.
func peakResident() int64 { return 0 }
