package data

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/pkg/errors"
)

// Subset returns the samples of indices, in that order, on s's memory. An index
// may be there twice.
func (s *Set) Subset(indices []int) (*Set, error) {
	s = s.safe()
	if len(indices) == 0 {
		return nil, errors.Wrap(ErrInput, "data: subset: no indices")
	}
	for _, i := range indices {
		if i < 0 || i >= s.Len() {
			return nil, errors.Wrapf(ErrInput, "data: subset: sample %d of %d, want it in 0, …, n − 1", i, s.Len())
		}
	}
	t := &Set{x: s.x.rowsAt(indices), shape: s.shape, classes: s.classes, target: s.target, schema: s.schema,
		file: s.file}
	if s.weights != nil {
		t.weights = make([]float64, len(indices))
		for k, i := range indices {
			t.weights[k] = s.weights[i]
		}
	}
	if s.targets != nil {
		t.targets = s.targets.rowsAt(indices)
		return t, nil
	}
	t.labels = make([]int, len(indices))
	for k, i := range indices {
		t.labels[k] = s.labels[i]
	}
	return t, nil
}

// WithLabels returns the samples of s with other classes.
func (s *Set) WithLabels(labels []int) (*Set, error) {
	s = s.safe()
	if s.targets != nil || len(labels) != s.Len() {
		return nil, errors.Wrapf(ErrInput, "data: with labels: %d labels for %d samples of %d classes", len(labels),
			s.Len(), s.classes)
	}
	if err := checkLabels(labels, s.classes); err != nil {
		return nil, errors.WithMessage(err, "data: with labels")
	}
	t := *s
	t.labels = append([]int(nil), labels...)
	return &t, nil
}

// Split divides s into two, of which the second has the given share of each
// class, rounded to a whole number of samples; of all samples, if the targets are
// vectors. Both keep the order of s. Which samples go where is a function of the seed.
//
// Errors: ErrInput if the share is not in (0, 1), or a part would have no sample.
func (s *Set) Split(share float64, seed uint64) (rest, part *Set, err error) {
	s = s.safe()
	if !(share > 0 && share < 1) {
		return nil, nil, errors.Wrapf(ErrInput, "data: split: a share of %v, want it in (0, 1)", share)
	}
	var a, b []int
	rng := rand.New(rand.NewPCG(seed, streamSplit))
	for _, of := range s.groups() {
		n := int(math.Round(share * float64(len(of))))
		rng.Shuffle(len(of), func(i, j int) { of[i], of[j] = of[j], of[i] })
		b = append(b, of[:n]...)
		a = append(a, of[n:]...)
	}
	if len(a) == 0 || len(b) == 0 {
		return nil, nil, errors.Wrapf(ErrInput, "data: split: a share of %v of %d samples of %d classes leaves %d "+
			"and %d, want at least one in each part: take another share, or more samples", share, s.Len(), s.classes,
			len(a), len(b))
	}
	slices.Sort(a)
	slices.Sort(b)
	if rest, err = s.Subset(a); err != nil {
		return nil, nil, errors.WithMessage(err, "data: split")
	}
	part, err = s.Subset(b)
	return rest, part, errors.WithMessage(err, "data: split")
}

// groups returns the indices of the samples of each class, or of all if the targets
// are vectors.
func (s *Set) groups() [][]int {
	if s.targets == nil {
		return s.byClass()
	}
	all := make([]int, s.Len())
	for i := range all {
		all[i] = i
	}
	return [][]int{all}
}

// byClass returns the indices of the samples of each class.
func (s *Set) byClass() [][]int {
	of := make([][]int, s.classes)
	for i, y := range s.labels {
		of[y] = append(of[y], i)
	}
	return of
}

// The streams of random numbers that this package draws from one seed.
const (
	streamSplit uint64 = 0x64617461<<32 + iota
	streamUniform
	streamPairFlip
	streamBasis
	streamSamples
	streamShuffle
	streamFresh
	streamAugment
	streamFolds
)

// FirstOfEach returns the first n samples of each of the given classes, class after
// class, numbered anew from 0 in the given order; of all classes if none is given.
// A class that has fewer gives them all.
func (s *Set) FirstOfEach(n int, classes ...int) (*Set, error) {
	s = s.safe()
	if s.targets != nil || n < 1 {
		return nil, errors.Wrapf(ErrInput,
			"data: first %d of each of %d classes, want at least 1, and classes for targets", n, s.classes)
	}
	if len(classes) == 0 {
		for j := range s.classes {
			classes = append(classes, j)
		}
	}
	all := s.byClass()
	var indices, labels []int
	for k, j := range classes {
		if j < 0 || j >= s.classes || len(all[j]) == 0 || slices.Contains(classes[:k], j) {
			return nil, errors.Wrapf(ErrInput,
				"data: first of each: class %d of %v is twice there, or has no samples among %d classes", j, classes,
				s.classes)
		}
		for _, i := range all[j][:min(n, len(all[j]))] {
			indices, labels = append(indices, i), append(labels, k)
		}
	}
	t, err := s.Subset(indices)
	if err != nil {
		return nil, err
	}
	t.labels, t.classes = labels, len(classes)
	if names := s.ClassNames(); names != nil {
		schema := s.Schema()
		for k, j := range classes {
			schema.Label.Categories[k] = names[j]
		}
		schema.Label.Categories = schema.Label.Categories[:len(classes)]
		t.schema = &schema
	}
	return t, nil
}
