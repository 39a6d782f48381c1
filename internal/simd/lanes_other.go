//go:build !amd64

package simd

// conjDotsFast returns false: there are no assembly twins.
func conjDotsFast(*ConjSums) bool { return false }
