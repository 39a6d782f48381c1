package backend

import (
	"fmt"
	"strings"

	"github.com/whitebox-nn/whitebox/internal/simd"
)

// Kernels says which instruction sets this machine has kernels for, which of them is in use, and why a better one is
// not: what the processor lacks, or which setting asks for this one.
func Kernels() string {
	var all []string
	for _, l := range simd.Levels() {
		all = append(all, l.String())
	}
	s := fmt.Sprintf("kernels for %s, in use: %s", strings.Join(all, ", "), simd.Active())
	if why := simd.Why(); why != "" {
		s += ": " + why
	}
	return s
}
