package train

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/losses"
)

func TestJSONLHasALineAStep(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.jsonl")
	log, err := NewJSONL(path, 2)
	require.NoError(t, err)
	l := recipe{steps: 5, loud: true, hooks: []Hook{log}}.loop(t)
	require.NoError(t, l.Run(t.Context()))
	var got []string
	for _, line := range strings.Split(strings.TrimSuffix(read(t, path), "\n"), "\n") {
		var fields map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &fields))
		got = append(got, fmt.Sprintf("%v %v %v %d", fields["step"], fields["epoch"], fields["split"], len(fields)))
	}
	// train: step, epoch, split, loss, R, Rc, delta_R, lr
	require.Equal(t, []string{"1 0 train 8", "2 0 train 8", "3 1 test 4", "4 1 train 8", "5 2 train 8", "5 2 test 4"},
		got)
}

func TestJSONLWritesNumbersThatJSONHas(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	log, err := NewJSONL(path, 1)
	require.NoError(t, err)
	require.NoError(t, log.Step(&Event{Step: 1, Train: []Metric{{`a"b`, math.Inf(1)}, {"c", math.NaN()}, {"d", 1e300},
		{"e", 0.1}}}))
	require.NoError(t, log.Finish(nil, nil))
	require.Equal(t, `{"step":1,"epoch":0,"split":"train","a\"b":null,"c":null,"d":1e+300,"e":0.1}`+"\n", read(t, path))
}

// The log of a run that was killed and resumed is that of one that was not.
func TestResumeJSONLTakesOutLaterLines(t *testing.T) {
	line := func(step int) string { return fmt.Sprintf(`{"step":%d,"epoch":0,"split":"train","loss":1}`+"\n", step) }
	for _, c := range []struct{ name, before, want string }{
		{"later lines", line(1) + line(2) + line(3) + line(4), line(1) + line(2)},
		{"a torn line", line(1) + line(2) + line(3)[:9], line(1) + line(2)},
		{"a torn line of a kept step", line(1) + line(2)[:9], line(1)},
		{"nothing", "", ""},
		{"garbage", line(1) + "garbage\n" + line(2), line(1)},
		{"no end of the last line", line(1) + strings.TrimSuffix(line(2), "\n"), line(1)},
	} {
		path := filepath.Join(t.TempDir(), "log.jsonl")
		require.NoError(t, os.WriteFile(path, []byte(c.before), 0o666))
		log, err := ResumeJSONL(path, 1, 2)
		require.NoError(t, err)
		log.Out = io.Discard
		require.NoError(t, log.Step(&Event{Loop: &Loop{}, Step: 3, Train: []Metric{{"loss", 1}}}))
		require.NoError(t, log.Finish(nil, nil))
		require.Equal(t, c.want+line(3), read(t, path), c.name)
	}
	path := filepath.Join(t.TempDir(), "new.jsonl")
	log, err := ResumeJSONL(path, 1, 2)
	require.NoError(t, err)
	require.NoError(t, log.Finish(nil, nil))
	require.Empty(t, read(t, path))
	_, err = ResumeJSONL(t.TempDir(), 1, 2)
	require.Error(t, err)
	_, err = NewJSONL(filepath.Join(t.TempDir(), "none", "log"), 1)
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestCSVIsATable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.csv")
	log, err := NewCSV(path)
	require.NoError(t, err)
	l := recipe{steps: 3, hooks: []Hook{log}}.loop(t)
	require.NoError(t, l.Run(t.Context()))
	lines := strings.Split(strings.TrimSuffix(read(t, path), "\n"), "\n")
	require.Equal(t, "step,epoch,loss,R,Rc,delta_R,lr", lines[0])
	require.Len(t, lines, 4)
	require.True(t, strings.HasPrefix(lines[3], "3,1,-"), lines[3])
	require.Equal(t, 6, strings.Count(lines[3], ","))

	_, err = NewCSV(filepath.Join(t.TempDir(), "none", "log"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

// What every program reads, whatever metrics are called.
func TestLogsAreCSVAndJSON(t *testing.T) {
	for _, name := range []string{"", "top-1, test", `a "quoted" name`, "two\nlines", "bell\a", "vertical\v", "del\x7f",
		"\U000e0001tag", "名前", "<&>", "a\u2028b"} {
		dir := filepath.Join(t.TempDir(), "日本 é dir")
		require.NoError(t, os.Mkdir(dir, 0o777))
		run := func(l *Loop) {
			table, err := NewCSV(filepath.Join(dir, "log.csv"))
			require.NoError(t, err)
			lines, err := NewJSONL(filepath.Join(dir, "log.jsonl"), 1)
			require.NoError(t, err)
			l.Loss, l.Hooks = losses.CrossEntropy{Name: name}, []Hook{table, lines, &Checkpoint{Dir: dir}}
			require.NoError(t, l.Run(t.Context()))
		}
		want := "cross_entropy"
		if name != "" {
			want = name + "." + want
		}
		half := recipe{steps: 4, loud: true}.loop(t)
		run(half)
		check := func(steps int) {
			rows, err := csv.NewReader(strings.NewReader(read(t, filepath.Join(dir, "log.csv")))).ReadAll()
			require.NoError(t, err)
			require.Len(t, rows, steps+1)
			require.Equal(t, []string{"step", "epoch", "loss", want, "lr", "val_norm"}, rows[0])
			require.Empty(t, rows[1][5])
			require.NotEmpty(t, rows[3][5], "the evaluation after step 3")
			s, n := bufio.NewScanner(strings.NewReader(read(t, filepath.Join(dir, "log.jsonl")))), 0
			for s.Scan() {
				var m map[string]any
				require.NoError(t, json.Unmarshal(s.Bytes(), &m))
				if m["split"] == "train" {
					n++
					require.Contains(t, m, want)
				} else {
					require.Contains(t, m, "val_norm")
				}
			}
			require.Equal(t, steps, n)
		}
		check(4)
		rest := recipe{steps: 6, loud: true}.loop(t)
		rest.Loss = losses.CrossEntropy{Name: name}
		require.NoError(t, rest.Resume(filepath.Join(dir, "last.safetensors")))
		run(rest)
		check(6)
	}
}

// A run that went on wrote what one that was not interrupted did, though the first
// wrote more after its checkpoint and was torn off.
func TestLogsOfAResumedRunAreThoseOfAWhole(t *testing.T) {
	files := map[string]func(path string) (Hook, error){
		"csv":   func(path string) (Hook, error) { return NewCSV(path) },
		"jsonl": func(path string) (Hook, error) { return NewJSONL(path, 1) },
	}
	for kind, open := range files {
		whole, torn, dir := filepath.Join(t.TempDir(), "whole"), filepath.Join(t.TempDir(), "torn"), t.TempDir()
		run := func(path string, r recipe, from string) {
			log, err := open(path)
			require.NoError(t, err)
			r.loud, r.hooks = true, []Hook{log, &Checkpoint{Dir: dir, Every: 4, Keep: true}}
			l := r.loop(t)
			if from != "" {
				require.NoError(t, l.Resume(from))
			}
			require.NoError(t, l.Run(t.Context()))
		}
		run(whole, recipe{steps: 9}, "")
		require.NoError(t, os.WriteFile(torn, []byte("of an older run\n"), 0o666))
		run(torn, recipe{steps: 7}, "")
		text := read(t, torn)
		require.NoError(t, os.WriteFile(torn, []byte(text[:len(text)-5]), 0o666))
		from := filepath.Join(dir, "step-4.safetensors")
		run(torn, recipe{steps: 9}, from)
		require.Equal(t, read(t, whole), read(t, torn), kind)
	}
}

// Lines that are missing before the step that a run goes on from are told.
func TestALogCutShortIsTold(t *testing.T) {
	for _, c := range []struct {
		name         string
		steps, every int
		cut          int // lines that are left
		step         int
		want         string
	}{
		{"nothing is missing", 7, 1, 7, 7, ""},
		{"two of seven", 7, 1, 5, 7, "it ends at step 5, and the run goes on after step 7: the lines between are lost"},
		{"all", 7, 1, 0, 7, "it ends at step 0"},
		{"not yet due", 28, 10, 3, 28, ""}, // steps 1, 10, 20 and the last
		{"every tenth", 40, 10, 3, 38, "it ends at step 20, and the run goes on after step 38"},
	} {
		for kind, suffix := range map[string]string{"jsonl": "", "csv": "step,epoch,a\n"} {
			if c.every > 1 && kind == "csv" {
				continue
			}
			path := filepath.Join(t.TempDir(), "log")
			var b bytes.Buffer
			var h Hook
			open := func() {
				if kind == "csv" {
					l, err := NewCSV(path)
					require.NoError(t, err)
					l.Out, h = &b, l
					return
				}
				l, err := NewJSONL(path, c.every)
				require.NoError(t, err)
				l.Out, h = &b, l
			}
			open()
			for k := range c.steps {
				require.NoError(t, h.Step(&Event{Step: k + 1, Train: []Metric{{"a", 1}}}))
			}
			require.NoError(t, h.(Finisher).Finish(nil, nil))
			lines := strings.SplitAfter(strings.TrimPrefix(read(t, path), suffix), "\n")
			require.NoError(t, os.WriteFile(path, []byte(suffix+strings.Join(lines[:c.cut], "")), 0o666))
			open()
			require.NoError(t, h.Step(&Event{Step: c.step + 1, Train: []Metric{{"a", 1}}}))
			require.NoError(t, h.(Finisher).Finish(nil, nil))
			if c.want == "" {
				require.Empty(t, b.String(), c.name)
			} else {
				require.Contains(t, b.String(), c.want, c.name)
				require.Equal(t, 1, strings.Count(b.String(), "\n"), "once")
			}
		}
	}
}

func TestAFileThatIsNoLogIsLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notes")
	require.NoError(t, os.WriteFile(path, []byte("my notes\nof today\n"), 0o666))
	_, err := ResumeCSV(path, 3)
	require.ErrorContains(t, err, "not that of a log")
	_, err = ResumeJSONL(path, 1, 3)
	require.ErrorContains(t, err, "not one of a log")
	log, err := NewCSV(path)
	require.NoError(t, err)
	require.ErrorContains(t, log.Step(&Event{Step: 4}), "not that of a log")
	require.NoError(t, log.Finish(nil, nil))
	require.Equal(t, "my notes\nof today\n", read(t, path))
}

// A metric that appears late has a column, empty before.
func TestCSVWidens(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	log, err := NewCSV(path)
	require.NoError(t, err)
	for k, ms := range [][]Metric{{{"a", 1}}, {{"a", 2}, {"b, c", 3}}, {{"b, c", 4}}, {{"d", math.NaN()}}} {
		require.NoError(t, log.Step(&Event{Step: k + 1, Train: ms}))
	}
	require.NoError(t, log.Finish(nil, nil))
	require.Equal(t, "step,epoch,a,\"b, c\",d\n1,0,1,,\n2,0,2,3,\n3,0,,4,\n4,0,,,NaN\n", read(t, path))
	require.ErrorContains(t, log.Step(&Event{Step: 5}), "it is closed")
}

// synced is a Syncer that notes what lay there when it was called.
type synced struct {
	dir   string
	seen  []int // the steps shown until then
	steps int
	files [][]string
}

func (s *synced) Step(*Event) error { s.steps++; return nil }

func (s *synced) Sync() error {
	s.seen = append(s.seen, s.steps)
	files, err := filepath.Glob(filepath.Join(s.dir, "step-*"))
	s.files = append(s.files, files)
	return err
}

func TestLogsAreSyncedBeforeEachCheckpoint(t *testing.T) {
	dir := t.TempDir()
	s := &synced{dir: dir}
	l := recipe{steps: 5, hooks: []Hook{&Checkpoint{Dir: dir, Every: 2, Keep: true}, s}}.loop(t)
	require.NoError(t, l.Run(t.Context()))
	require.Equal(t, []int{2, 2, 4, 4, 5}, s.seen)
	require.Empty(t, s.files[0], "before the file appears")
	require.Len(t, s.files[2], 1)
}

func TestAFullDiskUnderALogEndsTheRun(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		return
	}
	for _, open := range []func() (Hook, error){
		func() (Hook, error) { return NewCSV("/dev/full") },
		func() (Hook, error) { return NewJSONL("/dev/full", 1) },
	} {
		h, err := open()
		require.NoError(t, err)
		l := recipe{steps: 5, hooks: []Hook{h}}.loop(t)
		require.ErrorContains(t, l.Run(t.Context()), "no space left on device")
	}
}

// Seconds after a kill are those of the checkpoint's step: what was done after it is
// done again, and counted then.
func TestStopwatchAfterAKill(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "seconds.txt")
	run := func(ctx context.Context, from string, waits func(step int) time.Duration) *Stopwatch {
		w := NewStopwatch(path, from != "")
		wait := HookFunc(func(e *Event) error { time.Sleep(waits(e.Step)); return nil })
		l := recipe{steps: 6, hooks: []Hook{wait, w, &Checkpoint{Dir: dir, Every: 2, Keep: true}}}.loop(t)
		if from != "" {
			require.NoError(t, l.Resume(filepath.Join(dir, from)))
		}
		require.NoError(t, l.Run(ctx))
		return w
	}
	run(t.Context(), "", func(step int) time.Duration {
		return map[int]time.Duration{1: 300 * time.Millisecond, 5: time.Second}[step]
	})
	lines := strings.Fields(read(t, path))
	require.Equal(t, []string{"2", "4", "6"}, []string{lines[0], lines[2], lines[4]})
	w := run(t.Context(), "step-4.safetensors", func(int) time.Duration { return 0 })
	require.Greater(t, w.Seconds(), 0.29)
	require.Less(t, w.Seconds(), 1.0, "without the second of step 5, which was lost")
	require.Equal(t, w.Seconds(), NewStopwatch(path, true).Seconds())
	require.Zero(t, NewStopwatch(path, false).Seconds())
}
