package models_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/internal/safetensors"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/metrics"
	"github.com/whitebox-nn/whitebox/models"
)

// FuzzLoad loads files that anybody may have written: as they are, and what a sound file of an MLP's weights says
// of its network, which is the text. What is loaded can be saved.
func FuzzLoad(f *testing.F) {
	dir := f.TempDir()
	path := filepath.Join(dir, "m")
	mlp := must(models.NewMLP(models.MLPConfig{Dims: []int{2, 3, 2}}))
	z := mat.NewDense(6, 2, draws(1, 12))
	some := []models.Saved{
		{Model: mlp, Prepare: data.Preparation{{Categories: []int{0, 1}},
			{Mean: []float64{1, 2}, Std: []float64{3, 4}}},
			Schema: data.Schema{Columns: []data.Column{{Name: "a"}, {Name: "b", Categories: []string{"x"}}},
				Label: data.Column{Name: "c", Categories: []string{"no", "yes"}}}, Shape: []int{2}},
		{Model: mlp, Classifier: must(metrics.NearestSubspace{Dim: 1}.Fit(z, []int{0, 1, 0, 1, 0, 1}, 2))},
		{Model: layers.Sequential{must(layers.NewLinear(layers.LinearConfig{Name: "a", In: 2, Out: 2})),
			layers.ReLU{}}},
		{Model: unrolledNets(tensor.Float32)["LISTA"]},
	}
	var tensors []safetensors.Tensor
	for _, p := range mlp.Params() {
		tensors = append(tensors, must(safetensors.New(p.Name, p.Value.Float32s(), p.Value.Shape()...)))
	}
	for _, s := range some {
		require.NoError(f, models.Save(path, s))
		whole, err := os.ReadFile(path)
		require.NoError(f, err)
		file, err := safetensors.ReadFile(path)
		require.NoError(f, err)
		f.Add(whole, "")
		f.Add([]byte(nil), file.Meta["model"])
	}
	f.Fuzz(func(t *testing.T, whole []byte, text string) {
		path := filepath.Join(t.TempDir(), "m")
		if text == "" {
			require.NoError(t, os.WriteFile(path, whole, 0o666))
		} else if safetensors.WriteFile(path, tensors, map[string]string{"format": "whitebox-model-1",
			"model": text}) != nil {
			return // of a text that no file holds
		}
		s, err := models.Load(path)
		if err != nil {
			return
		}
		require.NoError(t, models.Save(path, s))
	})
}
