package onsite

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A child of a test is this program, run by a suite as the tests of a package: it does
// what the package is called.
const child = "WHITEBOX_TEST_CHILD"

func TestChild(t *testing.T) {
	args := os.Args
	if os.Getenv(child) == "" {
		return
	}
	for i, a := range args {
		if a != "run" {
			continue
		}
		require.Equal(t, 0, Main([]string{"run", args[i+1]}, os.Stdout, os.Stderr, packages()))
	}
}

func packages() []Package {
	ends := func(code int, lines ...string) func() {
		return func() { fmt.Println(strings.Join(lines, "\n")); os.Exit(code) }
	}
	return []Package{
		{"good", ends(0, "=== RUN   TestA", "--- PASS: TestA (0.00s)", "=== RUN   TestB", "=== RUN   TestB/part",
			"=== NAME  TestB", "    b_test.go:7: needs a thing: it is so", "--- SKIP: TestB (0.00s)",
			"    --- PASS: TestB/part (0.00s)", "PASS")},
		{"bad", ends(1, "=== RUN   TestC", "=== RUN   TestC/of_two", "    c_test.go:9: off by one",
			"--- FAIL: TestC (0.00s)", "    --- FAIL: TestC/of_two (0.00s)", "FAIL")},
		{"crash", ends(2, "=== RUN   TestD", "SIGSEGV: segmentation violation")},
		{"slow", func() { fmt.Println("=== RUN   TestE"); time.Sleep(time.Minute) }},
		{"spoilt", func() {
			if os.Getenv(freshContexts) == "1" {
				ends(0, "=== RUN   TestF", "--- PASS: TestF (0.00s)")()
			}
			ends(1, "=== RUN   TestF", "--- FAIL: TestF (0.00s)")()
		}},
	}
}

// suiteOf runs packages by this program, and returns what it prints and logs.
func suiteOf(t *testing.T, limit time.Duration, names ...string) (ok bool, out, log string) {
	t.Helper()
	t.Setenv(child, "1")
	dir := t.TempDir()
	var o, l strings.Builder
	s := &suite{self: []string{os.Args[0], "-test.run", "^TestChild$", "run"}, tree: dir, limit: limit, jobs: 2,
		names: names, out: &o, log: &l}
	for _, name := range names {
		require.NoError(t, os.Mkdir(filepath.Join(dir, name), 0o700))
	}
	ok = s.run()
	return ok, o.String(), l.String()
}

func TestASuiteSaysWhatPassedWhatWasSkippedAndWhatFailed(t *testing.T) {
	ok, out, log := suiteOf(t, time.Minute, "good", "bad", "crash")
	require.False(t, ok)
	require.Regexp(t,
		`(?m)^ok +good +1 passed, 1 skipped, 0 failed, [0-9.]+ s\n        skipped TestB: needs a thing: it is so$`, out)
	require.Regexp(t,
		`(?m)^FAIL +bad +0 passed, 0 skipped, 2 failed, [0-9.]+ s\n        failed TestC\n        failed TestC/of_two$`,
		out)
	require.Regexp(t, `(?m)^FAIL +crash +0 passed.*\n        exit status 2 in TestD: SIGSEGV: segmentation violation$`,
		out)
	require.Contains(t, out, "3 packages: 1 ok, 2 failed, 0 not run to the end; 1 tests passed, 1 skipped; ")
	require.Contains(t, log, "==== bad")
	require.Contains(t, log, "c_test.go:9: off by one")

	ok, out, _ = suiteOf(t, time.Minute, "good")
	require.True(t, ok)
	require.Contains(t, out, "1 packages: 1 ok, 0 failed")
}

// TestASuiteEndsInTime has a package that does not end, and one behind it.
func TestASuiteEndsInTime(t *testing.T) {
	start := time.Now()
	ok, out, _ := suiteOf(t, 2*time.Second, "slow", "slow2", "good")
	require.False(t, ok)
	require.Less(t, time.Since(start), 30*time.Second)
	require.Regexp(t, `(?m)^none +slow +0 passed.*\n        the time was up in TestE$`, out)
}

// TestAFailureIsTriedAgainWithAContextATest fails while tests share one.
func TestAFailureIsTriedAgainWithAContextATest(t *testing.T) {
	t.Setenv("WHITEBOX_REQUIRE", "cuda")
	ok, out, log := suiteOf(t, time.Minute, "spoilt")
	require.False(t, ok)
	require.Contains(t, out, "passed with a context a test, failed with one for all: TestF")
	require.Equal(t, 2, strings.Count(log, "==== spoilt"))
}

func TestArguments(t *testing.T) {
	var out, said strings.Builder
	require.Equal(t, 0, Main([]string{"list"}, &out, &said, packages()))
	require.Equal(t, "good\nbad\ncrash\nslow\nspoilt\n", out.String())
	for _, args := range [][]string{nil, {"walk"}, {"run"}, {"beside", "x"}, {"kernels"}} {
		said.Reset()
		require.Equal(t, 2, Main(args, &out, &said, packages()), "%q", args)
		require.Contains(t, said.String(), "want one of")
	}
	for says, args := range map[string][]string{
		`no tests of package "none"`:             {"run", "none"},
		`-only "none": no package begins so`:     {"all", "-only", "none"},
		`want only flags`:                        {"all", "good"},
		"summary.json: no such file":             {"beside", t.TempDir(), t.TempDir()},
		"kernels.csv: no such file or directory": {"kernels", filepath.Join(t.TempDir(), "kernels.csv")},
	} {
		said.Reset()
		require.Equal(t, 1, Main(args, &out, &said, packages()), "%q", args)
		require.Contains(t, said.String(), says)
	}
}
