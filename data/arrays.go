package data

import (
	"slices"
	"strconv"

	"github.com/pkg/errors"
)

// ArrayAs returns the numbers of an array as numbers of type T, row-major. Numbers are never rounded;
// false and true are 0 and 1. Where they are of type T already, the result is the array's own memory.
//
// Errors: [ErrFormat] for a number that a T cannot hold.
func ArrayAs[T uint8 | int | float32 | float64](a *Array) ([]T, error) {
	if a == nil || a.x == nil {
		return nil, errors.Wrap(ErrInput, "data: array: it is nil: ReadNPY makes one")
	}
	x, err := arrayAs[T](a)
	return x, errors.WithMessage(err, "data: array")
}

func arrayAs[T uint8 | int | float32 | float64](a *Array) ([]T, error) {
	var zero T
	switch v := any(a.x).(type) { // its own memory
	case typed[uint8]:
		if x, ok := any([]uint8(v)).([]T); ok {
			return x, nil
		}
	case typed[float32]:
		if x, ok := any([]float32(v)).([]T); ok {
			return x, nil
		}
	case typed[float64]:
		if x, ok := any([]float64(v)).([]T); ok {
			return x, nil
		}
	}
	x := make([]T, a.x.len())
	switch any(zero).(type) {
	case uint8, int:
		for i := range x {
			v, ok := a.x.integer(i)
			if x[i] = T(v); !ok || int64(x[i]) != v {
				return nil, notExact(a, i, zero)
			}
		}
	default:
		for i := range x {
			v, ok := a.x.float(i)
			if x[i] = T(v); !ok || float64(x[i]) != v && v == v {
				return nil, notExact(a, i, zero)
			}
		}
	}
	return x, nil
}

func notExact[T uint8 | int | float32 | float64](a *Array, i int, zero T) error {
	return errors.Wrapf(ErrFormat, "number %d is %v of type %s, and no %T: nothing is rounded", i, a.x.text(i), a.dtype,
		zero)
}

// ArraysConfig says what two arrays mean, of samples and of their targets. The zero value of a field is its default.
type ArraysConfig struct {
	// Scale is what numbers are multiplied by; 0 is 1/255 for images of uint8, and otherwise 1.
	Scale float64

	// ChannelsLast says that images are n×h×w×c, as most Python code has them, and not n×c×h×w.
	ChannelsLast bool

	// Targets says that the second array holds numbers to predict, n or n×d, rather than classes.
	Targets bool

	// Schema is that of the set that a model was trained on: labels get its classes. Without one,
	// classes are the labels that occur, in their order.
	Schema *Schema
}

// NewArrays returns the set of samples x and targets y. The first size of x is the number of samples: n×d is vectors,
// n×h×w images of 1×h×w, and n×c×h×w images of c×h×w. Labels are n, or n×1, whole numbers of any type: the classes
// are 0, 1, … in the order of the labels that occur, which Set.ClassNames has. A nil y is a set without labels: every
// sample is of class 0.
//
// Errors: ErrInput for shapes that do not fit each other, no samples, labels that are no whole numbers,
// or that the Schema has not, and numbers that are not finite; ErrFormat for integers that float64 does
// not hold.
func NewArrays(x, y *Array, cfg ArraysConfig) (*Set, error) {
	s, err := cfg.set(x, y)
	return s, errors.WithMessage(err, "data: arrays")
}

// LoadArrays reads the set of samples and targets in two files that numpy.save wrote. An empty labels is
// a set without them. See NewArrays.
//
//	set, err := data.LoadArrays("x.npy", "y.npy", data.ArraysConfig{})
func LoadArrays(samples, labels string, cfg ArraysConfig) (*Set, error) {
	x, err := loadNPY(samples)
	if err != nil {
		return nil, errors.WithMessage(err, "data: arrays")
	}
	var y *Array
	where := samples
	if labels != "" {
		if y, err = loadNPY(labels); err != nil {
			return nil, errors.WithMessage(err, "data: arrays")
		}
		where += " and " + labels
	}
	s, err := cfg.set(x, y)
	return s, errors.WithMessagef(err, "data: arrays: %s", where)
}

// set joins samples and targets.
func (cfg ArraysConfig) set(x, y *Array) (*Set, error) {
	if x == nil || x.x == nil {
		return nil, errors.Wrap(ErrInput, "the samples are nil: ReadNPY makes an array")
	}
	shape, err := cfg.fit(x, y)
	if err != nil {
		return nil, err
	}
	scale := cfg.scale(x, shape)
	switch v := x.x.(type) {
	case typed[uint8]:
		return setOf([]uint8(v), scale, shape, cfg, y)
	case typed[float32]:
		return setOf([]float32(v), scale, shape, cfg, y)
	}
	v, err := arrayAs[float64](x)
	if err != nil {
		return nil, errors.WithMessage(err, "samples")
	}
	return setOf(v, scale, shape, cfg, y)
}

// fit returns the shape of a sample, if the targets are of as many.
func (cfg ArraysConfig) fit(x, y *Array) ([]int, error) {
	shape, err := cfg.sample(x)
	if err == nil && y != nil && (len(y.shape) == 0 || y.shape[0] != x.shape[0] || len(y.shape) > 2) {
		err = errors.Wrapf(ErrInput, "samples of shape %v with targets of shape %v, want %d of them, or as many rows",
			x.shape, y.shape, x.shape[0])
	}
	return shape, err
}

// scale returns what the numbers are multiplied by.
func (cfg ArraysConfig) scale(x *Array, shape []int) float64 {
	if cfg.Scale == 0 && len(shape) == 3 && x.dtype == "uint8" {
		return 1.0 / 255
	}
	return cfg.Scale
}

// sample returns the shape of a sample.
func (cfg ArraysConfig) sample(x *Array) ([]int, error) {
	switch d := len(x.shape); {
	case d < 2 || d > 4:
		return nil, errors.Wrapf(ErrInput, "samples of shape %v, want n×d, n×h×w or n×c×h×w", x.shape)
	case x.shape[0] == 0:
		return nil, errors.Wrapf(ErrInput, "samples of shape %v, want one at least", x.shape)
	case cfg.ChannelsLast && d != 4:
		return nil, errors.Wrapf(ErrInput, "samples of shape %v with ChannelsLast, want n×h×w×c", x.shape)
	case d == 3:
		return []int{1, x.shape[1], x.shape[2]}, nil
	case cfg.ChannelsLast:
		return []int{x.shape[3], x.shape[1], x.shape[2]}, nil
	}
	return slices.Clone(x.shape[1:]), nil
}

// setOf makes the set.
func setOf[T Element](x []T, scale float64, shape []int, cfg ArraysConfig, y *Array) (*Set, error) {
	if cfg.ChannelsLast {
		x = channelsFirst(x, shape)
	}
	s, err := samples(x, scale, shape, len(x)/max(1, size(shape)))
	if err != nil {
		return nil, err
	}
	return cfg.target(s, y)
}

// target gives the samples of s their targets.
func (cfg ArraysConfig) target(s *Set, y *Array) (*Set, error) {
	n := s.x.len()
	if cfg.Targets {
		if y == nil || len(y.shape) == 2 && y.shape[1] == 0 {
			return nil, errors.Wrap(ErrInput, "Targets, and no array of them")
		}
		values, err := arrayAs[float64](y)
		if err != nil {
			return nil, errors.WithMessage(err, "targets")
		}
		return withTargets(s, values, len(values)/n)
	}
	labels, names := make([]int, n), []string(nil)
	if y != nil {
		var err error
		if labels, names, err = cfg.labels(y); err != nil {
			return nil, errors.WithMessage(err, "labels")
		}
	} else if cfg.Schema != nil {
		names = cfg.Schema.Label.Categories
	}
	classes := max(1, len(names))
	if err := checkLabels(labels, classes); err != nil {
		return nil, err
	}
	s.labels, s.classes, s.target = labels, classes, []int{}
	if names == nil {
		return s, nil
	}
	return s.named(Schema{Label: Column{Categories: slices.Clone(names)}}), nil
}

// labels returns the class of each sample, and the names of all classes.
func (cfg ArraysConfig) labels(y *Array) (labels []int, names []string, err error) {
	if len(y.shape) == 2 && y.shape[1] != 1 {
		return nil, nil, errors.Wrapf(ErrInput, "shape %v, want n or n×1: set Targets to predict vectors", y.shape)
	}
	for i := range y.x.len() {
		if v, ok := y.x.integer(i); !ok {
			return nil, nil, errors.Wrapf(ErrInput, "label %d is %v, and no whole number: set Targets to predict "+
				"numbers", i, y.x.text(i))
		} else if labels = append(labels, int(v)); v != int64(labels[i]) {
			return nil, nil, errors.Wrapf(ErrInput, "label %d is %v, which is no int", i, v)
		}
	}
	class, names := cfg.classes(labels)
	for i, v := range labels {
		c, ok := class[v]
		if !ok {
			return nil, nil, errors.Wrapf(ErrInput, "label %d is %d, which is none of the %d classes of the Schema",
				i, v, len(names))
		}
		labels[i] = c
	}
	return labels, names, nil
}

// classes returns the class of each label, and the names of the classes: those of the Schema, where a label is the
// number of its class if the names are not numbers; without a Schema, the labels that occur.
func (cfg ArraysConfig) classes(labels []int) (class map[int]int, names []string) {
	class = make(map[int]int)
	if cfg.Schema == nil {
		values := slices.Clone(labels)
		slices.Sort(values)
		for c, v := range slices.Compact(values) {
			class[v], names = c, append(names, strconv.Itoa(v))
		}
		return class, names
	}
	names = cfg.Schema.Label.Categories
	numbered := true
	for c, name := range names {
		v, err := strconv.Atoi(name)
		class[v], numbered = c, numbered && err == nil
	}
	if !numbered {
		clear(class)
		for c := range names {
			class[c] = c
		}
	}
	return class, names
}

// channelsFirst returns images h×w×c as images of shape c×h×w.
func channelsFirst[T Element](x []T, shape []int) []T {
	out, c, pixels := make([]T, len(x)), shape[0], shape[1]*shape[2]
	for lo := 0; lo < len(x); lo += c * pixels {
		for i := range pixels {
			for k := range c {
				out[lo+k*pixels+i] = x[lo+i*c+k]
			}
		}
	}
	return out
}
