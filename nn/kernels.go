package nn

import (
	"fmt"
	"strings"

	"github.com/whitebox-nn/whitebox/internal/simd"
)

// Kernels says which instruction sets this machine has kernels for, and which of
// them are in use.
func Kernels() string {
	var all []string
	for _, l := range simd.Levels() {
		all = append(all, l.String())
	}
	s := fmt.Sprintf("kernels for %s, in use: %s", strings.Join(all, ", "), simd.Active())
	if err := simd.Check(); err != nil {
		s += fmt.Sprintf(" (%v)", err)
	}
	return s
}
