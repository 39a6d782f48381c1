package models

import (
	"maps"
	"slices"
	"strconv"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/given"
	"github.com/whitebox-nn/whitebox/internal/safetensors"
	"github.com/whitebox-nn/whitebox/metrics"
)

// tensors returns the matrices in the form in which the file stores them, float64.
func (m matrices) tensors() (all []safetensors.Tensor, err error) {
	for _, name := range slices.Sorted(maps.Keys(m)) {
		a := mat.DenseCopyOf(m[name]) // contiguous
		rows, cols := a.Dims()
		t, err := safetensors.New(name, a.RawMatrix().Data, rows, cols)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, nil
}

// A source returns the matrices of a file, and records which have been asked for.
type source struct {
	f    *safetensors.File
	used map[string]bool
}

// matrix returns the matrix of that name.
func (s source) matrix(name string) (*mat.Dense, error) {
	t, ok := s.f.Tensor(name)
	if !ok {
		return nil, errors.Errorf("none of the file's %d tensors is the matrix %q", len(s.f.Tensors), name)
	}
	if len(t.Shape) != 2 || t.Shape[0] < 1 || t.Shape[1] < 1 {
		return nil, errors.Errorf("%q has the shape %v, want a matrix", name, t.Shape)
	}
	x, err := safetensors.Get[float64](s.f, name, t.Shape...)
	if err != nil {
		return nil, err
	}
	for i, v := range x {
		if v-v != 0 {
			return nil, errors.Errorf("the matrix %q holds %v at element %d", name, v, i)
		}
	}
	s.used[name] = true
	return mat.NewDense(t.Shape[0], t.Shape[1], x), nil
}

// classes is a classifier of outputs in the form in which the file stores it.
type classes struct {
	Kind     string `json:"kind"`
	Count    int    `json:"classes"`
	Centered bool   `json:"centered,omitempty"`
}

// The classifiers that a file may hold.
const (
	nearestSubspace = "NearestSubspace"
	linearProbe     = "Probe"
)

// mostClasses bounds how many matrices a file is asked for.
const mostClasses = 1 << 16

// describeClasses returns how a classifier is made, and stores its matrices.
func describeClasses(c metrics.Classifier, store matrices) (*classes, error) {
	if given.Nil(c) {
		return nil, nil
	}
	var doc classes
	switch c := c.(type) {
	case *metrics.Subspaces:
		mu, bases := c.Bases()
		doc = classes{Kind: nearestSubspace, Count: len(bases), Centered: mu != nil}
		for j, b := range bases {
			store["classifier.basis"+strconv.Itoa(j)] = b
			if mu != nil {
				store["classifier.mean"+strconv.Itoa(j)] = mat.NewDense(1, len(mu[j]), mu[j])
			}
		}
	case *metrics.Linear:
		w, b := c.Weights()
		doc = classes{Kind: linearProbe, Count: len(b)}
		if len(b) > 0 {
			store["classifier.weight"], store["classifier.bias"] = w, mat.NewDense(1, len(b), b)
		}
	default:
		return nil, errors.Errorf("a Classifier of the type %T, want a *metrics.Subspaces or a *metrics.Linear", c)
	}
	if doc.Count == 0 || doc.Count > mostClasses {
		return nil, errors.Errorf("a Classifier of %d classes, want it made by Fit, of at most %d", doc.Count,
			mostClasses)
	}
	return &doc, nil
}

// build makes the classifier, nil of nil.
func (c *classes) build(matrix func(name string) (*mat.Dense, error)) (metrics.Classifier, error) {
	if c == nil {
		return nil, nil
	}
	if c.Count < 1 || c.Count > mostClasses {
		return nil, errors.Errorf("a classifier of %d classes, want 1 to %d", c.Count, mostClasses)
	}
	switch c.Kind {
	case nearestSubspace:
		return c.subspaces(matrix)
	case linearProbe:
		w, err := matrix("classifier.weight")
		if err != nil {
			return nil, err
		}
		b, err := matrix("classifier.bias")
		if err != nil {
			return nil, err
		}
		if _, k := b.Dims(); k != c.Count {
			return nil, errors.Errorf("a classifier of %d classes, and a bias of %d", c.Count, k)
		}
		return classifierOf(metrics.NewLinear(w, b.RawMatrix().Data))
	}
	return nil, errors.Errorf("a classifier of the kind %q, which is not known", c.Kind)
}

func (c *classes) subspaces(matrix func(name string) (*mat.Dense, error)) (metrics.Classifier, error) {
	var mu [][]float64
	var bases []*mat.Dense
	for j := range c.Count {
		b, err := matrix("classifier.basis" + strconv.Itoa(j))
		if err != nil {
			return nil, err
		}
		bases = append(bases, b)
		if c.Centered {
			m, err := matrix("classifier.mean" + strconv.Itoa(j))
			if err != nil {
				return nil, err
			}
			mu = append(mu, m.RawMatrix().Data)
		}
	}
	return classifierOf(metrics.NewSubspaces(mu, bases))
}

// classifierOf returns c, or nil if c holds a nil pointer.
func classifierOf[C metrics.Classifier](c C, err error) (metrics.Classifier, error) {
	if err != nil {
		return nil, err
	}
	return c, nil
}
