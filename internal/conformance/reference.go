// Package conformance runs vectors computed by other people's implementations
// through the public API, on graphs.
//
// A reference is one JSON file: a name whose prefix says what to do, the
// parameters of the case, and tensors, row-major:
//
//	{"name": "mcr2_balanced", "source": "…", "params": {…},
//	 "tensors": {"Z": {"shape": [24, 8], "data": […]}, …}}
//
// To add a kind, add a file here with a function of type check and name it in
// kinds. Golden vectors are told by their keys instead: see ReadAll.
package conformance

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"
)

// A Reference is one case of another implementation.
type Reference struct {
	Name    string
	Source  string
	Params  Params
	Tensors map[string]Tensor

	golden bool // all values are in Params, whose keys say the kind
}

// A Tensor is dense and row-major; a complex one has Re and Im instead of Data.
type Tensor struct {
	Shape        []int
	Data, Re, Im []float64
}

// Params are the settings of a case, as JSON.
type Params map[string]json.RawMessage

// Read reads a reference. The name is the file's if the file does not say.
func Read(path string) (*Reference, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, errors.Wrap(err, "conformance")
	}
	r := &Reference{}
	if err := json.Unmarshal(b, r); err != nil {
		return nil, errors.Wrapf(err, "conformance: %s", path)
	}
	if r.Name == "" {
		r.Name = strings.TrimSuffix(filepath.Base(path), ".json")
	}
	for name, t := range r.Tensors {
		size := 1
		for _, d := range t.Shape {
			size *= d
		}
		if t.Re == nil && len(t.Data) != size {
			return nil, errors.Errorf("conformance: %s: tensor %s has %d elements for shape %v", path, name,
				len(t.Data), t.Shape)
		}
	}
	return r, nil
}

// Float returns a number, or def if the case does not set it.
func (p Params) Float(name string, def float64) (float64, error) { return get(p, name, def) }

// Bool returns a flag, or false if the case does not set it.
func (p Params) Bool(name string) (bool, error) { return get(p, name, false) }

// Floats returns a list of numbers, nil if the case does not set it.
func (p Params) Floats(name string) ([]float64, error) { return get[[]float64](p, name, nil) }

func get[T any](p Params, name string, def T) (T, error) {
	raw, ok := p[name]
	if !ok || string(raw) == "null" {
		return def, nil
	}
	err := json.Unmarshal(raw, &def)
	return def, errors.Wrapf(err, "conformance: parameter %s", name)
}

// tensor returns the tensor of that name.
func (r *Reference) tensor(name string) (Tensor, error) {
	t, ok := r.Tensors[name]
	if !ok {
		return t, errors.Errorf("conformance: %s has no tensor %q", r.Name, name)
	}
	return t, nil
}

// find returns the tensor of the first of the names that the reference has.
func (r *Reference) find(names ...string) (t Tensor, ok bool) {
	for _, name := range names {
		if t, ok = r.Tensors[name]; ok {
			return t, true
		}
	}
	return t, false
}
