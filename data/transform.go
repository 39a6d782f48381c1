package data

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/pkg/errors"
)

// A Transform changes one sample: an image, c×h×w row-major.
type Transform interface {
	// Shape returns the shape of a transformed sample, given its shape in before. Errors: [ErrInput] for a shape that
	// it cannot transform.
	Shape(in []int) (out []int, err error)

	// Apply32 writes the transformed src, a sample of shape in, to dst. It does not change src. It draws from rng
	// alone, and may be called for several samples at once. Apply64 does the same. Ours fill dst with NaN if dst, src
	// or in do not fit each other.
	Apply32(dst, src []float32, in []int, rng *rand.Rand)
	Apply64(dst, src []float64, in []int, rng *rand.Rand)
}

var (
	_ Transform = RandomCrop{}
	_ Transform = RandomHorizontalFlip{}
	_ Transform = Normalize{}
)

// isImage reports whether in is the shape of an image that has pixels.
func isImage(in []int) bool {
	return len(in) == 3 && in[0] >= 1 && in[1] >= 1 && in[2] >= 1 && fitsMemory(in...)
}

// RandomCrop surrounds an image by Padding zeros on each side and cuts out a
// window of Height×Width, at a place drawn uniformly: translations by up to
// Padding pixels if the size stays the same.
type RandomCrop struct {
	Padding       int // pixels on each side; 0 or above
	Height, Width int // of the window; 0 is the image's own
}

// Shape implements Transform.
func (t RandomCrop) Shape(in []int) ([]int, error) {
	if len(in) != 3 {
		return nil, errors.Wrapf(ErrInput, "random crop of a sample of shape %v, want an image c×h×w", in)
	}
	h, w := cmp.Or(t.Height, in[1]), cmp.Or(t.Width, in[2])
	if !t.fits(in) {
		return nil, errors.Wrapf(ErrInput,
			"random crop to %d×%d of an image of %d×%d with %d zeros around it, want the crop to fit", h, w, in[1],
			in[2], t.Padding)
	}
	return []int{in[0], h, w}, nil
}

// fits reports whether the crop lies in a padded image of shape in.
func (t RandomCrop) fits(in []int) bool {
	if !isImage(in) || t.Padding < 0 || t.Padding > maxNumbers {
		return false
	}
	h, w := cmp.Or(t.Height, in[1]), cmp.Or(t.Width, in[2])
	return h >= 1 && w >= 1 && h <= in[1]+2*t.Padding && w <= in[2]+2*t.Padding
}

// Apply32 implements Transform.
func (t RandomCrop) Apply32(dst, src []float32, in []int, rng *rand.Rand) { crop(t, dst, src, in, rng) }

// Apply64 implements Transform.
func (t RandomCrop) Apply64(dst, src []float64, in []int, rng *rand.Rand) { crop(t, dst, src, in, rng) }

func crop[T float32 | float64](t RandomCrop, dst, src []T, in []int, rng *rand.Rand) {
	if !t.fits(in) {
		poison(dst)
		return
	}
	h, w := in[1], in[2]
	height, width := cmp.Or(t.Height, h), cmp.Or(t.Width, w)
	if rng == nil || len(src) != size(in) || len(dst) != in[0]*height*width {
		poison(dst)
		return
	}
	top := rng.IntN(h+2*t.Padding-height+1) - t.Padding
	left := rng.IntN(w+2*t.Padding-width+1) - t.Padding
	lo, hi := min(max(0, -left), width), max(min(width, w-left), 0) // columns inside the image
	for r := range in[0] * height {
		row := dst[r*width : (r+1)*width]
		c, y := r/height, r%height+top
		if y < 0 || y >= h || lo >= hi {
			clear(row)
			continue
		}
		clear(row[:lo])
		copy(row[lo:hi], src[(c*h+y)*w+left+lo:])
		clear(row[hi:])
	}
}

// RandomHorizontalFlip mirrors an image left to right with probability P.
type RandomHorizontalFlip struct {
	P float64 // 0 is 1/2
}

// Shape implements Transform.
func (t RandomHorizontalFlip) Shape(in []int) ([]int, error) {
	if !isImage(in) || !(t.P >= 0 && t.P <= 1) {
		return nil, errors.Wrapf(ErrInput,
			"random flip of a sample of shape %v with probability %v, want an image c×h×w and a probability", in, t.P)
	}
	return in, nil
}

// Apply32 implements Transform.
func (t RandomHorizontalFlip) Apply32(dst, src []float32, in []int, rng *rand.Rand) {
	flip(t, dst, src, in, rng)
}

// Apply64 implements Transform.
func (t RandomHorizontalFlip) Apply64(dst, src []float64, in []int, rng *rand.Rand) {
	flip(t, dst, src, in, rng)
}

func flip[T float32 | float64](t RandomHorizontalFlip, dst, src []T, in []int, rng *rand.Rand) {
	if rng == nil || !isImage(in) || len(dst) != len(src) || len(src) != size(in) {
		poison(dst)
		return
	}
	copy(dst, src)
	if rng.Float64() >= cmp.Or(t.P, 0.5) {
		return
	}
	w := in[2]
	for lo := 0; lo < len(dst); lo += w {
		slices.Reverse(dst[lo : lo+w])
	}
}

// Normalize shifts and scales each channel:
//
//	out[c] = (in[c] − Mean[c]) / Std[c]
//
// As a Transform it comes after a crop, so that what surrounds the image is black.
// For a whole Set, as it is evaluated on, see Set.Normalized.
type Normalize struct {
	Mean, Std []float64 // one a channel, the first dimension of a sample; Std above 0
}

// CIFAR10Normalize returns the means and standard deviations of the pixels of the
// 50,000 training images of CIFAR-10, to four digits, as are in common use.
func CIFAR10Normalize() Normalize {
	return Normalize{Mean: []float64{0.4914, 0.4822, 0.4465}, Std: []float64{0.2470, 0.2435, 0.2616}}
}

// MNISTNormalize returns the mean and standard deviation of the pixels of the
// 60,000 training images of MNIST, to four digits, as are in common use.
func MNISTNormalize() Normalize {
	return Normalize{Mean: []float64{0.1307}, Std: []float64{0.3081}}
}

// Shape implements Transform.
func (t Normalize) Shape(in []int) ([]int, error) {
	if len(in) == 0 || len(t.Mean) != in[0] || len(t.Std) != in[0] {
		return nil, errors.Wrapf(ErrInput,
			"normalize: %d means and %d standard deviations for a sample of shape %v, want one of each a channel",
			len(t.Mean), len(t.Std), in)
	}
	for c, std := range t.Std {
		if m := t.Mean[c]; m-m != 0 || !(std > 0) || std-std != 0 {
			return nil, errors.Wrapf(ErrInput, "normalize: channel %d has mean %v and standard deviation %v, want "+
				"finite numbers and the latter above 0", c, m, std)
		}
	}
	return in, nil
}

// Apply32 implements Transform.
func (t Normalize) Apply32(dst, src []float32, _ []int, _ *rand.Rand) { normalize(t, dst, src) }

// Apply64 implements Transform.
func (t Normalize) Apply64(dst, src []float64, _ []int, _ *rand.Rand) { normalize(t, dst, src) }

func normalize[T float32 | float64](t Normalize, dst, src []T) {
	if len(dst) != len(src) || len(t.Mean) == 0 || len(t.Std) != len(t.Mean) || len(src)%len(t.Mean) != 0 {
		poison(dst)
		return
	}
	d := len(src) / len(t.Mean)
	for c, mean := range t.Mean {
		m, r := T(mean), T(1/t.Std[c])
		if math.Abs(mean) > 4*t.Std[c] || !(r > 0x1p-120 && r < 0x1p120) { // rounding m or r would show
			for i, v := range src[c*d : (c+1)*d] {
				dst[c*d+i] = T((float64(v) - mean) / t.Std[c])
			}
			continue
		}
		for i, v := range src[c*d : (c+1)*d] {
			dst[c*d+i] = (v - m) * r
		}
	}
}
