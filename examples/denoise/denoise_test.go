package main

import (
	"context"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
)

// command does what a short run's command line says and returns what it prints.
func command(ctx context.Context, t *testing.T, dir string, more ...string) (string, error) {
	t.Helper()
	cfg, err := parse(append([]string{"-iters", "4", "-images", "40", "-out", dir}, more...), io.Discard)
	require.NoError(t, err)
	var out strings.Builder
	err = denoise(ctx, cfg, &out, io.Discard)
	return out.String(), err
}

// A learned dictionary denoises better than one that nobody learned and than total
// variation, by every method.
func TestLearnedDictionariesDenoise(t *testing.T) {
	for _, method := range []string{"mod", "ksvd", "online"} {
		dir := filepath.Join(t.TempDir(), "out")
		out, err := command(t.Context(), t, dir, "-method", method)
		require.NoError(t, err)
		b, err := os.ReadFile(filepath.Join(dir, "summary.json"))
		require.NoError(t, err)
		var s struct {
			Method    string
			Sigma     float64
			Atoms     int
			PSNR      map[string]float64 `json:"psnr_db"`
			Objective []float64
		}
		require.NoError(t, json.Unmarshal(b, &s))
		assert.Equal(t, method, s.Method)
		assert.Equal(t, 98, s.Atoms)
		assert.InDelta(t, 13.98, s.PSNR["noisy"], 0.2, "−20 log₁₀ 0.2")
		assert.Greater(t, s.PSNR["learned dictionary"], s.PSNR["cosines"]+1, method)
		assert.Greater(t, s.PSNR["learned dictionary"], s.PSNR["total variation"]+0.5, method)
		require.Len(t, s.Objective, 4)
		assert.Less(t, s.Objective[3], s.Objective[0])
		for _, file := range []string{"report.html", "images.png", "images.svg", "dictionary.png", "objective.svg"} {
			info, err := os.Stat(filepath.Join(dir, file))
			require.NoError(t, err)
			assert.Positive(t, info.Size(), file)
		}
		assert.Contains(t, out, "learned dictionary")
		assert.Contains(t, out, filepath.Join(dir, "report.html"))
	}
}

func TestAverageTakesPatchesBack(t *testing.T) {
	x := mat.NewDense(2, 12, nil)
	x.Apply(func(i, j int, _ float64) float64 { return float64(i*12+j) / 24 }, x)
	m := &images{x, 3, 4}
	p := m.patches(2)
	rows, d := p.Dims()
	assert.Equal(t, []int{12, 4}, []int{rows, d})
	assert.Equal(t, []float64{5.0 / 24, 6.0 / 24, 9.0 / 24, 10.0 / 24}, p.RawRowView(4))
	means := split(p)
	assert.InDelta(t, 7.5/24, means[4], 1e-15)
	assert.InDelta(t, 0, mat.Sum(p), 1e-12)
	p.Apply(func(i, _ int, v float64) float64 { return v + means[i] }, p)
	assert.True(t, mat.EqualApprox(x, m.average(p, 2).pixels, 1e-14))
}

func TestCosinesAreAtoms(t *testing.T) {
	d := cosines(5)
	rows, n := d.Dims()
	assert.Equal(t, []int{25, 99}, []int{rows, n})
	for j := range n {
		assert.InDelta(t, 1, mat.Norm(d.ColView(j), 2), 1e-12)
		assert.InDelta(t, 0, mat.Sum(d.ColView(j)), 1e-12)
	}
}

func TestStopping(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := filepath.Join(t.TempDir(), "out")
	_, err := command(ctx, t, dir)
	require.ErrorIs(t, err, context.Canceled)
	assert.NoDirExists(t, dir)
}

func TestMissingMNISTSaysWhatToDo(t *testing.T) {
	_, err := command(t.Context(), t, t.TempDir(), "-data", "mnist", "-dir", t.TempDir())
	require.ErrorContains(t, err, "-download")
}

func TestBadFlags(t *testing.T) {
	for _, c := range [][]string{
		{`-data "cifar"`, "-data", "cifar"}, {`-method "pca"`, "-method", "pca"}, {"-sigma 0", "-sigma", "0"}, {"-sigma NaN", "-sigma", "NaN"},
		{"-lambda -1", "-lambda", "-1"}, {"-atoms -1", "-atoms", "-1"}, {"-patch 1", "-patch", "1"}, {"-iters 0", "-iters", "0"},
		{"-images 0", "-images", "0"}, {"-out is empty", "-out", ""}, {`argument "digits"`, "digits"},
	} {
		_, err := parse(c[1:], io.Discard)
		require.ErrorContains(t, err, c[0])
	}
	_, err := parse([]string{"-help"}, io.Discard)
	require.ErrorIs(t, err, flag.ErrHelp)
	_, err = command(t.Context(), t, t.TempDir(), "-patch", "9")
	require.ErrorContains(t, err, "-patch 9 is larger than the images, which have 8×8 pixels")
	_, err = command(t.Context(), t, t.TempDir(), "-sparsity", "1000")
	require.ErrorContains(t, err, "Sparsity 1000 with 98 atoms of length 49")
}
