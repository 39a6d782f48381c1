package compare

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/data"
)

// args returns a short run into dir.
func args(dir string, more ...string) []string {
	return append([]string{"-epochs", "20", "-out", dir}, more...)
}

// command does what the command line says and returns what it prints.
func command(ctx context.Context, t *testing.T, args []string) (string, error) {
	t.Helper()
	cfg, err := parse(args, io.Discard)
	require.NoError(t, err)
	var out strings.Builder
	err = compare(ctx, cfg, &out, io.Discard)
	return out.String(), err
}

type summary struct {
	Data  string  `json:"data"`
	Model string  `json:"model"`
	Seed  uint64  `json:"seed"`
	MCR2  *result `json:"mcr2"`
	CE    *result `json:"ce"`
}

func readSummary(t *testing.T, dir string) (s summary, text string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "summary.json"))
	require.NoError(t, err)
	d := json.NewDecoder(strings.NewReader(string(b)))
	require.NoError(t, d.Decode(&s))
	return s, regexp.MustCompile(`"seconds": .*`).ReplaceAllString(string(b), "")
}

// Cross-entropy collapses classes, MCR² keeps them diverse and apart: the theorem
// of the paper, on real data.
func TestObjectivesMakeTheFeaturesOfTheirTheory(t *testing.T) {
	dir := t.TempDir()
	out, err := command(t.Context(), t, args(dir, "-lr", "0.003", "-noises", "0.3"))
	require.NoError(t, err)
	s, text := readSummary(t, dir)
	require.Equal(t, "digits", s.Data)
	require.Equal(t, "mlp", s.Model)
	require.EqualValues(t, 1, s.Seed)
	for name, r := range map[string]*result{"mcr2": s.MCR2, "ce": s.CE} {
		require.Equal(t, 40, r.Steps, name)
		require.Positive(t, r.Seconds)
		require.Greater(t, r.TestAccuracy, 0.95, name)
		require.Greater(t, r.TrainAccuracy, 0.95, name)
		require.Greater(t, r.KNNAccuracy, 0.95, name)
		require.InDelta(t, r.R-r.Rc, r.DeltaR, 1e-9)
		require.Len(t, r.ClassRank95, 10)
		require.Len(t, r.NoiseAccuracy, 1)
		require.Greater(t, r.NoiseAccuracy[0], 0.7, name)
	}
	require.Equal(t, s.MCR2.TestAccuracy, s.MCR2.NearestSubspaceAccuracy)
	require.Greater(t, s.MCR2.meanRank(), 3*s.CE.meanRank())
	require.Greater(t, s.MCR2.DeltaR, 2*s.CE.DeltaR)
	require.Less(t, s.MCR2.MeanAbsCosineBetween, s.CE.MeanAbsCosineBetween/2)
	require.Less(t, s.CE.NC1, s.MCR2.NC1)
	for _, key := range []string{"steps", "R", "Rc", "delta_R", "train_accuracy", "test_accuracy",
		"nearest_subspace_accuracy",
		"knn_accuracy", "class_rank_95", "mean_abs_cosine_between_classes", "nc1"} {
		require.Equal(t, 2, strings.Count(text, `"`+key+`":`), key)
	}

	for _, file := range []string{
		"report.html", "settings.json", "initial.safetensors", "rates.png", "rates.svg", "loss.png", "loss.svg",
		"accuracy.png", "geometry.svg", "geometry.png", "noise.png",
		"mcr2/metrics.jsonl", "mcr2/last.safetensors", "mcr2/best.safetensors", "ce/metrics.jsonl",
		"ce/last.safetensors", "ce/best.safetensors",
	} {
		info, err := os.Stat(filepath.Join(dir, file))
		require.NoError(t, err)
		require.Positive(t, info.Size(), file)
	}
	page, err := os.ReadFile(filepath.Join(dir, "report.html"))
	require.NoError(t, err)
	for _, words := range []string{"Cross-entropy collapses each class, MCR² keeps it diverse", "close to orthogonal"} {
		require.Contains(t, string(page), words)
	}
	require.Contains(t, out, "cross-entropy\n")
	require.Contains(t, out, "30 % of labels replaced")
	require.Contains(t, out, filepath.Join(dir, "report.html"))
}

// Also when the first is cut off after some steps and resumed: a perceptron with
// wrong labels, and a residual network on augmented images in chunks, which moves
// running statistics. Both read ahead.
func TestOneSeedOneSummary(t *testing.T) {
	for name, flags := range map[string][]string{
		"perceptron": {"-epochs", "4", "-noise", "0.2"},
		"residual network": {"-epochs", "4", "-model", "resnet10", "-width", "4", "-dim", "20", "-train", "120",
			"-test", "40", "-batch", "60", "-chunk", "20", "-augment", "-optimizer", "sgd", "-lr", "0.05", "-schedule",
			"2"},
	} {
		t.Run(name, func(t *testing.T) { checkResume(t, flags) })
	}
}

func checkResume(t *testing.T, flags []string) {
	run := func(ctx context.Context, dir string, more ...string) error {
		_, err := command(ctx, t, append(append(args(dir), flags...), more...))
		return err
	}
	whole, parts := t.TempDir(), t.TempDir()
	require.NoError(t, run(t.Context(), whole))
	_, want := readSummary(t, whole)

	for _, cut := range []struct {
		name  string
		polls int
	}{{"mcr2", 5}, {"ce", 10}} {
		err := run(&impatient{Context: t.Context(), polls: cut.polls}, parts, "-resume")
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorContains(t, err, cut.name+": train: after step")
		require.NoFileExists(t, filepath.Join(parts, "summary.json"))
	}
	require.NoError(t, run(t.Context(), parts, "-resume"))
	_, got := readSummary(t, parts)
	require.Equal(t, want, got)
	for _, file := range []string{"mcr2/metrics.jsonl", "ce/metrics.jsonl", "mcr2/last.safetensors",
		"ce/best.safetensors"} {
		a, err := os.ReadFile(filepath.Join(whole, file))
		require.NoError(t, err)
		b, err := os.ReadFile(filepath.Join(parts, file))
		require.NoError(t, err)
		require.True(t, bytes.Equal(a, b), file)
	}

	require.ErrorContains(t, run(t.Context(), parts, "-resume", "-noise", "0.3"), "settings differ")
	_, kept := readSummary(t, parts)
	require.Equal(t, want, kept)
}

// An impatient context is done after it was asked some times.
type impatient struct {
	context.Context
	polls int
}

func (c *impatient) Err() error {
	if c.polls--; c.polls < 0 {
		return context.Canceled
	}
	return nil
}

func TestAnotherSeedAnotherSummary(t *testing.T) {
	a, b := t.TempDir(), t.TempDir()
	for dir, seed := range map[string]string{a: "1", b: "2"} {
		_, err := command(t.Context(), t, args(dir, "-epochs", "1", "-seed", seed, "-dim", "12"))
		require.NoError(t, err)
	}
	one, _ := readSummary(t, a)
	two, _ := readSummary(t, b)
	require.NotEqual(t, one.MCR2.DeltaR, two.MCR2.DeltaR)
	require.NotEqual(t, one.CE.DeltaR, two.CE.DeltaR)
}

func TestCUDAIsAClearError(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	_, err := command(t.Context(), t, args(dir, "-device", "cuda:99")) // which no machine has
	require.ErrorIs(t, err, cuda.ErrUnavailable)
	require.ErrorContains(t, err, "-device cuda:99: ")
	_, err = command(t.Context(), t, args(dir, "-device", "tpu"))
	require.ErrorContains(t, err, `device "tpu", want cpu, cuda or cuda:i`)
	require.NoDirExists(t, dir)
}

func TestMissingDataSayWhatToDo(t *testing.T) {
	for _, name := range []string{"mnist", "cifar10", "fashion-mnist", "kmnist", "qmnist", "emnist-letters",
		"emnist-balanced"} {
		_, err := command(t.Context(), t, args(t.TempDir(), "-data", name, "-dir", t.TempDir()))
		require.ErrorContains(t, err, "say where they lie with -dir, or fetch them with -download")
	}
}

func TestADownloadOfUnknownSizeIsShown(t *testing.T) {
	var b strings.Builder
	show := fetching(&b, "qmnist")
	show(0, 0)
	show(5_000_000, 0)
	require.Contains(t, b.String(), "qmnist: fetched 5.0 of 0.0 MB")
}

// Files in the format of CIFAR-10, of noise that is brighter in one corner.
func TestVGG11OnFilesOfCIFAR10(t *testing.T) {
	dir, out := t.TempDir(), t.TempDir()
	rng := rand.New(rand.NewPCG(1, 1))
	for file, n := range map[string]int{"data_batch_1.bin": 60, "test_batch.bin": 30} {
		var b []byte
		for i := range n {
			b = append(b, byte(i%10))
			for p := range 3 * 32 * 32 {
				b = append(b, byte(rng.IntN(100)+p%1024/(50*(1+i%10))))
			}
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, file), b, 0o600))
	}
	_, err := command(t.Context(), t, args(out, "-data", "cifar10", "-dir", dir, "-model", "vgg11", "-width", "2",
		"-dim", "20",
		"-epochs", "1", "-augment", "-train", "50", "-test", "20", "-batch", "25"))
	require.NoError(t, err)
	s, _ := readSummary(t, out)
	require.Equal(t, "cifar10", s.Data)
	require.Equal(t, "vgg11", s.Model)
	require.Equal(t, 2, s.CE.Steps)

	_, err = command(t.Context(), t, args(out, "-model", "vgg11"))
	require.ErrorContains(t, err, "-model vgg11 takes images of 32×32 and larger, and these are 8×8")
	for says, flags := range map[string][]string{
		"-train: 5 samples, want at least one of each of 10 classes": {"-train", "5"},
		"-test: 360 samples": {"-test", "360"},
		"-chunk 7, want a number that divides the batch of 100": {"-batch", "100", "-chunk", "7"},
	} {
		_, err = command(t.Context(), t, args(out, flags...))
		require.ErrorContains(t, err, says)
	}
}

func TestSomeSamplesAreAsManyOfEachClass(t *testing.T) {
	set, _, err := data.Digits()
	require.NoError(t, err)
	few, err := some(set, 25)
	require.NoError(t, err)
	require.Equal(t, []int{3, 3, 3, 3, 3, 2, 2, 2, 2, 2}, few.Counts())
}

func TestFlagsOverrideAPreset(t *testing.T) {
	for name := range presets() {
		cfg, err := parse([]string{"-preset", name}, io.Discard)
		require.NoError(t, err)
		require.Equal(t, name, cfg.Data)
	}
	cfg, err := parse([]string{"-epochs", "3", "-preset", "cifar10", "-schedule", "cosine"}, io.Discard)
	require.NoError(t, err)
	want := config{Data: "cifar10", Model: "resnet18", Augment: true, Dim: 128, Eps2: 0.5, Epochs: 3, Batch: 1000,
		Chunk:     250,
		Optimizer: "sgd", LR: 0.01, Decay: 5e-4, Schedule: "cosine", Gamma1: 1, Gamma2: 1, Seed: 1, Out: "runs/compare",
		Device: "cpu"}
	require.Equal(t, want, cfg)
}

func TestBadFlags(t *testing.T) {
	for _, c := range [][]string{
		{`-data "cifar"`, "-data", "cifar"}, {`-model "resnet"`, "-model", "resnet"},
		{`-preset "imagenet", want cifar10 or mnist`, "-preset", "imagenet"},
		{`-optimizer "lion"`, "-optimizer", "lion"}, {`-schedule "never"`, "-schedule", "never"},
		{"want whole epochs that rise", "-schedule", "20,10"},
		{"-chunk -1", "-chunk", "-1"}, {"-train -1", "-train", "-1"}, {"-wd -1", "-wd", "-1"},
		{"-width -1", "-width", "-1"},
		{"-dim 1", "-dim", "1"}, {"-epochs -1", "-epochs", "-1"}, {"-batch -1", "-batch", "-1"}, {"-lr 0", "-lr", "0"},
		{"-eps2 -1", "-eps2", "-1"},
		{"-gamma1 +Inf", "-gamma1", "Inf"}, {"-gamma2 NaN", "-gamma2", "NaN"}, {"a share of 1.5", "-noise", "1.5"},
		{"a share of -0.5", "-noises", "0.1,-0.5"}, {"-noises", "-noises", "few"}, {"-out is empty", "-out", ""},
		{"-epochs 9223372036854775807, want at most", "-epochs", "9223372036854775807"}, {"-batch 9223372036854775807",
			"-batch", "9223372036854775807"},
		{"the moments of -dim 4294967296 would have", "-dim", "4294967296"}, {"-dim 9223372036854775807", "-dim",
			"9223372036854775807"},
		{"a convolution of -width 9223372036854775807", "-width", "9223372036854775807"}, {"-chunk 9223372036854775807",
			"-chunk", "9223372036854775807"},
		{`argument "digits"`, "digits"},
	} {
		_, err := parse(c[1:], io.Discard)
		require.ErrorContains(t, err, c[0])
	}
	_, err := parse([]string{"-help"}, io.Discard)
	require.ErrorIs(t, err, flag.ErrHelp)
	_, err = command(t.Context(), t, args(t.TempDir(), "-batch", "1439"))
	require.ErrorContains(t, err, "-batch 1439, want at most the 1438 training samples")
}
