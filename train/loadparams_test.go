package train

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/safetensors"
	"github.com/whitebox-nn/whitebox/nn"
)

// TestWeightsOfOthersAreConvertedWhereExact loads ½ and −3, and then a third, of each
// floating-point type into parameters of either, beside tensors of types that nothing
// here computes with.
func TestWeightsOfOthersAreConvertedWhereExact(t *testing.T) {
	half := binary.LittleEndian.AppendUint16
	third := binary.LittleEndian.AppendUint64(nil, math.Float64bits(1.0/3))
	files := map[safetensors.DType][]byte{
		safetensors.F16:  half(half(nil, 0x3800), 0xc200),
		safetensors.BF16: half(half(nil, 0x3f00), 0xc040),
		safetensors.F32:  {0, 0, 0, 0x3f, 0, 0, 0x40, 0xc0},
		safetensors.F64:  {0, 0, 0, 0, 0, 0, 0xe0, 0x3f, 0, 0, 0, 0, 0, 0, 8, 0xc0},
	}
	for source, b := range files {
		for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
			path := filepath.Join(t.TempDir(), "theirs [1].safetensors")
			require.NoError(t, safetensors.WriteFile(path, []safetensors.Tensor{
				{Name: "w", DType: source, Shape: []int{2}, Data: b},
				{Name: "third", DType: safetensors.F64, Shape: []int{1}, Data: third},
				{Name: "fp8", DType: safetensors.F8E4M3, Shape: []int{3}, Data: make([]byte, 3)},
				{Name: "c", DType: safetensors.C64, Shape: []int{}, Data: make([]byte, 8)},
				{Name: "i", DType: safetensors.I64, Shape: []int{1}, Data: make([]byte, 8)},
			}, nil))
			param := func(name string, n int) *nn.Param {
				p, err := nn.NewParam(name, dt, n)
				require.NoError(t, err)
				return p
			}
			value := func(p *nn.Param) []float64 {
				v, err := nn.Floats(nil, p.Value)
				require.NoError(t, err)
				return v
			}
			w, x := param("w", 2), param("third", 1)
			require.NoError(t, LoadParams(path, []*nn.Param{w}), "%s to %v", source, dt)
			require.Equal(t, []float64{0.5, -3}, value(w), "%s to %v", source, dt)

			w = param("w", 2)
			err := LoadParams(path, []*nn.Param{w, x})
			if dt == tensor.Float64 {
				require.NoError(t, err)
				require.Equal(t, []float64{1.0 / 3}, value(x))
				continue
			}
			require.ErrorIs(t, err, ErrCheckpoint)
			require.ErrorContains(t, err, "no F32: ask for rounding")
			require.Equal(t, []float64{0, 0}, value(w), "nothing is changed unless all fit")
			require.NoError(t, LoadConfig{Round: true}.Load(path, []*nn.Param{w, x}))
			require.Equal(t, []float64{float64(float32(1.0 / 3))}, value(x))
			require.ErrorContains(t, LoadConfig{Round: true}.Load(path, []*nn.Param{param("i", 1)}),
				`"i" is I64, want F32`)
			require.ErrorIs(t, LoadParams(path, []*nn.Param{nil}), ErrCheckpoint)
		}
	}
}

// TestATerabyteBesideTheWeights loads weights from a sparse file whose other tensor has
// a terabyte.
func TestATerabyteBesideTheWeights(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.safetensors")
	head := `{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},` +
		`"z":{"dtype":"F32","shape":[274877906944],"data_offsets":[4,1099511627780]}}`
	b := append(binary.LittleEndian.AppendUint64(nil, uint64(len(head))), head...)
	require.NoError(t, os.WriteFile(path, append(b, 0, 0, 0x80, 0x3f), 0o600))
	if err := os.Truncate(path, int64(len(b))+4+1<<40); err != nil {
		return // a disk without sparse files: nothing to test
	}
	w, err := nn.NewParam("w", tensor.Float32, 1)
	require.NoError(t, err)
	require.NoError(t, LoadParams(path, []*nn.Param{w}))
	require.Equal(t, []float32{1}, w.Value.Float32s())
	w.Name = "z"
	require.ErrorIs(t, LoadParams(path, []*nn.Param{w}), ErrCheckpoint)
}
