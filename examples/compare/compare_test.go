package main

import (
	"context"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/cuda"
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
	for _, key := range []string{"steps", "R", "Rc", "delta_R", "train_accuracy", "test_accuracy", "nearest_subspace_accuracy",
		"knn_accuracy", "class_rank_95", "mean_abs_cosine_between_classes", "nc1"} {
		require.Equal(t, 2, strings.Count(text, `"`+key+`":`), key)
	}

	for _, file := range []string{
		"report.html", "settings.json", "rates.png", "rates.svg", "loss.png", "loss.svg", "accuracy.png", "geometry.svg", "geometry.png", "noise.png",
		"mcr2/metrics.jsonl", "mcr2/last.safetensors", "mcr2/best.safetensors", "ce/metrics.jsonl", "ce/last.safetensors", "ce/best.safetensors",
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

// Also when the first is cut off after some steps and resumed.
func TestOneSeedOneSummary(t *testing.T) {
	short := func(dir string, more ...string) []string {
		return args(dir, append([]string{"-epochs", "4"}, more...)...)
	}
	whole, parts := t.TempDir(), t.TempDir()
	_, err := command(t.Context(), t, short(whole, "-noise", "0.2"))
	require.NoError(t, err)
	_, want := readSummary(t, whole)

	for _, run := range []struct {
		name  string
		polls int
	}{{"mcr2", 5}, {"ce", 10}} {
		_, err := command(&impatient{Context: t.Context(), polls: run.polls}, t, short(parts, "-noise", "0.2", "-resume"))
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorContains(t, err, run.name+": train: after step")
		require.NoFileExists(t, filepath.Join(parts, "summary.json"))
	}
	_, err = command(t.Context(), t, short(parts, "-noise", "0.2", "-resume"))
	require.NoError(t, err)
	_, got := readSummary(t, parts)
	require.Equal(t, want, got)
	for _, file := range []string{"mcr2/metrics.jsonl", "ce/metrics.jsonl"} {
		a, err := os.ReadFile(filepath.Join(whole, file))
		require.NoError(t, err)
		b, err := os.ReadFile(filepath.Join(parts, file))
		require.NoError(t, err)
		require.Equal(t, string(a), string(b), file)
	}

	_, err = command(t.Context(), t, short(parts, "-noise", "0.3", "-resume"))
	require.ErrorContains(t, err, "settings differ")
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
	_, err := command(t.Context(), t, args(dir, "-device", "cuda"))
	require.ErrorIs(t, err, cuda.ErrUnavailable)
	require.ErrorContains(t, err, "-device cuda: ")
	require.NoDirExists(t, dir)
}

func TestMissingMNISTSaysWhatToDo(t *testing.T) {
	_, err := command(t.Context(), t, args(t.TempDir(), "-data", "mnist", "-dir", t.TempDir()))
	require.ErrorContains(t, err, "-download")
}

func TestBadFlags(t *testing.T) {
	for _, c := range [][]string{
		{`-data "cifar"`, "-data", "cifar"}, {`-model "resnet"`, "-model", "resnet"}, {`-device "tpu"`, "-device", "tpu"},
		{"-dim 1", "-dim", "1"}, {"-epochs -1", "-epochs", "-1"}, {"-batch -1", "-batch", "-1"}, {"-lr 0", "-lr", "0"}, {"-eps2 -1", "-eps2", "-1"},
		{"-gamma1 +Inf", "-gamma1", "Inf"}, {"-gamma2 NaN", "-gamma2", "NaN"}, {"a share of 1.5", "-noise", "1.5"},
		{"a share of -0.5", "-noises", "0.1,-0.5"}, {"-noises", "-noises", "few"}, {"-out is empty", "-out", ""}, {`argument "digits"`, "digits"},
	} {
		_, err := parse(c[1:], io.Discard)
		require.ErrorContains(t, err, c[0])
	}
	_, err := parse([]string{"-help"}, io.Discard)
	require.ErrorIs(t, err, flag.ErrHelp)
	_, err = command(t.Context(), t, args(t.TempDir(), "-batch", "1439"))
	require.ErrorContains(t, err, "-batch 1439, want at most the 1438 training samples")
}
