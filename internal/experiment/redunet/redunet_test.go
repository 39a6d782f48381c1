package redunet

import (
	"context"
	"encoding/json"
	"flag"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/cuda"
)

// command does what the command line says and returns what it prints.
func command(ctx context.Context, t *testing.T, args ...string) (string, error) {
	t.Helper()
	cfg, err := parse(args, io.Discard)
	require.NoError(t, err)
	var out strings.Builder
	err = redunetOf(ctx, cfg, &out, io.Discard)
	return out.String(), err
}

func readSummary(t *testing.T, dir string) (s summary) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "summary.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(b, &s))
	return s
}

// The presets on Gaussians end at the global optimum, as the authors' code does:
// ln 11 − ½ ln 21 and 3/2 ln 11 − ½ ln 31.
func TestGaussiansReachTheOptimum(t *testing.T) {
	for preset, want := range map[string]float64{
		"gaussian2d": math.Log(11) - math.Log(21)/2,
		"gaussian3d": 1.5*math.Log(11) - math.Log(31)/2,
	} {
		dir := t.TempDir()
		out, err := command(t.Context(), t, "-preset", preset, "-samples", "50", "-out", dir)
		require.NoError(t, err)
		s := readSummary(t, dir)
		require.Len(t, s.DeltaR, 2000)
		require.InDelta(t, want, s.DeltaR[1999], 1e-3, preset)
		perfect := accuracies{NearestSubspace: 1, KNN: 1, Linear: 1}
		require.Equal(t, perfect, s.Train)
		require.Equal(t, perfect, s.Test)
		require.Contains(t, out, "100.0 %")
		for _, file := range []string{"report.html", "rates.png", "cosines.png", "sphere.svg", "weights.png",
			"redunet.safetensors"} {
			require.FileExists(t, filepath.Join(dir, file))
		}
	}
}

func TestDigits(t *testing.T) {
	dir := t.TempDir()
	_, err := command(t.Context(), t, "-data", "digits", "-samples", "30", "-layers", "10", "-out", dir)
	require.NoError(t, err)
	s := readSummary(t, dir)
	require.Equal(t, "digits-vector", s.Preset)
	require.Greater(t, s.DeltaR[9], 1.2*s.StartDeltaR)
	require.Greater(t, s.Test.NearestSubspace, 0.85)
}

func TestTranslationAndFineTuning(t *testing.T) {
	dir := t.TempDir()
	out, err := command(t.Context(), t, "-preset", "digits-translation", "-samples", "12", "-layers", "8", "-channels",
		"5", "-finetune", "12", "-out", dir)
	require.NoError(t, err)
	s := readSummary(t, dir)
	require.Less(t, s.Equivariance, 1e-5)
	require.Greater(t, s.DeltaR[7], 2*s.StartDeltaR)
	require.Greater(t, s.Test.NearestSubspace, 0.5)
	require.NotNil(t, s.ShiftedTest)
	require.Less(t, s.ShiftedTest.NearestSubspace, s.Test.NearestSubspace)
	require.Len(t, s.Finetuned, 2)
	require.Greater(t, s.Finetuned[0].Train, 0.5)
	require.Contains(t, out, "fine-tuned from random")
	require.FileExists(t, filepath.Join(dir, "shifts.png"))
}

func TestStoppedWritesNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := filepath.Join(t.TempDir(), "out")
	_, err := command(ctx, t, "-out", dir)
	require.ErrorIs(t, err, context.Canceled)
	require.NoDirExists(t, dir)
}

func TestBadFlags(t *testing.T) {
	for _, c := range [][]string{
		{`-data "cifar"`, "-data", "cifar"}, {`-preset "x"`, "-preset", "x"}, {"not of -data mnist", "-preset",
			"gaussian2d", "-data", "mnist"},
		{"-layers 0", "-layers", "0"}, {"-samples -1", "-samples", "-1"}, {"-eta 0", "-eta", "0"},
		{"-eps2 -1", "-eps2", "-1"}, {"-lambda +Inf", "-lambda", "Inf"}, {"does not lift", "-channels", "3"},
		{"-kernel 0", "-preset", "mnist-rotation", "-kernel", "0"}, {"-finetune -1", "-finetune", "-1"},
		{"-out is empty", "-out", ""},
		{"-layers 9223372036854775807, want at most", "-layers", "9223372036854775807"},
		{"-samples 9223372036854775807", "-samples", "9223372036854775807"},
		{"-channels 9223372036854775807", "-preset", "digits-translation", "-channels", "9223372036854775807"},
		{"-kernel 9223372036854775807", "-preset", "digits-translation", "-kernel", "9223372036854775807"},
		{"-finetune 9223372036854775807", "-finetune", "9223372036854775807"}, {`argument "x"`, "x"},
	} {
		_, err := parse(c[1:], io.Discard)
		require.ErrorContains(t, err, c[0])
	}
	_, err := parse([]string{"-help"}, io.Discard)
	require.ErrorIs(t, err, flag.ErrHelp)
	_, err = command(t.Context(), t, "-preset", "digits-vector", "-layers", "1000000", "-out", t.TempDir())
	require.ErrorContains(t, err, "a network of -layers 1000000 would have 4.51e+10 numbers")
	_, err = command(t.Context(), t, "-preset", "digits-translation", "-channels", "10000", "-out", t.TempDir())
	require.ErrorContains(t, err, "-channels 10000 would have")
	_, err = command(t.Context(), t, "-device", "cuda:99", "-out", t.TempDir())
	require.ErrorIs(t, err, cuda.ErrUnavailable)
	_, err = command(t.Context(), t, "-device", "tpu", "-out", t.TempDir())
	require.ErrorContains(t, err, `device "tpu", want cpu, cuda or cuda:i`)
	_, err = command(t.Context(), t, "-data", "mnist", "-dir", t.TempDir(), "-out", t.TempDir())
	require.ErrorContains(t, err, "-download")
}
