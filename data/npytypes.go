package data

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/half"
)

// An npyType is a type of numbers in an NPY file.
type npyType struct {
	name  string // NumPy's
	width int    // bytes of a number
	read  func(r *counted, h npyHeader, known bool) (arrayNumbers, error)
}

// npyTypeOf returns the type that a header calls descr, "<f8", and whether it is big-endian.
func npyTypeOf(descr string) (t npyType, big bool, err error) {
	if len(descr) < 2 {
		return t, false, errors.Wrapf(ErrFormat, "the type %q, want one as \"<f8\"", descr)
	}
	order, kind := descr[0], descr[1:]
	types := map[string]npyType{
		"b1": {"bool", 1, readArray(truths)},
		"u1": {"uint8", 1, readArray(bytesOf[uint8])},
		"i1": {"int8", 1, readArray(bytesOf[int8])},
		"u2": {"uint16", 2, readArray(shorts[uint16])},
		"i2": {"int16", 2, readArray(shorts[int16])},
		"u4": {"uint32", 4, readArray(words[uint32])},
		"i4": {"int32", 4, readArray(words[int32])},
		"u8": {"uint64", 8, readArray(longs[uint64])},
		"i8": {"int64", 8, readArray(longs[int64])},
		"f2": {"float16", 2, readArray(halves)},
		"f4": {"float32", 4, readArray(singles)},
		"f8": {"float64", 8, readArray(doubles)},
	}
	t, known := types[kind]
	switch {
	case !known:
		return t, false, errors.Wrapf(ErrFormat, "the type %.40q%s", descr, otherType(kind[0]))
	case order == '<' || order == '>' || order == '|' && t.width == 1:
		return t, order == '>', nil
	}
	return t, false, errors.Wrapf(ErrFormat, "the type %.40q, want it to begin with < or >, the order of its bytes",
		descr)
}

// otherType describes a type that cannot be read, and says what to do.
func otherType(kind byte) string {
	switch kind {
	case 'O':
		return ", pickled objects: they are a program to run, and are not read: save numbers, as x.astype(float)"
	case 'U', 'S', 'a':
		return ", texts: save the numbers of classes, as numpy.unique(x, return_inverse=True)[1]"
	case 'M', 'm':
		return ", dates or times: save x.astype(\"int64\")"
	case 'c':
		return ", complex numbers: save x.real and x.imag"
	case 'V':
		return ", structures, or numbers that NumPy does not know, as bfloat16: save x.astype(\"float32\")"
	case 'f':
		return ", floats whose bytes differ from machine to machine: save x.astype(\"float64\")"
	}
	return ", want one of b1, i1 to i8, u1 to u8, f2, f4 and f8"
}

// A number is what an Array may hold.
type number interface {
	uint8 | int8 | uint16 | int16 | uint32 | int32 | uint64 | int64 | float32 | float64
}

// arrayNumbers are the numbers of an Array.
type arrayNumbers interface {
	len() int
	rowMajor(shape []int) arrayNumbers // of numbers that are column-major
	integer(i int) (v int64, ok bool)  // number i, if it is an int64
	float(i int) (v float64, ok bool)  // number i, if it is a float64
	text(i int) string                 // number i, for a message
}

// typed are numbers of type T.
type typed[T number] []T

func (x typed[T]) len() int { return len(x) }

func (x typed[T]) text(i int) string { return fmt.Sprint(x[i]) }

func (x typed[T]) integer(i int) (int64, bool) {
	switch v := any(x[i]).(type) {
	case uint64:
		return int64(v), v <= math.MaxInt64
	case float32:
		return wholeOf(float64(v))
	case float64:
		return wholeOf(v)
	}
	return int64(x[i]), true
}

// wholeOf returns v as an int64, if it is one.
func wholeOf(v float64) (int64, bool) {
	if v != math.Trunc(v) || !(math.Abs(v) < 1<<63) {
		return 0, false
	}
	return int64(v), true
}

func (x typed[T]) float(i int) (float64, bool) {
	switch v := any(x[i]).(type) {
	case uint64:
		return float64(v), bits.Len64(v)-bits.TrailingZeros64(v) <= 53
	case int64:
		size := uint64(max(v, -v)) // of −2⁶³ too
		return float64(v), bits.Len64(size)-bits.TrailingZeros64(size) <= 53
	}
	return float64(x[i]), true
}

// rowMajor returns the numbers of an array of shape whose first index moves fastest, as one whose
// last index does.
func (x typed[T]) rowMajor(shape []int) arrayNumbers {
	out := make(typed[T], len(x))
	if len(x) == 0 {
		return out
	}
	last := len(shape) - 1
	index, stride := make([]int, last), make([]int, last+1)
	for k, step := 0, 1; k <= last; k++ {
		stride[k] = step
		step *= shape[k]
	}
	for at, from := 0, 0; at < len(out); {
		for j := range shape[last] {
			out[at+j] = x[from+j*stride[last]]
		}
		at += shape[last]
		for k := last - 1; k >= 0; k-- {
			from += stride[k]
			if index[k]++; index[k] < shape[k] {
				break
			}
			from -= index[k] * stride[k]
			index[k] = 0
		}
	}
	return out
}

// readArray returns what reads numbers of type T, of which block makes some of bytes. Where the size
// of the file is known, and fits, memory is for all of them; otherwise it grows with what is there.
func readArray[T number](block func(dst []T, src []byte, big bool) (bad int)) func(r *counted, h npyHeader,
	known bool) (arrayNumbers, error) {
	return func(r *counted, h npyHeader, known bool) (arrayNumbers, error) {
		const size = 1 << 16 // bytes at a time
		room := min(h.n, size/h.width)
		if known {
			room = h.n
		}
		x, b := make(typed[T], 0, room), make([]byte, min(h.n*h.width, size))
		for len(x) < h.n {
			n := min(h.n-len(x), size/h.width)
			at := r.n
			if err := r.full(b[:n*h.width], h.String()); err != nil {
				return nil, err
			}
			if len(x)+n > cap(x) {
				x = append(make(typed[T], 0, min(h.n, max(4*cap(x), n))), x...)
			}
			x = x[:len(x)+n]
			if bad := block(x[len(x)-n:], b[:n*h.width], h.big); bad >= 0 {
				return nil, errors.Wrapf(ErrFormat, "byte %d: a %s of %#02x, want 0 or 1", at+int64(bad), h.name,
					b[bad])
			}
		}
		return x, r.end(h)
	}
}

// The functions below convert bytes to numbers. Only booleans can be invalid.

func truths(dst []uint8, src []byte, _ bool) (bad int) {
	for i, v := range src {
		if v > 1 {
			return i
		}
		dst[i] = v
	}
	return -1
}

func bytesOf[T uint8 | int8](dst []T, src []byte, _ bool) int {
	for i, v := range src {
		dst[i] = T(v)
	}
	return -1
}

func shorts[T uint16 | int16](dst []T, src []byte, big bool) int {
	for i := range dst {
		v := binary.LittleEndian.Uint16(src[2*i:])
		if big {
			v = bits.ReverseBytes16(v)
		}
		dst[i] = T(v)
	}
	return -1
}

func words[T uint32 | int32](dst []T, src []byte, big bool) int {
	for i := range dst {
		dst[i] = T(word(src[4*i:], big))
	}
	return -1
}

func longs[T uint64 | int64](dst []T, src []byte, big bool) int {
	for i := range dst {
		dst[i] = T(long(src[8*i:], big))
	}
	return -1
}

func singles(dst []float32, src []byte, big bool) int {
	for i := range dst {
		dst[i] = math.Float32frombits(word(src[4*i:], big))
	}
	return -1
}

func doubles(dst []float64, src []byte, big bool) int {
	for i := range dst {
		dst[i] = math.Float64frombits(long(src[8*i:], big))
	}
	return -1
}

func halves(dst []float32, src []byte, big bool) int {
	for i := range dst {
		v := binary.LittleEndian.Uint16(src[2*i:])
		if big {
			v = bits.ReverseBytes16(v)
		}
		dst[i] = float32(half.Float64(v)) // exact
	}
	return -1
}

func word(b []byte, big bool) uint32 {
	if big {
		return binary.BigEndian.Uint32(b)
	}
	return binary.LittleEndian.Uint32(b)
}

func long(b []byte, big bool) uint64 {
	if big {
		return binary.BigEndian.Uint64(b)
	}
	return binary.LittleEndian.Uint64(b)
}
