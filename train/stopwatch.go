package train

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/atomicfile"
)

// Stopwatch is a Hook that adds up the seconds of training, over interruptions. It
// keeps them in a file of its own, so that the checkpoints of one seed are the same: a
// line "step seconds" for each of the last checkpoints. A run that goes on from a
// checkpoint goes on from its seconds, also if it was killed after it.
type Stopwatch struct {
	path    string
	seconds float64
	last    time.Time
	marks   []mark
	step    int  // the last one
	begun   bool // it was shown one
}

// A mark is the time until a step.
type mark struct {
	step    int
	seconds float64
}

// mostMarks is how many checkpoints a Stopwatch remembers.
const mostMarks = 64

var (
	_ Hook     = (*Stopwatch)(nil)
	_ Finisher = (*Stopwatch)(nil)
	_ Syncer   = (*Stopwatch)(nil)
)

// NewStopwatch returns a stopwatch that starts now and keeps its time at path. With
// resume it goes on from the time that is there, if there is any, at the step that the
// run goes on from.
func NewStopwatch(path string, resume bool) *Stopwatch {
	s := &Stopwatch{path: path, last: time.Now()}
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() || info.Size() > 1<<20 || !resume {
		return s
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return s
	}
	for _, line := range strings.Split(string(text), "\n") {
		words := strings.Fields(line)
		if len(words) == 1 { // an older file has seconds alone
			words = []string{"0", words[0]}
		}
		if len(words) != 2 {
			continue
		}
		step, err := strconv.Atoi(words[0])
		seconds, e := strconv.ParseFloat(words[1], 64)
		if err == nil && e == nil && seconds >= 0 && seconds-seconds == 0 {
			s.marks = append(s.marks, mark{step, seconds})
			s.seconds, s.step = seconds, step
		}
	}
	return s
}

// Seconds returns the time until the last step.
func (s *Stopwatch) Seconds() float64 {
	if s == nil {
		return 0
	}
	return s.seconds
}

// Step implements Hook.
func (s *Stopwatch) Step(e *Event) error {
	if s == nil {
		return errors.New("stopwatch: it is nil: make it with NewStopwatch")
	}
	if e == nil { // a step of something else than a Loop
		e = &Event{Step: s.step + 1}
	}
	if !s.begun {
		s.begun = true
		s.goOn(e.Step - 1)
	}
	now := time.Now()
	if s.last.IsZero() {
		s.last = now
	}
	s.seconds, s.last, s.step = s.seconds+now.Sub(s.last).Seconds(), now, e.Step
	return nil
}

// goOn takes the time until a step, and forgets what is later.
func (s *Stopwatch) goOn(step int) {
	s.seconds = 0
	for i, m := range s.marks {
		if m.step > step {
			s.marks = s.marks[:i]
			break
		}
		s.seconds = m.seconds
	}
}

// Sync implements Syncer: it writes the file.
func (s *Stopwatch) Sync() error {
	if s == nil || s.path == "" {
		return nil
	}
	if n := len(s.marks); n > 0 && s.marks[n-1].step == s.step {
		s.marks = s.marks[:n-1]
	}
	s.marks = append(s.marks, mark{s.step, s.seconds})
	s.marks = s.marks[max(0, len(s.marks)-mostMarks):]
	return atomicfile.Write(s.path, func(w io.Writer) error {
		for _, m := range s.marks {
			if _, err := fmt.Fprintln(w, m.step, m.seconds); err != nil {
				return errors.WithStack(err)
			}
		}
		return nil
	})
}

// Finish implements Finisher: it writes the file.
func (s *Stopwatch) Finish(*Event, error) error { return s.Sync() }
