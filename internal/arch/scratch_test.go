package arch

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	_ "github.com/whitebox-nn/whitebox/nn" // so that its modules are there, and the test runs again when it changes
)

const scratchMain = `package main

import (
	"fmt"
	"os"

	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/codingrate"
	"gorgonia.org/tensor"
)

func main() {
	rate, err := rate()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("%.6f\n", rate)
}

// rate returns the coding rate of one sample z = 1.
func rate() (float64, error) {
	p, err := nn.NewParam("z", tensor.Float64, 1, 1)
	if err != nil {
		return 0, err
	}
	if err := nn.SetFloats(p.Value, []float64{1}); err != nil {
		return 0, err
	}
	g := nn.NewGraph(nn.Train)
	z, err := g.Bind(p)
	if err != nil {
		return 0, err
	}
	r, err := codingrate.Rate(z, 0.5)
	if err != nil {
		return 0, err
	}
	program, err := nn.Compile(g, nn.Outputs{Loss: r})
	if err != nil {
		return 0, err
	}
	defer program.Close()
	if err := program.Run(); err != nil {
		return 0, err
	}
	return program.Loss(), nil
}
`

// TestAFreshModuleRuns builds a program in another module, as a user's, and runs
// it. That module requires ours and, as go mod tidy would have it, what ours
// requires: with the version of go4.org/unsafe/assume-no-moving-gc, without which
// every program that imports Gorgonia panics at its start. Nothing is downloaded.
func TestAFreshModuleRuns(t *testing.T) {
	dir := t.TempDir()
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	require.NoError(t, err)
	ours := fmt.Sprintf("module scratch\n\nrequire %s v0.0.0\n\nreplace %[1]s => %q", modulePath, root)
	for name, text := range map[string]string{
		"go.mod":  strings.Replace(string(mod), "module "+modulePath, ours, 1),
		"go.sum":  string(sums),
		"main.go": scratchMain,
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	run := exec.Command("go", "run", ".")
	run.Dir = dir
	run.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off", "PWD="+dir)
	out, err := run.CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.Equal(t, "0.549306\n", string(out)) // ½ ln(1 + 1/0.5)
}
