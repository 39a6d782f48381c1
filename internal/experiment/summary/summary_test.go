package summary

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/metrics"
	"github.com/whitebox-nn/whitebox/models"
)

func call(t *testing.T, code int, args ...string) string {
	t.Helper()
	var out, progress bytes.Buffer
	require.Equal(t, code, Main(args, &out, &progress), progress.String())
	return out.String() + progress.String()
}

// TestAFileSaysWhatItIs has everything that a file can say.
func TestAFileSaysWhatItIs(t *testing.T) {
	dir := t.TempDir()
	file, table := filepath.Join(dir, "m.safetensors"), filepath.Join(dir, "t.csv")
	require.NoError(t, os.WriteFile(table, []byte("width,colour,kind\n1,red,rose\n2,blue,iris\n4,red,rose\n"), 0o666))
	set, err := data.LoadCSV(table, data.CSVConfig{})
	require.NoError(t, err)
	prepare, err := data.Fit(set, data.OneHot{}, data.Standardize{})
	require.NoError(t, err)
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		lin, err := layers.NewLinear(layers.LinearConfig{Name: "in", In: 3, Out: 4, Dtype: dt})
		require.NoError(t, err)
		head, err := models.NewMLP(models.MLPConfig{Dims: []int{4, 5, 6}, Dtype: dt})
		require.NoError(t, err)
		z := mat.NewDense(4, 6, nil)
		for i := range 4 {
			z.Set(i, i, 1)
		}
		by, err := metrics.NearestSubspace{Dim: 2}.Fit(z, []int{0, 0, 1, 1}, 2)
		require.NoError(t, err)
		net := layers.Sequential{lin, layers.Sequential{layers.ReLU{}}, head}
		require.NoError(t, models.Save(file, models.Saved{Model: net, Prepare: prepare, Schema: set.Schema(),
			Classifier: by}))
		got := call(t, 0, file)
		for _, line := range []string{
			"file        " + file,
			"network     Sequential of Linear, (Sequential of ReLU), MLP",
			"numbers     " + dt.String(),
			"columns     2: width, colour (2 categories)",
			"prepare     one-hot: 2 columns become 3",
			"prepare     (x − m)/s of 3 channels, m = 2.333,",
			"classes     2: iris, rose",
			"class by    the nearest of 2 subspaces, of dimensions 2, 2",
			"samples     3\n",
			"in ", "1×4", "mlp.linear0",
			"1×3 in: 77 parameters",
		} {
			require.Contains(t, got, line)
		}
	}
}

func TestShapesThatFilesDoNotSay(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "m")
	net, err := models.NewResNet(models.ResNetConfig{Depth: 10, Width: 2, NoHead: true})
	require.NoError(t, err)
	require.NoError(t, models.Save(file, models.Saved{Model: net}))
	require.Contains(t, call(t, 0, file), "samples     of a shape that the file does not say: -shape, for the layers")
	require.Contains(t, call(t, 0, "-shape", "3,16,16", file), "1×3×16×16 in: ")
	require.Contains(t, call(t, 1, "-shape", "2,16,16", file), "samples of shape 2×16×16: ")
	for _, text := range []string{"3,", "0", "-1", "x", "3;4"} {
		require.Contains(t, call(t, 2, "-shape", text, file), "want numbers of at least 1")
	}
	redunet, err := models.NewReduNet(models.ReduNetConfig{Shape: []int{2, 5}, Classes: 3, Layers: 2})
	require.NoError(t, err)
	require.NoError(t, models.Save(file, models.Saved{Model: redunet}))
	got := call(t, 0, file)
	require.Contains(t, got, "class by    the largest membership")
	require.Contains(t, got, "samples     2×5")
	lista, err := layers.NewLISTA(layers.LISTAConfig{UnrollConfig: layers.UnrollConfig{Name: "l",
		A: mat.NewDense(2, 3, []float64{1, 0, 1, 0, 1, 1}), Layers: 4}})
	require.NoError(t, err)
	require.NoError(t, models.Save(file, models.Saved{Model: lista, Shape: []int{2}}))
	got = call(t, 0, file)
	require.Contains(t, got, "network     LISTA\n")
	require.NotContains(t, got, "class by")
}

func TestFilesThatAreNoModel(t *testing.T) {
	dir := t.TempDir()
	require.Contains(t, call(t, 1, filepath.Join(dir, "none")), "no such file")
	file := filepath.Join(dir, "m")
	require.NoError(t, os.WriteFile(file, []byte(strings.Repeat("x", 100)), 0o666))
	require.Contains(t, call(t, 1, file), "malformed safetensors file")
	require.Contains(t, call(t, 2), "0 arguments, want the file of a model")
	require.Contains(t, call(t, 2, file, file), "2 arguments")
	require.Contains(t, call(t, 0, "-help"), "Usage: whitebox summary [flags] FILE")
}
