package train

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/internal/safetensors"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
)

// mine is a loss of a user's own: its settings are exported fields.
type mine struct {
	Of   losses.Loss
	Beta float64
}

func (m mine) Loss(g *nn.Graph, out, y *gorgonia.Node) (*gorgonia.Node, error) {
	return m.Of.Loss(g, out, y)
}

// secret is one whose settings are not: it says them by Config.
type secret struct{ beta float64 }

func (s secret) Loss(g *nn.Graph, out, y *gorgonia.Node) (*gorgonia.Node, error) {
	return losses.CrossEntropy{}.Loss(g, out, y)
}

func (s secret) Config() map[string]float64 { return map[string]float64{"beta": s.beta} }

func sgd(t *testing.T, l *Loop, rate optim.Schedule, cfg optim.SGD, before ...optim.Transform) {
	o, err := optim.NewSGD(l.Model.Params(), rate, cfg, before...)
	require.NoError(t, err)
	l.Optimizer = o
}

func chain(t *testing.T, l *Loop, chain ...optim.Transform) {
	o, err := optim.New(l.Model.Params(), chain...)
	require.NoError(t, err)
	l.Optimizer = o
}

func batches(t *testing.T, l *Loop, set *data.Set, cfg data.BatchConfig, transforms ...data.Transform) {
	b, err := data.NewBatches(set, cfg)
	require.NoError(t, err)
	l.Source = b
	if len(transforms) > 0 {
		l.Source, err = data.NewAugmented(b, data.AugmentConfig{Transforms: transforms, Seed: 5})
		require.NoError(t, err)
	}
}

// Everything that another run may have of its own, one at a time, in both dtypes: the
// line that says it, and nothing is changed.
func TestResumeRefusesAnotherRun(t *testing.T) {
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		t.Run(dt.String(), func(t *testing.T) { testResumeRefusesAnotherRun(t, dt) })
	}
}

func testResumeRefusesAnotherRun(t *testing.T, dt tensor.Dtype) {
	other := map[tensor.Dtype]tensor.Dtype{tensor.Float32: tensor.Float64, tensor.Float64: tensor.Float32}[dt]
	set := gaussians(t, 1)
	flipped := append([]int(nil), set.Labels()...)
	flipped[7] = (flipped[7] + 1) % classes
	noisy, err := set.WithLabels(flipped)
	require.NoError(t, err)
	same := data.BatchConfig{Size: batch, Shuffle: true, Seed: 7}
	mlp := func(cfg models.MLPConfig) func(*Loop) {
		return func(l *Loop) {
			cfg.Dtype = dt
			m, err := models.NewMLP(cfg)
			require.NoError(t, err)
			l.Model = m
			sgd(t, l, optim.Constant(0.01), optim.SGD{Momentum: 0.9})
		}
	}
	from := recipe{steps: 3, dt: dt, loss: losses.CrossEntropy{},
		hooks: []Hook{&EarlyStop{Metric: "loss", Lower: true, Patience: 9}}}
	begin := func(change func(*Loop)) *Loop {
		l := from.loop(t)
		sgd(t, l, optim.Constant(0.01), optim.SGD{Momentum: 0.9})
		l.Hooks = []Hook{&EarlyStop{Metric: "loss", Lower: true, Patience: 9}}
		l.Settings = map[string]any{"lr": 0.02, "out": "a"}
		l.Free = []string{"out"}
		change(l)
		return l
	}
	path := filepath.Join(t.TempDir(), "run.safetensors")
	save := func(change func(*Loop)) {
		l := begin(change)
		require.NoError(t, l.Run(t.Context()))
		require.NoError(t, l.Save(path))
	}
	save(func(*Loop) {})
	dims := []int{5, 16, 6}
	refuse := func(want string, change func(*Loop)) {
		t.Helper()
		l := begin(change)
		before, at := weights(t, l), l.Source.Position()
		err := l.Resume(path)
		require.ErrorIs(t, err, ErrCheckpoint, want)
		var lines *OtherRun
		require.ErrorAs(t, err, &lines, want)
		require.Contains(t, strings.Join(lines.Lines, "\n"), want)
		require.ErrorContains(t, err, path)
		require.Equal(t, before, weights(t, l))
		require.Equal(t, at, l.Source.Position())
		require.Zero(t, l.Step())
	}
	for want, change := range map[string]func(*Loop){
		"settings learning rate 0.02 → 0.001": func(l *Loop) { l.Settings = map[string]any{"lr": 0.001, "out": "a"} },
		"settings dropout none → 0.5": func(l *Loop) {
			l.Settings = map[string]any{"lr": 0.02, "dropout": 0.5}
		},
		"optimizer learning rate 0.01 → 0.001": func(l *Loop) {
			sgd(t, l, optim.Constant(0.001), optim.SGD{Momentum: 0.9})
		},
		"0.01 from step 1, 0.001 from step 3": func(l *Loop) {
			sgd(t, l, optim.Step(0.01, 2, 0.1), optim.SGD{Momentum: 0.9})
		},
		"optimizer momentum 0.9 → 0": func(l *Loop) { sgd(t, l, optim.Constant(0.01), optim.SGD{}) },
		"optimizer nesterov false → true": func(l *Loop) {
			sgd(t, l, optim.Constant(0.01), optim.SGD{Momentum: 0.9, Nesterov: true})
		},
		"optimizer transform none → ClipNorm": func(l *Loop) {
			sgd(t, l, optim.Constant(0.01), optim.SGD{Momentum: 0.9}, optim.ClipNorm{Max: 1})
		},
		"optimizer SGD → chain": func(l *Loop) {
			chain(t, l, &optim.Momentum{}, optim.LearningRate{Rate: optim.Constant(0.01)})
		},
		"loss CrossEntropy → MCR2":     func(l *Loop) { l.Loss = losses.MCR2{Classes: classes} },
		"loss label smoothing 0 → 0.1": func(l *Loop) { l.Loss = losses.CrossEntropy{LabelSmoothing: 0.1} },
		"loss CrossEntropy → mine":     func(l *Loop) { l.Loss = mine{losses.CrossEntropy{}, 1} },
		"batch size 24 → 12": func(l *Loop) {
			batches(t, l, set, data.BatchConfig{Size: 12, Shuffle: true, Seed: 7})
		},
		"source shuffle true → false": func(l *Loop) {
			batches(t, l, set, data.BatchConfig{Size: batch, Seed: 7})
		},
		"source seed 7 → 8": func(l *Loop) {
			batches(t, l, set, data.BatchConfig{Size: batch, Shuffle: true, Seed: 8})
		},
		"source last drop → fill": func(l *Loop) {
			batches(t, l, set, data.BatchConfig{Size: batch, Shuffle: true, Seed: 7, Last: data.FillLast})
		},
		"source set of SHA-256":                 func(l *Loop) { batches(t, l, noisy, same) },
		"source set of SHA-256 ":                func(l *Loop) { batches(t, l, gaussians(t, 2), same) },
		"source Batches → Augmented":            func(l *Loop) { batches(t, l, set, same, scaled{2}) },
		"chunk 0 → 8":                           func(l *Loop) { l.Chunk = 8 },
		"model layer Dropout mlp.dropout0 → no": mlp(models.MLPConfig{Dims: dims, Seed: 3}),
		"mlp.dropout0 rate 0.2 → 0.3":           mlp(models.MLPConfig{Dims: dims, Seed: 3, Dropout: 0.3}),
		"mlp.linear0 seed 3 → 4":                mlp(models.MLPConfig{Dims: dims, Seed: 4, Dropout: 0.2}),
		"parameter mlp.linear1.bias 6 → none":   mlp(models.MLPConfig{Dims: []int{5, 16}, Seed: 3, Dropout: 0.2}),
		"shape 16×5 → 8×5":                      mlp(models.MLPConfig{Dims: []int{5, 8, 6}, Seed: 3, Dropout: 0.2}),
		"model MLP → Sequential":                func(l *Loop) { l.Model = layers.Sequential{l.Model} },
		"no decay none → true":                  func(l *Loop) { l.Model.Params()[0].NoDecay = true },
		"hook EarlyStop earlystop.loss → none":  func(l *Loop) { l.Hooks = nil },
		"hook earlystop.loss patience 9 → 8":    func(l *Loop) { l.Hooks[0].(*EarlyStop).Patience = 8 },
		"hook none → EarlyStop earlystop.lr": func(l *Loop) {
			l.Hooks = append(l.Hooks, &EarlyStop{Metric: "lr", Patience: 1})
		},
		"hook none → Checkpoint checkpoint": func(l *Loop) {
			l.Hooks = append(l.Hooks, &Checkpoint{Metric: "loss"})
		},
		"steps 3 → 2": func(l *Loop) { l.Steps = 2 },
		"dtype " + dt.String() + " → " + other.String(): func(l *Loop) {
			m, err := models.NewMLP(models.MLPConfig{Dims: dims, Seed: 3, Dropout: 0.2, Dtype: other})
			require.NoError(t, err)
			l.Model = m
			sgd(t, l, optim.Constant(0.01), optim.SGD{Momentum: 0.9})
		},
	} {
		refuse(want, change)
	}
	save(func(l *Loop) { l.Loss = mine{losses.CrossEntropy{}, 1} })
	refuse("loss beta 1 → 2", func(l *Loop) { l.Loss = mine{losses.CrossEntropy{}, 2} })
	refuse("loss of label smoothing 0 → 0.1", func(l *Loop) {
		l.Loss = mine{losses.CrossEntropy{LabelSmoothing: 0.1},
			1}
	})
	refuse("loss of CrossEntropy → secret", func(l *Loop) { l.Loss = mine{secret{1}, 1} })
	save(func(l *Loop) { l.Loss = secret{1} })
	refuse("loss beta 1 → 2", func(l *Loop) { l.Loss = secret{2} })
	save(func(l *Loop) { batches(t, l, set, same, scaled{2}) })
	refuse("source transform scaled by 2 → 3", func(l *Loop) { batches(t, l, set, same, scaled{3}) })
	save(func(l *Loop) { sgd(t, l, optim.CosineAnnealing(0.01, l.Steps, 0), optim.SGD{}) })
	refuse("steps 3 → 6, which is free only where",
		func(l *Loop) { l.Steps = 6; sgd(t, l, optim.CosineAnnealing(0.01, l.Steps, 0), optim.SGD{}) })
	save(func(l *Loop) {
		chain(t, l, &optim.ScaleByAdam{}, optim.Groups{{Params: l.Model.Params()[:1], Factor: 0.5}},
			optim.LearningRate{Rate: optim.Constant(0.01)})
	})
	refuse("optimizer transform ScaleByAdam beta1 0.9 → 0.8", func(l *Loop) {
		chain(t, l, &optim.ScaleByAdam{Beta1: 0.8}, optim.Groups{{Params: l.Model.Params()[:1], Factor: 0.5}},
			optim.LearningRate{Rate: optim.Constant(0.01)})
	})
	refuse("factor 0.5 → 0.1", func(l *Loop) {
		chain(t, l, &optim.ScaleByAdam{}, optim.Groups{{Params: l.Model.Params()[:1], Factor: 0.1}},
			optim.LearningRate{Rate: optim.Constant(0.01)})
	})
	refuse("optimizer transform LearningRate → none", func(l *Loop) { chain(t, l, &optim.ScaleByAdam{}) })
}

// scaled is a transform of a user's own.
type scaled struct{ By float64 }

func (s scaled) Shape(in []int) ([]int, error) { return in, nil }

func (s scaled) Apply32(dst, src []float32, _ []int, _ *rand.Rand) {
	for i, v := range src {
		dst[i] = float32(s.By) * v
	}
}

func (s scaled) Apply64(dst, src []float64, _ []int, _ *rand.Rand) {
	for i, v := range src {
		dst[i] = s.By * v
	}
}

// What is free may change, and the bits stay.
func TestResumeLetsWhatIsFreeChange(t *testing.T) { Everywhere(t, testResumeLetsWhatIsFreeChange) }

func testResumeLetsWhatIsFreeChange(t *testing.T, o nn.Options) {
	path := filepath.Join(t.TempDir(), "run.safetensors")
	begin := func(steps int) *Loop {
		l := recipe{steps: steps, options: o, hooks: nil, loud: true}.loop(t)
		sgd(t, l, optim.Step(0.01, 4, 0.5), optim.SGD{Momentum: 0.9})
		l.Settings, l.Free = map[string]any{"lr": 0.01, "out": "a"}, []string{"out"}
		return l
	}
	whole := begin(9)
	require.NoError(t, whole.Run(t.Context()))
	half := begin(5)
	half.Hooks = []Hook{&Checkpoint{Dir: t.TempDir()}}
	require.NoError(t, half.Run(t.Context()))
	require.NoError(t, half.Save(path))
	rest := begin(9)
	rest.EvaluateEvery, rest.Settings = 2, map[string]any{"lr": 0.01, "out": "b"}
	rest.Hooks = []Hook{&Progress{Out: &strings.Builder{}}, &Checkpoint{Dir: t.TempDir(), Every: 1, Keep: true}}
	rest.Options.Workers = 1
	ahead, err := data.NewPrefetch(rest.Source, tensor.Float32, 2)
	require.NoError(t, err)
	defer ahead.Close()
	rest.Source = ahead
	require.NoError(t, rest.Resume(path))
	require.Equal(t, 5, rest.Step())
	require.NoError(t, rest.Run(t.Context()))
	require.Equal(t, weights(t, whole), weights(t, rest))
}

// A file without a description, or with one that was changed, gets a clear answer.
func TestResumeOfAFileThatDoesNotSayWhatItIs(t *testing.T) {
	r := recipe{steps: 2}
	l := r.loop(t)
	require.NoError(t, l.Run(t.Context()))
	tensors, err := l.tensors()
	require.NoError(t, err)
	text, err := l.Description()
	require.NoError(t, err)
	require.True(t, json.Valid(text))
	for want, meta := range map[string]map[string]string{
		"older version":  {"format": format},
		"it was changed": {"format": format, describedKey: string(text), checksumKey: "0"},
		"has another chec": {"format": format, describedKey: strings.Replace(string(text), "MCR2", "MCR3", 1),
			checksumKey: describedBy(text)[checksumKey]},
		"what the file sa": describedBy(json.RawMessage(`{"steps":"x"}`)),
	} {
		path := filepath.Join(t.TempDir(), "old.safetensors")
		require.NoError(t, safetensors.WriteFile(path, tensors, meta))
		err := r.loop(t).Resume(path)
		require.ErrorIs(t, err, ErrCheckpoint)
		require.ErrorContains(t, err, want)
	}
	path := filepath.Join(t.TempDir(), "more.safetensors")
	more, err := safetensors.New("head.weight", []float32{1, 2}, 2)
	require.NoError(t, err)
	require.NoError(t, safetensors.WriteFile(path, append(tensors, more), describedBy(text)))
	require.ErrorContains(t, r.loop(t).Resume(path), "tensor head.weight (2) → none")
	params := filepath.Join(t.TempDir(), "params.safetensors")
	require.NoError(t, SaveParams(params, l.Model.Params()))
	require.ErrorContains(t, r.loop(t).Resume(params), "parameters alone")
}

// A knot is a value that holds itself.
type knot struct {
	Name  string
	Next  []*knot
	Skip  func()
	Inner struct{ X float64 }
	Many  []float64
}

func TestWhatIsHardToDescribe(t *testing.T) {
	k := &knot{Name: "k", Many: make([]float64, 3<<20)}
	for range 9 {
		k.Next = append(k.Next, k)
	}
	k.Inner.X = math.Inf(-1)
	d := describer{steps: math.MaxInt}
	text, err := json.Marshal(d.of(k))
	require.NoError(t, err)
	require.Less(t, len(text), 1000)
	require.Contains(t, string(text), `"X":"-Inf"`)
	was := string(text)
	k.Many[0] = 1
	text, err = json.Marshal(d.of(k))
	require.NoError(t, err)
	require.NotEqual(t, was, string(text))
	for _, v := range []any{nil, (*knot)(nil), func() {}, make(chan int), complex(1, 2), []string{"a"},
		map[int]any{1: nil}, &k, knot{}, [3]int{}, struct{}{}} {
		_, err := json.Marshal(d.of(v))
		require.NoError(t, err)
	}
	require.Equal(t, 0.5, d.of(optim.Constant(0.5)))
	d.steps = 100 // rates that are another at one step, which is none of those that are written down
	smooth := optim.CosineAnnealing(0.1, 100, 0)
	bent := optim.Schedule(func(step int) float64 {
		if step == 42 {
			return 0.2
		}
		return smooth(step)
	})
	lines, err := Differences(map[string]any{"rate": d.of(smooth)}, map[string]any{"rate": d.of(bent)})
	require.NoError(t, err)
	require.Len(t, lines, 1)
	require.Regexp(t, "^rate 0.1 at step 1, .* at step 100, and others in between$", lines[0])
	lines, err = Differences(d.of(smooth), d.of(optim.CosineAnnealing(0.1, 100, 0)))
	require.NoError(t, err)
	require.Empty(t, lines)
}
