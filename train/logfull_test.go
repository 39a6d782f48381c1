//go:build unix

package train_test

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/train"
)

// logUntilFull is the variable that makes TestADiskThatIsFullLeavesWholeLines write to
// the log it names until it cannot.
const logUntilFull = "TRAIN_LOG_UNTIL_FULL"

// TestADiskThatIsFullLeavesWholeLines has a process whose files may have 1024 bytes write
// logs: they end with a line that is whole.
func TestADiskThatIsFullLeavesWholeLines(t *testing.T) {
	if path := os.Getenv(logUntilFull); path != "" {
		signal.Notify(make(chan os.Signal, 1), syscall.SIGXFSZ)
		var log train.Hook
		var err error
		if filepath.Ext(path) == ".csv" {
			log, err = train.NewCSV(path)
		} else {
			log, err = train.NewJSONL(path, 1)
		}
		require.NoError(t, err)
		loop := &train.Loop{Steps: 1000}
		for step := 1; err == nil; step++ {
			err = log.Step(&train.Event{Loop: loop, Step: step, Train: []train.Metric{{Name: "loss", Value: 1.0 / 3}}})
		}
		require.True(t, errors.Is(err, syscall.EFBIG), "%v", err)
		return
	}
	for _, name := range []string{"log.jsonl", "log.csv"} {
		path := filepath.Join(t.TempDir(), name)
		c := exec.Command("sh", "-c", `ulimit -f 2; exec "$0" -test.run '^TestADiskThatIsFullLeavesWholeLines$'`,
			os.Args[0])
		c.Env = append(os.Environ(), logUntilFull+"="+path)
		out, err := c.CombinedOutput()
		require.NoError(t, err, "%s", out)
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Greater(t, len(text), 900)
		require.LessOrEqual(t, len(text), 1024)
		require.True(t, strings.HasSuffix(string(text), "\n"), "%q", text[len(text)-60:])
	}
}
