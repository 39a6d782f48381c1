package train

import (
	"fmt"
	"io"
	"time"
)

// Status says what a program is at, for work without steps to count: on a terminal
// in one line that is written over, elsewhere in lines, at most one every few
// seconds. See Progress for a training run.
type Status struct {
	Out io.Writer // os.Stderr; a terminal gets one line

	last time.Time
}

// statusEvery is the least time between two lines on what is no terminal.
const statusEvery = 2 * time.Second

// Show says it. What cannot be written is not shown: a program does not end for it.
func (s *Status) Show(text string) {
	if IsTerminal(s.Out) {
		fmt.Fprintf(s.Out, "\r%s\x1b[K", text)
		return
	}
	if now := time.Now(); now.Sub(s.last) >= statusEvery {
		s.last = now
		fmt.Fprintln(s.Out, text)
	}
}

// Clear takes the line away, for what is written next.
func (s *Status) Clear() {
	if IsTerminal(s.Out) {
		fmt.Fprint(s.Out, "\r\x1b[K")
	}
}
