package data_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/data"
)

// npz returns an archive of members, name and content in turn.
func npz(t testing.TB, members ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		w, err := z.Create(members[i])
		require.NoError(t, err)
		_, err = w.Write([]byte(members[i+1]))
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return b.Bytes()
}

func TestNPZSaysWhatIsWrong(t *testing.T) {
	one := string(npy("{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }", 1, 2))
	locked := npz(t, "x.npy", one)
	at := bytes.Index(locked, []byte("PK\x01\x02"))
	locked[at+8] |= 1
	strange := npz(t, "x.npy", one)
	strange[bytes.Index(strange, []byte("PK\x01\x02"))+10] = 99 // the method of compression
	for _, c := range []struct {
		file []byte
		want string
	}{
		{nil, "no archive that numpy.savez wrote"},
		{[]byte(one), "no archive that numpy.savez wrote"},
		{npz(t, "x.npy", one, "x.npy", one), `two arrays "x"`},
		{npz(t, "x.npy", one+"!"), `array "x": byte 69: the file goes on`},
		{npz(t, "x.npy", one, "y.npy", "no"), `array "y": byte 2: the file ends`},
		{locked, `array "x": it is locked by a password`},
		{strange, `array "x": zip: unsupported compression algorithm`},
	} {
		_, err := data.ReadNPZ(bytes.NewReader(c.file), int64(len(c.file)), data.NPZConfig{})
		require.ErrorIs(t, err, data.ErrFormat, c.want)
		require.ErrorContains(t, err, c.want)
	}
	good := npz(t, "notes.txt", "hello", "x.npy", one)
	all, err := data.ReadNPZ(bytes.NewReader(good), int64(len(good)), data.NPZConfig{Names: []string{"x", "x"}})
	require.NoError(t, err)
	require.Len(t, all, 1)
	for _, cfg := range []data.NPZConfig{{Names: []string{"notes.txt"}}, {MaxBytes: -1}} {
		_, err = data.ReadNPZ(bytes.NewReader(good), int64(len(good)), cfg)
		require.ErrorIs(t, err, data.ErrInput)
	}
	_, err = data.ReadNPZ(nil, 1, data.NPZConfig{})
	require.ErrorIs(t, err, data.ErrInput)
	_, err = data.LoadNPZ(filepath.Join(t.TempDir(), "none.npz"), data.NPZConfig{})
	require.ErrorIs(t, err, os.ErrNotExist)
}

// Some kilobytes that become gigabytes are refused before they do, whether one array has them or many.
func TestNPZBombsAreRefused(t *testing.T) {
	zeros := string(npy("{'descr': '|u1', 'fortran_order': False, 'shape': (1048576,), }", make([]byte, 1<<20)...))
	one := npz(t, "x.npy", string(npy("{'descr': '|u1', 'fortran_order': False, 'shape': (1073741825,), }")))
	_, err := data.ReadNPZ(bytes.NewReader(one), int64(len(one)), data.NPZConfig{})
	require.ErrorIs(t, err, data.ErrFormat)
	require.ErrorContains(t, err, "uint8 [1073741825], which is 1073741825 bytes, want at most 1073741824")

	many := npz(t, "a.npy", zeros, "b.npy", zeros, "c.npy", zeros)
	require.Less(t, len(many), 1<<14)
	_, err = data.ReadNPZ(bytes.NewReader(many), int64(len(many)), data.NPZConfig{MaxBytes: 5 << 19})
	require.ErrorIs(t, err, data.ErrFormat)
	require.ErrorContains(t, err, `array "c"`)
	all, err := data.ReadNPZ(bytes.NewReader(many), int64(len(many)), data.NPZConfig{MaxBytes: 7 << 19})
	require.NoError(t, err)
	require.Len(t, all, 3)
}

func FuzzReadNPZ(f *testing.F) {
	for _, name := range []string{"refused.npz"} {
		b, err := os.ReadFile("testdata/" + name)
		require.NoError(f, err)
		f.Add(b)
	}
	one := string(npy("{'descr': '<f8', 'fortran_order': True, 'shape': (1, 1), }", 1, 2, 3, 4, 5, 6, 7, 8))
	f.Add(npz(f, "x.npy", one, "y.npy", "no"))
	f.Add(npz(f, "x.npy", one))
	f.Fuzz(func(t *testing.T, b []byte) {
		all, err := data.ReadNPZ(bytes.NewReader(b), int64(len(b)), data.NPZConfig{MaxBytes: 1 << 20})
		if err != nil {
			require.ErrorIs(t, err, data.ErrFormat)
		}
		for name, a := range all {
			require.NotEmpty(t, a.Shape(), name)
		}
	})
}

func TestSetsOfArrays(t *testing.T) {
	set, err := data.LoadArrays("testdata/images.npy", "testdata/labels.npy", data.ArraysConfig{ChannelsLast: true})
	require.NoError(t, err)
	require.Equal(t, []int{3, 4, 4}, set.Shape())
	require.Equal(t, []string{"-2", "7"}, set.ClassNames())
	require.Equal(t, []int{30, 30}, set.Counts())
	require.Equal(t, 1, set.Labels()[0])
	x, err := data.LoadNPY("testdata/images.npy")
	require.NoError(t, err)
	pixels, err := data.ArrayAs[uint8](x)
	require.NoError(t, err)
	row, err := set.Row(nil, 7)
	require.NoError(t, err)
	for c := range 3 {
		for i := range 16 {
			require.Equal(t, float64(pixels[7*48+i*3+c])*(1.0/255), row[c*16+i])
		}
	}
	plain, err := data.NewArrays(x, nil, data.ArraysConfig{Scale: 1})
	require.NoError(t, err)
	require.Equal(t, []int{4, 4, 3}, plain.Shape())
	require.Equal(t, 1, plain.Classes())
	row, err = plain.Row(nil, 7)
	require.NoError(t, err)
	require.Equal(t, float64(pixels[7*48+5]), row[5])

	y, err := data.LoadNPY("testdata/labels.npy")
	require.NoError(t, err)
	pairs, err := data.NewArrays(x, y, data.ArraysConfig{Targets: true})
	require.NoError(t, err)
	target, err := pairs.Target(nil, 0)
	require.NoError(t, err)
	require.Equal(t, []float64{7}, target)

	schema := data.Schema{Label: data.Column{Categories: []string{"-2", "3", "7"}}}
	again, err := data.NewArrays(x, y, data.ArraysConfig{Schema: &schema})
	require.NoError(t, err)
	require.Equal(t, 3, again.Classes())
	require.Equal(t, 2, again.Labels()[0])
}

// array returns the array of NumPy's type and shape.
func array(t testing.TB, descr, shape string, numbers ...byte) *data.Array {
	t.Helper()
	a, err := data.ReadNPY(bytes.NewReader(npy(
		fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s,), }", descr, shape), numbers...)))
	require.NoError(t, err)
	return a
}

func TestSetsOfArraysSayWhatIsWrong(t *testing.T) {
	two := array(t, "|u1", "2, 2", 1, 2, 3, 4)
	labels := array(t, "|u1", "2", 0, 1)
	named := data.Schema{Label: data.Column{Categories: []string{"cat", "dog"}}}
	for _, c := range []struct {
		x, y *data.Array
		cfg  data.ArraysConfig
		want string
	}{
		{nil, labels, data.ArraysConfig{}, "the samples are nil"},
		{labels, labels, data.ArraysConfig{}, "samples of shape [2], want n×d"},
		{array(t, "|u1", "0, 2"), nil, data.ArraysConfig{}, "want one at least"},
		{array(t, "|u1", "2, 0"), nil, data.ArraysConfig{}, "want sizes of at least 1"},
		{two, array(t, "|u1", "3", 0, 1, 2), data.ArraysConfig{}, "samples of shape [2 2] with targets of shape [3]"},
		{two, two, data.ArraysConfig{}, "labels: shape [2 2], want n or n×1: set Targets"},
		{two, labels, data.ArraysConfig{ChannelsLast: true}, "want n×h×w×c"},
		{two, array(t, "<f2", "2", 0, 0x38, 0, 0), data.ArraysConfig{}, "label 0 is 0.5, and no whole number"},
		{array(t, "<f2", "1, 1", 0, 0x7c), nil, data.ArraysConfig{}, "sample 0 holds +Inf"},
		{array(t, "<i8", "1, 1", 1, 0, 0, 0, 0, 0, 0, 0x7f), nil, data.ArraysConfig{},
			"no float64: nothing is rounded"},
		{two, nil, data.ArraysConfig{Targets: true}, "Targets, and no array of them"},
		{two, array(t, "|u1", "2", 0, 2), data.ArraysConfig{Schema: &named},
			"label 1 is 2, which is none of the 2 classes of the Schema"},
	} {
		_, err := data.NewArrays(c.x, c.y, c.cfg)
		require.ErrorContains(t, err, c.want)
		require.True(t, bytes.HasPrefix([]byte(err.Error()), []byte("data: arrays: ")), err)
	}
	s, err := data.NewArrays(two, labels, data.ArraysConfig{Schema: &named})
	require.NoError(t, err)
	require.Equal(t, []string{"cat", "dog"}, s.ClassNames())
	require.Equal(t, []int{0, 1}, s.Labels())
	truth, err := data.NewArrays(array(t, "|b1", "1, 1, 2", 0, 1), nil, data.ArraysConfig{})
	require.NoError(t, err)
	row, err := truth.Row(nil, 0)
	require.NoError(t, err)
	require.Equal(t, []float64{0, 1}, row) // of bool, not of bytes
	_, err = data.LoadArrays("testdata/images.npy", "testdata/version1.npy", data.ArraysConfig{})
	require.ErrorContains(t, err, "testdata/images.npy and testdata/version1.npy: samples of shape [60 4 4 3]")
	_, err = data.LoadArrays("testdata/none.npy", "", data.ArraysConfig{})
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = data.LoadArrays("testdata/images.npy", "testdata/none.npy", data.ArraysConfig{})
	require.ErrorContains(t, err, "none.npy")
}
