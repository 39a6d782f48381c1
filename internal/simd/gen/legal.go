package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/reg"
)

// extensions are what a processor of level AVX2 has, as avo names it, and what one of
// level AVX512 has besides: what ../level_amd64.go asks the processor for.
var extensions = [2][]string{
	{"MMX+", "SSE", "SSE2", "AVX", "AVX2", "FMA3", "BMI2"}, // MMX+ is that of prefetching
	{"AVX512F", "AVX512BW", "AVX512DQ", "AVX512VL"},
}

// legal refuses a function that uses what processors of its level lack. Functions with
// AVX512 in their name are of that level, all others of AVX2, whose 16 vectors the
// allocator of registers would leave without a word.
func legal(f *ir.Function) error {
	if strings.Contains(f.Name, "AVX512") {
		return extended(f, slices.Concat(extensions[0], extensions[1]))
	}
	for _, i := range f.Instructions() {
		for _, r := range i.Registers() {
			p, ok := r.(reg.Physical)
			switch {
			case !ok:
			case p.Kind() == reg.KindOpmask:
				return fmt.Errorf("gen: %s uses mask register %s, which AVX2 lacks", f.Name, p.Asm())
			case p.Kind() == reg.KindVector && p.Size() > 32:
				return fmt.Errorf("gen: %s uses %s, which AVX2 lacks", f.Name, p.Asm())
			case p.Kind() == reg.KindVector && p.PhysicalIndex() > 15:
				return fmt.Errorf("gen: %s uses %s, but AVX2 has 16 vectors: keep fewer alive at a time", f.Name,
					p.Asm())
			}
		}
	}
	return extended(f, extensions[0])
}

// extended refuses a function that needs other extensions than those allowed.
func extended(f *ir.Function, allowed []string) error {
	for _, e := range f.ISA {
		if !slices.Contains(allowed, e) {
			return fmt.Errorf("gen: %s needs %s, but its level has only %s", f.Name, e, strings.Join(allowed, ", "))
		}
	}
	return nil
}
