package simd

import "math/bits"

//go:generate go -C gen run . -family pick -out ../pick_amd64.s -stubs ../pick_amd64.go -pkg simd

// PickLanes is the number of lanes of a Pick.
const PickLanes = 16

// A Piece is some neighbouring lanes, the ones of Mask, that are copied from
// neighbouring elements: lane j from element Off + j.
type Piece struct {
	Mask uint32
	Off  int32
}

// Pick fills 16 elements of each of some rows from pieces of rows of src, and
// with zeros where there is no piece:
//
//	dst[i·ldd+j] = src[i·lds+Off+j] for the piece with lane j, or 0.
//
// The masks are runs of ones below 2¹⁶ that do not overlap.
func Pick[T Float](dst []T, ldd int, src []T, lds, rows int, pieces []Piece) {
	if rows <= 0 {
		return
	}
	_ = dst[(rows-1)*ldd+PickLanes-1]
	if len(pieces) > 0 && pickFast(dst, ldd, src, lds, rows, pieces) {
		return
	}
	for i := range rows {
		row := dst[i*ldd : i*ldd+PickLanes]
		clear(row)
		for _, p := range pieces {
			lo, n := bits.TrailingZeros32(p.Mask), bits.OnesCount32(p.Mask)
			at := i*lds + int(p.Off) + lo
			copy(row[lo:lo+n], src[at:at+n])
		}
	}
}

// reaches panics as an index out of range does if a piece of the first or the
// last row lies outside of src.
func reaches[T Float](src []T, lds, rows int, pieces []Piece) {
	for _, p := range pieces {
		lo, hi := int(p.Off)+bits.TrailingZeros32(p.Mask), int(p.Off)+bits.Len32(p.Mask)-1
		_, _ = src[lo], src[(rows-1)*lds+hi]
	}
}
