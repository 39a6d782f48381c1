//go:build linux

package train_test

import (
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/whitebox-nn/whitebox/train"
)

// terminal returns both ends of a new terminal of 80 columns: what the user types and
// sees, and what a program reads and writes.
func terminal(t *testing.T) (user, program *os.File) {
	t.Helper()
	user, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	require.NoError(t, err)
	require.NoError(t, unix.IoctlSetPointerInt(int(user.Fd()), unix.TIOCSPTLCK, 0))
	n, err := unix.IoctlGetInt(int(user.Fd()), unix.TIOCGPTN)
	require.NoError(t, err)
	program, err = os.OpenFile(fmt.Sprint("/dev/pts/", n), os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	require.NoError(t, unix.IoctlSetWinsize(int(user.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 80}))
	t.Cleanup(func() { user.Close() })
	return user, program
}

// screen returns the lines that a terminal shows after a text: of its controls, those
// that bars use.
func screen(text string) (lines []string) {
	rows, row, col := [][]rune{nil}, 0, 0
	for len(text) > 0 {
		var up int
		switch {
		case strings.HasPrefix(text, "\x1b[J"):
			rows[row] = rows[row][:min(col, len(rows[row]))]
			rows, text = rows[:row+1], text[3:]
			continue
		case strings.HasPrefix(text, "\x1b["):
			if n, _ := fmt.Sscanf(text, "\x1b[%dA", &up); n == 1 {
				row = max(0, row-up)
				text = text[strings.IndexByte(text, 'A')+1:]
				continue
			}
		}
		r := []rune(text)[0]
		text = text[len(string(r)):]
		switch r {
		case '\r':
			col = 0
		case '\n':
			row++
		default:
			for len(rows[row]) <= col {
				rows[row] = append(rows[row], ' ')
			}
			rows[row][col], col = r, col+1
		}
		for len(rows) <= row {
			rows = append(rows, nil)
		}
	}
	for _, r := range rows {
		lines = append(lines, string(r))
	}
	return lines
}

// TestAnEchoedCtrlCLeavesTheBarWhole types Ctrl-C, which the terminal echoes as ^C, before
// the last time that the bar is drawn.
func TestAnEchoedCtrlCLeavesTheBarWhole(t *testing.T) {
	user, program := terminal(t)
	shown := make(chan string)
	go func() {
		text, _ := io.ReadAll(user) // ends with an error when the program has closed its end
		shown <- string(text)
	}()
	p := &train.Progress{Out: program, Name: "mcr2"}
	loop := &train.Loop{Steps: 200}
	for step := 1; step <= 60; step++ {
		require.NoError(t, p.Step(&train.Event{Loop: loop, Step: step,
			Train: []train.Metric{{Name: "loss", Value: 1}}}))
		if step == 59 {
			time.Sleep(400 * time.Millisecond) // the bar is drawn
			_, err := user.Write([]byte{3})
			require.NoError(t, err)
		}
	}
	require.NoError(t, p.Finish(nil, nil))
	require.NoError(t, program.Close())
	text := <-shown
	require.Contains(t, text, "^C")
	lines := screen(text)
	require.Regexp(t, `^mcr2 +(59|60)/200 \[`, lines[0])
	require.Contains(t, []string{"", "^C"}, strings.Join(lines[1:], "\n"),
		"and the echo, where the bar was not drawn again after it")
}
