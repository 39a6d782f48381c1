//go:build !purego

package simd

import (
	"fmt"
	"strings"

	"golang.org/x/sys/cpu"
)

// A feature is one that a level needs.
type feature struct {
	name string
	has  bool // and the system saves its registers, where it has any of its own
}

// features lists what l needs beyond the level below: all that the generator lets
// kernels of that level use, see gen/legal.go.
func features(l Level) []feature {
	x := &cpu.X86
	switch l {
	case AVX2:
		return []feature{{"avx", x.HasAVX}, {"avx2", x.HasAVX2}, {"fma", x.HasFMA}, {"bmi2", x.HasBMI2}}
	case AVX512:
		return []feature{{"avx512f", x.HasAVX512F}, {"avx512bw", x.HasAVX512BW}, {"avx512dq", x.HasAVX512DQ},
			{"avx512vl", x.HasAVX512VL}}
	}
	return nil
}

// missing returns the names of those that this machine lacks.
func missing(l Level) (names []string) {
	for _, f := range features(l) {
		if !f.has {
			names = append(names, f.name)
		}
	}
	return names
}

// best returns the highest level of this machine.
func best() Level {
	for l := Generic; l < AVX512; l++ {
		if len(missing(l+1)) > 0 {
			return l
		}
	}
	return AVX512
}

// lacks says why this machine cannot run l, the level above its best.
func lacks(l Level) string {
	return fmt.Sprintf("this processor has no %s, or the system hides it", strings.Join(missing(l), ", "))
}
