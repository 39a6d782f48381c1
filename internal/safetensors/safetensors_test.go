package safetensors_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/whitebox-nn/whitebox/internal/safetensors"
)

var dtypes = []safetensors.DType{
	safetensors.F64, safetensors.F32, safetensors.F16, safetensors.BF16, safetensors.I64, safetensors.I32,
	safetensors.I16, safetensors.I8,
	safetensors.U64, safetensors.U32, safetensors.U16, safetensors.U8, safetensors.BOOL, safetensors.C64,
	safetensors.F8E4M3, safetensors.F8E5M2, safetensors.F8E8M0, safetensors.F8E4M3FNUZ, safetensors.F8E5M2FNUZ,
}

// TestTheBytesAreTheFormats compares with a file laid out by hand: the header
// first, widest elements before narrower ones, data at a multiple of 8.
func TestTheBytesAreTheFormats(t *testing.T) {
	header := `{"__metadata__":{"a":"1","b":"2"},"y":{"dtype":"F64","shape":[],"data_offsets":[0,8]},` +
		`"x":{"dtype":"U8","shape":[2,1],"data_offsets":[8,10]}}`
	for len(header)%8 != 0 {
		header += " "
	}
	want := append(prefixed(uint64(len(header)), header, 0), 0, 0, 0, 0, 0, 0, 0xf8, 0xbf, 7, 9) // −1.5 is 0xbff8…
	x, y := tensor(t, "x", []uint8{7, 9}, 2, 1), tensor(t, "y", []float64{-1.5})
	assert.Equal(t, want, written(t, []safetensors.Tensor{x, y}, map[string]string{"b": "2", "a": "1"}))
	assert.Equal(t, want, written(t, []safetensors.Tensor{y, x}, map[string]string{"a": "1", "b": "2"}))
}

func TestEveryTensorIsAlignedForItsDType(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tensors, meta := drawFile(t)
		var b bytes.Buffer
		require.NoError(t, safetensors.Write(&b, tensors, meta))
		header := b.Bytes()[8 : 8+binary.LittleEndian.Uint64(b.Bytes())]
		var entries map[string]struct {
			Offsets []int `json:"data_offsets"`
		}
		require.NoError(t, json.Unmarshal(header, &entries))
		require.Zero(t, len(header)%8)
		for _, x := range tensors {
			require.Zero(t, entries[x.Name].Offsets[0]%(x.DType.Bits()/8), x.Name)
		}
	})
}

func TestWriteThenReadIsTheIdentity(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tensors, meta := drawFile(t)
		var b bytes.Buffer
		require.NoError(t, safetensors.Write(&b, tensors, meta))
		f, err := read(b.Bytes())
		require.NoError(t, err)
		require.Len(t, f.Tensors, len(tensors))
		for _, want := range tensors {
			got, ok := f.Tensor(want.Name)
			require.True(t, ok, want.Name)
			require.Equal(t, want, got)
		}
		require.Equal(t, len(meta), len(f.Meta))
		for key, text := range meta {
			require.Equal(t, text, f.Meta[key])
		}
	})
}

// drawFile draws tensors of every dtype, of ranks 0 to 3, with any bytes.
func drawFile(t *rapid.T) ([]safetensors.Tensor, map[string]string) {
	one := rapid.Custom(func(t *rapid.T) safetensors.Tensor {
		x := safetensors.Tensor{
			Name:  rapid.String().Draw(t, "name"),
			DType: rapid.SampledFrom(dtypes).Draw(t, "dtype"),
			Shape: rapid.SliceOfN(rapid.IntRange(0, 3), 0, 3).Draw(t, "shape"),
		}
		size := x.DType.Bits() / 8
		for _, d := range x.Shape {
			size *= d
		}
		x.Data = rapid.SliceOfN(rapid.Byte(), size, size).Draw(t, "data")
		return x
	})
	tensors := rapid.SliceOfNDistinct(one, 0, 6, func(x safetensors.Tensor) string { return x.Name }).Draw(t, "tensors")
	return tensors, rapid.MapOfN(rapid.String(), rapid.String(), 0, 3).Draw(t, "meta")
}

func TestValuesAreNewsOwn(t *testing.T) {
	assertRoundTrip(t, []float64{0, math.Copysign(0, -1), math.Inf(1), math.MaxFloat64, math.SmallestNonzeroFloat64})
	assertRoundTrip(t, []float32{1, -1, math.MaxFloat32, math.SmallestNonzeroFloat32})
	assertRoundTrip(t, []int64{math.MinInt64, -1, 0, math.MaxInt64})
	assertRoundTrip(t, []uint64{0, math.MaxUint64})
	assertRoundTrip(t, []uint8{0, 255})
	assertRoundTrip(t, []float64{})
}

func assertRoundTrip[T safetensors.Element](t *testing.T, data []T) {
	t.Helper()
	f, err := read(written(t, []safetensors.Tensor{tensor(t, "x", data, len(data))}, nil))
	require.NoError(t, err)
	assert.Nil(t, f.Meta)
	got, err := safetensors.Get[T](f, "x", len(data))
	require.NoError(t, err)
	assert.Equal(t, data, got)
	if len(data) > 0 && data[0] == 0 {
		assert.Equal(t, math.Signbit(float64(data[min(1, len(data)-1)])),
			math.Signbit(float64(got[min(1, len(got)-1)])))
	}
}

// TestNaNKeepTheirBits writes quiet and signalling NaN of both signs with
// payloads: a conversion on the way would make the signalling ones quiet.
func TestNaNKeepTheirBits(t *testing.T) {
	bits32 := []uint32{0x7fc00000, 0x7fa00001, 0xff800001, 0xffffffff}
	bits64 := []uint64{0x7ff8000000000000, 0x7ff4000000000001, 0xfff0000000000001, math.MaxUint64}
	x := make([]float32, len(bits32))
	y := make([]float64, len(bits64))
	for i := range x {
		x[i], y[i] = math.Float32frombits(bits32[i]), math.Float64frombits(bits64[i])
	}
	f, err := read(written(t, []safetensors.Tensor{tensor(t, "x", x, 4), tensor(t, "y", y, 2, 2)}, nil))
	require.NoError(t, err)
	gotX, err := safetensors.Get[float32](f, "x", 4)
	require.NoError(t, err)
	gotY, err := safetensors.Get[float64](f, "y", 2, 2)
	require.NoError(t, err)
	for i := range x {
		assert.Equal(t, bits32[i], math.Float32bits(gotX[i]))
		assert.Equal(t, bits64[i], math.Float64bits(gotY[i]))
	}
}

func TestGetNamesWhatDiffers(t *testing.T) {
	f, err := read(written(t, []safetensors.Tensor{tensor(t, "w", []float32{1, 2}, 2)}, nil))
	require.NoError(t, err)
	_, err = safetensors.Get[float32](f, "v", 2)
	require.ErrorIs(t, err, safetensors.ErrMismatch)
	assert.ErrorContains(t, err, `none of the file's 1 tensors is named "v"`)
	_, err = safetensors.Get[float64](f, "w", 2)
	require.ErrorIs(t, err, safetensors.ErrMismatch)
	assert.ErrorContains(t, err, `"w" is F32, want F64`)
	_, err = safetensors.Get[float32](f, "w", 2, 1)
	require.ErrorIs(t, err, safetensors.ErrMismatch)
	assert.ErrorContains(t, err, `"w" has shape [2], want [2 1]`)
}

func TestTensorsDoNotReachIntoEachOther(t *testing.T) {
	f, err := read(two("[0,8]", "[8,16]", 16))
	require.NoError(t, err)
	a := append(f.Tensors[0].Data, 255)
	assert.Equal(t, byte(255), a[8])
	assert.Equal(t, make([]byte, 8), f.Tensors[1].Data)
}

func TestNewRefusesDataThatDoNotFillTheShape(t *testing.T) {
	_, err := safetensors.New("w", []float32{1, 2, 3}, 2, 2)
	assert.ErrorContains(t, err, "shape [2 2] holds 4 elements, but there are 3")
	_, err = safetensors.New("w", []float32{}, -1)
	assert.ErrorContains(t, err, "dimension 0 is negative")
	_, err = safetensors.New("w", []float32{1, 2})
	assert.ErrorContains(t, err, "holds 1 elements, but there are 2")
}

// TestWriteRefusesWhatReadWould checks that nothing is written of a file that
// could not be read.
func TestWriteRefusesWhatReadWould(t *testing.T) {
	w := tensor(t, "w", []float32{1, 2}, 2)
	spoilt := func(spoil func(x *safetensors.Tensor)) []safetensors.Tensor {
		x := w
		x.Shape = slices.Clone(w.Shape)
		spoil(&x)
		return []safetensors.Tensor{x}
	}
	for _, c := range []struct {
		says    string
		tensors []safetensors.Tensor
		meta    map[string]string
	}{
		{`two tensors are named "w"`, []safetensors.Tensor{w, tensor(t, "v", []float64{1}), tensor(t, "w", []uint8{1})},
			nil},
		{"kept for the text", spoilt(func(x *safetensors.Tensor) { x.Name = "__metadata__" }), nil},
		{"not UTF-8", spoilt(func(x *safetensors.Tensor) { x.Name = "\xff" }), nil},
		{`dtype "F8" is unknown`, spoilt(func(x *safetensors.Tensor) { x.DType = "F8" }), nil},
		{"takes 12 bytes, but there are 8", spoilt(func(x *safetensors.Tensor) { x.Shape[0] = 3 }), nil},
		{"is negative", spoilt(func(x *safetensors.Tensor) { x.Shape = []int{-1, -2} }), nil},
		{"65 dimensions", spoilt(func(x *safetensors.Tensor) {
			x.Shape = append(x.Shape, slices.Repeat([]int{1}, 64)...)
		}), nil},
		{"not UTF-8", nil, map[string]string{"a": "\xff"}},
		{"not UTF-8", nil, map[string]string{"\xff": "a"}},
		{"the header takes", nil, map[string]string{"a": string(make([]byte, safetensors.MaxHeader))}},
	} {
		var b bytes.Buffer
		err := safetensors.Write(&b, c.tensors, c.meta)
		require.ErrorContains(t, err, c.says)
		require.Zero(t, b.Len())
	}
}

func TestWriteReportsAFullDisk(t *testing.T) {
	full := errors.New("no space left")
	tensors := []safetensors.Tensor{tensor(t, "w", make([]float64, 100), 100)}
	for _, room := range []int{0, 100, 500} {
		err := safetensors.Write(&limited{room, full}, tensors, nil)
		require.ErrorIs(t, err, full, "room for %d bytes", room)
	}
}

// A limited writer has room for n bytes.
type limited struct {
	n   int
	err error
}

func (w *limited) Write(b []byte) (int, error) {
	if len(b) > w.n {
		return w.n, w.err
	}
	w.n -= len(b)
	return len(b), nil
}

func TestReadReportsADiskThatFails(t *testing.T) {
	broken := errors.New("bad sector")
	_, err := safetensors.Read(failing{broken}, 100)
	require.ErrorIs(t, err, broken)
	require.NotErrorIs(t, err, safetensors.ErrFormat)
}

type failing struct{ err error }

func (r failing) ReadAt([]byte, int64) (int, error) { return 0, r.err }

func TestFilesOnDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.safetensors")
	tensors := []safetensors.Tensor{tensor(t, "w", []float32{1, 2}, 2)}
	require.NoError(t, safetensors.WriteFile(path, tensors, map[string]string{"step": "12"}))
	requireOnDisk := func() {
		t.Helper()
		f, err := safetensors.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, map[string]string{"step": "12"}, f.Meta)
		assert.Len(t, f.Tensors, 1)
		w, err := f.Load("w")
		require.NoError(t, err)
		assert.Equal(t, tensors[0], w)
	}
	requireOnDisk()
	require.Error(t, safetensors.WriteFile(path, append(tensors, tensors...), nil))
	requireOnDisk()

	_, err := safetensors.ReadFile(path + ".missing")
	assert.ErrorIs(t, err, os.ErrNotExist)
	_, err = safetensors.ReadFile(filepath.Dir(path))
	assert.ErrorIs(t, err, safetensors.ErrFormat)
	require.NoError(t, os.WriteFile(path, []byte("not tensors"), 0o644))
	_, err = safetensors.ReadFile(path)
	assert.ErrorIs(t, err, safetensors.ErrFormat)
	assert.ErrorContains(t, err, path)
}

// FuzzRead checks that no bytes make Read panic, and that what it takes can be
// written and read again as the same.
func FuzzRead(f *testing.F) {
	for _, c := range malformed {
		if len(c.file) < 1<<10 {
			f.Add(c.file)
		}
	}
	f.Add(file(good, 8))
	f.Add(two("[0,8]", "[8,16]", 16))
	f.Add(one(`"dtype":"I4","shape":[16],"data_offsets":[0,8]`))
	f.Add(one(`"dtype":"F4","shape":[4,4],"data_offsets":[0,8]`))
	f.Add(file(`{"__metadata__":{"a":"b"},"e":{"dtype":"I64","shape":[0,3],"data_offsets":[0,0]}}`, 0))
	f.Fuzz(func(t *testing.T, b []byte) {
		first, err := read(b)
		if err != nil {
			require.ErrorIs(t, err, safetensors.ErrFormat)
			return
		}
		if slices.ContainsFunc(first.Tensors, func(x safetensors.Tensor) bool { return x.DType.Bits() == 0 }) {
			return // can be read, not written
		}
		var w bytes.Buffer
		require.NoError(t, safetensors.Write(&w, first.Tensors, first.Meta))
		second, err := read(w.Bytes())
		require.NoError(t, err)
		require.Len(t, second.Tensors, len(first.Tensors))
		for _, x := range first.Tensors {
			got, ok := second.Tensor(x.Name)
			require.True(t, ok)
			require.Equal(t, x, got)
		}
	})
}

func tensor[T safetensors.Element](t *testing.T, name string, data []T, shape ...int) safetensors.Tensor {
	t.Helper()
	x, err := safetensors.New(name, data, shape...)
	require.NoError(t, err)
	return x
}

func written(t *testing.T, tensors []safetensors.Tensor, meta map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, safetensors.Write(&b, tensors, meta))
	return b.Bytes()
}
