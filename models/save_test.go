package models_test

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/internal/safetensors"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/train"
)

// ownNet is a network of a user's.
type ownNet struct {
	layers.Sequential
	cfg ownConfig
}

type ownConfig struct{ In, Hidden, Out int }

func newOwn(cfg ownConfig) (*ownNet, error) {
	first, err := layers.NewLinear(layers.LinearConfig{Name: "first", In: cfg.In, Out: cfg.Hidden})
	if err != nil {
		return nil, err
	}
	last, err := layers.NewLinear(layers.LinearConfig{Name: "last", In: cfg.Hidden, Out: cfg.Out})
	return &ownNet{layers.Sequential{first, layers.ReLU{}, last}, cfg}, err
}

func (n *ownNet) Config() ownConfig { return n.cfg }

func (n *ownNet) Forward(g *nn.Graph, x *gorgonia.Node) (*gorgonia.Node, error) {
	return n.Sequential.Forward(g, x)
}

func ownKind() models.Kind { return models.KindOf("models_test.own", newOwn, (*ownNet).Config) }

// What is loaded predicts to the bit what was saved, from the columns of a table.
func TestLoadedModelsPredictTheSame(t *testing.T) {
	dir := t.TempDir()
	table := filepath.Join(dir, "t.csv")
	require.NoError(t, os.WriteFile(table,
		[]byte("a,b,colour,class\n1,2,red,no\n3,4,blue,yes\n5,7,red,no\n2,2,blue,yes\n"), 0o666))
	set := must(data.LoadCSV(table, data.CSVConfig{}))
	prepare := must(data.Fit(set, data.OneHot{}, data.Standardize{}))
	ready := must(prepare.Apply(set))
	image := []int{3, 8, 8}
	pixels := make([]float64, 2*size(image))
	for i := range pixels {
		pixels[i] = float64(i%17) / 17
	}
	images := must(data.New(pixels, 1, image, []int{0, 1}, 2))
	for name, c := range map[string]struct {
		model layers.Layer
		set   *data.Set
	}{
		"MLP": {must(models.NewMLP(models.MLPConfig{Dims: []int{4, 5, 2}, Normalize: true, Seed: 3,
			Dropout: 0.5})), ready},
		"float64": {must(models.NewMLP(models.MLPConfig{Dims: []int{4, 5, 2}, Seed: 3, Dtype: tensor.Float64})), ready},
		"classifier": {models.Classifier{
			Encoder: must(models.NewMLP(models.MLPConfig{Dims: []int{4, 5, 3}, Normalize: true})),
			Head:    must(layers.NewLinear(layers.LinearConfig{Name: "head", In: 3, Out: 2}))}, ready},
		"sequential": {layers.Sequential{
			must(layers.NewLinear(layers.LinearConfig{Name: "a", In: 4, Out: 6, NoBias: true})), layers.ReLU{},
			must(layers.NewLayerNorm(layers.LayerNormConfig{Name: "n", Dim: 6})), layers.Normalize{}}, ready},
		"ResNet":  {must(models.NewResNet(models.ResNetConfig{Depth: 10, Width: 2, Features: 3})), images},
		"no head": {must(models.NewResNet(models.ResNetConfig{Depth: 10, Width: 2, NoHead: true})), images},
		"own":     {must(newOwn(ownConfig{4, 3, 2})), ready},
	} {
		path := filepath.Join(dir, name+".safetensors")
		require.NoError(t, models.Save(path, models.Saved{Model: c.model, Prepare: prepare, Schema: set.Schema()},
			ownKind()), name)
		loaded, err := models.Load(path, ownKind())
		require.NoError(t, err, name)
		require.Equal(t, []string{"no", "yes"}, loaded.Schema.Label.Categories)
		on := c.set
		if on == ready {
			on = must(loaded.Table(table))
		}
		want := must(train.Features(t.Context(), c.model, c.set))
		require.Equal(t, want, must(train.Features(t.Context(), loaded.Model, on)), name)
	}
	_, err := models.Load(filepath.Join(dir, "own.safetensors"))
	require.ErrorIs(t, err, models.ErrFile)
	require.ErrorContains(t, err, `"models_test.own", which is not known`)
	path := filepath.Join(dir, "not")
	require.ErrorContains(t, models.Save(path, models.Saved{Model: must(newOwn(ownConfig{4, 3, 2}))}),
		"*models_test.ownNet is of no known Kind")
	require.ErrorContains(t, models.Save(path, models.Saved{}), "no Model")
	require.ErrorContains(t, models.Save(path, models.Saved{Model: layers.ReLU{}}, models.Kind{}), "a Kind of the name")
	require.NoFileExists(t, path)
}

func size(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// A file that was cut at any byte, or whose words were changed, is an error.
func TestLoadRefusesFilesThatLie(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "m.safetensors")
	net := must(models.NewMLP(models.MLPConfig{Dims: []int{2, 3, 2}}))
	require.NoError(t, models.Save(path, models.Saved{Model: net}))
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	other := filepath.Join(dir, "other")
	for n := range len(whole) {
		require.NoError(t, os.WriteFile(other, whole[:n], 0o666))
		_, err := models.Load(other)
		require.Error(t, err, n)
	}
	for was, is := range map[string]string{
		`whitebox-model-1`: `whitebox-model-9`,
		`MLP`:              `MLQ`,
		`[2,3,2],`:         `[2,4,2],`,
		`float32`:          `float16`,
		`mlp.linear0.bias`: `mlp.linear0.bibs`,
	} {
		changed := bytes.Replace(whole, []byte(was), []byte(is), 1)
		require.NotEqual(t, whole, changed, was)
		require.NoError(t, os.WriteFile(other, changed, 0o666))
		_, err := models.Load(other)
		require.ErrorIs(t, err, models.ErrFile, "%s → %s", was, is)
	}
}

// dictionaryNet is a network of a user's with matrices in its configuration.
type dictionaryNet struct {
	*layers.LISTA
	cfg dictionaryConfig
}

type dictionaryConfig struct {
	Inner struct{ A, None *mat.Dense }
	Depth int
	Dtype tensor.Dtype
	Done  func()
}

func newDictionaryNet(cfg dictionaryConfig) (*dictionaryNet, error) {
	l, err := layers.NewLISTA(layers.LISTAConfig{UnrollConfig: layers.UnrollConfig{Name: "l", A: cfg.Inner.A,
		Layers: cfg.Depth, Dtype: cfg.Dtype}})
	return &dictionaryNet{l, cfg}, err
}

// A Kind of a user's keeps matrices of its configuration too, wherever they are in it, to the bit.
func TestMatricesOfAUsersKindAreKept(t *testing.T) {
	kind := models.KindOf("models_test.dictionary", newDictionaryNet,
		func(n *dictionaryNet) dictionaryConfig { return n.cfg })
	cfg := dictionaryConfig{Depth: 2, Dtype: tensor.Float64, Done: func() {}}
	whole := mat.NewDense(4, 9, draws(3, 36))
	cfg.Inner.A = whole.Slice(1, 4, 2, 7).(*mat.Dense) // not contiguous
	net := must(newDictionaryNet(cfg))
	path := filepath.Join(t.TempDir(), "m")
	require.NoError(t, models.Save(path, models.Saved{Model: layers.Sequential{layers.ReLU{}, net}}, kind))
	s := must(models.Load(path, kind))
	got := s.Model.(layers.Sequential)[1].(*dictionaryNet)
	require.True(t, mat.Equal(cfg.Inner.A, got.cfg.Inner.A))
	require.Nil(t, got.cfg.Inner.None)
	require.Equal(t, tensor.Float64, got.cfg.Dtype)
	require.Equal(t, bitsOf(t, net, []int{3}), bitsOf(t, got, []int{3}))
	require.NotNil(t, cfg.Inner.A, "the network's own configuration stays")
	require.NotNil(t, net.cfg.Done)
	require.NotNil(t, net.cfg.Inner.A)

	taken := must(layers.NewLinear(layers.LinearConfig{Name: "config.1.Inner", In: 5, Out: 2, Dtype: tensor.Float64}))
	taken.Params()[0].Name = "config.1.Inner.A"
	err := models.Save(path, models.Saved{Model: layers.Sequential{layers.ReLU{}, net, taken}}, kind)
	require.ErrorContains(t, err, `"config.1.Inner.A"`)
}

// No network is made that is larger than the weights of the file.
func TestLoadMakesNoHugeNetwork(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m")
	for _, network := range []string{
		`{"kind":"MLP","config":{"Dims":[60000,30000]}}`,
		`{"kind":"Linear","config":{"Name":"a","In":40000,"Out":40000}}`,
		`{"kind":"ResNet","config":{"Width":4000}}`,
		`{"kind":"VGG11","config":{"Width":4000}}`,
		`{"kind":"Conv2D","config":{"Name":"a","In":4000,"Out":4000,"Kernel":[9,9]}}`,
		strings.Repeat(`{"kind":"Sequential","parts":[`, 200) + `{"kind":"ReLU","config":{}}` + strings.Repeat(`]}`,
			200),
		`{"kind":"Classifier","parts":[]}`,
		`{"kind":"ReLU","config":{},"parts":[{"kind":"ReLU"}]}`,
		`{"kind":"ReduNet","config":{"Shape":[20000],"Classes":2,"Layers":1}}`,
		`{"kind":"ReduNet","config":{"Shape":[40,6000],"Rows":[1,1],"Classes":2,"Layers":1}}`,
		`{"kind":"RandomConv","config":{"Name":"a","In":4000,"Out":4000,"Window":[9,9]}}`,
		`{"kind":"Embedding","config":{"Name":"a","Rows":40000,"Dim":40000}}`,
		`{"kind":"LISTA","config":{"Name":"a","Layers":2},"matrices":{"A":"wide"}}`,
		`{"kind":"LFISTA","config":{"Name":"a","Layers":9},"matrices":{"A":"wide"}}`,
		`{"kind":"LIHT","config":{"Name":"a","Sparsity":2},"matrices":{"A":"wide"}}`,
		`{"kind":"StepLISTA","config":{"Name":"a","Layers":60000},"matrices":{"A":"wide"}}`,
		`{"kind":"LISTA","config":{"Name":"a"},"matrices":{"A":"vector"}}`,
		`{"kind":"LISTA","config":{"Name":"a"},"matrices":{"A":"nan"}}`,
		`{"kind":"LISTA","config":{"Name":"a"}}`,
		`{`,
	} {
		wide, vector := make([]float64, 30000), []float64{1, 2}
		require.NoError(t, safetensors.WriteFile(path, []safetensors.Tensor{
			must(safetensors.New("wide", wide, 1, len(wide))), must(safetensors.New("vector", vector, 2)),
			must(safetensors.New("nan", []float64{1, math.NaN()}, 1, 2)),
		}, map[string]string{
			"format": "whitebox-model-1", "model": `{"dtype":"float32","network":` + network + `}`}))
		_, err := models.Load(path)
		require.ErrorIs(t, err, models.ErrFile, network)
	}
}
