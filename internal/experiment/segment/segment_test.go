package segment

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
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/coding"
	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/subspace"
	"github.com/whitebox-nn/whitebox/train"
)

// command does what the command line says and returns what it prints.
func command(ctx context.Context, t *testing.T, args ...string) (string, error) {
	t.Helper()
	cfg, err := parse(args, io.Discard)
	require.NoError(t, err)
	var out strings.Builder
	err = segment(ctx, cfg, &out, io.Discard)
	return out.String(), err
}

type summary struct {
	Dim     int `json:"coordinates"`
	Start   int `json:"groups_to_begin_with"`
	Groups  int
	Eps     float64
	Bits    float64
	Truth   float64 `json:"bits_of_classes"`
	Methods []grouping
	Sweep   []struct{ Groups int }
	Robust  *demonstrations `json:"robust_pca"`
}

func read(t *testing.T, dir string) (s summary, text string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "summary.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(b, &s))
	return s, regexp.MustCompile(`"seconds": .*`).ReplaceAllString(string(b), "")
}

func TestMixtureIsFoundAndDrawn(t *testing.T) {
	dir := t.TempDir()
	out, err := command(t.Context(), t, "-out", dir)
	require.NoError(t, err)
	s, _ := read(t, dir)
	require.Equal(t, 3, s.Groups)
	require.Greater(t, s.Methods[0].Accuracy, 0.97)
	require.LessOrEqual(t, s.Bits, s.Truth*1.01)
	byName := map[string]grouping{}
	for _, g := range s.Methods {
		byName[g.Name] = g
	}
	require.Less(t, byName["k-means"].Accuracy, 0.7, "k-means cannot tell subspaces")
	require.Greater(t, byName["GPCA"].Accuracy, 0.9)
	require.Less(t, s.Robust.Error, 1e-3)
	require.Greater(t, s.Robust.Recovered, 0.1)
	for _, file := range []string{"report.html", "sweep.png", "groups.png", "robust_pca.png", "phase.png", "gpca.png",
		"gpca.svg"} {
		info, err := os.Stat(filepath.Join(dir, file))
		require.NoError(t, err)
		require.Positive(t, info.Size(), file)
	}
	require.Contains(t, out, "lossy compression")
	require.Contains(t, out, filepath.Join(dir, "report.html"))
}

func TestSubspacesAreFoundAndOneSeedIsOneSummary(t *testing.T) {
	a, b := t.TempDir(), t.TempDir()
	for _, dir := range []string{a, b} {
		_, err := command(t.Context(), t, "-data", "subspaces", "-n", "120", "-seed", "4", "-out", dir)
		require.NoError(t, err)
	}
	s, one := read(t, a)
	_, two := read(t, b)
	require.Equal(t, one, two)
	require.Equal(t, 3, s.Groups)
	require.InDelta(t, 1, s.Methods[0].Accuracy, 0.01)
}

func TestDigitsAreGroupedInFewerBitsThanByKMeans(t *testing.T) {
	dir := t.TempDir()
	_, err := command(t.Context(), t, "-data", "digits", "-n", "500", "-eps", "0.5", "-k", "10", "-out", dir)
	require.NoError(t, err)
	s, _ := read(t, dir)
	require.Equal(t, 10, s.Groups)
	require.InDelta(t, 0.5, s.Eps, 0)
	require.Greater(t, s.Methods[0].NMI, 0.7)
	require.Equal(t, 8, s.Dim, "a coordinate for 60 samples")
	require.Contains(t, []int{166, 83, 41}, s.Start)
	require.Equal(t, "k-means", s.Methods[2].Name)
	require.Less(t, s.Methods[0].Bits, s.Methods[2].Bits)
	require.LessOrEqual(t, s.Methods[1].Bits, s.Methods[0].Bits, "refined")
	require.FileExists(t, filepath.Join(dir, "pictures.png"))
}

// TestDigitsAreGroupedWithoutTheirLabels chooses coordinates, start and ε, and groups, again
// with labels that say nothing.
func TestDigitsAreGroupedWithoutTheirLabels(t *testing.T) {
	var found []*findings
	for _, spoil := range []bool{false, true} {
		cfg, err := parse([]string{"-data", "digits", "-n", "240"}, io.Discard)
		require.NoError(t, err)
		p, err := load(cfg)
		require.NoError(t, err)
		if spoil {
			for i := range p.labels {
				p.labels[i] = i % p.classes
			}
		}
		f := &findings{problem: p, at: -1}
		require.NoError(t, f.search(t.Context(), cfg, &train.Status{Out: io.Discard}))
		found = append(found, f)
	}
	require.Equal(t, found[0].eps, found[1].eps)
	require.Equal(t, found[0].start, found[1].start)
	require.Equal(t, found[0].sweep, found[1].sweep)
}

// TestMergingBeginsWhereItEndsInTheFewestBits tries all starts.
func TestMergingBeginsWhereItEndsInTheFewestBits(t *testing.T) {
	cfg, err := parse([]string{"-data", "digits", "-n", "240", "-eps", "0.8"}, io.Discard)
	require.NoError(t, err)
	p, err := load(cfg)
	require.NoError(t, err)
	require.NoError(t, p.chooseStart(t.Context(), cfg, &train.Status{Out: io.Discard}))
	bits := map[int]float64{}
	for _, centres := range []int{80, 40, 20} {
		near, err := subspace.KMeans{Groups: centres, NInit: 2, Seed: cfg.Seed}.Fit(p.x)
		require.NoError(t, err)
		found, err := coding.Clustering{Eps2: 0.64, Affine: true, Start: near.Labels}.Fit(t.Context(), p.x)
		require.NoError(t, err)
		bits[centres] = found.Bits
	}
	require.Contains(t, bits, p.begun)
	for centres, b := range bits {
		require.GreaterOrEqual(t, b, bits[p.begun], "%d centres against %d", centres, p.begun)
	}
}

// TestInnerProducts compares the graph with gonum.
func TestInnerProducts(t *testing.T) {
	x := mat.NewDense(3, 2, []float64{1, 2, -3, 4, 0.5, -6})
	got, err := innerProducts(x, nn.Options{})
	require.NoError(t, err)
	var want mat.Dense
	want.Mul(x, x.T())
	require.True(t, mat.EqualApprox(&want, got, 1e-14))
}

func TestStoppingWritesNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := filepath.Join(t.TempDir(), "none")
	_, err := command(ctx, t, "-out", dir)
	require.ErrorIs(t, err, context.Canceled)
	require.NoDirExists(t, dir)
}

func TestBadFlags(t *testing.T) {
	for want, args := range map[string][]string{
		`-data "mnist"`: {"-data", "mnist"}, "-eps -1": {"-eps", "-1"}, "-eps NaN": {"-eps", "NaN"},
		"-k -2": {"-k", "-2"},
		"-n 5":  {"-n", "5"}, "-out is empty": {"-out", ""},
		"-n 9223372036854775807, want at most": {"-n", "9223372036854775807"}, "-k 9223372036854775807": {"-k",
			"9223372036854775807"},
		"-eps 1e-200, whose square is 0": {"-eps", "1e-200"}, "-eps 1e+200": {"-eps", "1e200"},
		`argument "digits"`: {"digits"},
	} {
		_, err := parse(args, io.Discard)
		require.ErrorContains(t, err, want)
	}
	_, err := parse([]string{"-help"}, io.Discard)
	require.ErrorIs(t, err, flag.ErrHelp)
	_, err = command(t.Context(), t, "-device", "gpu", "-out", t.TempDir())
	require.ErrorContains(t, err, `device "gpu", want cpu, cuda or cuda:i`)
	_, err = command(t.Context(), t, "-device", "cuda:99", "-out", t.TempDir())
	require.ErrorIs(t, err, cuda.ErrUnavailable)
	_, err = command(t.Context(), t, "-data", "digits", "-n", "1798", "-out", t.TempDir())
	require.ErrorContains(t, err, "at most the 1797 digits")
	_, err = command(t.Context(), t, "-k", "56", "-out", t.TempDir())
	require.ErrorContains(t, err, "-k 56 for 110 samples")
}
