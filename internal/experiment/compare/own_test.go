package compare

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/nn"
)

// writeTable writes a table of two Gaussians and a ring around them, whose units differ.
func writeTable(t *testing.T) (path string) {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	b := []byte("\ufeffx,y,noise,class,shape\r\n")
	for i := range 300 {
		k := i % 3
		x, y := 3*float64(k)+0.6*rng.NormFloat64(), -2*float64(k)+0.6*rng.NormFloat64()
		if k == 2 {
			at := 2 * math.Pi * rng.Float64()
			x, y = 6*math.Cos(at)+0.3*rng.NormFloat64(), 6*math.Sin(at)+0.3*rng.NormFloat64()
		}
		class := []string{"red", "blue", `"ring, outer"`}[k]
		b = fmt.Appendf(b, "%.5f,%.5f,%.5f,%s,%s\r\n", 1e4+100*x, 1e-3*y, rng.NormFloat64(), class, "uv"[i%2:i%2+1])
	}
	path = filepath.Join(t.TempDir(), "table.csv")
	require.NoError(t, os.WriteFile(path, b, 0o666))
	return path
}

func TestCompareRunsOnATable(t *testing.T) {
	dir := t.TempDir()
	_, err := command(t.Context(), t, []string{"-data", writeTable(t), "-label", "class", "-out", dir})
	require.NoError(t, err)
	s, _ := readSummary(t, dir)
	require.GreaterOrEqual(t, s.MCR2.TestAccuracy, 0.93)
	require.GreaterOrEqual(t, s.CE.TestAccuracy, 0.93)
	require.Len(t, s.CE.ClassRank95, 3)
	require.Equal(t, 200, s.CE.Steps)
}

func TestCompareSaysWhatIsWrongWithATable(t *testing.T) {
	dir := t.TempDir()
	bad := filepath.Join(dir, "bad.csv")
	require.NoError(t, os.WriteFile(bad, []byte("x,y,class\n1,2,a\n3,oops,b\n"), 0o666))
	in := func(name string) string { return filepath.Join(dir, name) }
	other, array0, archive, images, split := in("other.xls"), in("x.npy"), in("xy.npz"), in("images"), in("split")
	require.NoError(t, os.WriteFile(other, nil, 0o666))
	writeArray(t, array0, "|u1", "2", []byte{1, 2})
	writeArchive(t, archive, map[string][]byte{"a.npy": array("|u1", "1", []byte{1}),
		"b.npy": array("|u1", "0", nil)})
	writeImages(t, images, 2)
	require.NoError(t, os.WriteFile(filepath.Join(images, "of5", "b.png"),
		pngOf(t, image.NewGray(image.Rect(0, 0, 1, 1))), 0o666))
	for _, name := range []string{"train", "val"} {
		require.NoError(t, os.MkdirAll(filepath.Join(split, name), 0o777))
	}
	require.NoError(t, os.Mkdir(in("empty"), 0o777))
	for _, c := range []struct{ flags, want string }{
		{"-data " + bad, `line 3, column 2 ("y"): the text "oops"`},
		{"-data " + filepath.Join(dir, "none.csv"), "none.csv: file does not exist"},
		{"-data " + dir + "/bad.xls", "bad.xls"},
		{"-data " + other, "other.xls: want a table, .csv or .tsv, a folder of images"},
		{"-data " + array0, "x.npy: an array of samples, or of labels: want both"},
		{"-data " + array0 + "," + dir + "/none.npy", "none.npy: no such file"},
		{"-data " + array0 + "," + array0, "samples of shape [2], want n×d"},
		{"-data " + array0 + "," + array0 + " -label y", "-label and -size are not for arrays"},
		{"-data " + other + "," + other, "other.xls: file does not exist"},
		{"-data " + archive, `xy.npz has the arrays ["a" "b"]: want samples x and labels y`},
		{"-data " + images + " -label x", "the classes of " + images + " are its folders"},
		{"-data " + images + " -size 3y", `-size "3y", want pixels`},
		{"-data " + images, "-size scales images of several sizes: data: image folder: "},
		{"-data " + split, "split has folders for training and test, and none of classes: -data "},
		{"-data " + dir + "/empty", "empty has no folder: want one for each class"},
		{"-model resnet10 -data " + writeTable(t), "takes images"},
		{"-label kind -data " + writeTable(t), `Label "kind": no such column`},
	} {
		_, err := command(t.Context(), t, append(strings.Fields(c.flags), "-out", filepath.Join(dir, "out")))
		require.ErrorContains(t, err, c.want, c.flags)
	}
	for _, flags := range []string{"-data digit", "-data digits -label x", "-data digits -test-data x.csv",
		"-data mnist -size 3", "-augment -data " + bad} {
		_, err := parse(strings.Fields(flags), io.Discard)
		require.Error(t, err, flags)
	}
}

// writeArray writes an array of NumPy, of type descr and of shape.
func writeArray(t *testing.T, path, descr, shape string, numbers []byte) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, array(descr, shape, numbers), 0o666))
}

func array(descr, shape string, numbers []byte) []byte {
	header := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s,), }\n", descr, shape)
	b := binary.LittleEndian.AppendUint16([]byte("\x93NUMPY\x01\x00"), uint16(len(header)))
	return append(append(b, header...), numbers...)
}

// writeArchive writes an archive as numpy.savez does.
func writeArchive(t *testing.T, path string, members map[string][]byte) {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range members {
		w, err := z.Create(name)
		require.NoError(t, err)
		_, err = w.Write(content)
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	require.NoError(t, os.WriteFile(path, b.Bytes(), 0o666))
}

// stripes returns n images of 6×6 RGB, h×w×c, in turn of dark rows above bright ones, and the other way, with noise,
// and their labels, 5 and 9.
func stripes(n int) (pixels, labels []byte) {
	rng := rand.New(rand.NewPCG(3, 4))
	for i := range n {
		labels = append(labels, byte(5+4*(i%2)))
		for y := range 6 {
			for range 6 * 3 {
				pixels = append(pixels, byte(rng.IntN(120)+100*((i+y/3)%2)))
			}
		}
	}
	return pixels, labels
}

// writeImages writes n stripes to folders of their classes.
func writeImages(t *testing.T, dir string, n int) {
	t.Helper()
	pixels, labels := stripes(n)
	for i, label := range labels {
		m := image.NewNRGBA(image.Rect(0, 0, 6, 6))
		for p := range 36 {
			at := pixels[3*(36*i+p):]
			m.SetNRGBA(p%6, p/6, color.NRGBA{R: at[0], G: at[1], B: at[2], A: 255})
		}
		path := filepath.Join(dir, fmt.Sprint("of", label), fmt.Sprintf("%03d.png", i))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o777))
		require.NoError(t, os.WriteFile(path, pngOf(t, m), 0o666))
	}
}

func pngOf(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, m))
	return b.Bytes()
}

// The same images as a folder, as two arrays, and as an archive are the same sets.
func TestCompareRunsOnImagesAndArrays(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	const n = 60
	pixels, labels := stripes(n)
	var sorted, byClass []byte
	for k := range 2 { // as a folder has them, class after class
		for i := k; i < n; i += 2 {
			sorted, byClass = append(sorted, pixels[i*108:(i+1)*108]...), append(byClass, labels[i])
		}
	}
	writeImages(t, in("folder"), n)
	writeArray(t, in("x.npy"), "|u1", "60, 6, 6, 3", sorted)
	writeArray(t, in("y.npy"), "|u1", "60", byClass)
	writeArchive(t, in("xy.npz"), map[string][]byte{"images.npy": array("|u1", "60, 6, 6, 3", sorted),
		"y.npy": array("|u1", "60, 1", byClass)})
	var first [2]*mat.Dense
	for i, from := range []string{in("folder"), in("x.npy") + "," + in("y.npy"), in("xy.npz")} {
		train, test, err := loadOwn(t.Context(), &config{Data: from, Seed: 1}, nil)
		require.NoError(t, err, from)
		require.Equal(t, []int{6, 6}, test.Counts())
		got := [2]*mat.Dense{nn.Must(train.Matrix()), nn.Must(test.Matrix())}
		if i == 0 {
			first = got
		}
		require.Equal(t, first, got, from)
	}

	// Half of the images as the test set, in a folder and in arrays.
	writeImages(t, in("test"), n/2)
	writeArray(t, in("tx.npy"), "|u1", "30, 6, 6, 3", pixels[:30*108])
	writeArray(t, in("ty.npy"), "|u1", "30", labels[:30])
	for _, flags := range []string{
		"-data " + in("folder") + " -test-data " + in("test") + " -size 4x5",
		"-data " + in("x.npy") + "," + in("y.npy") + " -test-data " + in("tx.npy") + "," + in("ty.npy"),
	} {
		_, err := command(t.Context(), t, append(strings.Fields(flags), "-epochs", "10", "-dim", "16", "-out",
			in("out")))
		require.NoError(t, err, flags)
		s, _ := readSummary(t, in("out"))
		require.Greater(t, s.CE.TestAccuracy, 0.95)
	}
}

func TestCompareTakesATableToTestOn(t *testing.T) {
	table := writeTable(t)
	whole, err := os.ReadFile(table)
	require.NoError(t, err)
	lines := strings.SplitAfter(string(whole), "\n")
	test := filepath.Join(t.TempDir(), "test.csv")
	require.NoError(t, os.WriteFile(test, []byte(strings.Join(lines[:91], "")), 0o666))
	dir := t.TempDir()
	flags := []string{"-data", table, "-label", "4", "-test-data", test, "-out", dir, "-epochs", "100"}
	_, err = command(t.Context(), t, flags)
	require.NoError(t, err)
	s, _ := readSummary(t, dir)
	require.Greater(t, s.CE.TestAccuracy, 0.93)
	require.NoError(t, os.WriteFile(test, []byte("x,y,noise,shape\n1,2,3,u\n"), 0o666))
	_, err = command(t.Context(), t, flags)
	require.ErrorContains(t, err, `-test-data: data: CSV: `+test+`: Schema: column "class": no such column`)
}
