package models_test

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/metrics"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/conv"
	"github.com/whitebox-nn/whitebox/redunet"
	"github.com/whitebox-nn/whitebox/train"
)

// A kept is a network that a file keeps, and the shape of its samples.
type kept struct {
	model layers.Layer
	shape []int
}

// unrolledNets are the LISTA family, each in its plain and its fullest form, on 6 measurements and 10 atoms.
func unrolledNets(dt tensor.Dtype) map[string]layers.Unrolled {
	a := mat.NewDense(6, 10, draws(5, 60))
	w := mat.NewDense(6, 10, draws(6, 60))
	of := func(name string) layers.UnrollConfig {
		return layers.UnrollConfig{Name: name, A: a, Layers: 3, Lambda: 0.1, Dtype: dt}
	}
	some := layers.Selection{P: 10, Max: 30}
	return map[string]layers.Unrolled{
		"LISTA": must(layers.NewLISTA(layers.LISTAConfig{UnrollConfig: of("n")})),
		"LISTA untied": must(layers.NewLISTA(layers.LISTAConfig{UnrollConfig: of("n"), Select: some, VectorTheta: true,
			Untied: true, UntiedB: true})),
		"LISTACP":   must(layers.NewLISTACP(layers.LISTACPConfig{UnrollConfig: of("n"), Select: some, Untied: true})),
		"TiLISTA":   must(layers.NewTiLISTA(layers.TiLISTAConfig{UnrollConfig: of("n"), Select: some})),
		"ALISTA":    must(layers.NewALISTA(layers.ALISTAConfig{UnrollConfig: of("n"), Alpha: 0.3})),
		"ALISTA W":  must(layers.NewALISTA(layers.ALISTAConfig{UnrollConfig: of("n"), W: w, Select: some})),
		"StepLISTA": must(layers.NewStepLISTA(layers.StepLISTAConfig{UnrollConfig: of("n")})),
		"GLISTA":    must(layers.NewGLISTA(layers.GLISTAConfig{UnrollConfig: of("n"), Overshoot: true})),
		"LFISTA": must(layers.NewLFISTA(layers.LFISTAConfig{UnrollConfig: of("n"), VectorTheta: true,
			Untied: true})),
		"LIHT":   must(layers.NewLIHT(layers.LIHTConfig{UnrollConfig: of("n"), Ramp: 0.1})),
		"LIHT s": must(layers.NewLIHT(layers.LIHTConfig{UnrollConfig: of("n"), Sparsity: 3})),
		"LAMP":   must(layers.NewLAMP(layers.LAMPConfig{UnrollConfig: of("n"), Untied: true})),
	}
}

// everyModel returns each kind of network, with weights that are not those that New makes.
func everyModel(t *testing.T, dt tensor.Dtype) map[string]kept {
	all := map[string]kept{
		"MLP": {must(models.NewMLP(models.MLPConfig{Dims: []int{4, 5, 2}, Normalize: true, Dtype: dt})), []int{4}},
		"ResNet": {must(models.NewResNet(models.ResNetConfig{Depth: 10, Width: 2, Features: 3, Dtype: dt})),
			[]int{3, 8, 8}},
		"VGG11": {must(models.NewVGG11(models.VGG11Config{Width: 2, NoHead: true, Dtype: dt})), []int{3, 32, 32}},
		"Classifier": {models.Classifier{
			Encoder: must(models.NewMLP(models.MLPConfig{Dims: []int{4, 5, 3}, Dtype: dt})),
			Head:    must(layers.NewLinear(layers.LinearConfig{Name: "head", In: 3, Out: 2, Dtype: dt}))}, []int{4}},
		"Sequential": {layers.Sequential{
			must(layers.NewLinear(layers.LinearConfig{Name: "a", In: 4, Out: 6, Dtype: dt})), layers.Tanh{},
			must(layers.NewPReLU(layers.PReLUConfig{Name: "p", Dim: 6, Dtype: dt})), layers.LeakyReLU{Slope: 0.2},
			layers.GELU{}, layers.SiLU{}, layers.Softplus{}, layers.Sigmoid{},
			layers.Sequential{must(layers.NewLayerNorm(layers.LayerNormConfig{Name: "n", Dim: 6, Dtype: dt}))}},
			[]int{4}},
		"RandomConv": {layers.Sequential{
			must(layers.NewRandomConv(layers.RandomConvConfig{Name: "lift", In: 2, Out: 3, Window: []int{2, 3},
				Dtype: dt})),
			layers.AveragePool{Window: conv.Window{Kernel: conv.Pair(2)}}, layers.GlobalAveragePool{}}, []int{2, 4, 4}},
		"layer of a ReduNet": {must(layers.NewReduNet(layers.ReduNetConfig{Name: "l", Dim: 4, Classes: 2,
			Rows: []int{1, 2}, Dtype: dt})), []int{4}},
	}
	for name, net := range unrolledNets(dt) {
		all[name] = kept{net, []int{6}}
	}
	all["LISTANet"] = kept{must(models.NewLISTANet(models.LISTANetConfig{Body: unrolledNets(dt)["LISTACP"], Steps: 5,
		Watch: true})), []int{6}}
	for name, cfg := range map[string]models.ReduNetConfig{
		"ReduNet":       {Shape: []int{4}, Eta: 0.3, Lambda: 50},
		"ReduNet dense": {Shape: []int{4}, Hard: true},
		"ReduNet 1-D":   {Shape: []int{1, 6}, Channels: 3, Kernel: 3},
		"ReduNet 2-D":   {Shape: []int{2, 3, 4}},
	} {
		cfg.Layers, cfg.Classes, cfg.Dtype = 2, 2, dt
		n := 4
		x := draws(9, n*size(cfg.Shape))
		set := must(data.New(x, 1, cfg.Shape, []int{0, 1, 0, 1}, 2))
		net, _, err := redunet.Build(t.Context(), set, redunet.Config{Net: cfg, Dense: strings.Contains(name, "dense")})
		require.NoError(t, err)
		all[name] = kept{net, cfg.Shape}
	}
	require.NotNil(t, all["ReduNet"].model.(*models.ReduNet).Config().Rows, "the factored form")
	require.Nil(t, all["ReduNet dense"].model.(*models.ReduNet).Config().Rows)
	for name, k := range all {
		if strings.HasPrefix(name, "ReduNet") {
			continue
		}
		for i, p := range k.model.Params() {
			v := must(nn.Floats(nil, p.Value))
			for j, d := range draws(uint64(i), len(v)) {
				v[j] += 0.1 * math.Abs(d) // variances stay above 0
			}
			require.NoError(t, nn.SetFloats(p.Value, v))
		}
		nn.Changed(k.model.Params())
	}
	return all
}

// probes are samples of a shape, the same in every process.
func probes(shape []int) *data.Set {
	return must(data.New(draws(77, 3*size(shape)), 1, shape, []int{0, 0, 1}, 2))
}

// bitsOf returns the outputs of a network for the probes, to the bit.
func bitsOf(t *testing.T, m layers.Layer, shape []int) string {
	z := must(train.Features(t.Context(), m, probes(shape)))
	var b []byte
	for _, v := range z.RawMatrix().Data {
		b = binary.BigEndian.AppendUint64(b, math.Float64bits(v))
	}
	return fmt.Sprintf("%x", b)
}

// TestAnotherProcessPredictsTheSameBits runs this test again, in a process that gets the folder alone.
func TestAnotherProcessPredictsTheSameBits(t *testing.T) {
	const folder, mark = "WHITEBOX_TEST_MODELS", "output "
	if dir := os.Getenv(folder); dir != "" {
		for _, path := range must(filepath.Glob(filepath.Join(dir, "*"))) {
			s := must(models.Load(path))
			fmt.Println(mark + filepath.Base(path) + ":" + bitsOf(t, s.Model, s.Shape))
		}
		return
	}
	dir, want := t.TempDir(), map[string]string{}
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		for name, k := range everyModel(t, dt) {
			file := name + " " + dt.String()
			require.NoError(t, models.Save(filepath.Join(dir, file), models.Saved{Model: k.model, Shape: k.shape}),
				name)
			want[file] = bitsOf(t, k.model, k.shape)
			require.NotContains(t, want[file], "7ff8", "NaN of %s", name)
		}
	}
	cmd := exec.Command(must(os.Executable()), "-test.run=^TestAnotherProcessPredictsTheSameBits$")
	cmd.Env = append(os.Environ(), folder+"="+dir)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	got := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if text, ok := strings.CutPrefix(strings.TrimSpace(line), mark); ok {
			file, bits, _ := strings.Cut(text, ":")
			got[file] = bits
		}
	}
	require.Equal(t, 2*24, len(got), string(out))
	require.True(t, maps.Equal(want, got), "the bits of another process")
}

// TestEveryModelIsLoadedAsItWasMade compares what the networks say of themselves, and saves what was loaded again:
// to the same bytes.
func TestEveryModelIsLoadedAsItWasMade(t *testing.T) {
	dir := t.TempDir()
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		all := everyModel(t, dt)
		for _, name := range slices.Sorted(maps.Keys(all)) {
			k := all[name]
			one, two := filepath.Join(dir, "one"), filepath.Join(dir, "two")
			require.NoError(t, models.Save(one, models.Saved{Model: k.model, Shape: k.shape}))
			s := must(models.Load(one))
			require.Equal(t, k.shape, s.Shape)
			require.IsType(t, k.model, s.Model)
			require.NoError(t, models.Save(two, s))
			require.Equal(t, must(os.ReadFile(one)), must(os.ReadFile(two)), name)
			if u, ok := k.model.(layers.Unrolled); ok {
				require.Equal(t, u.Depth(), s.Model.(layers.Unrolled).Depth())
			}
		}
	}
}

// TestAFileOfEachModelThatLies cuts files short, and tells of other sizes, kinds and matrices.
func TestAFileOfEachModelThatLies(t *testing.T) {
	dir := t.TempDir()
	path, other := filepath.Join(dir, "m"), filepath.Join(dir, "other")
	refused := func(whole []byte, was, is string) {
		t.Helper()
		changed := []byte(strings.Replace(string(whole), was, is, 1))
		require.NotEqual(t, whole, changed, was)
		require.NoError(t, os.WriteFile(other, changed, 0o666))
		_, err := models.Load(other)
		require.ErrorIs(t, err, models.ErrFile, "%s → %s", was, is)
	}
	for name, k := range everyModel(t, tensor.Float32) {
		require.NoError(t, models.Save(path, models.Saved{Model: k.model}))
		whole := must(os.ReadFile(path))
		for i := 1; i < 40; i++ {
			require.NoError(t, os.WriteFile(other, whole[:len(whole)*i/40], 0o666))
			_, err := models.Load(other)
			require.Error(t, err, "%s cut at %d of 40", name, i)
		}
		kind := strings.SplitN(string(whole), `\"kind\":\"`, 2)[1]
		kind = kind[:strings.Index(kind, `\"`)]
		refused(whole, `\"kind\":\"`+kind, `\"kind\":\"`+strings.Repeat("X", len(kind)))
		refused(whole, `\"dtype\":\"float32`, `\"dtype\":\"float16`)
		switch {
		case strings.HasPrefix(name, "ReduNet"):
			refused(whole, `\"Layers\":2`, `\"Layers\":3`)
			refused(whole, `\"Layers\":2`, `\"Layers\":1`)
			refused(whole, `\"Classes\":2`, `\"Classes\":3`)
		case k.shape[0] == 6 && len(k.shape) == 1:
			if name != "LIHT s" { // whose layers have no weights of their own
				refused(whole, `\"Layers\":3`, `\"Layers\":4`)
			}
			refused(whole, `\"A\":\"config.`, `\"B\":\"config.`)
			refused(whole, `\"A\":\"config.`, `\"A\":\"konfig.`)
			refused(whole, `\"Lambda\":0.1`, `\"Lambda\":-.1`)
		}
	}
	net := everyModel(t, tensor.Float32)["LISTANet"]
	require.NoError(t, models.Save(path, models.Saved{Model: net.model}))
	whole := must(os.ReadFile(path))
	refused(whole, `{\"kind\":\"LISTACP\"`, `{\"kind\":\"Flatten\"`)
	refused(whole, `\"Steps\":5`, `\"Steps\":-`)
}

// TestClassifiersAreKept saves what makes classes of the outputs.
func TestClassifiersAreKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m")
	z, labels := mat.NewDense(12, 4, draws(1, 48)), []int{0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2}
	more := mat.NewDense(50, 4, draws(2, 200))
	for _, c := range []metrics.Classifier{
		must(metrics.NearestSubspace{Dim: 2}.Fit(z, labels, 3)),
		must(metrics.NearestSubspace{Dim: 1, Centered: true}.Fit(z, labels, 3)),
		must(metrics.Probe{}.Fit(z, labels, 3)),
	} {
		require.NoError(t, models.Save(path, models.Saved{Model: layers.ReLU{}, Classifier: c}))
		s := must(models.Load(path))
		require.IsType(t, c, s.Classifier)
		require.Equal(t, must(c.Predict(more)), must(s.Classifier.Predict(more)))
		whole := string(must(os.ReadFile(path)))
		kind := `"kind\":\"NearestSubspace`
		if _, probe := c.(*metrics.Linear); probe {
			kind = `"kind\":\"Probe`
		}
		for was, is := range map[string]string{`\"classes\":3`: `\"classes\":4`, `"classes\":3`: `"classes\":0`,
			kind: kind[:len(kind)-1] + "x", `classifier.b`: `classifier.c`} {
			require.Contains(t, whole, was)
			require.NoError(t, os.WriteFile(path, []byte(strings.Replace(whole, was, is, 1)), 0o666))
			_, err := models.Load(path)
			require.ErrorIs(t, err, models.ErrFile, was)
		}
	}
	err := models.Save(path, models.Saved{Model: layers.ReLU{}, Classifier: must(metrics.KNN{}.Fit(z, labels, 3))})
	require.ErrorContains(t, err, "a Classifier of the type *metrics.Neighbours")
	require.ErrorContains(t, models.Save(path, models.Saved{Model: layers.ReLU{}, Classifier: &metrics.Linear{}}),
		"a Classifier of 0 classes")
}
