package simd

import (
	"os"
	"sync/atomic"

	"github.com/pkg/errors"
)

// Level is an instruction set that kernels are written for. Results differ in
// the last bits between levels, never between runs on one level.
type Level uint32

// The levels, each a superset of the one before.
const (
	Generic Level = iota // portable Go
	AVX2                 // AVX2 and FMA, with BMI2: 16 vectors of 32 bytes
	AVX512               // AVX-512 F, BW, DQ and VL: 32 vectors of 64 bytes, and masks
)

var levelNames = [...]string{"generic", "avx2", "avx512"}

func (l Level) String() string { return levelNames[l] }

// Levels returns what this machine can run, slowest first.
func Levels() []Level {
	all := []Level{Generic, AVX2, AVX512}
	return all[:best()+1]
}

// active is one more than the level in use, 0 before the first choice.
var active atomic.Uint32

// Active returns the level that kernels run on: the best one of this machine,
// or the one that the environment variable WHITEBOX_SIMD (generic, avx2 or
// avx512) asks for, read at the first call. A value that is unknown, or that
// this machine cannot run, counts as none: ask Check for the error.
func Active() Level {
	if l := active.Load(); l != 0 {
		return Level(l - 1)
	}
	l, err := choose(os.Getenv("WHITEBOX_SIMD"))
	if err != nil {
		l = best()
	}
	active.CompareAndSwap(0, uint32(l)+1)
	return Level(active.Load() - 1)
}

// Check returns an error if WHITEBOX_SIMD has a value that Active ignores.
func Check() error {
	_, err := choose(os.Getenv("WHITEBOX_SIMD"))
	return err
}

// Why says why Active is no better level: what asks for it, or what the processor lacks
// for the next. It is empty on the best level that there is.
func Why() string {
	l, name := Active(), os.Getenv("WHITEBOX_SIMD")
	asked, err := choose(name)
	switch {
	case err != nil:
		return err.Error()
	case l < best() && name != "" && l == asked:
		return "WHITEBOX_SIMD=" + name + " asks for it"
	case l < best():
		return "the program asks for it"
	case l < AVX512:
		return lacks(l + 1)
	}
	return ""
}

// Use makes l the active level; it is meant for tests and benchmarks, while no
// kernel runs. Errors: if this machine cannot run l.
func Use(l Level) error {
	if l > best() {
		return errors.Errorf("simd: this machine runs %s at most, not %s", best(), l)
	}
	active.Store(uint32(l) + 1)
	return nil
}

func choose(name string) (Level, error) {
	if name == "" {
		return best(), nil
	}
	for l, s := range levelNames {
		if s != name {
			continue
		}
		if Level(l) > best() {
			return 0, errors.Errorf("simd: WHITEBOX_SIMD is %s but this machine runs %s at most; unset it", name,
				best())
		}
		return Level(l), nil
	}
	return 0, errors.Errorf("simd: WHITEBOX_SIMD is %q, want one of generic, avx2, avx512", name)
}
