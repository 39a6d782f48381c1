package safetensors_test

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/whitebox-nn/whitebox/internal/safetensors"
)

// words returns a tensor of 16-bit elements.
func words(name string, dt safetensors.DType, bits ...uint16) safetensors.Tensor {
	x := safetensors.Tensor{Name: name, DType: dt, Shape: []int{len(bits)}}
	for _, b := range bits {
		x.Data = binary.LittleEndian.AppendUint16(x.Data, b)
	}
	return x
}

func fileOf(tensors ...safetensors.Tensor) *safetensors.File {
	return &safetensors.File{Tensors: tensors}
}

// TestHalvesAreTheirValues has the corners of binary16 and of bfloat16, whose values
// are in the tables of IEEE 754 and in the definition of the latter.
func TestHalvesAreTheirValues(t *testing.T) {
	f := fileOf(
		words("f16", safetensors.F16, 0x3c00, 0xc000, 0x0001, 0x03ff, 0x0400, 0x7bff, 0x7c00, 0xfc00, 0x3555, 0x8000,
			0x7e00),
		words("bf16", safetensors.BF16, 0x3f80, 0xc000, 0x0001, 0x7f7f, 0x7f80, 0x3eab, 0x8000, 0x7fc0))
	for name, want := range map[string][]float64{
		"f16": {1, -2, 0x1p-24, 0x1p-14 - 0x1p-24, 0x1p-14, 65504, math.Inf(1), math.Inf(-1), 0.333251953125,
			math.Copysign(0, -1), math.NaN()},
		"bf16": {1, -2, 0x1p-133, 0x1.fep127, math.Inf(1), 0.333984375, math.Copysign(0, -1), math.NaN()},
	} {
		narrow, err := safetensors.Reals[float32](f, name, false, len(want))
		require.NoError(t, err)
		wide, err := safetensors.Reals[float64](f, name, false, len(want))
		require.NoError(t, err)
		for i, v := range want {
			if math.IsNaN(v) {
				assert.True(t, math.IsNaN(wide[i]) && narrow[i] != narrow[i])
				continue
			}
			assert.Equal(t, math.Float64bits(v), math.Float64bits(wide[i]), "%s %d", name, i)
			assert.Equal(t, math.Float64bits(v), math.Float64bits(float64(narrow[i])), "%s %d", name, i)
		}
	}
}

// TestEveryHalfHasTheOrderOfItsBits walks through all finite binary16 numbers: the
// next number of bits is the next number, at half the distance once each 1024.
func TestEveryHalfHasTheOrderOfItsBits(t *testing.T) {
	var bits []uint16
	for b := range uint16(0x7c00) {
		bits = append(bits, b)
	}
	x, err := safetensors.Reals[float64](fileOf(words("w", safetensors.F16, bits...)), "w", false, len(bits))
	require.NoError(t, err)
	for i := 1; i < len(x); i++ {
		require.Equal(t, math.Ldexp(1, max(i-1, 1024)/1024-25), x[i]-x[i-1], "%#04x", i)
	}
}

func TestRealsAreConvertedWhereThatIsExact(t *testing.T) {
	third := 1.0 / 3
	f := fileOf(tensor(t, "exact", []float64{1, -0.5, 0x1p-149, math.MaxFloat32, math.Inf(1)}, 5),
		tensor(t, "third", []float64{1, third}, 2),
		tensor(t, "huge", []float64{1e39}, 1), tensor(t, "small", []float64{1e-300}, 1),
		tensor(t, "narrow", []float32{0.1, -2}, 2), tensor(t, "int", []int64{1}, 1))
	x, err := safetensors.Reals[float32](f, "exact", false, 5)
	require.NoError(t, err)
	assert.Equal(t, []float32{1, -0.5, 0x1p-149, math.MaxFloat32, float32(math.Inf(1))}, x)
	y, err := safetensors.Reals[float64](f, "narrow", false, 2)
	require.NoError(t, err)
	assert.Equal(t, []float64{float64(float32(0.1)), -2}, y)

	_, err = safetensors.Reals[float32](f, "third", false, 2)
	require.ErrorIs(t, err, safetensors.ErrMismatch)
	assert.ErrorContains(t, err, `"third" is F64, and its element 1, 0.333333`)
	x, err = safetensors.Reals[float32](f, "third", true, 2)
	require.NoError(t, err)
	assert.Equal(t, []float32{1, float32(third)}, x)
	x, err = safetensors.Reals[float32](f, "small", true, 1)
	require.NoError(t, err)
	assert.Zero(t, x[0])
	for _, round := range []bool{false, true} {
		_, err = safetensors.Reals[float32](f, "huge", round, 1)
		require.ErrorIs(t, err, safetensors.ErrMismatch)
		assert.ErrorContains(t, err, "beyond the largest F32")
	}
	_, err = safetensors.Reals[float32](f, "int", true, 1)
	require.ErrorIs(t, err, safetensors.ErrMismatch)
	assert.ErrorContains(t, err, `"int" is I64, want F32, or another of F64, F32, F16 and BF16`)
	_, err = safetensors.Reals[float32](f, "third", true, 3)
	require.ErrorIs(t, err, safetensors.ErrMismatch)
}

// TestDTypesBesideWhatIsAskedFor reads weights beside a tensor of each dtype that
// others write, or may write one day.
func TestDTypesBesideWhatIsAskedFor(t *testing.T) {
	for dtype, shape := range map[string]string{
		"F8_E4M3": "[8]", "F8_E5M2": "[2,4]", "F8_E8M0": "[8]", "F8_E4M3FNUZ": "[8]", "F8_E5M2FNUZ": "[8]",
		"C64": "[1]", "BOOL": "[8]",
		"F4": "[16]", "I4": "[16]", "U128": "[]", "f32": "[2]", "日本": "[3]", "I8": "[8]", "F16": "[4]", "BF16": "[2,2]",
		"U64": "[1]",
	} {
		b := file(`{"q":{"dtype":"`+dtype+`","shape":`+shape+
			`,"data_offsets":[0,8]},"w":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}`, 16)
		copy(b[len(b)-8:], []byte{0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0}) // 1 and −2
		f, err := read(b)
		require.NoError(t, err, dtype)
		w, err := safetensors.Get[float32](f, "w", 2)
		require.NoError(t, err, dtype)
		assert.Equal(t, []float32{1, -2}, w, dtype)
		if dtype != "F16" && dtype != "BF16" {
			q, _ := f.Tensor("q")
			_, err = safetensors.Reals[float32](f, "q", true, q.Shape...)
			require.ErrorIs(t, err, safetensors.ErrMismatch, dtype)
			assert.ErrorContains(t, err, `"q" is `+dtype+`, want F32`)
		}
	}
}

// TestATerabyteIsNotRead opens a sparse file whose header tells the truth: a tensor of
// a terabyte, and a small one behind it.
func TestATerabyteIsNotRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.safetensors")
	head := file(
		`{"huge":{"dtype":"U8","shape":[1099511627776],"data_offsets":[0,1099511627776]},"w":{"dtype":"F32",`+
			`"shape":[2],"data_offsets":[1099511627776,1099511627784]}}`, 0)
	require.NoError(t, os.WriteFile(path, head, 0o600))
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	require.NoError(t, err)
	if _, err := f.WriteAt([]byte{0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0}, int64(len(head))+1<<40); err != nil {
		return // a disk without sparse files: nothing to test
	}
	require.NoError(t, f.Close())
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	file, err := safetensors.ReadFile(path)
	require.NoError(t, err)
	w, err := safetensors.Get[float32](file, "w", 2)
	require.NoError(t, err)
	assert.Equal(t, []float32{1, -2}, w)
	_, err = safetensors.Get[float32](file, "huge", 2)
	require.ErrorIs(t, err, safetensors.ErrMismatch)
	_, err = safetensors.Reals[float32](file, "huge", true, 1<<40)
	require.ErrorIs(t, err, safetensors.ErrMismatch)
	runtime.ReadMemStats(&after)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20))
}

func TestAFileThatChangesIsNotMixed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.safetensors")
	write := func(v float32) {
		require.NoError(t, safetensors.WriteFile(path, []safetensors.Tensor{tensor(t, "w", []float32{v}, 1)}, nil))
	}
	write(1)
	f, err := safetensors.ReadFile(path)
	require.NoError(t, err)
	write(2)
	_, err = safetensors.Get[float32](f, "w", 1)
	require.ErrorContains(t, err, "has changed since its header was read")

	f, err = safetensors.ReadFile(path)
	require.NoError(t, err)
	later := time.Now().Add(time.Hour)
	require.NoError(t, os.Chtimes(path, later, later))
	_, err = f.Load("w")
	require.ErrorContains(t, err, "has changed since its header was read")
	require.NoError(t, os.Remove(path))
	_, err = f.Load("w")
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = f.Load("v")
	require.ErrorIs(t, err, safetensors.ErrMismatch)
}

func TestADeviceIsNotRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.safetensors")
	require.NoError(t, os.Symlink("/dev/zero", path))
	_, err := safetensors.ReadFile(path)
	require.Error(t, err)
	if _, gone := os.Stat("/dev/zero"); gone == nil {
		require.ErrorIs(t, err, safetensors.ErrFormat)
		require.ErrorContains(t, err, "not a regular file")
	}
}

// TestEveryTensorOfADiskIsThatOfTheMemory reads files in both ways.
func TestEveryTensorOfADiskIsThatOfTheMemory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.safetensors")
	rapid.Check(t, func(t *rapid.T) {
		tensors, meta := drawFile(t)
		require.NoError(t, safetensors.WriteFile(path, tensors, meta))
		f, err := safetensors.ReadFile(path)
		require.NoError(t, err)
		for _, want := range tensors {
			got, err := f.Load(want.Name)
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
	})
}
