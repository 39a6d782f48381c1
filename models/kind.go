package models

import (
	"encoding/json"
	"strings"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/given"
	"github.com/whitebox-nn/whitebox/layers"
)

// A Kind is a type of network that [Save] can write and [Load] can rebuild. Those of this package, and stock layers,
// are known; one of your own is made by KindOf and passed to both.
type Kind struct {
	name  string
	split func(layers.Layer) (config any, parts []layers.Layer, ok bool)
	join  func(from pieces) (layers.Layer, error)
}

// pieces are the parts of a network that a file holds.
type pieces struct {
	config   json.RawMessage
	matrices map[string]*mat.Dense // of the configuration, by the paths of their fields
	parts    []layers.Layer
	dt       tensor.Dtype
	weights  float64 // of all of the file: no network has more
}

// KindOf returns the Kind of networks of type L, which newL makes from a configuration and whose
// configuration config returns:
//
//	models.KindOf("example.com/wine.Net", NewNet, (*Net).Config)
//
// C becomes JSON by its exported fields. Of them, those that are interfaces or functions, as
// initial values are, are left out, a Dtype is set to that of the weights, and a *mat.Dense,
// as a dictionary is, becomes a tensor of the file, to the bit.
func KindOf[C any, L layers.Layer](name string, newL func(C) (L, error), config func(L) C) Kind {
	return kindOf(name, newL, config, nil)
}

// kindOf is KindOf for networks of which it is known how many weights they have at least: a file
// that holds fewer makes no huge network.
func kindOf[C any, L layers.Layer](
	name string, newL func(C) (L, error), config func(L) C, least func(C) float64,
) Kind {
	k := Kind{name: name}
	if newL == nil || config == nil {
		return k
	}
	k.split = func(l layers.Layer) (any, []layers.Layer, bool) {
		own, ok := l.(L)
		if !ok || given.Nil(l) {
			return nil, nil, false
		}
		return config(own), nil, true
	}
	k.join = func(from pieces) (layers.Layer, error) {
		var c C
		if err := decode(&c, from); err != nil {
			return nil, err
		}
		if len(from.parts) > 0 {
			return nil, errors.Errorf("%d parts, and it has none", len(from.parts))
		}
		if least != nil {
			if n := least(c); !(n <= from.weights) {
				return nil, errors.Errorf("it has at least %.3g weights, and the file holds %.0f", n, from.weights)
			}
		}
		return newL(c)
	}
	return k
}

// whole returns the Kind of networks that consist of a configuration and of count other networks; −1 is any number.
func whole[C any, L layers.Layer](
	name string, count int, split func(L) (C, []layers.Layer), join func(C, []layers.Layer) (layers.Layer, error),
) Kind {
	return Kind{name: name,
		split: func(l layers.Layer) (any, []layers.Layer, bool) {
			own, ok := l.(L)
			if !ok || given.Nil(l) {
				return nil, nil, false
			}
			config, parts := split(own)
			return config, parts, true
		},
		join: func(from pieces) (layers.Layer, error) {
			var c C
			if err := decode(&c, from); err != nil {
				return nil, err
			}
			if count >= 0 && len(from.parts) != count {
				return nil, errors.Errorf("%d parts, want %d", len(from.parts), count)
			}
			return join(c, from.parts)
		}}
}

// known checks kinds, and returns them together with the kinds of this package.
func known(kinds []Kind) ([]Kind, error) {
	all := append(stock(), kinds...)
	names := map[string]bool{"": true}
	for _, k := range all {
		if names[k.name] || k.join == nil {
			return nil, errors.Errorf("a Kind of the name %q: want one by KindOf, whose name no other has", k.name)
		}
		names[k.name] = true
	}
	return all, nil
}

// A made is a network in the form in which the file stores it: a Kind with its configuration, and its parts.
type made struct {
	Kind     string            `json:"kind"`
	Config   json.RawMessage   `json:"config,omitempty"`
	Matrices map[string]string `json:"matrices,omitempty"` // the names of their tensors, by fields of Config
	Parts    []made            `json:"parts,omitempty"`
}

// String returns the kinds: "Classifier of MLP, Linear".
func (m made) String() string {
	if len(m.Parts) == 0 {
		return m.Kind
	}
	words := make([]string, len(m.Parts))
	for i, p := range m.Parts {
		if words[i] = p.String(); len(p.Parts) > 0 {
			words[i] = "(" + words[i] + ")"
		}
	}
	return m.Kind + " of " + strings.Join(words, ", ")
}

// matrices are those of configurations, by the names of their tensors.
type matrices map[string]*mat.Dense

// describe returns how a network is made, and stores the matrices. path is where it is in the whole.
func describe(l layers.Layer, kinds []Kind, path string, store matrices) (made, error) {
	for _, k := range kinds {
		config, parts, ok := k.split(l)
		if !ok {
			continue
		}
		m := made{Kind: k.name}
		var err error
		if m.Config, m.Matrices, err = encode(config, path, store); err != nil {
			return m, errors.WithMessagef(err, "the configuration of a %s", k.name)
		}
		for i, p := range parts {
			part, err := describe(p, kinds, partOf(path, i), store)
			if err != nil {
				return m, err
			}
			m.Parts = append(m.Parts, part)
		}
		return m, nil
	}
	return made{}, errors.Errorf("a %T is of no known Kind: make one by KindOf, and pass it", l)
}

// deepest bounds how deeply parts may be nested.
const deepest = 100

// build makes the network, of a file that holds so many weights, and matrices by name.
func (m made) build(
	kinds []Kind, dt tensor.Dtype, weights float64, matrix func(name string) (*mat.Dense, error), depth int,
) (layers.Layer, error) {
	if depth > deepest {
		return nil, errors.Errorf("parts lie more than %d deep", deepest)
	}
	for _, k := range kinds {
		if k.name != m.Kind {
			continue
		}
		from := pieces{config: m.Config, matrices: make(map[string]*mat.Dense), dt: dt, weights: weights}
		for field, name := range m.Matrices {
			a, err := matrix(name)
			if err != nil {
				return nil, errors.WithMessagef(err, "a %s", k.name)
			}
			from.matrices[field] = a
		}
		for _, p := range m.Parts {
			part, err := p.build(kinds, dt, weights, matrix, depth+1)
			if err != nil {
				return nil, err
			}
			from.parts = append(from.parts, part)
		}
		l, err := k.join(from)
		return l, errors.WithMessagef(err, "a %s", k.name)
	}
	return nil, errors.Errorf("a network of the Kind %q, which is not known: make it by KindOf, and pass it", m.Kind)
}
