// Package conformance runs vectors computed by other people's implementations
// through the public API, on graphs.
//
// A reference is one JSON file: a name whose prefix says what to do, the
// parameters of the case, and tensors, row-major:
//
//	{"name": "mcr2_balanced", "source": "…", "params": {…},
//	 "tensors": {"Z": {"shape": [24, 8], "data": […]}, …}}
//
// Golden vectors are flat: every field is a setting or nested lists of numbers, and
// which fields there are tells the kind. A file has one such case, or several by name:
//
//	{"coding_rate": {"Z": [[…], …], "eps2": 0.5, …}, …}
//
// To add a kind, write a function of type check and name it in kinds.
package conformance

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/build"
)

// A Reference is one case of another implementation.
type Reference struct {
	Name    string
	Source  string
	Params  map[string]json.RawMessage // the settings; of a golden vector all fields
	Tensors map[string]Tensor

	golden bool
}

// A Tensor is dense and row-major; a complex one has Re and Im instead of Data.
type Tensor struct {
	Shape        []int
	Data, Re, Im []float64
}

// Read reads every case of a file. A case is named by the file, unless it says its name.
func Read(path string) (cases []*Reference, err error) {
	defer build.Catch(&err, "conformance: %s", path)
	text := must(os.ReadFile(path))
	one := &Reference{Name: strings.TrimSuffix(filepath.Base(path), ".json"), golden: true}
	build.Check(json.Unmarshal(text, &one.Params))
	if one.Params["tensors"] != nil {
		one.Params, one.golden = nil, false
		build.Check(json.Unmarshal(text, one))
		for name, t := range one.Tensors {
			if t.Re == nil && len(t.Data) != tensor.Shape(t.Shape).TotalSize() {
				fail("tensor %s has %d elements for shape %v", name, len(t.Data), t.Shape)
			}
		}
		return []*Reference{one}, nil
	}
	for key, value := range one.Params {
		c := &Reference{Name: one.Name + "." + key, golden: true}
		if bytes.HasPrefix(value, []byte("{")) && json.Unmarshal(value, &c.Params) == nil {
			cases = append(cases, c)
		}
	}
	if len(cases) == 0 || one.check() != nil {
		return []*Reference{one}, nil
	}
	slices.SortFunc(cases, func(a, b *Reference) int { return strings.Compare(a.Name, b.Name) })
	return cases, nil
}

// has returns the first of the names that the case has numbers of, "" for none.
func (r *Reference) has(names ...string) string {
	for _, name := range names {
		if _, ok := r.Tensors[name]; ok || r.set(name) && (r.golden || r.Params[name][0] == '[') {
			return name
		}
	}
	return ""
}

// set reports whether the case has the setting.
func (r *Reference) set(name string) bool {
	return r.Params[name] != nil && string(r.Params[name]) != "null"
}

// tensor returns the numbers of the first of the names that the case has.
func (r *Reference) tensor(names ...string) Tensor {
	name := r.has(names...)
	if name == "" {
		fail("the case has no tensor %q", names[0])
	}
	if t, ok := r.Tensors[name]; ok {
		return t
	}
	t := Tensor{Shape: []int{}}
	var v any
	build.Check(json.Unmarshal(r.Params[name], &v))
	for at := v; ; {
		list, ok := at.([]any)
		if !ok || len(list) == 0 {
			break
		}
		t.Shape, at = append(t.Shape, len(list)), list[0]
	}
	if t.Data = flatten(nil, v); len(t.Data) != tensor.Shape(t.Shape).TotalSize() {
		fail("%s has %d numbers for shape %v", name, len(t.Data), t.Shape)
	}
	return t
}

func flatten(x []float64, v any) []float64 {
	switch v := v.(type) {
	case float64:
		return append(x, v)
	case []any:
		for _, e := range v {
			x = flatten(x, e)
		}
	}
	return x
}

// setting returns the first of the settings that the case has, or def.
func setting[T any](r *Reference, def T, names ...string) T {
	for _, name := range names {
		if r.set(name) {
			build.Check(errors.Wrapf(json.Unmarshal(r.Params[name], &def), "setting %s", name))
			break
		}
	}
	return def
}

// number, flag and text return settings of one type.
func (r *Reference) number(def float64, names ...string) float64 { return setting(r, def, names...) }

func (r *Reference) flag(def bool, names ...string) bool { return setting(r, def, names...) }

func (r *Reference) text(def string, names ...string) string { return setting(r, def, names...) }

// whole returns a number without a fraction.
func (r *Reference) whole(def int, names ...string) int {
	return ints([]float64{r.number(float64(def), names...)})[0]
}

// list returns a list of numbers, of one if the case has that, nil if the setting is not there.
func (r *Reference) list(names ...string) []float64 {
	for _, name := range names {
		if r.set(name) && r.Params[name][0] != '[' {
			return []float64{r.number(0, name)}
		}
	}
	return setting[[]float64](r, nil, names...)
}

// must returns v, or abandons the check.
func must[T any](v T, err error) T {
	build.Check(err)
	return v
}

func fail(format string, args ...any) { build.Check(errors.Errorf(format, args...)) }

// ints returns numbers that have no fractions as integers.
func ints(v []float64) []int {
	out := make([]int, len(v))
	for i, x := range v {
		if out[i] = int(x); float64(out[i]) != x {
			fail("%v is no integer", x)
		}
	}
	return out
}

func floats(v []int) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = float64(x)
	}
	return out
}
