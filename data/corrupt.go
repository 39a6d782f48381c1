package data

import (
	"math"
	"math/rand/v2"

	"github.com/pkg/errors"
)

// CorruptUniform returns s with wrong labels: ratio·n samples, rounded down and
// drawn without replacement, each get a class drawn uniformly from all of them,
// which may be the right one. So the expected share of wrong labels is
// ratio·(k−1)/k. Samples, ratio and seed determine the labels; those of a larger
// ratio include the same samples.
//
// Reference: Zhang, Bengio, Hardt, Recht, Vinyals. Understanding deep learning
// requires rethinking generalization. ICLR 2017; Yu, Chan, You, Song, Ma.
// Learning diverse and discriminative representations via the principle of
// maximal coding rate reduction. NeurIPS 2020, sec. 3.2.
func (s *Set) CorruptUniform(ratio float64, seed uint64) (*Set, error) {
	s = s.safe()
	rng := rand.New(rand.NewPCG(seed, streamUniform))
	return s.corrupt(ratio, rng, func(int) int { return rng.IntN(s.classes) })
}

// CorruptPairs returns s with wrong labels: ratio·n samples, rounded down and
// drawn without replacement, get the class after theirs, and those of the last
// class the first.
//
// Reference: Han et al. Co-teaching: robust training of deep neural networks with
// extremely noisy labels. NeurIPS 2018, fig. 1: pair flipping.
func (s *Set) CorruptPairs(ratio float64, seed uint64) (*Set, error) {
	s = s.safe()
	rng := rand.New(rand.NewPCG(seed, streamPairFlip))
	return s.corrupt(ratio, rng, func(y int) int { return (y + 1) % s.classes })
}

// corrupt replaces the labels of ratio·n samples.
func (s *Set) corrupt(ratio float64, rng *rand.Rand, replace func(label int) int) (*Set, error) {
	if !(ratio >= 0 && ratio <= 1) || s.targets != nil {
		return nil, errors.Wrapf(ErrInput,
			"data: corrupt: a ratio of %v of the labels of %d classes, want it in [0, 1], and classes", ratio,
			s.classes)
	}
	labels := s.Labels()
	order := rng.Perm(len(labels))
	n := int(math.Floor(ratio*float64(len(labels)) + 1e-9)) // 0.3·10 is 3
	for _, i := range order[:n] {
		labels[i] = replace(labels[i])
	}
	return s.WithLabels(labels)
}
