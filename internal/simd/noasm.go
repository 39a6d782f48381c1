//go:build !amd64 || purego

package simd

import "runtime"

// best returns the highest level of this machine.
func best() Level { return Generic }

// lacks says why this machine cannot run another level.
func lacks(Level) string {
	return "this build for " + runtime.GOARCH + " has no kernels in assembly: those are for amd64, and the build tag " +
		"purego leaves them out"
}

// Each of the following says that there is no assembly twin. An architecture that gets
// its own is left out by the constraint above.

func fast[T Float]() *kernels[T] { return nil }

func normsOf[T Float]() *normKernels[T] { return nil }

func fastWide[T Float]() *wides[T] { return nil }

func winogradFast[T Float](int) (f winogradTwin[T], lanes int) { return nil, 0 }

func conjDotsFast(*ConjSums) bool { return false }

func copyFast[T, S Float](dst []T, ldd int, src []S, lds, rows, cols int) int { return 0 }

func transposeFast[T, S Float](dst []T, ldd int, src []S, lds, rows, cols int) (r, c int) {
	return 0, 0
}

func copyPanelsFast[T Float](dst []T, width int, src []T, lds, rows, panels int) bool { return false }

func pickFast[T Float](dst []T, ldd int, src []T, lds, rows int, pieces []Piece) bool { return false }

func tileFor[T Float](Level) (t Tile[T], ok bool) { return t, false }

func triangleFor(Level) Triangle { return Triangle{4, 4, nil} }

// bothWaysFast returns false: there are no assembly twins.
func bothWaysFast[T Float](int, *T, int, *T, *T, *T, *T) bool { return false }

func leastTwoFast(_, _, _, _ []float32, _ []int32) bool { return false }

func belowFast(_, _ []float32, _ float32) (uint64, bool) { return 0, false }

func addRowsFast([]float64, float64, []float64, int, []int32) bool { return false }
