package onsite

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func put(t *testing.T, text string, path ...string) {
	t.Helper()
	file := filepath.Join(path...)
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
}

// TestRunsAreSetSideBySide has losses at steps 1 to 3 of one run, and at 2 and 3 of
// another that went wrong in the last.
func TestRunsAreSetSideBySide(t *testing.T) {
	dir := t.TempDir()
	for run, accuracy := range map[string]string{"cpu": "0.5", "cuda": "0.75"} {
		put(t, `{"data":"digits","mcr2":{"test_accuracy":`+accuracy+
			`,"steps":3,"class_rank_95":[1,2]},"ce":{"steps":3,"seconds":2}}`, dir, run, "summary.json")
	}
	line := func(step, loss string) string {
		return `{"step":` + step + `,"epoch":0,"split":"train","loss":` + loss + `}` + "\n"
	}
	for _, o := range objectives {
		put(t, line("1", "4")+line("2", "2")+line("3", "1"), dir, "cpu", o, "metrics.jsonl")
		put(t, line("2", "2")+line("3", "1.5"), dir, "cuda", o, "metrics.jsonl")
	}
	var b strings.Builder
	require.NoError(t, beside(&b, filepath.Join(dir, "cpu"), filepath.Join(dir, "cuda")))
	require.Regexp(t, `cpu +cuda +difference`, b.String())
	require.Regexp(t, `mcr2 test_accuracy +0.5 +0.75 +0.25`, b.String())
	require.Regexp(t, `ce loss, step +cpu +cuda`, b.String())
	require.Regexp(t, `(?m)^ +2 +2 +2 +0.0e\+00 *\n +3 +1 +1.5 +5.0e-01 *$`, b.String())
}

// TestTheLongestKernelsAreThoseThatTakeMostInAll has one that is launched twice.
func TestTheLongestKernelsAreThoseThatTakeMostInAll(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ncu.csv")
	rows := []string{
		`==PROF== Connected to process 7`,
		`"ID","Process ID","Kernel Name","gpu__time_duration.sum","launch__registers_per_thread"`,
		`"","","","us","register/thread"`,
		`"0","7","mean(float, int)","1,000.5","10"`,
		`"1","7","product","900","32"`, `"2","7","product","300","64"`,
	}
	for _, short := range []string{"a", "b", "c", "d", "e"} {
		rows = append(rows, `"3","7","`+short+`","1","8"`)
	}
	put(t, strings.Join(rows, "\n")+"\n", file)
	var b strings.Builder
	require.NoError(t, kernels(&b, file))
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	require.Len(t, lines, 1+most)
	require.Regexp(t,
		`^kernel +launches +total, us +gpu__time_duration.sum, us +launch__registers_per_thread, register/thread`,
		lines[0])
	require.Regexp(t, `^product +2 +1200 +600 +48`, lines[1])
	require.Regexp(t, `^mean\(float, int\) +1 +1000.5 +1000 +10|^mean\(float, int\) +1 +1000.5 +1001 +10`, lines[2])

	for says, text := range map[string]string{
		"no kernel was measured: ==ERROR== ERR_NVGPUCTRPERM": "==ERROR== ERR_NVGPUCTRPERM\n",
		"want one of names, one of units and one a launch":   "\"ID\",\"Kernel Name\"\n\"\",\"\"\n",
		"want the columns Kernel Name and":                   "\"ID\",\"a__b\"\n\"\",\"\"\n\"1\",\"2\"\n",
	} {
		put(t, text, file)
		require.ErrorContains(t, kernels(&b, file), says)
	}
}
