// Package data holds labelled samples and makes batches of them.
//
// A Set is samples in memory; a Source makes batches of one, in an order that is
// a function of a seed and a position, so that a run can be resumed at any batch
// with the same bits. The digits and the irises are embedded; MNIST, CIFAR10 and CIFAR100 are read
// from a directory or fetched when asked; Subspaces, Gaussians and SparseCodes are
// drawn from a seed.
package data

import (
	stderrors "errors"
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// ErrInput reports samples, labels or settings that are invalid or contradict each other. Test for it with errors.Is.
var ErrInput = stderrors.New("data: bad input")

// A Set is n samples of one shape, each with a class or with a vector as its
// target. It is not changed after it is made: methods that seem to change it
// return another one, which may share its memory.
type Set struct {
	x       rows
	shape   []int // of a sample
	labels  []int
	classes int       // 0 if the targets are vectors
	targets rows      // nil if they are classes
	target  []int     // shape of a target
	schema  *Schema   // nil if nothing has a name
	weights []float64 // of samples in a loss; nil if they have none
	file    *npyFile  // of the samples; nil if they are in memory
}

// Element is the type of the numbers of samples.
type Element interface{ uint8 | float32 | float64 }

// New returns the set of the samples in x, one after the other and row-major, each of the given shape, with classes
// labels[i] in 0, …, classes−1. Numbers are multiplied by scale: 1.0/255 for pixels in bytes; 0 is 1. It keeps
// references to x and labels.
//
// Errors: ErrInput if the sizes do not fit, a label is out of range, or a number is NaN or infinite, or is when it is
// multiplied. Numbers that float64 can hold and float32 cannot are an error only when they are in a batch of float32.
func New[T Element](x []T, scale float64, shape, labels []int, classes int) (*Set, error) {
	if len(labels) == 0 && len(x) > 0 {
		return nil, errors.Wrapf(ErrInput,
			"data: new set: there are %d numbers, but no labels: want the class of each sample", len(x))
	}
	s, err := samples(x, scale, shape, len(labels))
	if err != nil {
		return nil, errors.WithMessage(err, "data: new set")
	}
	if err := checkLabels(labels, classes); err != nil {
		return nil, errors.WithMessage(err, "data: new set")
	}
	s.labels, s.classes, s.target = labels, classes, []int{}
	return s, nil
}

// NewPairs returns the set of n samples in x, of the given shape, with targets y,
// vectors of length d one after the other. It keeps x and y. Errors: as New.
func NewPairs[T Element](x []T, shape []int, y []T, d int) (*Set, error) {
	if d < 1 || len(y)%d != 0 {
		return nil, errors.Wrapf(ErrInput, "data: new pairs: %d numbers are no targets of length %d", len(y), d)
	}
	s, err := samples(x, 1, shape, len(y)/d)
	if err != nil {
		return nil, errors.WithMessage(err, "data: new pairs")
	}
	s, err = withTargets(s, y, d)
	return s, errors.WithMessage(err, "data: new pairs")
}

// withTargets makes y, vectors of length d, the targets of s.
func withTargets[T Element](s *Set, y []T, d int) (*Set, error) {
	beyond, err := checkFinite("target", y, 1, d)
	if err != nil {
		return nil, err
	}
	s.targets, s.target = numbers[T]{x: y, scale: 1, d: d, beyond: beyond}, []int{d}
	return s, nil
}

// samples returns the set of n samples without targets.
func samples[T Element](x []T, scale float64, shape []int, n int) (*Set, error) {
	d, err := sampleSize(shape)
	switch {
	case err != nil:
		return nil, err
	case n == 0:
		return nil, errors.Wrap(ErrInput, "no samples")
	case len(x) != n*d:
		return nil, errors.Wrapf(ErrInput, "%d numbers for %d samples of shape %v, want %d", len(x), n, shape, n*d)
	case math.IsNaN(scale) || math.IsInf(scale, 0):
		return nil, errors.Wrapf(ErrInput, "scale is %v, want it finite", scale)
	}
	if scale == 0 {
		scale = 1
	}
	beyond, err := checkFinite("sample", x, scale, d)
	if err != nil {
		return nil, err
	}
	return &Set{x: numbers[T]{x: x, scale: scale, d: d, beyond: beyond}, shape: append([]int(nil), shape...)}, nil
}

// sampleSize returns the numbers of a sample.
func sampleSize(shape []int) (int, error) {
	d := 1
	for _, s := range shape {
		if s < 1 || d > math.MaxInt32/s {
			return 0, errors.Wrapf(ErrInput,
				"sample of shape %v, want sizes of at least 1 and fewer than 2³¹ numbers", shape)
		}
		d *= s
	}
	return d, nil
}

// maxClasses bounds what is counted for each class.
const maxClasses = 1 << 24

func checkLabels(labels []int, classes int) error {
	if classes < 1 || classes > maxClasses {
		return errors.Wrapf(ErrInput, "%d classes, want at least 1 and at most %d", classes, maxClasses)
	}
	for i, y := range labels {
		if y < 0 || y >= classes {
			return errors.Wrapf(ErrInput, "label %d of sample %d, want it in 0, …, %d", y, i, classes-1)
		}
	}
	return nil
}

// checkFinite reports a number that, times scale, is not finite, and whether one is beyond
// float32, or so small that float32 loses digits of it.
func checkFinite[T Element](what string, x []T, scale float64, d int) (beyond bool, err error) {
	for i, v := range x {
		f := scale * float64(v)
		if f-f != 0 && float64(v)-float64(v) == 0 {
			return false,
				errors.Wrapf(ErrInput, "%s %d holds %v at element %d, and times the scale of %v that is beyond float64",
					what, i/d, v, i%d, scale)
		}
		if f-f != 0 {
			return false, errors.Wrapf(ErrInput, "%s %d holds %v at element %d", what, i/d, f, i%d)
		}
		size := math.Abs(f)
		beyond = beyond || size > math.MaxFloat32 || size > 0 && size < 0x1p-126
	}
	return beyond, nil
}

// Len returns the number of samples.
func (s *Set) Len() int { return s.safe().x.len() }

// Shape returns the shape of one sample: c×h×w of an image.
func (s *Set) Shape() []int { return append([]int(nil), s.safe().shape...) }

// Classes returns the number of classes, 0 if the targets are vectors.
func (s *Set) Classes() int { return s.safe().classes }

// Labels returns a copy of the classes of all samples, nil if the targets are
// vectors.
func (s *Set) Labels() []int { return append([]int(nil), s.safe().labels...) }

// TargetShape returns the shape of one target: empty for a class, the length of
// a vector.
func (s *Set) TargetShape() []int { return append([]int{}, s.safe().target...) }

// Counts returns the number of samples of each class.
func (s *Set) Counts() []int {
	s = s.safe()
	counts := make([]int, s.classes)
	for _, y := range s.labels {
		counts[y]++
	}
	return counts
}

// Row returns sample i, appended to dst.
func (s *Set) Row(dst []float64, i int) ([]float64, error) {
	s = s.safe()
	if i < 0 || i >= s.Len() {
		return dst, errors.Wrapf(ErrInput, "data: sample %d of %d, want it in 0, …, n − 1", i, s.Len())
	}
	at := len(dst)
	for range s.x.width() {
		dst = append(dst, 0)
	}
	s.x.fill64(dst[at:], i)
	return dst, errors.WithMessage(s.x.err(), "data")
}

// Target returns the target of sample i, appended to dst: the vector, or the class
// as one number.
func (s *Set) Target(dst []float64, i int) ([]float64, error) {
	s = s.safe()
	if i < 0 || i >= s.Len() {
		return dst, errors.Wrapf(ErrInput, "data: target %d of %d, want it in 0, …, n − 1", i, s.Len())
	}
	if s.targets == nil {
		return append(dst, float64(s.labels[i])), nil
	}
	at := len(dst)
	dst = append(dst, make([]float64, s.targets.width())...)
	s.targets.fill64(dst[at:], i)
	return dst, nil
}

// Fill writes the n samples from lo on to the first rows of x, batch×shape, and repeats the last of them in the
// remaining rows, so that no row is stale.
func (s *Set) Fill(x *tensor.Dense, lo, n int) error {
	s = s.safe()
	if n < 1 || lo < 0 || n > s.Len() || lo > s.Len()-n {
		return errors.Wrapf(ErrInput, "data: fill: samples %d, …, %d of %d", lo, lo+n-1, s.Len())
	}
	if err := checkBatch("x", x, s.shape); err != nil {
		return errors.WithMessage(err, "data: fill")
	}
	batch := x.Shape()[0]
	if n > batch {
		return errors.Wrapf(ErrInput, "data: fill: %d samples for a batch of %d", n, batch)
	}
	for i := range batch {
		from := lo + min(i, n-1)
		s.x.fill(x, i, from)
		if err := checkRow("sample", s.x, x, i, from); err != nil {
			return errors.WithMessage(err, "data: fill")
		}
	}
	return nil
}

// gather writes sample from to row to of x, and its target to y. Errors: ErrInput for
// numbers beyond the dtype of x.
func (s *Set) gather(x, y *tensor.Dense, to, from int) error {
	s.x.fill(x, to, from)
	if err := checkRow("sample", s.x, x, to, from); err != nil {
		return errors.WithMessage(err, "data: next")
	}
	if s.weights != nil {
		return errors.WithMessage(s.gatherWeighted(y, to, from), "data: next")
	}
	switch {
	case s.targets != nil:
		s.targets.fill(y, to, from)
		return errors.WithMessage(checkRow("target", s.targets, y, to, from), "data: next")
	case y.Dtype() == tensor.Float32:
		y.Float32s()[to] = float32(s.labels[from])
	default:
		y.Float64s()[to] = float64(s.labels[from])
	}
	return nil
}

// checkBatch reports a tensor that is not batch×shape of floats.
func checkBatch(name string, x *tensor.Dense, shape []int) error {
	if x == nil || x.Dims() == 0 {
		return errors.Wrapf(ErrInput, "%s is nil or a scalar, want a batch of %v", name, shape)
	}
	if x.Dtype() != tensor.Float32 && x.Dtype() != tensor.Float64 {
		return errors.Wrapf(ErrInput, "%s is %v, want float32 or float64", name, x.Dtype())
	}
	got := x.Shape()
	ok := len(got) == len(shape)+1 && !x.RequiresIterator() && !x.DataOrder().IsColMajor()
	for i := 0; ok && i < len(shape); i++ {
		ok = got[i+1] == shape[i]
	}
	if !ok {
		return errors.Wrapf(ErrInput, "%s has shape %v, want a contiguous batch of %v", name, got, shape)
	}
	return nil
}
