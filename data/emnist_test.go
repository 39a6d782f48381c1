package data

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// seven is a digit made by hand, as one sees it.
var seven = []string{
	"#####",
	"....#",
	"...#.",
	"..#..",
	"..#..",
	".....",
}

// asEMNIST returns an IDX file of an image as EMNIST stores it: column after column.
// The header has the two sizes in the order of what is stored.
func asEMNIST(image []string) []byte {
	h, w := len(image), len(image[0])
	b := []byte{0, 0, 8, 3}
	for _, n := range []int{1, w, h} {
		b = binary.BigEndian.AppendUint32(b, uint32(n))
	}
	for j := range w {
		for i := range h {
			b = append(b, map[byte]byte{'#': 255, '.': 0}[image[i][j]])
		}
	}
	return b
}

// picture returns sample i as one sees it.
func picture(t *testing.T, s *Set, i int) []string {
	t.Helper()
	row, err := s.Row(nil, i)
	require.NoError(t, err)
	w := s.Shape()[2]
	var lines []string
	for lo := 0; lo < len(row); lo += w {
		line := ""
		for _, v := range row[lo : lo+w] {
			line += map[float64]string{1: "#", 0: "."}[v]
		}
		lines = append(lines, line)
	}
	return lines
}

// emnistFiles are a split's files of one 7, which is letter number 7 too.
func emnistFiles(split EMNISTSplit) map[string][]byte {
	files := map[string][]byte{}
	for _, part := range []string{"train", "test"} {
		at := "emnist-" + string(split) + "-" + part
		files[at+"-images-idx3-ubyte.gz"] = gzipped(asEMNIST(seven))
		files[at+"-labels-idx1-ubyte.gz"] = gzipped([]byte{0, 0, 8, 1, 0, 0, 0, 1, 7})
	}
	return files
}

func TestEMNISTIsUpright(t *testing.T) {
	for split, classes := range map[EMNISTSplit]int{"": 47, EMNISTBalanced: 47, EMNISTByClass: 62, EMNISTByMerge: 47,
		EMNISTLetters: 26, EMNISTDigits: 10, EMNISTMNIST: 10} {
		name := split
		if name == "" {
			name = EMNISTBalanced
		}
		dir := t.TempDir()
		lay(t, filepath.Join(dir, "gzip"), emnistFiles(name))
		_, _, err := EMNIST{Split: split, Files: MNIST{Dir: dir}}.Load(t.Context())
		require.ErrorIs(t, err, ErrChecksum, "nobody has published it")
		train, test, err := EMNIST{Split: split, Files: MNIST{Dir: dir, Unchecked: true}}.Load(t.Context())
		require.NoError(t, err)
		for _, set := range []*Set{train, test} {
			assert.Equal(t, []int{1, 6, 5}, set.Shape())
			assert.Equal(t, seven, picture(t, set, 0))
			assert.Equal(t, classes, set.Classes())
			want := 7
			if split == EMNISTLetters {
				want = 6 // G, the seventh letter
			}
			assert.Equal(t, []int{want}, set.Labels())
		}
	}
	_, _, err := EMNIST{Split: "capitals"}.Load(t.Context())
	require.ErrorIs(t, err, ErrInput)
	assert.ErrorContains(t, err, `"capitals"`)
}

// archiveOfEMNIST returns a gzip.zip with all splits.
func archiveOfEMNIST(t testing.TB) []byte {
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for _, split := range []EMNISTSplit{EMNISTLetters, EMNISTDigits} {
		for name, b := range emnistFiles(split) {
			w, err := z.Create("gzip/" + name)
			require.NoError(t, err)
			_, err = w.Write(b)
			require.NoError(t, err)
		}
	}
	require.NoError(t, z.Close())
	return buf.Bytes()
}

func TestEMNISTIsReadFromItsArchive(t *testing.T) {
	b := archiveOfEMNIST(t)
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		_, err := w.Write(b)
		assert.NoError(t, err)
	}))
	defer server.Close()
	sums := map[string]string{"gzip.zip": sha(b)}
	dir := t.TempDir()
	digits := EMNIST{Split: EMNISTDigits, Files: MNIST{Dir: dir, Sums: sums, URL: server.URL, Network: hasty}}
	_, _, err := digits.Load(t.Context())
	require.ErrorIs(t, err, ErrNotFound)
	digits.Files.Download = true
	for range 2 {
		train, _, err := digits.Load(t.Context())
		require.NoError(t, err)
		assert.Equal(t, seven, picture(t, train, 0))
		assert.Equal(t, 1, asked)
	}
	for _, at := range []string{dir, filepath.Join(dir, "gzip.zip")} { // or the archive itself
		train, test, err := EMNIST{Split: EMNISTLetters, Files: MNIST{Dir: at, Sums: sums}}.Load(t.Context())
		require.NoError(t, err)
		assert.Equal(t, []int{6}, train.Labels())
		assert.Equal(t, seven, picture(t, test, 0))
	}
	_, _, err = EMNIST{Split: EMNISTBalanced, Files: MNIST{Dir: dir, Sums: sums}}.Load(t.Context())
	require.ErrorIs(t, err, ErrFormat)
	assert.ErrorContains(t, err, "has no emnist-balanced-train-images-idx3-ubyte.gz")
	_, _, err = EMNIST{Split: EMNISTDigits, Files: MNIST{Dir: dir}}.Load(t.Context())
	require.ErrorIs(t, err, ErrChecksum, "it is not the published one")
	assert.ErrorContains(t, err, "want 561753746")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "gzip.zip"), b[:len(b)-1], 0o600))
	_, _, err = EMNIST{Split: EMNISTDigits, Files: MNIST{Dir: dir, Unchecked: true}}.Load(t.Context())
	require.ErrorIs(t, err, ErrFormat)
}

// FuzzEMNISTArchive changes a byte of an archive, or cuts it.
func FuzzEMNISTArchive(f *testing.F) {
	good := archiveOfEMNIST(f)
	f.Add(uint16(0), byte(0), uint16(0))
	f.Add(uint16(30), byte(1), uint16(0))
	f.Add(uint16(len(good)-20), byte(255), uint16(3))
	f.Fuzz(func(t *testing.T, at uint16, flip byte, cut uint16) {
		b := bytes.Clone(good)
		b[int(at)%len(b)] ^= flip
		b = b[:max(0, len(b)-int(cut)%len(b))]
		path := filepath.Join(t.TempDir(), "gzip.zip")
		require.NoError(t, os.WriteFile(path, b, 0o600))
		train, _, err := EMNIST{Split: EMNISTDigits, Files: MNIST{Dir: path, Unchecked: true}}.Load(t.Context())
		if err == nil {
			require.Equal(t, 1, train.Len())
		}
	})
}

// TestQMNISTHasLabelsOfEightColumns reads the layout of QMNIST: rows of 32-bit integers,
// of which the first is the class.
func TestQMNISTHasLabelsOfEightColumns(t *testing.T) {
	dir := t.TempDir()
	images := []byte{0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 255, 255, 0}
	labels := []byte{0, 0, 0x0c, 2, 0, 0, 0, 2, 0, 0, 0, 8}
	for _, v := range []uint32{5, 1, 2100, 3, 35, 281769, 0, 0, 9, 4, 610, 149, 39, 17, 0, 0} {
		labels = binary.BigEndian.AppendUint32(labels, v)
	}
	for _, part := range []string{"train", "test"} {
		lay(t, dir, map[string][]byte{
			"qmnist-" + part + "-images-idx3-ubyte.gz": gzipped(images),
			"qmnist-" + part + "-labels-idx2-int.gz":   gzipped(labels),
		})
	}
	_, _, err := QMNIST{Dir: dir}.Load(t.Context())
	require.ErrorIs(t, err, ErrChecksum)
	assert.ErrorContains(t, err, "want ed72d4157d28c017586c42bc6afe6370")
	train, test, err := QMNIST{Dir: dir, Unchecked: true}.Load(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []int{5, 9}, train.Labels())
	assert.Equal(t, []int{5, 9}, test.Labels())
	assert.Equal(t, 10, test.Classes())
}
