package conformance_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/conformance"
)

// TestAlteredGolden shows that a wrong digit is seen in any number of a golden
// vector of a kind that is known.
func TestAlteredGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/golden*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		cases, err := conformance.Read(file)
		require.NoError(t, err)
		for _, r := range cases {
			if _, _, err := conformance.Run(r, tensor.Float64); errors.Is(err, conformance.ErrUnsupported) {
				continue
			}
			for name, sound := range r.Params {
				var v any
				require.NoError(t, json.Unmarshal(sound, &v))
				altered, err := json.Marshal(alter(v, new(int)))
				require.NoError(t, err)
				if string(altered) == string(sound) || name == "lmbda" {
					continue // words, and a λ at which memberships are 0 or 1 to all digits
				}
				r.Params[name] = altered
				worst, _, err := conformance.Run(r, tensor.Float64)
				if err == nil {
					assert.Greater(t, worst, conformance.Tolerance(r, tensor.Float64), "%s: %s altered", r.Name, name)
				}
				r.Params[name] = sound
			}
		}
	}
}

// alter returns v with each number in it changed.
func alter(v any, count *int) any {
	switch v := v.(type) {
	case float64:
		*count++
		return v + 1e-3*float64(*count)
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = alter(v[i], count)
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for key := range v {
			out[key] = alter(v[key], count)
		}
		return out
	}
	return v
}

// TestReadTellsKindsByKeys shows that names do not matter, and that a file with
// one case, several, or none that is known is read as what it is.
func TestReadTellsKindsByKeys(t *testing.T) {
	text, err := os.ReadFile("testdata/golden1.json")
	require.NoError(t, err)
	var all map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(text, &all))
	dir := t.TempDir()
	write := func(name, text string) []*conformance.Reference {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		cases, err := conformance.Read(path)
		require.NoError(t, err)
		return cases
	}
	for _, text := range []string{string(all["coding_rate"]), `{"other name": ` + string(all["coding_rate"]) +
		`, "note": "words"}`} {
		cases := write("x.json", text)
		require.Len(t, cases, 1)
		worst, _, err := conformance.Run(cases[0], tensor.Float64)
		require.NoError(t, err)
		require.Less(t, worst, 1e-9)
	}
	for _, text := range []string{`{}`, `{"a": 1}`, `{"a": {"b": 2}}`} {
		cases := write("y.json", text)
		require.Len(t, cases, 1)
		_, _, err := conformance.Run(cases[0], tensor.Float64)
		require.ErrorIs(t, err, conformance.ErrUnsupported)
	}
	require.Len(t, write("optim_sgd.json", `{"name": "optim_sgd", "tensors": {}}`), 1)
	_, err = conformance.Read(filepath.Join(dir, "none.json"))
	require.ErrorIs(t, err, os.ErrNotExist)
}
