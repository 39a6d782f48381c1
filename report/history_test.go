package report_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/report"
)

// TestNamesOfMetricsAreAnyText reads back names that JSON escapes.
func TestNamesOfMetricsAreAnyText(t *testing.T) {
	for _, name := range []string{"", "top-1, test", `a "quoted" name`, "two\nlines", "bell\a", "vertical\v", "del\x7f",
		"\U000e0001tag", "名前", "<&>", "\u2028"} {
		line, err := json.Marshal(map[string]any{"step": 1, "epoch": 0, "split": "train", name: 0.5, name + "2": nil})
		require.NoError(t, err)
		h, err := report.ParseHistory(iotest.OneByteReader(strings.NewReader(string(line) + "\n")))
		require.NoError(t, err, "%q", name)
		require.Len(t, h, 1)
		assert.Equal(t, 0.5, h[0].Metrics[name], "%q", name)
		assert.True(t, math.IsNaN(h[0].Metrics[name+"2"]), "%q", name)
	}
}

func TestNumbersThatCountNothingAreRefused(t *testing.T) {
	for _, at := range []string{`"step":1.5,"epoch":0`, `"step":-1,"epoch":0`, `"step":1e300,"epoch":0`,
		`"step":1,"epoch":0.5`, `"step":1,"epoch":-1`} {
		_, err := report.ParseHistory(strings.NewReader(`{` + at + `,"split":"train"}` + "\n"))
		require.ErrorIs(t, err, report.ErrInput, at)
		assert.ErrorContains(t, err, "want whole numbers from 0 on")
	}
}

// TestALogThatIsNoneIsNotReadForEver has a device, a directory and a terabyte of zeros.
func TestALogThatIsNoneIsNotReadForEver(t *testing.T) {
	dir := t.TempDir()
	for name, create := range map[string]func(path string) error{
		"device":    func(path string) error { return os.Symlink("/dev/zero", path) },
		"directory": func(path string) error { return os.Mkdir(path, 0o755) },
		"terabyte": func(path string) error {
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				return err
			}
			return os.Truncate(path, 1<<40)
		},
	} {
		path := filepath.Join(dir, name)
		if create(path) != nil {
			continue // a system without such things
		}
		start := time.Now()
		_, err := report.ReadHistory(path)
		require.ErrorIs(t, err, report.ErrInput, name)
		assert.ErrorContains(t, err, path)
		assert.Less(t, time.Since(start), 5*time.Second)
	}
}

// FuzzParseHistory checks that no text makes it panic, and that what it takes keeps its
// promises: steps that grow, and the same again in another spelling of JSON.
func FuzzParseHistory(f *testing.F) {
	f.Add(`{"step":1,"epoch":0,"split":"train","loss":0.5}` + "\n" +
		`{"step":1,"epoch":0,"split":"test","val_loss":null}` + "\n")
	f.Add(`{"step":1,"epoch":0,"split":"train","a\n\"b":1e-3}` + "\r\n\n" + `{"step":`)
	f.Add(`{"step":2,"epoch":0,"split":"x"}` + "\n" + `{"step":1,"epoch":0,"split":"x"}` + "\n")
	f.Fuzz(func(t *testing.T, text string) {
		h, err := report.ParseHistory(strings.NewReader(text))
		if err != nil {
			require.ErrorIs(t, err, report.ErrInput)
			return
		}
		var again strings.Builder
		for i, r := range h {
			if i > 0 {
				require.LessOrEqual(t, h[i-1].Step, r.Step)
			}
			fields := map[string]any{}
			for name, v := range r.Metrics {
				fields[name] = v
				if math.IsNaN(v) {
					fields[name] = nil
				}
			}
			fields["step"], fields["epoch"], fields["split"] = r.Step, r.Epoch, r.Split
			line, err := json.Marshal(fields)
			require.NoError(t, err)
			again.Write(append(line, '\n'))
		}
		same, err := report.ParseHistory(strings.NewReader(again.String()))
		require.NoError(t, err)
		require.Len(t, same, len(h))
		for i, r := range h {
			require.Equal(t, r.Step, same[i].Step)
			require.Equal(t, r.Split, same[i].Split)
			require.Len(t, same[i].Metrics, len(r.Metrics))
		}
	})
}
