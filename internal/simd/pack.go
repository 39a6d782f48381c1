package simd

//go:generate go -C gen run . -family pack -out ../pack_amd64.s -stubs ../pack_amd64.go -pkg simd

// Copy stores a rows×cols matrix:
//
//	dst[i·ldd+j] = src[i·lds+j].
//
// From float32 to float64 it is exact, the other way it rounds. It is limited
// by memory.
func Copy[T, S Float](dst []T, ldd int, src []S, lds, rows, cols int) {
	if rows <= 0 || cols <= 0 {
		return
	}
	_, _ = dst[(rows-1)*ldd+cols-1], src[(rows-1)*lds+cols-1]
	if done := copyFast(dst, ldd, src, lds, rows, cols); done > 0 {
		dst, src, cols = dst[done:], src[done:], cols-done
	}
	if cols == 0 {
		return
	}
	for i := range rows {
		d, s := dst[i*ldd:i*ldd+cols], src[i*lds:i*lds+cols]
		for j, v := range s {
			d[j] = T(v)
		}
	}
}

// CopyPanels stores a matrix of rows rows and panels·width columns as panels, one
// behind the other:
//
//	dst[(p·rows+i)·width+j] = src[i·lds+p·width+j],  p < panels, i < rows, j < width.
//
// It reads each row of the source once, where Copy, panel by panel, would come back to
// lines that the cache has lost.
func CopyPanels[T Float](dst []T, width int, src []T, lds, rows, panels int) {
	if rows <= 0 || panels <= 0 {
		return
	}
	_, _ = dst[panels*rows*width-1], src[(rows-1)*lds+panels*width-1]
	if copyPanelsFast(dst, width, src, lds, rows, panels) {
		return
	}
	for p := range panels {
		Copy(dst[p*rows*width:], width, src[p*width:], lds, rows, width)
	}
}

// Transpose stores the transpose of a rows×cols matrix:
//
//	dst[j·ldd+i] = src[i·lds+j].
//
// Numbers are converted as by Copy.
func Transpose[T, S Float](dst []T, ldd int, src []S, lds, rows, cols int) {
	if rows <= 0 || cols <= 0 {
		return
	}
	_, _ = dst[(cols-1)*ldd+rows-1], src[(rows-1)*lds+cols-1]
	r, c := transposeFast(dst, ldd, src, lds, rows, cols) // what is done
	if r > 0 && c < cols {
		transpose(dst[c*ldd:], ldd, src[c:], lds, r, cols-c)
	}
	if r < rows {
		transpose(dst[r:], ldd, src[r*lds:], lds, rows-r, cols)
	}
}

func transpose[T, S Float](dst []T, ldd int, src []S, lds, rows, cols int) {
	for i := range rows {
		for j, v := range src[i*lds : i*lds+cols] {
			dst[j*ldd+i] = T(v)
		}
	}
}
