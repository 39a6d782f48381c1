package models_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/train"
)

// torchResNet is the network of testdata/torch_resnet.py, which wrote torchFile.
func torchResNet(t *testing.T, dt tensor.Dtype) models.Classifier {
	t.Helper()
	r := resnet(t, models.ResNetConfig{Depth: 10, Width: 4, NoHead: true, Dtype: dt, Seed: 3})
	fc, err := layers.NewLinear(layers.LinearConfig{Name: "fc", In: r.Out(), Out: 5, Dtype: dt})
	require.NoError(t, err)
	return models.Classifier{Encoder: r, Head: fc}
}

const torchFile = "testdata/resnet10.safetensors"

// forward returns what a network makes of x in an evaluation.
func forward(t *testing.T, m layers.Layer, x *tensor.Dense) []float64 {
	t.Helper()
	g := nn.NewGraph(nn.Eval)
	in, err := g.Input("x", x)
	require.NoError(t, err)
	y, err := m.Forward(g, in)
	require.NoError(t, err)
	p, err := nn.Compile(g, nn.Outputs{Values: []*gorgonia.Node{y}})
	require.NoError(t, err)
	defer func() { require.NoError(t, p.Close()) }()
	require.NoError(t, p.Run())
	v, err := p.Value(y)
	require.NoError(t, err)
	out, err := nn.Floats(nil, v)
	require.NoError(t, err)
	return out
}

// named returns a parameter to read or write a tensor of that name by.
func named(t *testing.T, name string, dt tensor.Dtype, shape ...int) *nn.Param {
	t.Helper()
	p, err := nn.NewParam(name, dt, shape...)
	require.NoError(t, err)
	return p
}

// TestAResNetOfPyTorchGivesItsLogits reads what PyTorch wrote, by torchvision's names.
func TestAResNetOfPyTorchGivesItsLogits(t *testing.T) {
	for _, dt := range []tensor.Dtype{tensor.Float64, tensor.Float32} {
		m := torchResNet(t, dt)
		require.NoError(t, train.LoadParams(torchFile, m.Params()))
		x, logits := named(t, "x", dt, 3, 3, 12, 12), named(t, "logits", tensor.Float64, 3, 5)
		require.NoError(t, train.LoadParams(torchFile, []*nn.Param{x, logits}))
		require.InDeltaSlice(t, logits.Value.Float64s(), forward(t, m, x.Value), 1e-5)
	}
}

// python returns Python, if it has the packages.
func python(packages string) (name string, ok bool) {
	name = os.Getenv("PYTHON")
	if name == "" {
		name = "python3"
	}
	return name, exec.Command(name, "-c", "import "+packages).Run() == nil
}

// printed returns the numbers that a script prints, one a line.
func printed(t *testing.T, name string, args ...string) (numbers []float64) {
	t.Helper()
	out, err := exec.Command(name, args...).Output()
	require.NoError(t, err, "%s", out)
	for _, line := range strings.Fields(string(out)) {
		v, err := strconv.ParseFloat(line, 64)
		require.NoError(t, err)
		numbers = append(numbers, v)
	}
	return numbers
}

// TestPyTorchReadsOurResNet, where there is a Python that has torch.
func TestPyTorchReadsOurResNet(t *testing.T) {
	name, ok := python("torch, safetensors")
	if !ok {
		t.Log("no Python with torch and safetensors: nothing to test")
		return
	}
	m := torchResNet(t, tensor.Float32)
	x := named(t, "x", tensor.Float32, 2, 3, 8, 8)
	for i := range x.Value.Float32s() {
		x.Value.Float32s()[i] = float32(i%17)/8 - 1
	}
	path := filepath.Join(t.TempDir(), "ours.safetensors")
	require.NoError(t, train.SaveParams(path, append(m.Params(), x)))
	require.InDeltaSlice(t, printed(t, name, "testdata/torch_resnet.py", "read", path), forward(t, m, x.Value), 1e-5)
}

// TestNumPyReadsOurMLP, where there is a Python that has numpy and safetensors.
func TestNumPyReadsOurMLP(t *testing.T) {
	name, ok := python("numpy, safetensors")
	if !ok {
		t.Log("no Python with numpy and safetensors: nothing to test")
		return
	}
	m, err := models.NewMLP(models.MLPConfig{Dims: []int{6, 9, 4}, Seed: 5})
	require.NoError(t, err)
	x := named(t, "x", tensor.Float32, 3, 6)
	for i := range x.Value.Float32s() {
		x.Value.Float32s()[i] = float32(i%7)/3 - 1
	}
	path := filepath.Join(t.TempDir(), "ours.safetensors")
	require.NoError(t, train.SaveParams(path, append(m.Params(), x)))
	require.InDeltaSlice(t, printed(t, name, "testdata/numpy_mlp.py", path), forward(t, m, x.Value), 1e-5)
}

// TestFormerNamesAreNamed writes a network by the names that its parameters had before
// they had PyTorch's, and reads it.
func TestFormerNamesAreNamed(t *testing.T) {
	for now, was := range map[string]string{
		"conv1.weight":                       "resnet.conv.weight",
		"bn1.running_var":                    "resnet.norm.variance",
		"layer1.0.bn1.weight":                "resnet.stage1.block0.norm1.gamma",
		"layer2.0.downsample.0.weight":       "resnet.stage2.block0.shortcut.conv.weight",
		"layer3.0.downsample.1.running_mean": "resnet.stage3.block0.shortcut.norm.mean",
		"enc.layer4.0.bn2.bias":              "enc.stage4.block0.norm2.beta",
		"ln.weight":                          "ln.gamma",
		"a.bn.running_mean":                  "a.bn.mean",
	} {
		path := filepath.Join(t.TempDir(), "old.safetensors")
		require.NoError(t, train.SaveParams(path, []*nn.Param{named(t, was, tensor.Float32, 2)}))
		p := named(t, now, tensor.Float32, 2)
		p.Value.Float32s()[1] = 7
		err := train.LoadParams(path, []*nn.Param{p})
		require.ErrorIs(t, err, train.ErrCheckpoint)
		require.ErrorContains(t, err, `parameter "`+now+`" was called "`+was+`"`)
		require.Equal(t, float32(7), p.Value.Float32s()[1])
	}
	path := filepath.Join(t.TempDir(), "other.safetensors")
	require.NoError(t, train.SaveParams(path, []*nn.Param{named(t, "other", tensor.Float32, 2)}))
	require.NotContains(t, train.LoadParams(path, []*nn.Param{named(t, "ln.weight", tensor.Float32, 2)}).Error(),
		"was called")
}
