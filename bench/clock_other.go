//go:build !unix

package main

import "time"

// cpuTime reports that this system does not say.
func cpuTime() (time.Duration, bool) { return 0, false }
