package safetensors_test

import (
	"cmp"
	"encoding/hex"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/safetensors"
)

// held is what Python says that a file holds.
type held struct {
	Meta    map[string]string
	Tensors map[string]struct {
		DType string
		Shape []int
		Hex   string
	}
}

// TestFilesOfPython reads a file of the safetensors of PyPI, and has it read ours. It
// does nothing where $PYTHON, or python3, has not numpy and safetensors; .ci/run says so.
func TestFilesOfPython(t *testing.T) {
	python := cmp.Or(os.Getenv("PYTHON"), "python3")
	if exec.Command(python, "-c", "import numpy, safetensors").Run() != nil {
		return
	}
	peer := func(verb, path string) (h held) {
		t.Helper()
		cmd := exec.Command(python, filepath.Join("testdata", "peer.py"), verb, path)
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(out, &h))
		return h
	}

	path := filepath.Join(t.TempDir(), "их файл.safetensors")
	theirs := peer("write", path)
	assert.GreaterOrEqual(t, len(theirs.Tensors), 15)
	f, err := safetensors.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, theirs.Meta, f.Meta)
	require.Len(t, f.Tensors, len(theirs.Tensors))
	for name, want := range theirs.Tensors {
		got, err := f.Load(name)
		require.NoError(t, err, name)
		assert.Equal(t, want.DType, string(got.DType), name)
		assert.Equal(t, want.Shape, got.Shape, name)
		assert.Equal(t, want.Hex, hex.EncodeToString(got.Data), name)
	}
	single, err := safetensors.Reals[float64](f, "tensor of float32", false, 2, 3)
	require.NoError(t, err)
	for i, v := range single {
		narrow, err := safetensors.Reals[float64](f, "tensor of float16", false, 2, 3)
		require.NoError(t, err)
		assert.InDelta(t, v, narrow[i], math.Abs(v)*0x1p-11, "the nearest of 11 bits")
	}

	ours := []safetensors.Tensor{
		tensor(t, "网 \"q\" <b>&\u2028/\\", []float32{1, -2, 3.5, float32(math.Inf(1))}, 2, 2),
		tensor(t, "wide", []float64{math.Pi}),
		tensor(t, "int", []int64{math.MinInt64, 7}, 2), tensor(t, "none", []float32{}, 0, 3),
		words("half", safetensors.F16, 0x3c00),
		words("brain", safetensors.BF16, 0x3f80), {Name: "fp8", DType: safetensors.F8E4M3, Shape: []int{3},
			Data: []byte{1, 2, 3}},
	}
	require.NoError(t, safetensors.WriteFile(path, ours, map[string]string{"a": "\"\n"}))
	theirs = peer("read", path)
	assert.Equal(t, map[string]string{"a": "\"\n"}, theirs.Meta)
	require.Len(t, theirs.Tensors, len(ours))
	for _, want := range ours {
		got := theirs.Tensors[want.Name]
		assert.Equal(t, string(want.DType), got.DType, want.Name)
		assert.Equal(t, len(want.Shape), len(got.Shape), want.Name)
		for i, d := range want.Shape {
			assert.Equal(t, d, got.Shape[i], want.Name)
		}
		assert.Equal(t, hex.EncodeToString(want.Data), got.Hex, want.Name)
	}
}
