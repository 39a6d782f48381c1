package train

import (
	"fmt"
	"io"
	"time"

	"github.com/whitebox-nn/whitebox/internal/tell"
)

// Status says what a program is at, for work without steps to count: on a terminal
// in one line that is written over, elsewhere in lines, at most one every few
// seconds. See Progress for a training run.
type Status struct {
	Out io.Writer // nil is os.Stderr; a terminal gets one line

	last time.Time
}

// statusEvery is the least time between two lines on what is no terminal.
const statusEvery = 2 * time.Second

// Show says it. What cannot be written is not shown: a program does not end for it.
func (s *Status) Show(text string) {
	if s == nil {
		s = &Status{}
	}
	out := tell.Writer{W: s.Out}
	if IsTerminal(tell.To(s.Out)) {
		fmt.Fprintf(out, "\r%s\x1b[K", text)
		return
	}
	if now := time.Now(); now.Sub(s.last) >= statusEvery {
		s.last = now
		fmt.Fprintln(out, text)
	}
}

// Clear takes the line away, for what is written next.
func (s *Status) Clear() {
	if s == nil {
		return
	}
	if IsTerminal(tell.To(s.Out)) {
		fmt.Fprint(tell.Writer{W: s.Out}, "\r\x1b[K")
	}
}
