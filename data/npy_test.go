package data_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/data"
)

// What testdata/numpy_arrays.py had NumPy write, of each type.
var numpyValues = map[string][]float64{
	"b1": {1, 0, 0, 1, 1, 0},
	"i1": {-128, 127, 0, 1, 2, 100},
	"i2": {math.MinInt16, math.MaxInt16, 0, 1, 2, 100},
	"i4": {math.MinInt32, math.MaxInt32, 0, 1, 2, 100},
	"u1": {0, 255, 0, 1, 2, 100},
	"u2": {0, math.MaxUint16, 0, 1, 2, 100},
	"u4": {0, math.MaxUint32, 0, 1, 2, 100},
	"f2": {-65504, 65504, 0x1p-24, 0.0999755859375, math.Copysign(0, -1), math.Inf(1)},
	"f4": {-math.MaxFloat32, math.MaxFloat32, math.SmallestNonzeroFloat32, float64(float32(0.1)), math.Copysign(0, -1),
		math.Inf(1)},
	"f8": {-math.MaxFloat64, math.MaxFloat64, math.SmallestNonzeroFloat64, 0.1, math.Copysign(0, -1), math.Inf(1)},
}

func TestNumPyArraysOfEveryType(t *testing.T) {
	for _, file := range []string{"arrays.npz", "compressed.npz"} {
		all, err := data.LoadNPZ("testdata/"+file, data.NPZConfig{})
		require.NoError(t, err)
		for kind, want := range numpyValues {
			for _, suffix := range []string{"", "_fortran", "_big", "_big_fortran"} {
				a := all[kind+suffix]
				require.Equal(t, []int{2, 3}, a.Shape(), kind+suffix)
				got, err := data.ArrayAs[float64](a)
				require.NoError(t, err, kind+suffix)
				for i, v := range want {
					require.Equal(t, math.Float64bits(v), math.Float64bits(got[i]), "%s, number %d", kind+suffix, i)
				}
			}
		}
		for _, suffix := range []string{"", "_fortran", "_big", "_big_fortran"} {
			got, err := data.ArrayAs[int](all["i8"+suffix])
			require.NoError(t, err)
			require.Equal(t, []int{math.MinInt64, math.MaxInt64, 0, 1, 2, 100}, got)
			_, err = data.ArrayAs[int](all["u8"+suffix])
			require.ErrorContains(t, err, "number 1 is 18446744073709551615 of type uint64, and no int")
			_, err = data.ArrayAs[float64](all["i8"+suffix])
			require.ErrorContains(t, err, "number 1 is 9223372036854775807 of type int64, and no float64")
		}
		cube, err := data.ArrayAs[int](all["cube"])
		require.NoError(t, err)
		require.Equal(t, []int{2, 3, 4, 5}, all["cube"].Shape())
		for i, v := range cube {
			require.Equal(t, i, v)
		}
		require.Equal(t, "float32 [3 0 2]", all["empty"].String())
		empty, err := data.ArrayAs[float32](all["empty"])
		require.NoError(t, err)
		require.Empty(t, empty)
	}
	all, err := data.LoadNPZ("testdata/compressed.npz", data.NPZConfig{Names: []string{"line"}})
	require.NoError(t, err)
	require.Len(t, all, 1)
	line, err := data.ArrayAs[uint8](all["line"])
	require.NoError(t, err)
	for i, v := range line {
		require.Equal(t, uint8(i%251), v)
	}
}

func TestArraysAreNeverRounded(t *testing.T) {
	all, err := data.LoadNPZ("testdata/arrays.npz", data.NPZConfig{})
	require.NoError(t, err)
	for name, convert := range map[string]func(*data.Array) error{
		"f4 as uint8":   func(a *data.Array) error { _, err := data.ArrayAs[uint8](a); return err },
		"f8 as float32": func(a *data.Array) error { _, err := data.ArrayAs[float32](a); return err },
		"i1 as uint8":   func(a *data.Array) error { _, err := data.ArrayAs[uint8](a); return err },
		"i4 as float32": func(a *data.Array) error { _, err := data.ArrayAs[float32](a); return err },
		"f2 as int":     func(a *data.Array) error { _, err := data.ArrayAs[int](a); return err },
	} {
		require.ErrorIs(t, convert(all[name[:2]]), data.ErrFormat, name)
	}
	own, err := data.ArrayAs[float32](all["f4"])
	require.NoError(t, err)
	again, err := data.ArrayAs[float32](all["f4"])
	require.NoError(t, err)
	require.Same(t, &own[0], &again[0])
	_, err = data.ArrayAs[int](nil)
	require.ErrorIs(t, err, data.ErrInput)
}

func TestEveryVersionOfNPYIsRead(t *testing.T) {
	for _, name := range []string{"version1", "version2", "version3"} {
		a, err := data.LoadNPY("testdata/" + name + ".npy")
		require.NoError(t, err)
		require.Equal(t, "float32 [2 3]", a.String())
		x, err := data.ArrayAs[float32](a)
		require.NoError(t, err)
		require.Equal(t, []float32{0, 1, 2, 3, 4, 5}, x)
	}
}

func TestArraysOfNoNumbersAreRefusedWithAWord(t *testing.T) {
	for name, want := range map[string]string{
		"objects":    "pickled objects: they are a program to run",
		"scalar":     "an array without dimensions",
		"texts":      "texts: save the numbers of classes",
		"bytes":      "texts: save the numbers of classes",
		"complex":    "complex numbers: save x.real and x.imag",
		"dates":      `dates or times: save x.astype("int64")`,
		"structures": "an array of structures: save each of its fields",
		"void":       "bfloat16",
		"longs":      `save x.astype("float64")`,
	} {
		_, err := data.LoadNPZ("testdata/refused.npz", data.NPZConfig{Names: []string{name}})
		require.ErrorIs(t, err, data.ErrFormat, name)
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, `data: NPZ: testdata/refused.npz: array "`+name+`": byte `)
	}
	_, err := data.LoadNPZ("testdata/refused.npz", data.NPZConfig{Names: []string{"x"}})
	require.ErrorIs(t, err, data.ErrInput)
	require.ErrorContains(t, err, `no array "x": there are ["bytes" "complex" "dates"`)
}

// npy returns a file of a header and what follows it.
func npy(header string, numbers ...byte) []byte {
	b := binary.LittleEndian.AppendUint16([]byte("\x93NUMPY\x01\x00"), uint16(len(header)))
	return append(append(b, header...), numbers...)
}

func TestHeadersMayBeWrittenInOtherWays(t *testing.T) {
	for _, header := range []string{
		`{"shape":(2,1),"fortran_order":False,"descr":"|u1"}`,
		" {\n'fortran_order' : False ,\n'shape': ( 2L , 1L, ) , 'descr': '>u1'\t, } \n",
	} {
		a, err := data.ReadNPY(bytes.NewReader(npy(header, 3, 4)))
		require.NoError(t, err, header)
		require.Equal(t, "uint8 [2 1]", a.String())
	}
}

func TestNPYSaysWhereAFileLies(t *testing.T) {
	const good = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n"
	for _, c := range []struct {
		file []byte
		want string
	}{
		{nil, "byte 0: the file ends within the magic number"},
		{[]byte("\x93NUM"), "byte 4: the file ends within the magic number"},
		{[]byte("PK\x03\x04000000"), "it is a zip archive, which LoadNPZ reads"},
		{[]byte("\x80\x04\x95000000"), "a pickled object"},
		{[]byte("\x1f\x8b0000000000"), "compressed by gzip"},
		{[]byte("<html>0000000"), "a web page"},
		{[]byte("\x93NUMPY\x04\x000000"), "byte 6: version 4"},
		{[]byte("\x93NUMPY\x01\x00\x10"), "byte 9: the file ends within the length of the header"},
		{[]byte("\x93NUMPY\x02\x00\xff\xff\xff\x7f"), "byte 8: a header of 2147483647 bytes, want at most 65536"},
		{[]byte("\x93NUMPY\x01\x00\xff\x00{'descr"), "byte 17: the file ends within the header"},
		{npy(good, 1, 2, 3), "byte 73: the file ends within float32 [2 3]"},
		{npy(good, make([]byte, 25)...), "byte 94: the file goes on after float32 [2 3]"},
		{npy("[1]"), `byte 10: the header goes on with "[1]", want '{'`},
		{npy("{'descr': '<f4'}"), `byte 26: the header does not say "fortran_order"`},
		{npy("{'descr': '<f4', 'descr': '<f4'}"), `the header says "descr" twice`},
		{npy("{'descr': '<f4', 'shape': (1), 'x': 1}"), `the header says "x", want descr, fortran_order and shape`},
		{npy("{'descr' '<f4'"), "want ':'"},
		{npy("{'descr': '<f4' 'shape': (1,)"), "want ',' or '}'"},
		{npy("{'descr': '<f4', 'fortran_order': 0"), "want True or False"},
		{npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }"), `goes on with "-1,), }", want a size`},
		{npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1 2), }"), "want ',' or ')'"},
		{npy("{'descr': '<f4', 'fortran_order': False, 'shape': (,), }"), "want a size"},
		{npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,"), "want a size"},
		{npy("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }"), "want a size below 2⁴⁶"},
		{npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }"),
			"want at most 2⁴⁶ bytes"},
		{npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} x"), "want the end of the header"},
		{npy("{'descr': '=f4', 'fortran_order': False, 'shape': (1,), }"), "want it to begin with < or >"},
		{npy("{'descr': '|f4', 'fortran_order': False, 'shape': (1,), }"), "want it to begin with < or >"},
		{npy("{'descr': '<q9', 'fortran_order': False, 'shape': (1,), }"), `the type "<q9", want one of`},
		{npy("{'descr': '', 'fortran_order': False, 'shape': (1,), }"), `the type ""`},
		{npy("{'descr': None"), "want a text in quotes"},
		{npy("{'descr': '<f4"), "want a text in quotes that ends"},
		{npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"), "byte 20: the type \"|O\", pickled objects"},
		{npy("{'descr': '|b1', 'fortran_order': False, 'shape': (2,), }", 1, 7),
			"byte 68: a bool of 0x07, want 0 or 1"},
		{npy("{'descr': '<f4', 'fortran_order': False, 'shape': (" + strings.Repeat("1,", 65) + ")}"), "65 dimensions"},
	} {
		_, err := data.ReadNPY(bytes.NewReader(c.file))
		require.ErrorIs(t, err, data.ErrFormat, c.want)
		require.ErrorContains(t, err, c.want, "%q", c.file)
	}
	path := filepath.Join(t.TempDir(), "x.npy")
	require.NoError(t, os.WriteFile(path, npy(good, 1, 2, 3), 0o666))
	_, err := data.LoadNPY(path)
	require.ErrorContains(t, err, "x.npy: byte 70: 3 bytes follow the header, and it says float32 [2 3], which is 24")
	_, err = data.LoadNPY(t.TempDir())
	require.ErrorIs(t, err, data.ErrFormat)
	_, err = data.ReadNPY(nil)
	require.ErrorIs(t, err, data.ErrInput)
}

// A file cut anywhere is an error, in a file, from a reader and in an archive.
func TestNPYCutAnywhereIsAnError(t *testing.T) {
	for _, name := range []string{"version1.npy", "compressed.npz"} {
		whole, err := os.ReadFile("testdata/" + name)
		require.NoError(t, err)
		if name == "version1.npy" {
			for n := range len(whole) {
				_, err := data.ReadNPY(bytes.NewReader(whole[:n]))
				require.ErrorIs(t, err, data.ErrFormat, n)
			}
			continue
		}
		for n := 0; n < len(whole); n += 37 {
			_, err := data.ReadNPZ(bytes.NewReader(whole[:n]), int64(n), data.NPZConfig{})
			require.ErrorIs(t, err, data.ErrFormat, n)
		}
		bad := bytes.Clone(whole)
		bad[len(bad)/3] ^= 1 // in the numbers of a member, whose checksum is then another
		_, err = data.ReadNPZ(bytes.NewReader(bad), int64(len(bad)), data.NPZConfig{})
		require.ErrorIs(t, err, data.ErrFormat)
	}
}

// Memory is for what is there, not for what is announced.
func TestNPYAllocatesNoMoreThanThereIs(t *testing.T) {
	lies := npy("{'descr': '<f8', 'fortran_order': False, 'shape': (300000000,), }", make([]byte, 800)...)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := data.ReadNPY(bytes.NewReader(lies))
	require.ErrorContains(t, err, "the file ends within float64 [300000000]")
	path := filepath.Join(t.TempDir(), "lies.npy")
	require.NoError(t, os.WriteFile(path, lies, 0o666))
	_, err = data.LoadNPY(path)
	require.ErrorContains(t, err, "800 bytes follow the header, and it says float64 [300000000], which is 2400000000")
	runtime.ReadMemStats(&after)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20))
}

func FuzzReadNPY(f *testing.F) {
	for _, name := range []string{"version1.npy", "version2.npy", "version3.npy", "labels.npy"} {
		b, err := os.ReadFile("testdata/" + name)
		require.NoError(f, err)
		f.Add(b)
	}
	f.Add(npy("{'descr': '>f2', 'fortran_order': True, 'shape': (2, 1, 2), }", 1, 2, 3, 4, 5, 6, 7, 8))
	f.Add(npy("{'descr': '|b1', 'fortran_order': False, 'shape': (0, 9), }"))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := data.ReadNPY(bytes.NewReader(b))
		if err != nil {
			require.ErrorIs(t, err, data.ErrFormat)
			return
		}
		n := 1
		for _, d := range a.Shape() {
			n *= d
		}
		x, err := data.ArrayAs[float64](a)
		if err == nil {
			require.Len(t, x, n)
		}
		require.LessOrEqual(t, n, len(b))
	})
}
