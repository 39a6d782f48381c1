package main

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHelpNamesEveryCommand(t *testing.T) {
	var out bytes.Buffer
	require.Zero(t, run([]string{"help"}, &out, &out))
	for _, c := range commands() {
		require.Contains(t, out.String(), "\n  "+c.help.Name+"\n")
		var help bytes.Buffer
		require.Zero(t, run([]string{"help", c.help.Name}, &help, &help))
		require.True(t, strings.HasPrefix(help.String(), c.help.Name+" "), "what it does comes first: %s",
			help.String())
		require.Contains(t, help.String(), "Usage: whitebox "+c.help.Name)
	}
}

// TestExamplesAreCommandLines looks up the flags of every example among those that the
// help lists.
func TestExamplesAreCommandLines(t *testing.T) {
	for _, c := range commands() {
		flags := flagsOf(c)
		for _, e := range c.help.Examples {
			require.NotEmpty(t, e.For)
			for _, f := range strings.Fields(e.Flags) {
				if strings.HasPrefix(f, "-") {
					require.Contains(t, flags, f, "%s %s", c.help.Name, e.Flags)
				}
			}
		}
	}
}

func TestACommandLineThatIsWrong(t *testing.T) {
	for _, args := range [][]string{nil, {"compere"}, {"help", "compere"}, {"completion"}, {"completion", "csh"},
		{"compare", "-epoch", "3"}, {"doctor", "now"}, {"predict"},
		{"summary"}} {
		var out, progress bytes.Buffer
		require.Equal(t, misused, run(args, &out, &progress), args)
		require.NotEmpty(t, progress.String()+out.String(), args)
	}
}

// TestBashCompletes asks bash, where there is one, what it would offer.
func TestBashCompletes(t *testing.T) {
	shell, err := exec.LookPath("bash")
	if err != nil {
		return
	}
	var script bytes.Buffer
	require.Zero(t, run([]string{"completion", "bash"}, &script, &script))
	for _, c := range []struct{ words, want string }{
		{"whitebox com", "compare completion"},
		{"whitebox lista -re", "-resume"},
		{"whitebox redunet -pre", "-preset"},
		{"whitebox pre", "predict"},
		{"whitebox predict -", "-model -data -show -out"},
		{"whitebox summary -", "-shape"},
		{"whitebox completion z", "zsh"},
		{"whitebox nothing -", ""},
	} {
		words := strings.Fields(c.words)
		ask := script.String() + "\nCOMP_WORDS=(" + c.words + ")\nCOMP_CWORD=" + string(rune('0'+len(words)-1)) +
			"\n_whitebox\necho ${COMPREPLY[*]}\n"
		out, err := exec.Command(shell, "-c", ask).CombinedOutput()
		require.NoError(t, err, string(out))
		require.ElementsMatch(t, strings.Fields(c.want), strings.Fields(string(out)), c.words)
	}
}

// TestTheProgramRunsAnExperiment runs the shortest one to the end.
func TestTheProgramRunsAnExperiment(t *testing.T) {
	var out, progress bytes.Buffer
	dir := filepath.Join(t.TempDir(), "run")
	require.Zero(t, run([]string{"compare", "-train", "100", "-test", "50", "-batch", "50", "-epochs", "1", "-out",
		dir}, &out, &progress), progress.String())
	require.Contains(t, out.String(), "report.html")
	require.FileExists(t, filepath.Join(dir, "summary.json"))
}
