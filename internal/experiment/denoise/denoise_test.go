package denoise

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
	cfg, err := parse(append([]string{"-iters", "4", "-images", "40", "-steps", "20", "-layers", "4", "-out", dir},
		more...), io.Discard)
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
		out, err := command(t.Context(), t, dir, "-method", method, "-rate", "0")
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

// TestATrainedNetworkSensesBetterThanItsAlgorithm: with as many layers as FISTA has
// iterations, trained on patches of training images only. It reads what is written.
func TestATrainedNetworkSensesBetterThanItsAlgorithm(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	out, err := command(t.Context(), t, dir, "-steps", "300", "-layers", "8", "-method", "mod")
	require.NoError(t, err)
	b, err := os.ReadFile(filepath.Join(dir, "summary.json"))
	require.NoError(t, err)
	var s struct {
		Sensing struct {
			Measurements int
			Recoveries   []struct {
				Name    string
				PSNR    float64   `json:"psnr_db"`
				ByLayer []float64 `json:"psnr_db_by_layer"`
			}
		}
	}
	require.NoError(t, json.Unmarshal(b, &s))
	require.Equal(t, 20, s.Sensing.Measurements, "0.4 of 49")
	psnr := map[string]float64{}
	for _, r := range s.Sensing.Recoveries {
		psnr[r.Name] = r.PSNR
		require.Contains(t, out, r.Name)
		if r.ByLayer != nil {
			require.Len(t, r.ByLayer, 9, r.Name)
			require.InDelta(t, r.PSNR, r.ByLayer[8], 1e-9, "%s: of the images and of their blocks", r.Name)
		}
	}
	require.Len(t, psnr, 7)
	require.Greater(t, psnr["FISTA"], psnr["ISTA"])
	require.Greater(t, psnr["LASSO"], psnr["OMP"])
	require.Greater(t, psnr["LISTA-CP by LASSO"], psnr["FISTA"]+1)
	require.Greater(t, psnr["LISTA-CP by patches"], psnr["FISTA"]+2)
	for _, file := range []string{"sensed.png", "sensing.svg"} {
		require.FileExists(t, filepath.Join(dir, file))
	}
}

// TestSolversMeetWhatTheyMeasured: what is recovered, without noise, measures almost
// as the block did.
func TestSolversMeetWhatTheyMeasured(t *testing.T) {
	cfg, err := parse([]string{"-images", "10"}, io.Discard)
	require.NoError(t, err)
	clean, training, err := load(t.Context(), cfg)
	require.NoError(t, err)
	s := newSensing(cfg, clean, training, cosines(cfg.Patch))
	for _, method := range []func(context.Context) (*recovery, error){s.leastNorm, s.converged} {
		r, err := method(t.Context())
		require.NoError(t, err)
		var e mat.Dense
		e.Sub(s.measure(r.images.patches(cfg.Patch, cfg.Patch)), s.measured)
		want := s.measure(s.blocks())
		require.True(t, mat.EqualApprox(want, s.measured, 1e-12))
		// Pixels are clipped to [0, 1], which moves the measurements.
		require.Less(t, mat.Norm(&e, 2), 0.5*mat.Norm(want, 2), r.Name)
	}
}

func TestWithoutMeasurementsThereIsNoSensing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	out, err := command(t.Context(), t, dir, "-rate", "0", "-method", "mod")
	require.NoError(t, err)
	require.NotContains(t, out, "LISTA")
	require.NoFileExists(t, filepath.Join(dir, "sensed.png"))
}

// TestBlocksTileTheMiddle: blocks are taken apart and put together again.
func TestBlocksTileTheMiddle(t *testing.T) {
	x := mat.NewDense(2, 35, nil)
	x.Apply(func(i, j int, _ float64) float64 { return float64(i*35+j) / 70 }, x)
	m := (&images{x, 5, 7}).cropped(2)
	require.Equal(t, []int{4, 6}, []int{m.h, m.w})
	require.Equal(t, x.At(0, 0), m.pixels.At(0, 0), "an odd row or column is cut off at the end")
	require.Equal(t, x.At(1, 3*7+5), m.pixels.At(1, 3*6+5))
	blocks := m.patches(2, 2)
	rows, _ := blocks.Dims()
	require.Equal(t, 2*2*3, rows)
	require.True(t, mat.Equal(m.pixels, m.average(blocks, 2, 2).pixels))
}

func TestAverageTakesPatchesBack(t *testing.T) {
	x := mat.NewDense(2, 12, nil)
	x.Apply(func(i, j int, _ float64) float64 { return float64(i*12+j) / 24 }, x)
	m := &images{x, 3, 4}
	p := m.patches(2, 1)
	rows, d := p.Dims()
	assert.Equal(t, []int{12, 4}, []int{rows, d})
	assert.Equal(t, []float64{5.0 / 24, 6.0 / 24, 9.0 / 24, 10.0 / 24}, p.RawRowView(4))
	means := split(p)
	assert.InDelta(t, 7.5/24, means[4], 1e-15)
	assert.InDelta(t, 0, mat.Sum(p), 1e-12)
	p.Apply(func(i, _ int, v float64) float64 { return v + means[i] }, p)
	assert.True(t, mat.EqualApprox(x, m.average(p, 2, 1).pixels, 1e-14))
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
	ctx, cancel = context.WithCancel(t.Context())
	cfg, err := parse([]string{"-iters", "1", "-images", "10", "-method", "mod", "-layers", "2", "-out", dir},
		io.Discard)
	require.NoError(t, err)
	err = denoise(ctx, cfg, io.Discard, writerFunc(func(text string) {
		if strings.Contains(text, "by LASSO step 1500") {
			cancel()
		}
	}))
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "compressive sensing: LISTA-CP by LASSO: train: after step 15")
	assert.NoDirExists(t, dir)
}

// A writerFunc is a writer that shows what is written.
type writerFunc func(text string)

func (f writerFunc) Write(b []byte) (int, error) { f(string(b)); return len(b), nil }

func TestMissingMNISTSaysWhatToDo(t *testing.T) {
	_, err := command(t.Context(), t, t.TempDir(), "-data", "mnist", "-dir", t.TempDir())
	require.ErrorContains(t, err, "-download")
}

func TestBadFlags(t *testing.T) {
	for _, c := range [][]string{
		{`-data "cifar"`, "-data", "cifar"}, {`-method "pca"`, "-method", "pca"}, {"-sigma 0", "-sigma", "0"},
		{"-sigma NaN", "-sigma", "NaN"},
		{"-lambda -1", "-lambda", "-1"}, {"-atoms -1", "-atoms", "-1"}, {"-patch 1", "-patch", "1"},
		{"-iters 0", "-iters", "0"},
		{"-images 0", "-images", "0"}, {"-out is empty", "-out", ""}, {"-rate 1.5", "-rate", "1.5"},
		{"-layers 0", "-layers", "0"}, {"-patch 9223372036854775807, want at most", "-patch", "9223372036854775807"},
		{"-atoms 9223372036854775807 of -patch 7 would have", "-atoms", "9223372036854775807"},
		{"-iters 9223372036854775807", "-iters", "9223372036854775807"},
		{"-layers 9223372036854775807", "-layers", "9223372036854775807"},
		{"a network of -layers 10000 for -atoms 10000", "-layers", "10000", "-atoms", "10000"},
		{"-steps 9223372036854775807", "-steps", "9223372036854775807"}, {"-images 9223372036854775807", "-images",
			"9223372036854775807"}, {`argument "digits"`, "digits"},
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
