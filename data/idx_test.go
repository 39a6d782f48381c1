package data_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	stderrors "errors"
	"io"
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
		"empty":              {},
		"half a magic":       {0, 0},
		"wrong magic":        {1, 0, 8, 1, 0, 0, 0, 1, 7},
		"floats":             {0, 0, 0x0d, 1, 0, 0, 0, 1, 7},
		"no dimensions":      {0, 0, 8, 0},
		"many dimensions":    idx([]byte{1}, 1, 1, 1, 1, 1, 1, 1, 1, 1),
		"cut in the sizes":   idx(nil, 2, 3)[:9],
		"a size of zero":     idx(nil, 0, 4),
		"too few bytes":      idx([]byte{1, 2}, 3),
		"too many bytes":     idx([]byte{1, 2, 3, 4}, 3),
		"an enormous size":   idx([]byte{1}, 1<<31-1, 1),
		"a product too big":  idx([]byte{1}, 1<<16, 1<<16),
		"an overflow":        idx([]byte{1}, 1<<31, 1<<31, 1<<31),
		"cut compression":    good[:len(good)-9],
		"wrong checksum":     flipped,
		"cut gzip header":    good[:5],
		"damaged compressed": append(slices.Clone(good[:20]), bytes.Repeat([]byte{0xff}, 20)...),
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

func FuzzReadIDX(f *testing.F) {
	plain := idx([]byte{1, 2, 3, 4, 5, 6}, 3, 1, 2)
	f.Add(plain)
	f.Add(compressed(f, plain))
	f.Add(idx(nil, 1<<31))
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
	})
}
