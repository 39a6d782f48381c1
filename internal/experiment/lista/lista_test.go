package lista

import (
	"context"
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/report"
)

// command runs the command in a directory and returns its table.
func command(t *testing.T, ctx context.Context, out string, args ...string) (string, error) {
	t.Helper()
	cfg, err := parse(append([]string{"-m", "8", "-n", "16", "-layers", "4", "-out", out}, args...), io.Discard)
	require.NoError(t, err)
	var table strings.Builder
	err = run(ctx, cfg, &table, io.Discard)
	return table.String(), err
}

// written returns summary.json.
func written(t *testing.T, dir string) (s summary) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "summary.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &s))
	return s
}

func TestListaWritesEverything(t *testing.T) {
	dir := t.TempDir()
	table, err := command(t, context.Background(), dir, "-steps", "30", "-snr", "40", "-seed", "3")
	require.NoError(t, err)
	s := written(t, dir)
	require.Equal(t, []int{8, 16, 4}, []int{s.M, s.N, s.Layers})
	require.Equal(t, 40.0, *s.SNR)
	require.EqualValues(t, 3, s.Seed)
	require.Len(t, s.NMSE, 9)
	for _, name := range methodNames() {
		require.Contains(t, table, name)
		require.Len(t, s.NMSE[name], 5, name)
		require.Zero(t, s.NMSE[name][0], "layer 0 is the code 0")
		require.Contains(t, s.Seconds, name)
	}
	for _, file := range []string{"report.html", "nmse.png", "support.svg", "thresholds.png", "layers.png",
		"settings.json",
		"lista/weights.safetensors", "lista/last.safetensors", "alista/metrics.jsonl", "ista/result.json"} {
		require.FileExists(t, filepath.Join(dir, file))
	}
	require.NoFileExists(t, filepath.Join(dir, "ista", "weights.safetensors"))
	for name, layers := range map[string]int{"lista": 4, "alista": 4, "step-lista": 0} {
		h, err := report.ReadHistory(filepath.Join(dir, name, logName))
		require.NoError(t, err)
		for _, metric := range []string{"nmse_db", "precision", "recall"} {
			for layer := 1; layer <= 4; layer++ {
				steps, _ := h.Series("train", "net."+metric+strconv.Itoa(layer))
				require.Equal(t, layer <= layers, len(steps) > 0, "%s of layer %d of %s, which sees codes or does not",
					metric, layer, name)
			}
		}
		theta, _ := h.Series("train", "net.theta4")
		require.Equal(t, layers > 0, len(theta) > 0, "the threshold of %s", name)
	}
}

// TestListaGoesOn stops a run in the middle of a network, and compares what the
// resumed one gives with one that was not stopped.
func TestListaGoesOn(t *testing.T) {
	for _, full := range []string{"-full=false", "-full=true"} {
		args := []string{"-steps", "10", "-methods", "fista,LISTA,alista", full}
		whole := t.TempDir()
		_, err := command(t, context.Background(), whole, args...)
		require.NoError(t, err)
		dir := t.TempDir()
		ctx, cancel := context.WithCancel(context.Background())
		cfg, err := parse(append([]string{"-m", "8", "-n", "16", "-layers", "4", "-out", dir}, args...), io.Discard)
		require.NoError(t, err)
		err = run(ctx, cfg, io.Discard, writerFunc(func(text string) {
			if strings.Contains(text, "LISTA s") {
				cancel()
			}
		}))
		require.ErrorIs(t, err, context.Canceled)
		_, err = command(t, context.Background(), dir, append(args, "-resume")...)
		require.NoError(t, err)
		require.Equal(t, written(t, whole).NMSE, written(t, dir).NMSE, full)
		_, err = command(t, context.Background(), dir, append(args, "-resume", "-seed", "2")...)
		require.ErrorContains(t, err, "the settings differ")
	}
}

// A writerFunc is a writer that shows what is written.
type writerFunc func(text string)

func (f writerFunc) Write(b []byte) (int, error) { f(string(b)); return len(b), nil }

func TestFindingsSayWhatDidNotHappen(t *testing.T) {
	of := func(name string, last float64) *result { return &result{Name: name, Curve: []float64{0, last}} }
	lines := findings([]*result{of("ISTA", -5), of("FISTA", -6), of("LISTA", -20), of("LISTA-CPSS", -17),
		of("ALISTA", math.NaN())})
	require.Equal(t, []string{"After 1 layers, on samples that no method was tuned or trained on: FISTA is 1.0 dB " +
		"below ISTA, and should be below by 3 dB or more; " +
		"LISTA is 14.0 dB below FISTA; LISTA-CPSS is 3.0 dB above LISTA, and should be below; ALISTA or LISTA " +
		"diverged, and should be below. Were these enough steps?"}, lines)
	require.Equal(t, "FISTA is 4.0 dB below ISTA.",
		findings([]*result{of("ISTA", -5), of("FISTA", -9)})[0][len(
			"After 1 layers, on samples that no method was tuned or trained on: "):])
}

func TestBadCommands(t *testing.T) {
	for want, args := range map[string][]string{
		"want 1 ≤ m ≤ n":          {"-m", "9", "-n", "8"},
		"-layers 1":               {"-layers", "1"},
		`-snr "none"`:             {"-snr", "none"},
		`"WISTA" is none of ISTA`: {"-methods", "WISTA"},
		"want generated":          {"-data", "mnist"},
		"want only flags":         {"now"},
		"-condition 0.5":          {"-condition", "0.5"},
		"-lr -1":                  {"-lr", "-1"},
		"-out is empty":           {"-out", ""},
		"-condition NaN":          {"-condition", "NaN"},
		"-condition +Inf":         {"-condition", "Inf"},
		"-snr 1e+09":              {"-snr", "1e9"},
		"-steps 9223372036854775807, want at most": {"-steps", "9223372036854775807"},
		"-layers 9223372036854775807":              {"-layers", "9223372036854775807"},
		"-n 4294967296 would have":                 {"-n", "4294967296"},
		"-m 9223372036854775807 and":               {"-m", "9223372036854775807", "-n", "9223372036854775807"},
	} {
		_, err := parse(args, io.Discard)
		require.ErrorContains(t, err, want)
	}
}

// TestWhatDivergedIsWrittenAndRead: JSON has no infinity, and one method that
// diverges must not cost the others their report.
func TestWhatDivergedIsWrittenAndRead(t *testing.T) {
	text, err := json.Marshal(result{Name: "AMP", Curve: []float64{0, -3, math.Inf(1)}})
	require.NoError(t, err)
	require.Contains(t, string(text), `"curve":[0,-3,null]`)
	var r result
	require.NoError(t, json.Unmarshal(text, &r))
	require.Len(t, r.Curve, 3)
	require.Equal(t, -3.0, r.Curve[1])
	require.Equal(t, "diverged", decibels(r.last()))
}

// TestAResultWithoutLayersIsRefused: a file that was cut or edited.
func TestAResultWithoutLayersIsRefused(t *testing.T) {
	require.True(t, math.IsNaN((&result{}).last()))
	dir := t.TempDir()
	args := []string{"-steps", "2", "-methods", "FISTA"}
	_, err := command(t, t.Context(), dir, args...)
	require.NoError(t, err)
	path := filepath.Join(dir, "fista/result.json")
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	for _, edit := range []struct {
		key   string
		value any
		says  string
	}{
		{"curve", []float64{}, "the NMSE after 0 layers"}, {"curve", nil, "the NMSE after 0 layers"},
		{"curve", []float64{0, -1}, "the NMSE after 2 layers"},
		{"sparsity", make([]float64, 1000), "a sparsity of 1000 layers"}, {"name", "ISTA", `it is of "ISTA"`},
	} {
		var doc map[string]any
		require.NoError(t, json.Unmarshal(whole, &doc))
		in := doc
		for _, v := range doc { // the result is in an object of its own
			if inner, ok := v.(map[string]any); ok && inner["curve"] != nil {
				in = inner
			}
		}
		require.Contains(t, in, edit.key)
		in[edit.key] = edit.value
		text, err := json.Marshal(doc)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, text, 0o666))
		_, err = command(t, t.Context(), dir, append(args, "-resume")...)
		require.ErrorContains(t, err, edit.says)
	}
	require.NoError(t, os.WriteFile(path, whole, 0o666))
	_, err = command(t, t.Context(), dir, append(args, "-resume")...)
	require.NoError(t, err)
}

// TestAResultOfAnotherRunIsRefused has the settings of one run, and the result of another.
func TestAResultOfAnotherRunIsRefused(t *testing.T) {
	one, other := t.TempDir(), t.TempDir()
	for dir, seed := range map[string]string{one: "1", other: "2"} {
		_, err := command(t, t.Context(), dir, "-steps", "2", "-methods", "FISTA,ALISTA", "-seed", seed)
		require.NoError(t, err)
	}
	for name, says := range map[string]string{
		"fista/result.json": "FISTA: -resume: ", "alista/result.json": "ALISTA: -resume: ",
		"alista/last.safetensors": "seed 2 → 1",
	} {
		text, err := os.ReadFile(filepath.Join(other, name))
		require.NoError(t, err)
		before, err := os.ReadFile(filepath.Join(one, name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(one, name), text, 0o666))
		if filepath.Ext(name) == ".safetensors" { // which is asked where there is no result yet
			require.NoError(t, os.Remove(filepath.Join(one, "alista/result.json")))
		}
		_, err = command(t, t.Context(), one, "-steps", "2", "-methods", "FISTA,ALISTA", "-resume")
		require.ErrorContains(t, err, says)
		require.ErrorContains(t, err, "seed 2 → 1")
		require.NoError(t, os.WriteFile(filepath.Join(one, name), before, 0o666))
		if filepath.Ext(name) == ".safetensors" {
			_, err = command(t, t.Context(), one, "-steps", "2", "-methods", "FISTA,ALISTA", "-resume")
			require.NoError(t, err)
		}
	}
}
