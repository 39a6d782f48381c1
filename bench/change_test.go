package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestVerdictsSayWhenNoiseIsLarger(t *testing.T) {
	of := func(theirs ...float64) pair {
		p := pair{theirs: theirs}
		for range theirs {
			p.ours = append(p.ours, 10)
		}
		return p
	}
	require.Equal(t, "faster", of(12, 12.1, 11.9).verdict())
	require.Equal(t, "slower", of(9, 9.1, 8.9).verdict())
	require.Equal(t, "noise is larger than the difference", of(10.5, 12, 9.9).verdict())
	require.Equal(t, "noise is larger than the difference", of(10, 10).verdict())
	require.Equal(t, "one round tells no noise", of(12).verdict())
	require.InDelta(t, 0.89, of(9, 9.1, 8.9).ratio(), 1e-9)
}

// TestPairsAreOfWorkloadsThatBothHave has a round in which one is missing.
func TestPairsAreOfWorkloadsThatBothHave(t *testing.T) {
	ours := [][]Line{
		{{Workload: "a", Impl: "whitebox", MinMS: 2, ResidentMiB: 7}, {Workload: "b", Impl: "whitebox", MinMS: 1}},
		{{Workload: "a", Impl: "whitebox", MinMS: 1, ResidentMiB: 9}},
	}
	theirs := [][]Line{
		{{Workload: "a", Impl: "x", MinMS: 4}, {Workload: "a", Impl: "y", MinMS: 8}, {Workload: "c", MinMS: 1}},
		{{Workload: "a", Impl: "x", MinMS: 5}},
	}
	pairs := pairUp(ours, theirs)
	require.Equal(t, []pair{
		{workload: "a", impl: "x", theirs: []float64{4, 5}, ours: []float64{2, 1}, mib: 9},
		{workload: "a", impl: "y", theirs: []float64{8}, ours: []float64{2}, mib: 9},
	}, pairs)
	require.Equal(t, []float64{2, 5}, pairs[0].rounds())
	require.InDelta(t, 4, pairs[0].ratio(), 0)
}

// TestAChangeIsComparedWithItsParent has a bench that prints a line, first of 8 ms, then
// of 4, then, not committed, of 2.
func TestAChangeIsComparedWithItsParent(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("GIT_CONFIG_GLOBAL", filepath.Join(dir, "none"))
	run := func(words ...string) {
		_, err := output(words...)
		require.NoError(t, err)
	}
	write := func(name, text string) {
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o777))
		require.NoError(t, os.WriteFile(name, []byte(text), 0o666))
	}
	bench := func(ms int) {
		write("bench/main.go", fmt.Sprintf("package main\n\nimport \"fmt\"\n\nfunc main() {\n"+
			"\tfmt.Println(`{\"workload\":\"w\",\"impl\":\"whitebox\",\"min_ms\":%d}`)\n}\n", ms))
	}
	commit := func(subject string) {
		run("git", "add", ".")
		run("git", "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-q", "-m", subject)
	}
	run("git", "init", "-q", ".")
	write("go.mod", "module example.org/m\n\ngo 1.24\n")
	bench(8)
	commit("Slow")
	bench(4)
	commit("Fast")
	changed := func(ref string) string {
		var b strings.Builder
		require.NoError(t, change(&b, ref, 2, request{threads: 1, runs: 1}))
		return b.String()
	}
	text := changed("auto")
	require.Regexp(t, `^before: [0-9a-f]+ Slow\n`, text)
	require.Regexp(t, `w +8.000 +4.000 +2.000 +2.000 to 2.000 +0 +faster`, text)
	bench(2)
	text = changed("auto")
	require.Regexp(t, `^before: [0-9a-f]+ Fast\n`, text)
	require.Regexp(t, `w +4.000 +2.000 +2.000`, text)
	require.Regexp(t, `w +8.000 +2.000 +4.000`, changed("HEAD~1"))

	require.ErrorContains(t, change(&strings.Builder{}, "none", 2, request{}), "none")
	require.ErrorContains(t, change(&strings.Builder{}, "auto", 0, request{}), "0 rounds")
	write("bench/main.go", "package main\n\nfunc main() { none() }\n")
	require.ErrorContains(t, change(&strings.Builder{}, "HEAD", 1, request{}), "undefined: none")
}
