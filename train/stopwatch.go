package train

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/whitebox-nn/whitebox/internal/atomicfile"
)

// Stopwatch is a Hook that adds up the seconds of training, over interruptions. It
// keeps them in a file of its own, so that the checkpoints of one seed are the same.
type Stopwatch struct {
	path    string
	seconds float64
	last    time.Time
}

var (
	_ Hook     = (*Stopwatch)(nil)
	_ Finisher = (*Stopwatch)(nil)
)

// NewStopwatch returns a stopwatch that starts now and keeps its time at path. With
// resume it goes on from the time that is there, if there is any.
func NewStopwatch(path string, resume bool) *Stopwatch {
	s := &Stopwatch{path: path, last: time.Now()}
	text, err := os.ReadFile(path)
	if err != nil || !resume {
		return s
	}
	if seconds, err := strconv.ParseFloat(strings.TrimSpace(string(text)), 64); err == nil {
		s.seconds = seconds
	}
	return s
}

// Seconds returns the time until the last step.
func (s *Stopwatch) Seconds() float64 { return s.seconds }

// Step implements Hook.
func (s *Stopwatch) Step(*Event) error {
	now := time.Now()
	s.seconds, s.last = s.seconds+now.Sub(s.last).Seconds(), now
	return nil
}

// Finish implements Finisher: it writes the file.
func (s *Stopwatch) Finish(*Event, error) error {
	return atomicfile.Write(s.path, func(w io.Writer) error {
		_, err := fmt.Fprintln(w, s.seconds)
		return err
	})
}
