// Package examples tests that the programs in its folders run, and print what their
// comments promise.
package examples

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTheExamplesRun builds every program in the folder, runs those that are examples of
// a page, and looks for what each is to show, as regular expressions.
func TestTheExamplesRun(t *testing.T) {
	bin := t.TempDir()
	build := exec.Command("go", "build", "-o", bin+string(filepath.Separator), "./...")
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	for name, shows := range map[string][]string{
		"two-losses": {"MCR²", "cross-entropy"},
		"own-data": { // of 36 bottles; the last digits of an instruction set may cost one
			`losses.MCR2: (1.000|0.9\d\d) right`, `losses.CrossEntropy: (1.000|0.9\d\d) right`,
			"the first is from Hillside"},
		"lista-is-ista":  {"differs from ISTA by", "e-1", "LISTA after training:  NMSE -1"},
		"own-dictionary": {"of the 40 atoms are found", "of atom"},
		"constructed":    {"    8", "from 20 images a class:"},
		"clustering":     {"by coding length: 3 groups"},
		"own-op":         {"the gradient is that of differences", "step 200: cross-entropy 0.0"},
		"own-layer":      {`after 300 steps: −ΔR \+ penalty -0.4`},
		"resume":         {"context canceled", "goes on after step 33", "bit by bit: true"},
		"gpu":            {"on the processor: −ΔR is -39."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			program := filepath.Join(bin, name)
			if runtime.GOOS == "windows" {
				program += ".exe"
			}
			out, err := exec.Command(program).CombinedOutput()
			require.NoError(t, err, "%s", out)
			for _, s := range shows {
				require.Regexp(t, s, string(out))
			}
		})
	}
}

// TestOwnDataIsShort holds a promise: 35 lines from package to the last brace for a table of one's own, a network,
// both losses and a prediction.
func TestOwnDataIsShort(t *testing.T) {
	source, err := os.ReadFile("own-data/main.go")
	require.NoError(t, err)
	_, program, ok := strings.Cut(string(source), "\npackage ")
	require.True(t, ok)
	require.LessOrEqual(t, strings.Count(program, "\n"), 35)
}

// TestTheExamplesFitAPage counts lines, and tells of programs that are not tested above.
func TestTheExamplesFitAPage(t *testing.T) {
	programs, err := filepath.Glob("*/main.go")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(programs), 10)
	for _, p := range programs {
		source, err := os.ReadFile(p)
		require.NoError(t, err)
		require.LessOrEqual(t, strings.Count(string(source), "\n"), 80, p)
	}
}

// TestREADMEShowsAWholeProgram looks up the example of one's own data.
func TestREADMEShowsAWholeProgram(t *testing.T) {
	source, err := os.ReadFile(filepath.Join("own-data", "main.go"))
	require.NoError(t, err)
	_, program, ok := strings.Cut(string(source), "package main")
	require.True(t, ok)
	readme, err := os.ReadFile(filepath.Join("..", "README.md"))
	require.NoError(t, err)
	require.Contains(t, string(readme), "```go\npackage main"+program+"```")
}
