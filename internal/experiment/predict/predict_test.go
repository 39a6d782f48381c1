package predict

import (
	"bytes"
	"encoding/csv"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/redunet"
	"github.com/whitebox-nn/whitebox/train"
)

// call runs the program, and returns the cells that it wrote.
func call(t *testing.T, args ...string) [][]string {
	t.Helper()
	var out, progress bytes.Buffer
	require.Zero(t, Main(args, &out, &progress), progress.String())
	require.Empty(t, progress.String())
	lines, err := csv.NewReader(&out).ReadAll()
	require.NoError(t, err)
	return lines
}

// wrong runs the program, and returns what it says when it fails.
func wrong(t *testing.T, code int, args ...string) string {
	t.Helper()
	var out, progress bytes.Buffer
	require.Equal(t, code, Main(args, &out, &progress), progress.String())
	require.Empty(t, out.String())
	return progress.String()
}

// flowers trains on a table of two kinds of flowers, and writes the model to a file.
func flowers(t *testing.T, dir string, loss losses.Loss, dt tensor.Dtype) (file string, want []string) {
	text := "width,colour,kind\n"
	for i := range 40 {
		text += strconv.Itoa(i) + "," + []string{"red", "blue"}[i%2] + "," + []string{"rose", "iris"}[i%2] + "\n"
	}
	table := filepath.Join(dir, "flowers.csv")
	require.NoError(t, os.WriteFile(table, []byte(text), 0o666))
	all, err := data.LoadCSV(table, data.CSVConfig{})
	require.NoError(t, err)
	prepare, err := data.Fit(all, data.OneHot{}, data.Standardize{})
	require.NoError(t, err)
	set, err := prepare.Apply(all)
	require.NoError(t, err)
	out := 2
	_, mcr := loss.(losses.MCR2)
	if mcr {
		out = 6
	}
	net, err := models.NewMLP(models.MLPConfig{Dims: []int{3, 8, out}, Dtype: dt, Normalize: mcr})
	require.NoError(t, err)
	fitted, err := train.Fit(t.Context(), net, loss, set, train.FitConfig{Epochs: 60, LearningRate: 0.05})
	require.NoError(t, err)
	classes, err := fitted.Predict(t.Context(), set)
	require.NoError(t, err)
	for _, c := range classes {
		want = append(want, all.ClassNames()[c])
	}
	file = filepath.Join(dir, "flowers.safetensors")
	require.NoError(t, models.Save(file, models.Saved{Model: net, Classifier: fitted.Classifier, Prepare: prepare,
		Schema: all.Schema(), Shape: set.Shape()}))
	return file, want
}

// TestTablesArePredictedByName has the columns in another order, with others between, and without the class.
func TestTablesArePredictedByName(t *testing.T) {
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		for _, loss := range []losses.Loss{losses.CrossEntropy{}, losses.MCR2{Classes: 2}} {
			dir := t.TempDir()
			file, want := flowers(t, dir, loss, dt)
			got := call(t, "-model", file, "-data", filepath.Join(dir, "flowers.csv"))
			require.Equal(t, []string{"sample", "class"}, got[0])
			for i, w := range want {
				require.Equal(t, []string{strconv.Itoa(i), w}, got[i+1])
			}
			fresh := filepath.Join(dir, "new.tsv")
			require.NoError(t, os.WriteFile(fresh, []byte("colour\tage\twidth\nblue\t9\t3\nred\t9\t2\n"), 0o666))
			require.Equal(t, [][]string{{"sample", "class"}, {"0", want[3]}, {"1", want[2]}},
				call(t, "-model", file, "-data", fresh))

			out := filepath.Join(dir, "out.csv")
			require.Empty(t, call(t, "-model", file, "-data", fresh, "-out", out))
			text, err := os.ReadFile(out)
			require.NoError(t, err)
			require.Equal(t, "sample,class\n0,"+want[3]+"\n1,"+want[2]+"\n", string(text))

			z := call(t, "-model", file, "-data", fresh, "-show", "output")
			require.Equal(t, "z1", z[0][2])
			if _, ok := loss.(losses.CrossEntropy); !ok {
				require.Contains(t, wrong(t, 1, "-model", file, "-data", fresh, "-show", "probability"),
					"not trained under cross-entropy")
				continue
			}
			p := call(t, "-model", file, "-data", fresh, "-show", "probability")
			require.Equal(t, []string{"sample", "iris", "rose"}, p[0])
			a, b := number(t, p[1][1]), number(t, p[1][2])
			require.InDelta(t, 1, a+b, 1e-12)
			require.InEpsilon(t, math.Exp(number(t, z[1][1])-number(t, z[1][2])), a/b, 1e-9)
		}
	}
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	require.NoError(t, err)
	return v
}

// arrays writes numbers as numpy.save does.
func arrays(t *testing.T, path string, n, d int, x []float64) {
	head := "{'descr': '<f8', 'fortran_order': False, 'shape': (" + strconv.Itoa(n) + ", " + strconv.Itoa(d) + "), }"
	head += strings.Repeat(" ", 63-(10+len(head))%64) + "\n"
	b := append([]byte("\x93NUMPY\x01\x00"), byte(len(head)), byte(len(head)>>8))
	b = append(b, head...)
	for _, v := range x {
		u := math.Float64bits(v)
		for i := range 8 {
			b = append(b, byte(u>>(8*i)))
		}
	}
	require.NoError(t, os.WriteFile(path, b, 0o666))
}

// TestArraysBecomeCodesAndClasses predicts with a LISTA, whose outputs are the codes, and a ReduNet, whose
// classes are its largest memberships.
func TestArraysBecomeCodesAndClasses(t *testing.T) {
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		dir := t.TempDir()
		x, file := filepath.Join(dir, "x.npy"), filepath.Join(dir, "m")
		samples := []float64{1, 0.1, -1, 0.1, 0.9, 0, 0.1, 1, -0.1, 0.9}
		arrays(t, x, 5, 2, samples)
		lista, err := layers.NewLISTA(layers.LISTAConfig{UnrollConfig: layers.UnrollConfig{Name: "l", Dtype: dt,
			A: mat.NewDense(2, 3, []float64{1, 0, 1, 0, 1, 1}), Layers: 4, Lambda: 0.1}})
		require.NoError(t, err)
		require.NoError(t, models.Save(file, models.Saved{Model: lista}))
		set, err := data.New(samples, 1, []int{2}, []int{0, 0, 0, 1, 1}, 2)
		require.NoError(t, err)
		z, err := train.Features(t.Context(), lista, set)
		require.NoError(t, err)
		got := call(t, "-model", file, "-data", x)
		require.Equal(t, []string{"sample", "z0", "z1", "z2"}, got[0])
		for i := range 5 {
			for j := range 3 {
				require.Equal(t, z.At(i, j), number(t, got[i+1][j+1]), "the very number")
			}
		}
		require.Contains(t, wrong(t, 1, "-model", file, "-data", x, "-show", "class"), "predicts numbers, not classes")

		net, _, err := redunet.Build(t.Context(), set, redunet.Config{Net: models.ReduNetConfig{Layers: 3, Dtype: dt}})
		require.NoError(t, err)
		require.NoError(t, models.Save(file, models.Saved{Model: net}))
		got = call(t, "-model", file, "-data", x)
		var classes []string
		for _, line := range got[1:] {
			classes = append(classes, line[1])
		}
		require.Equal(t, []string{"0", "0", "0", "1", "1"}, classes)
		require.Contains(t, wrong(t, 1, "-model", file, "-data", x, "-show", "probability"), "not trained under")

		wide := filepath.Join(dir, "wide.npy")
		arrays(t, wide, 2, 3, []float64{1, 2, 3, 4, 5, 6})
		require.Contains(t, wrong(t, 1, "-model", file, "-data", wide), "samples are")
	}
}

// TestImagesAreNamed predicts a folder of images, scaled to the size of the model's.
func TestImagesAreNamed(t *testing.T) {
	dir := t.TempDir()
	photos, file := filepath.Join(dir, "photos"), filepath.Join(dir, "m")
	require.NoError(t, os.MkdirAll(filepath.Join(photos, "more"), 0o777))
	for i, name := range []string{"a.png", "more/b.png"} {
		m := image.NewGray(image.Rect(0, 0, 2, 2))
		for k := range 4 {
			m.SetGray(k%2, k/2, color.Gray{Y: uint8(255 * i)})
		}
		var b bytes.Buffer
		require.NoError(t, png.Encode(&b, m))
		require.NoError(t, os.WriteFile(filepath.Join(photos, name), b.Bytes(), 0o666))
	}
	lin, err := layers.NewLinear(layers.LinearConfig{Name: "l", In: 1, Out: 2})
	require.NoError(t, err)
	require.NoError(t, nn.SetFloats(lin.Params()[0].Value, []float64{-1, 1})) // class 1 where it is light
	require.NoError(t, nn.SetFloats(lin.Params()[1].Value, []float64{0.5, -0.5}))
	require.NoError(t, models.Save(file, models.Saved{Model: layers.Sequential{layers.GlobalAveragePool{}, lin},
		Shape: []int{1, 2, 2}, Schema: data.Schema{Label: data.Column{Name: "kind",
			Categories: []string{"dark", "light"}}}}))
	require.Equal(t, [][]string{{"file", "class"}, {filepath.Join(photos, "a.png"), "dark"},
		{filepath.Join(photos, "more", "b.png"), "light"}}, call(t, "-model", file, "-data", photos))
}

func TestWhatCannotBePredicted(t *testing.T) {
	dir := t.TempDir()
	file, _ := flowers(t, dir, losses.CrossEntropy{}, tensor.Float32)
	table := filepath.Join(dir, "flowers.csv")
	bad := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o666))
		return path
	}
	for _, c := range []struct {
		want, model, data string
	}{
		{"-model: models: load", filepath.Join(dir, "none"), table},
		{"malformed safetensors file", bad("m", "no model"), table},
		{"no such file", file, filepath.Join(dir, "none.csv")},
		{"want a table (.csv, .tsv, .txt), an array (.npy), or a folder", file, bad("x.xls", "")},
		{`"width"`, file, bad("few.csv", "colour\nred\n")},
		{`the text "green" is none of the 2 categories`, file, bad("green.csv", "width,colour\n1,green\n")},
		{`the text "wide" in a column of numbers`, file, bad("wide.csv", "width,colour\nwide,red\n")},
		{"is missing", file, bad("hole.csv", "width,colour\n,red\n")},
		{"data: ", file, bad("x.npy", "\x93NUMPY\x01\x00junk")},
		{"has no image", file, t.TempDir()},
	} {
		require.Contains(t, wrong(t, 1, "-model", c.model, "-data", c.data), c.want)
	}
	nowhere := filepath.Join(dir, "no", "out.csv")
	require.Contains(t, wrong(t, 1, "-model", file, "-data", table, "-out", nowhere), "no such")
	require.Contains(t, wrong(t, 2, "-model", file), "want both -model and -data")
	require.Contains(t, wrong(t, 2, "-model", file, "-data", table, "-show", "odds"), `-show "odds"`)
	require.Contains(t, wrong(t, 2, "-model", file, "-data", table, "more"), `argument "more"`)

	trained := bad("weights", "")
	require.NoError(t, train.SaveParams(trained, nil))
	require.Contains(t, wrong(t, 1, "-model", trained, "-data", table), "weights alone are read by train.LoadParams")
}
