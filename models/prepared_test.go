package models_test

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/train"
)

// A rawSet is samples as files have them, and how a network's are prepared.
type rawSet struct {
	fit  []data.Fitter
	read func(ctx context.Context, dir string, schema *data.Schema) (*data.Set, error)
}

func rawSets() map[string]rawSet {
	return map[string]rawSet{
		"table": {[]data.Fitter{data.OneHot{}, data.Standardize{}},
			func(_ context.Context, dir string, schema *data.Schema) (*data.Set, error) {
				return data.LoadCSV(filepath.Join(dir, "t.csv"), data.CSVConfig{Schema: schema})
			}},
		"images": {[]data.Fitter{data.Standardize{}},
			func(ctx context.Context, dir string, schema *data.Schema) (*data.Set, error) {
				return data.ImageFolder{Dir: filepath.Join(dir, "pictures"), Schema: schema}.Load(ctx)
			}},
		"arrays": {[]data.Fitter{data.MinMax{}},
			func(_ context.Context, _ string, schema *data.Schema) (*data.Set, error) {
				return data.LoadArrays("../data/testdata/images.npy", "../data/testdata/labels.npy",
					data.ArraysConfig{Schema: schema, Scale: 1, ChannelsLast: true})
			}},
	}
}

// writeRaw writes the table and the images.
func writeRaw(t *testing.T, dir string) {
	t.Helper()
	text := "a,colour,class\n"
	for i := range 20 {
		text += fmt.Sprintf("%d,%s,%s\n", 1000+i*i, []string{"red", "blue"}[i/3%2], []string{"no", "yes"}[i%2])
		m := image.NewGray(image.Rect(0, 0, 3, 2))
		m.SetGray(i%3, i%2, color.Gray{Y: byte(200 + i)})
		path := filepath.Join(dir, "pictures", []string{"cat", "dog"}[i%2], fmt.Sprintf("%d.png", i))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o777))
		f := must(os.Create(path))
		require.NoError(t, png.Encode(f, m))
		require.NoError(t, f.Close())
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "t.csv"), []byte(text), 0o666))
}

// answers are the classes by their names, and the probabilities to the bit.
func answers(ctx context.Context, model layers.Layer, set *data.Set) string {
	var b strings.Builder
	for _, c := range must(train.Predict(ctx, model, set)) {
		fmt.Fprint(&b, set.ClassNames()[c], " ")
	}
	for _, v := range must(train.PredictProba(ctx, model, set)).RawMatrix().Data {
		fmt.Fprintf(&b, "%x ", math.Float64bits(v))
	}
	return b.String()
}

// TestAnotherProcessPreparesTheSame trains on a table, on images and on arrays, each prepared by what was measured on
// it. A process that has the files of the models alone, and the raw samples, predicts the same bits.
func TestAnotherProcessPreparesTheSame(t *testing.T) {
	const folder, mark = "WHITEBOX_TEST_PREPARED", "answer of "
	if dir := os.Getenv(folder); dir != "" {
		for name, raw := range rawSets() {
			s := must(models.Load(filepath.Join(dir, name)))
			set := must(s.Prepare.Apply(must(raw.read(t.Context(), dir, &s.Schema))))
			fmt.Println(mark + name + ": " + answers(t.Context(), s.Model, set))
		}
		return
	}
	dir := t.TempDir()
	writeRaw(t, dir)
	cmd := exec.Command(must(os.Executable()), "-test.run=^TestAnotherProcessPreparesTheSame$")
	cmd.Env = append(os.Environ(), folder+"="+dir)
	var want []string
	for name, raw := range rawSets() {
		set := must(raw.read(t.Context(), dir, nil))
		prepare := must(data.Fit(set, raw.fit...))
		ready := must(prepare.Apply(set))
		width := size(ready.Shape())
		model := layers.Sequential{layers.Flatten{},
			must(models.NewMLP(models.MLPConfig{Dims: []int{width, 4, 2}, Seed: 5}))}
		_, err := train.Fit(t.Context(), model, losses.CrossEntropy{}, ready, train.FitConfig{Epochs: 3})
		require.NoError(t, err)
		require.NoError(t, models.Save(filepath.Join(dir, name), models.Saved{Model: model, Prepare: prepare,
			Schema: set.Schema()}))
		expected := answers(t.Context(), model, ready)
		require.NotEqual(t, expected, answers(t.Context(), model, rough(t, set, ready)), "preparing does nothing")
		want = append(want, mark+name+": "+expected)
	}
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	for _, line := range want {
		require.Contains(t, string(out), line)
	}
}

// rough returns the samples unprepared, or if they have another width others than ready.
func rough(t *testing.T, set, ready *data.Set) *data.Set {
	t.Helper()
	if size(set.Shape()) == size(ready.Shape()) {
		return set
	}
	n := data.Normalize{Mean: make([]float64, ready.Shape()[0]), Std: make([]float64, ready.Shape()[0])}
	for c := range n.Std {
		n.Mean[c], n.Std[c] = 0.5, 1
	}
	return must(ready.Normalized(n))
}
