package data

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/pkg/errors"
)

// A Fitter measures on training data a [Step] that is then applied to all data: [Standardize], [MinMax], [OneHot].
type Fitter interface {
	Fit(train *Set) (Step, error)
}

var (
	_ Fitter = Standardize{}
	_ Fitter = MinMax{}
	_ Fitter = OneHot{}
)

// Standardize shifts and scales each feature of a vector, or each channel of an image, to mean
// 0 and standard deviation 1, as NormalizeOf measures them.
type Standardize struct{}

// Fit implements Fitter.
func (Standardize) Fit(train *Set) (Step, error) {
	n, err := NormalizeOf(train)
	return Step{Mean: n.Mean, Std: n.Std}, err
}

// MinMax shifts and scales each feature of a vector, or each channel of an image, from its least and
// largest number to 0 and 1. One that is constant becomes 0. Other data may leave [0, 1].
type MinMax struct{}

// Fit implements Fitter. Errors: ErrInput for numbers that are further apart than float64 holds.
func (MinMax) Fit(train *Set) (Step, error) {
	s := train.safe()
	if s.Len() == 0 {
		return Step{}, errors.Wrap(ErrInput, "data: min-max: no samples")
	}
	channels := 1
	if len(s.shape) > 0 {
		channels = s.shape[0]
	}
	row, d := make([]float64, s.x.width()), s.x.width()/channels
	lo, scale := make([]float64, channels), make([]float64, channels)
	hi := scale
	for i := range s.Len() {
		s.x.fill64(row, i)
		for k, v := range row {
			c := k / d
			if i == 0 && k%d == 0 {
				lo[c], hi[c] = v, v
			}
			lo[c], hi[c] = min(lo[c], v), max(hi[c], v)
		}
	}
	if err := s.x.err(); err != nil {
		return Step{}, errors.WithMessage(err, "data: min-max")
	}
	for c := range scale {
		if scale[c] = hi[c] - lo[c]; math.IsInf(scale[c], 0) {
			return Step{}, errors.Wrapf(ErrInput, "data: min-max: channel %d reaches over more than float64 holds", c)
		}
		if scale[c] == 0 {
			scale[c] = 1
		}
	}
	return Step{Mean: lo, Std: scale}, nil
}

// OneHot replaces each column of categories by columns of 0 and 1, one for each category that the [Schema] lists.
// Columns of numbers stay as they are.
type OneHot struct{}

// Fit implements Fitter. Errors: ErrInput for samples that are no vectors.
func (OneHot) Fit(train *Set) (Step, error) {
	s := train.safe()
	if len(s.shape) != 1 {
		return Step{}, errors.Wrapf(ErrInput, "data: one-hot: samples of shape %v, want vectors", s.shape)
	}
	step := Step{Categories: make([]int, s.shape[0])}
	for c, column := range s.Schema().Columns {
		step.Categories[c] = len(column.Categories)
	}
	return step, nil
}

// A Step is one step of a [Preparation]: a [Normalize], or a one-hot encoding with the number of Categories of each
// column, 0 for a column of numbers.
type Step struct {
	Mean       []float64 `json:"mean,omitempty"`
	Std        []float64 `json:"std,omitempty"`
	Categories []int     `json:"categories,omitempty"`
}

// A Preparation is the list of steps that samples go through before a network sees them. It can be encoded as JSON;
// models.Save stores it with a network.
type Preparation []Step

// Fit fits each of the fitters to the training data, after the steps of those before it.
//
//	prepare, err := data.Fit(train, data.OneHot{}, data.Standardize{})
//	train, err = prepare.Apply(train)
//	test, err = prepare.Apply(test)
func Fit(train *Set, fitters ...Fitter) (Preparation, error) {
	p := make(Preparation, 0, len(fitters))
	for i, f := range fitters {
		if f == nil {
			return nil, errors.Wrapf(ErrInput, "data: fit: fitter %d of %d is nil", i+1, len(fitters))
		}
		step, err := f.Fit(train)
		if err == nil {
			train, err = step.apply(train)
		}
		if err != nil {
			return nil, errors.WithMessage(err, "data: fit")
		}
		p = append(p, step)
	}
	return p, nil
}

// Apply returns s prepared. Errors: ErrInput for samples of another shape than those that p was
// fitted on, or a number that is none of the categories.
func (p Preparation) Apply(s *Set) (*Set, error) {
	s = s.safe()
	for i, step := range p {
		var err error
		if s, err = step.apply(s); err != nil {
			return nil, errors.WithMessagef(err, "data: prepare: step %d", i+1)
		}
	}
	return s, nil
}

func (t Step) apply(s *Set) (*Set, error) {
	if t.Categories == nil {
		return s.Normalized(Normalize{Mean: t.Mean, Std: t.Std})
	}
	return t.oneHot(s.safe())
}

// oneHot returns s with a column for each category.
func (t Step) oneHot(s *Set) (*Set, error) {
	if len(s.shape) != 1 || s.shape[0] != len(t.Categories) {
		return nil, errors.Wrapf(ErrInput, "one-hot: samples of shape %v, want vectors of %d", s.shape,
			len(t.Categories))
	}
	d := 0
	for _, k := range t.Categories {
		if k < 0 || k > maxClasses {
			return nil, errors.Wrapf(ErrInput, "one-hot: %d categories, want at least 0 and at most %d", k, maxClasses)
		}
		d += max(k, 1)
	}
	if !fitsMemory(s.Len(), d) {
		return nil, errors.Wrapf(ErrInput, "one-hot: %d samples of %d columns, want at most %d numbers",
			s.Len(), d, maxNumbers)
	}
	x, row := make([]float64, 0, s.Len()*d), make([]float64, len(t.Categories))
	for i := range s.Len() {
		s.x.fill64(row, i)
		if err := s.x.err(); err != nil {
			return nil, errors.WithMessage(err, "one-hot")
		}
		for c, k := range t.Categories {
			if k == 0 {
				x = append(x, row[c])
				continue
			}
			at := len(x)
			for range k {
				x = append(x, 0)
			}
			if v := row[c]; v < 0 || v >= float64(k) || v != math.Trunc(v) {
				return nil, errors.Wrapf(ErrInput, "one-hot: column %d of sample %d holds %v, want one of %d "+
					"categories",
					c+1, i, v, k)
			}
			x[at+int(row[c])] = 1
		}
	}
	beyond, err := checkFinite("sample", x, 1, d)
	if err != nil {
		return nil, err
	}
	out := *s
	out.file = nil
	out.x, out.shape = numbers[float64]{x: x, scale: 1, d: d, beyond: beyond}, []int{d}
	if schema := s.Schema(); len(schema.Columns) == len(t.Categories) {
		schema.Columns = expand(schema.Columns, t.Categories)
		out.schema = &schema
	}
	return &out, nil
}

// expand returns the columns of a OneHot: "colour=red".
func expand(columns []Column, categories []int) (all []Column) {
	for c, column := range columns {
		if categories[c] == 0 || len(column.Categories) != categories[c] {
			all = append(all, slices.Repeat([]Column{{Name: column.Name}}, max(categories[c], 1))...)
			continue
		}
		for _, name := range column.Categories {
			all = append(all, Column{Name: column.Name + "=" + name})
		}
	}
	return all
}

// Folds divides s into k parts for cross-validation, and returns for each the rest to train on and the part to test
// on. Every sample is in exactly one part; the numbers of samples of a class in two parts differ by at most one.
// Which sample goes where is a function of the seed.
//
// Errors: ErrInput if k is below 2 or above the number of samples.
func (s *Set) Folds(k int, seed uint64) (train, test []*Set, err error) {
	s = s.safe()
	if k < 2 || k > s.Len() {
		return nil, nil, errors.Wrapf(ErrInput, "data: %d folds of %d samples, want at least 2, and a sample in each",
			k, s.Len())
	}
	fold, at := make([]int, s.Len()), 0
	rng := rand.New(rand.NewPCG(seed, streamFolds))
	for _, of := range s.groups() {
		rng.Shuffle(len(of), func(i, j int) { of[i], of[j] = of[j], of[i] })
		for _, i := range of {
			fold[i] = at % k
			at++
		}
	}
	for f := range k {
		var in, out []int
		for i, of := range fold {
			if of == f {
				in = append(in, i)
			} else {
				out = append(out, i)
			}
		}
		part, err := s.Subset(in)
		if err != nil {
			return nil, nil, err
		}
		rest, err := s.Subset(out)
		if err != nil {
			return nil, nil, err
		}
		train, test = append(train, rest), append(test, part)
	}
	return train, test, nil
}
