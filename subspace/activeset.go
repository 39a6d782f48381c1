package subspace

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// An activeSet is the samples that take part in one, and their signs, with the Cholesky factor of
// H = γG + (1−τ)I, where G are their inner products. It is memory for one sample after the other.
type activeSet struct {
	gram       *mat.Dense // of all samples
	target     []float64  // products of the sample with all
	gamma, tau float64
	active     []int
	sign       []float64
	factor     [][]float64 // L of H = LLᵀ, row by row
	want       []float64   // the minimum for the signs
	slope      []float64
}

func newActiveSet(gram *mat.Dense, tau float64) *activeSet {
	n, _ := gram.Dims()
	return &activeSet{gram: gram, tau: tau, slope: make([]float64, n)}
}

// begin empties the set for another sample.
func (s *activeSet) begin(target []float64, gamma float64) {
	s.target, s.gamma = target, gamma
	s.active, s.sign = s.active[:0], s.sign[:0]
}

// slopes returns γx_jᵀ(x − Σcx) − (1−τ)c_j, by which the smooth part falls, for all j.
func (s *activeSet) slopes(c []float64) []float64 {
	copy(s.slope, s.target)
	for _, k := range s.active {
		floats.AddScaled(s.slope, -c[k], s.gram.RawRowView(k))
	}
	for j := range s.slope {
		s.slope[j] = s.gamma*s.slope[j] - (1-s.tau)*c[j]
	}
	return s.slope
}

// join adds sample j with a sign.
func (s *activeSet) join(j int, sign float64) {
	s.active, s.sign = append(s.active, j), append(s.sign, sign)
	s.extend(len(s.active) - 1)
}

// leave takes away the a-th sample.
func (s *activeSet) leave(a int) {
	s.active, s.sign = slices.Delete(s.active, a, a+1), slices.Delete(s.sign, a, a+1)
	for k := a; k < len(s.active); k++ {
		s.extend(k)
	}
}

// extend computes row k of the factor from those before it. A sample that depends on those before is
// moved a little away from them.
func (s *activeSet) extend(k int) {
	const least = 1e-11 // of a pivot, relative to γ
	if k == len(s.factor) {
		s.factor = append(s.factor, nil)
	}
	row := slices.Grow(s.factor[k][:0], k+1)[:k+1]
	products := s.gram.RawRowView(s.active[k])
	for i, j := range s.active[:k+1] {
		row[i] = s.gamma * products[j]
	}
	row[k] += 1 - s.tau
	for i := range k {
		other := s.factor[i]
		row[i] = (row[i] - floats.Dot(row[:i], other[:i])) / other[i]
	}
	row[k] = math.Sqrt(max(row[k]-floats.Dot(row[:k], row[:k]), least*s.gamma))
	s.factor[k] = row
}

// settle minimises over the active coefficients: it goes to the minimum for their
// signs, or as far as the first sign changes, when that one leaves, and again.
func (s *activeSet) settle(c []float64) {
	for len(s.active) > 0 {
		want := s.minimum()
		step, leaves := 1.0, -1
		for a, j := range s.active {
			if want[a]*s.sign[a] <= 0 {
				if t := c[j] / (c[j] - want[a]); t < step {
					step, leaves = t, a
				}
			}
		}
		for a, j := range s.active {
			c[j] += step * (want[a] - c[j])
		}
		if leaves < 0 {
			return
		}
		c[s.active[leaves]] = 0
		s.leave(leaves)
	}
}

// minimum returns the solution of H c = γg − τs of the active samples.
func (s *activeSet) minimum() []float64 {
	s.want = s.want[:0]
	for a, j := range s.active {
		row := s.factor[a]
		b := s.gamma*s.target[j] - s.tau*s.sign[a]
		s.want = append(s.want, (b-floats.Dot(row[:a], s.want))/row[a])
	}
	for a := len(s.want) - 1; a >= 0; a-- {
		row := s.factor[a]
		s.want[a] /= row[a]
		floats.AddScaled(s.want[:a], -s.want[a], row[:a])
	}
	return s.want
}
