package data_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	stderrors "errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/data"
)

// idx returns a file of the given sizes and content.
func idx(content []byte, sizes ...uint32) []byte {
	b := []byte{0, 0, 8, byte(len(sizes))}
	for _, s := range sizes {
		b = binary.BigEndian.AppendUint32(b, s)
	}
	return append(b, content...)
}

func compressed(t testing.TB, b []byte) []byte {
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	_, err := z.Write(b)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return buf.Bytes()
}

func TestIDXReadsPlainAndCompressed(t *testing.T) {
	plain := idx([]byte{1, 2, 3, 4, 5, 6}, 3, 1, 2)
	for _, b := range [][]byte{plain, compressed(t, plain)} {
		shape, pixels, err := data.ReadIDX(iotest.OneByteReader(bytes.NewReader(b)))
		require.NoError(t, err)
		assert.Equal(t, []int{3, 1, 2}, shape)
		assert.Equal(t, []byte{1, 2, 3, 4, 5, 6}, pixels)
	}
}

func TestIDXTrustsNothing(t *testing.T) {
	good := compressed(t, idx(bytes.Repeat([]byte("abc"), 100), 300))
	flipped := slices.Clone(good)
	flipped[len(flipped)-5] ^= 1 // in the checksum
	for name, b := range map[string][]byte{
		"empty":                {},
		"half a magic":         {0, 0},
		"wrong magic":          {1, 0, 8, 1, 0, 0, 0, 1, 7},
		"half a float":         {0, 0, 0x0d, 1, 0, 0, 0, 1, 7},
		"a float no byte":      {0, 0, 0x0d, 1, 0, 0, 0, 1, 0x3f, 0, 0, 0},
		"a negative byte":      {0, 0, 0x09, 1, 0, 0, 0, 1, 0xff},
		"256":                  {0, 0, 0x0b, 1, 0, 0, 0, 1, 1, 0},
		"NaN":                  {0, 0, 0x0d, 1, 0, 0, 0, 1, 0x7f, 0xc0, 0, 0},
		"an unknown type":      {0, 0, 0x0a, 1, 0, 0, 0, 1, 7},
		"64-bit integers":      {0, 0, 0x0f, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7},
		"doubles too big":      idxOf(0x0e, nil, 1<<28+1),
		"sizes the other way":  {0, 0, 8, 1, 2, 0, 0, 0, 1, 2},
		"a web page":           []byte("<html><head><title>403</title></head></html>"),
		"compressed twice":     compressed(t, good),
		"text after it":        append(slices.Clone(good), "garbage"...),
		"text after zeros":     append(append(slices.Clone(good), 0, 0), "garbage"...),
		"half a part after it": append(slices.Clone(good), good[:20]...),
		"a part after zeros":   append(append(slices.Clone(good), 0, 0), good...),
		"no dimensions":        {0, 0, 8, 0},
		"many dimensions":      idx([]byte{1}, 1, 1, 1, 1, 1, 1, 1, 1, 1),
		"cut in the sizes":     idx(nil, 2, 3)[:9],
		"a size of zero":       idx(nil, 0, 4),
		"too few bytes":        idx([]byte{1, 2}, 3),
		"too many bytes":       idx([]byte{1, 2, 3, 4}, 3),
		"an enormous size":     idx([]byte{1}, 1<<31-1, 1),
		"a product too big":    idx([]byte{1}, 1<<16, 1<<16),
		"an overflow":          idx([]byte{1}, 1<<31, 1<<31, 1<<31),
		"cut compression":      good[:len(good)-9],
		"wrong checksum":       flipped,
		"cut gzip header":      good[:5],
		"damaged compressed":   append(slices.Clone(good[:20]), bytes.Repeat([]byte{0xff}, 20)...),
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := data.ReadIDX(bytes.NewReader(b))
			assert.ErrorIs(t, err, data.ErrFormat)
		})
	}
	errDisk := stderrors.New("disk")
	for _, after := range []int{0, 2, 6, 20} {
		r := io.MultiReader(bytes.NewReader(idx(make([]byte, 300), 300)[:after]), iotest.ErrReader(errDisk))
		_, _, err := data.ReadIDX(r)
		assert.ErrorIs(t, err, errDisk)
		assert.NotErrorIs(t, err, data.ErrFormat)
	}
}

func TestIDXAllocatesNoMoreThanTheFileHas(t *testing.T) {
	lying := idx([]byte{1}, 1<<31-1)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _, err := data.ReadIDX(bytes.NewReader(lying))
	runtime.ReadMemStats(&after)
	require.ErrorIs(t, err, data.ErrFormat)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<16))
}

// idxOf returns a file of numbers of another type than bytes.
func idxOf(kind byte, content []byte, sizes ...uint32) []byte {
	b := idx(content, sizes...)
	b[2] = kind
	return b
}

// TestIDXOfEveryType reads the extreme numbers of each type, laid out by hand.
func TestIDXOfEveryType(t *testing.T) {
	for name, c := range map[string]struct {
		file []byte
		want []float64
	}{
		"unsigned bytes": {idx([]byte{0, 128, 255}, 3), []float64{0, 128, 255}},
		"signed bytes":   {idxOf(0x09, []byte{0x80, 0xff, 0x7f}, 3), []float64{-128, -1, 127}},
		"16 bits":        {idxOf(0x0b, []byte{0x80, 0, 0x7f, 0xff, 1, 2}, 3), []float64{-32768, 32767, 258}},
		"32 bits": {idxOf(0x0c, []byte{0x80, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 1, 2, 3, 4}, 3),
			[]float64{-1 << 31, 1<<31 - 1, 0x1020304}},
		"floats": {idxOf(0x0d, []byte{0xbf, 0xc0, 0, 0, 0x7f, 0x80, 0, 0, 0, 0, 0, 1}, 3),
			[]float64{-1.5, math.Inf(1), 0x1p-149}},
		"doubles": {idxOf(0x0e, []byte{0x3f, 0xf8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0xf0, 0, 0, 0,
			0, 0, 0}, 3), []float64{1.5, 0x1p-1074, math.Inf(-1)}},
	} {
		for _, b := range [][]byte{c.file, compressed(t, c.file)} {
			shape, x, err := data.ReadIDXAs[float64](bytes.NewReader(b))
			require.NoError(t, err, name)
			assert.Equal(t, []int{3}, shape)
			assert.Equal(t, c.want, x, name)
			whole := name != "floats" && name != "doubles"
			_, ints, err := data.ReadIDXAs[int](bytes.NewReader(b))
			if !whole {
				require.ErrorIs(t, err, data.ErrFormat, name)
				assert.ErrorContains(t, err, "and no int")
				continue
			}
			require.NoError(t, err, name)
			for i, v := range ints {
				assert.Equal(t, c.want[i], float64(v), name)
			}
		}
	}
	_, narrow, err := data.ReadIDXAs[float32](bytes.NewReader(idxOf(0x0d, []byte{0x7f, 0xc0, 0, 0}, 1)))
	require.NoError(t, err)
	assert.True(t, narrow[0] != narrow[0], "NaN is a float32")
	_, _, err = data.ReadIDXAs[float32](bytes.NewReader(idxOf(0x0e, []byte{0x3f, 0xb9, 0x99, 0x99, 0x99, 0x99, 0x99,
		0x9a}, 1)))
	require.ErrorIs(t, err, data.ErrFormat)
	assert.ErrorContains(t, err, "number 0 is 0.1, and no float32")
	_, b, err := data.ReadIDX(bytes.NewReader(idxOf(0x0c, []byte{0, 0, 0, 7, 0, 0, 0, 255}, 2, 1)))
	require.NoError(t, err, "integers that are bytes")
	assert.Equal(t, []byte{7, 255}, b)
}

// TestPaddedGzip reads what lies on a tape: zeros up to a whole block, however they are
// delivered, and data in parts.
func TestPaddedGzip(t *testing.T) {
	plain := idx(bytes.Repeat([]byte("abc"), 1000), 3000)
	for _, b := range [][]byte{
		append(compressed(t, plain), 0),
		append(compressed(t, plain), make([]byte, 10_240)...),
		slices.Concat(compressed(t, plain[:10]), compressed(t, nil), compressed(t, plain[10:]), make([]byte, 7)),
	} {
		for _, r := range []io.Reader{bytes.NewReader(b), iotest.OneByteReader(bytes.NewReader(b)),
			iotest.DataErrReader(bytes.NewReader(b))} {
			_, pixels, err := data.ReadIDX(r)
			require.NoError(t, err)
			assert.Equal(t, plain[8:], pixels)
		}
	}
	_, _, err := data.ReadIDX(bytes.NewReader(append(compressed(t, plain), "text"...)))
	require.ErrorIs(t, err, data.ErrFormat)
	assert.ErrorContains(t, err, "byte 0x74 after the compressed data, want their end, or zeros")
	_, _, err = data.ReadIDX(bytes.NewReader(compressed(t, plain)[:20]))
	assert.ErrorContains(t, err, "ends too early")
	_, _, err = data.ReadIDX(bytes.NewReader(compressed(t, compressed(t, plain))))
	assert.ErrorContains(t, err, "compressed twice")
	errDisk := stderrors.New("disk")
	_, _, err = data.ReadIDX(io.MultiReader(bytes.NewReader(append(compressed(t, plain), 0)),
		iotest.ErrReader(errDisk)))
	assert.ErrorIs(t, err, errDisk)
}

// TestLoadIDX reads images of each shape and labels of each, with labels from 1.
func TestLoadIDX(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, b, 0o600))
		return path
	}
	y := write("y.gz", compressed(t, idx([]byte{26, 1}, 2)))
	for _, c := range []struct {
		file  []byte
		shape []int
		row   []float64
	}{
		{idx([]byte{0, 51, 102, 153, 204, 255}, 2, 3), []int{3}, []float64{0.6, 0.8, 1}},
		{idx([]byte{0, 51, 102, 153, 204, 255}, 2, 1, 3), []int{1, 1, 3}, []float64{0.6, 0.8, 1}},
		{idx([]byte{0, 51, 102, 153, 204, 255}, 2, 3, 1, 1), []int{3, 1, 1}, []float64{0.6, 0.8, 1}},
		{idxOf(0x0b, []byte{0, 0, 0, 1, 0xff, 0xff, 1, 0}, 2, 2), []int{2}, []float64{-1, 256}},
	} {
		set, err := data.LoadIDX(write("x [1]", c.file), y, data.IDXConfig{FirstLabel: 1})
		require.NoError(t, err)
		assert.Equal(t, c.shape, set.Shape())
		row, err := set.Row(nil, 1)
		require.NoError(t, err)
		assert.InDeltaSlice(t, c.row, row, 1e-15)
		assert.Equal(t, []int{25, 0}, set.Labels())
		assert.Equal(t, 26, set.Classes())
	}
	x := write("x", idx([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, 2, 2, 3))
	set, err := data.LoadIDX(x, y, data.IDXConfig{Classes: 30, Transposed: true})
	require.NoError(t, err)
	assert.Equal(t, []int{1, 3, 2}, set.Shape())
	row, err := set.Row(nil, 0)
	require.NoError(t, err)
	assert.InDeltaSlice(t, []float64{1. / 255, 4. / 255, 2. / 255, 5. / 255, 3. / 255, 6. / 255}, row, 1e-15)
	assert.Equal(t, 30, set.Classes())

	for name, c := range map[string]struct {
		x, y string
		cfg  data.IDXConfig
		says string
	}{
		"too few classes":      {x, y, data.IDXConfig{Classes: 26}, "label 26 of sample 0, want it in 0, …, 25"},
		"labels from 2":        {x, y, data.IDXConfig{FirstLabel: 2}, "label 1 of sample 1, want it in 2, …, 26"},
		"no labels":            {x, filepath.Join(dir, "none"), data.IDXConfig{}, "none"},
		"labels of other data": {x, x, data.IDXConfig{}, "images of shape [2 2 3] with labels of shape [2 2 3]"},
		"labels that are none": {x, write("half", idxOf(0x0d, []byte{0x3f, 0, 0, 0, 0, 0, 0, 0}, 2)), data.IDXConfig{},
			"number 0 is 0.5, and no int"},
		"a transposed vector": {write("v", idx([]byte{1, 2}, 2, 1)), y, data.IDXConfig{Transposed: true},
			"cannot be transposed"},
		"NaN": {write("nan", idxOf(0x0d, []byte{0, 0, 0, 0, 0x7f, 0xc0, 0, 0}, 2, 1)), y,
			data.IDXConfig{}, "sample 1 holds NaN at element 0"},
		"a lying size": {write("lie", idx([]byte{1}, 2, 1<<20)), y, data.IDXConfig{},
			"the file has 13 bytes, and its sizes [2 1048576] ask for 2097164"},
	} {
		_, err := data.LoadIDX(c.x, c.y, c.cfg)
		require.ErrorContains(t, err, c.says, name)
	}
}

// FuzzGunzip changes or appends bytes to a compressed file.
func FuzzGunzip(f *testing.F) {
	plain := idx([]byte{1, 2, 3, 4, 5, 6}, 3, 1, 2)
	good := compressed(f, plain)
	f.Add(uint16(0), byte(0), []byte{0, 0, 0})
	f.Add(uint16(12), byte(4), []byte{})
	f.Add(uint16(0), byte(0), good)
	f.Fuzz(func(t *testing.T, at uint16, flip byte, tail []byte) {
		b := bytes.Clone(good)
		b[int(at)%len(b)] ^= flip
		shape, pixels, err := data.ReadIDX(bytes.NewReader(append(b, tail...)))
		if err != nil {
			require.ErrorIs(t, err, data.ErrFormat)
			return
		}
		require.Equal(t, plain[16:], pixels)
		require.Equal(t, []int{3, 1, 2}, shape)
	})
}

func FuzzReadIDX(f *testing.F) {
	plain := idx([]byte{1, 2, 3, 4, 5, 6}, 3, 1, 2)
	f.Add(plain)
	f.Add(compressed(f, plain))
	f.Add(idx(nil, 1<<31))
	for kind := byte(9); kind < 15; kind++ {
		f.Add(idxOf(kind, make([]byte, 16), 2))
		f.Add(idxOf(kind, bytes.Repeat([]byte{0x40}, 16), 2, 2))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		shape, pixels, err := data.ReadIDX(bytes.NewReader(b))
		if err != nil {
			return
		}
		n := 1
		for _, s := range shape {
			n *= s
		}
		if n != len(pixels) {
			t.Errorf("%d bytes of shape %v", len(pixels), shape)
		}
		_, wide, err := data.ReadIDXAs[float64](bytes.NewReader(b))
		if err != nil || len(wide) != n {
			t.Errorf("%d bytes, but %d float64: %v", n, len(wide), err)
		}
	})
}
