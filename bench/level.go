package main

import (
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/simd"
)

// levels returns the instruction sets in a list such as avx512,avx2, that this machine
// must have; purego is another name of the portable one. Of an empty list it returns the
// one in use.
func levels(list string) (several []simd.Level, err error) {
	if list == "" {
		return []simd.Level{simd.Active()}, nil
	}
	for _, word := range strings.Split(list, ",") {
		word = strings.TrimSpace(word)
		if word == "purego" {
			word = simd.Generic.String()
		}
		i := slices.IndexFunc(simd.Levels(), func(l simd.Level) bool { return l.String() == word })
		if i < 0 {
			return nil, errors.Errorf("-level %q, want some of %v, or purego for generic: those this machine runs",
				word, simd.Levels())
		}
		several = append(several, simd.Levels()[i])
	}
	return several, nil
}

// peerEnvironment returns the environment of a peer that is compared with level l: of the
// libraries that peers compute with, each takes the instruction set from a variable of its
// own. What slows OpenBLAS down is left out.
func peerEnvironment(environ []string, l simd.Level) []string {
	env := slices.DeleteFunc(slices.Clone(environ), func(s string) bool {
		return strings.HasPrefix(s, "OPENBLAS_CORETYPE=") || strings.HasPrefix(s, "OPENBLAS_L2_SIZE=")
	})
	if l == simd.AVX2 {
		env = append(env, "OPENBLAS_CORETYPE=Haswell", "ATEN_CPU_CAPABILITY=avx2", "ONEDNN_MAX_CPU_ISA=AVX2",
			"MKL_ENABLE_INSTRUCTIONS=AVX2")
	}
	return env
}
