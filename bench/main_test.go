package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/openblas"
)

func wall(t *testing.T) clock {
	c, err := newClock(false, 2)
	require.NoError(t, err)
	return c
}

func TestProcessorTimeIsOfOneThread(t *testing.T) {
	_, err := newClock(true, 2)
	require.ErrorContains(t, err, "-cpu with 2 threads, want 1")
	c, err := newClock(true, 1)
	require.NoError(t, err)
	slept := c.least(1, func() { time.Sleep(50 * time.Millisecond) })
	require.Less(t, slept, 0.045, "sleeping takes no processor time")
	require.Positive(t, c.least(3, func() { _ = fill(1, 1<<16) }))
}

func TestBenchPrintsALineAWorkload(t *testing.T) {
	peer := filepath.Join(t.TempDir(), "peer.jsonl")
	require.NoError(t, os.WriteFile(peer, []byte(`{"workload":"gemm_nn_128","impl":"torch","ms":3,"min_ms":2}`+"\n\n"+
		`{"workload":"other","impl":"torch","ms":3,"min_ms":2}`+"\n"), 0o666))
	var b strings.Builder
	require.NoError(t, bench(&b, wall(t), "gemm_nn_128,mcr2_1000x128x10", nn.Options{Workers: 2}, 3, peer))
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	require.Len(t, lines, 5, b.String())
	for i, name := range []string{"gemm_nn_128", "mcr2_1000x128x10", "mcr2_1000x128x100"} { // by prefix
		var l Line
		d := json.NewDecoder(strings.NewReader(lines[i]))
		d.DisallowUnknownFields()
		require.NoError(t, d.Decode(&l))
		require.Equal(t, name, l.Workload)
		require.Equal(t, "whitebox", l.Impl)
		require.Positive(t, l.MinMS)
		require.GreaterOrEqual(t, l.MS, l.MinMS)
		require.Positive(t, l.FirstMS)
		require.Zero(t, l.PeakMiB, "of a device")
		require.Equal(t, simd.Active().String(), l.Level)
	}
	require.Regexp(t, `workload +peer +peer min ms +our min ms +ratio`, lines[3])
	require.Regexp(t, `gemm_nn_128 +torch +2.000 +[0-9.]+ +[0-9.]+`, lines[4])
}

func TestSeveralNumbersOfThreadsAreTimedInTurn(t *testing.T) {
	several, err := counts("1, 2,4")
	require.NoError(t, err)
	require.Equal(t, []int{1, 2, 4}, several)
	for _, bad := range []string{"", "0", "2,", "two", "1,-1"} {
		_, err := counts(bad)
		require.ErrorContains(t, err, "want numbers of at least 1", bad)
	}
	var b strings.Builder
	require.NoError(t, byThreads(&b, wall(t), "gemm_nn_128,mcr2_1000x128x100", []int{2, 1}, 1))
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	require.Len(t, lines, 7, b.String())
	for i, threads := range []int{2, 1, 2, 1} {
		var l Line
		require.NoError(t, json.Unmarshal([]byte(lines[i]), &l))
		require.Equal(t, threads, l.Threads)
		require.Equal(t, []string{"gemm_nn_128", "mcr2_1000x128x100"}[i/2], l.Workload)
	}
	require.Regexp(t, `workload +2, ms +1, ms +1/2 +model of 4, ms +model of 8, ms +model of 16, ms`, lines[4])
	require.Regexp(t, `gemm_nn_128( +[0-9.]+){6}`, lines[5])
	require.ErrorContains(t, byThreads(&b, wall(t), "none", []int{1, 2}, 1), "no workload begins")
	require.ErrorContains(t, byThreads(&b, wall(t), "gemm", []int{1, 2}, 0), "0 runs")
}

// TestTheModelOfThreadsIsAmdahls has a half, all and none of the work shared out, and times
// that no such part explains.
func TestTheModelOfThreadsIsAmdahls(t *testing.T) {
	require.InDelta(t, 5.625, amdahl(10, 7.5, 8), 1e-12)
	require.InDelta(t, 2.5, amdahl(10, 5, 4), 1e-12)
	require.InDelta(t, 10, amdahl(10, 10, 16), 1e-12)
	require.InDelta(t, 2.5, amdahl(10, 4, 4), 1e-12)
	require.InDelta(t, 10, amdahl(10, 30, 4), 1e-12)
}

// TestCompetingTakesTheLeastOfAllRounds has a peer that is faster in its second round.
func TestCompetingTakesTheLeastOfAllRounds(t *testing.T) {
	dir := t.TempDir()
	script := filepath.Join(dir, "peer.sh")
	require.NoError(t, os.WriteFile(script, []byte(`
[ "$*" = "--threads 2 --runs 1 --only gemm_nn_128" ] || exit 3
ms=5; [ -e `+dir+`/again ] && ms=2
touch `+dir+`/again
echo '{"workload":"gemm_nn_128","impl":"torch","ms":9,"min_ms":'$ms'}'
`), 0o666))
	var b strings.Builder
	require.NoError(t, compete(&b, wall(t), "sh "+script, 2, request{only: "gemm_nn_128", threads: 2, runs: 1}))
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	require.Len(t, lines, 3, b.String())
	require.Regexp(t, `^{"workload":"gemm_nn_128","impl":"whitebox"`, lines[0])
	require.Regexp(t, `gemm_nn_128 +torch +2.000`, lines[2])

	for _, bad := range []struct {
		command, only string
		rounds        int
		want          string
	}{
		{"sh " + script, "mcr2", 1, "exit status 3"}, {filepath.Join(dir, "none"), "gemm", 1, "none"},
		{"sh " + script, "gemm", 0, "0 rounds"}, {" ", "gemm", 1, "no command"},
	} {
		require.ErrorContains(t, compete(&b, wall(t), bad.command, bad.rounds,
			request{only: bad.only, threads: 2, runs: 1}), bad.want)
	}
}

// TestEveryWorkloadRuns runs each small.
func TestEveryWorkloadRuns(t *testing.T) {
	for _, w := range workloads(4) {
		run, free, err := w.prepare(nn.Options{Workers: 2})
		require.NoError(t, err, w.name)
		require.NoError(t, run(), w.name)
		require.NoError(t, free(), w.name)
	}
}

// TestWorkloadsHaveTheNamesOfThePeers has those of the scripts here and of issues.
func TestWorkloadsHaveTheNamesOfThePeers(t *testing.T) {
	seen := make(map[string]bool)
	for _, w := range workloads(1) {
		require.False(t, seen[w.name], w.name)
		seen[w.name] = true
	}
	for _, name := range []string{"gemm_nn_128", "gemm_nn_512", "gemm_nn_1024", "gemm_tn_1024", "gemm_nt_1024",
		"mcr2_1000x128x10", "mcr2_1000x128x100", "mcr2_4096x512x10", "mcr2_65536x512x10", "mcr2_50000x512x1000",
		"mcr2_8192x2048x10", "mlp_mcr2_step_b512", "mlp_ce_step_b512", "lista16_step_b64", "lista16_step_b512",
		"redunet_build_d128_l4", "redunet_build_d784_l4", "redunet2d_build_c15_28x28_l2", "resnet18_ce_step_b32",
		"resnet18_forward_b32", "gelu_1e6", "silu_1e6", "tanh_1e6", "exp_1e6", "softmax_4096x256",
		"attention_b64_n65_d384_h6", "attention_b8_n512_d384_h6", "attention_causal_b8_n512_d384_h6",
		"crate_mnist_step_b128", "crate_alpha_mnist_step_b128", "tost_mnist_step_b128", "vit_mnist_step_b128",
		"crate_tiny_step_b32", "gemm_nn_2048", "conv3x3_64_32x32_b8", "pca_5000x784", "pca_covariance_5000x784",
		"pca_randomized_5000x784", "kmeans_5000x64_k10_n10", "kmeans_20000x784_k100", "nearest_subspace_5000x128",
		"nearest_subspace_gram_5000x128", "nearest_subspace_5000x512", "nearest_subspace_gram_5000x512", "rpca_300x300",
		"omp_250x500_b1000_s20", "online_dict_64x256_20000", "eigh_128_f32", "eigh_512_f64", "eigh_1000_f32",
		"svd_512_f64", "svd_1000_f32", "qr_512_f64", "qr_1000_f32", "ista_250x500_b1000", "fista_250x500_b1000"} {
		require.True(t, seen[name], name)
	}
}

func TestBadCommands(t *testing.T) {
	file := func(text string) string {
		path := filepath.Join(t.TempDir(), "peer.jsonl")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o666))
		return path
	}
	for _, c := range []struct {
		only          string
		threads, runs int
		peer, want    string
	}{
		{"none", 1, 1, "", `no workload begins with any of ["none"]`},
		{"", 0, 1, "", "0 threads and 1 runs"},
		{"", 1, 0, "", "1 threads and 0 runs"},
		{"", 1, 1, filepath.Join(t.TempDir(), "none"), "none: no such file"},
		{"", 1, 1, file("{"), "peer.jsonl:1"},
		{"", 1, 1, file("\n" + `{"workload":"a","min_ms":0}`), "peer.jsonl:2: want a workload and a min_ms above 0"},
	} {
		require.ErrorContains(t, bench(&strings.Builder{}, wall(t), c.only, nn.Options{Workers: c.threads}, c.runs,
			c.peer), c.want)
	}
}

func TestAnOpenBLASThatIsNotThereIsSaidSo(t *testing.T) {
	err := useOpenBLAS(&strings.Builder{}, filepath.Join(t.TempDir(), "libopenblas.so"))
	require.ErrorIs(t, err, openblas.ErrUnavailable)
	require.NoError(t, useOpenBLAS(&strings.Builder{}, ""))
}
