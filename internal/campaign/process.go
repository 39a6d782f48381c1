package main

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/pkg/errors"
)

// A bench is a program that is tried, and what an undisturbed run of it gave.
type bench struct {
	subject
	ctx     context.Context
	dir     string // of all its runs
	binary  string
	moments *rand.Rand
	wanted  int // kills
	took    time.Duration
	want    run
}

func newMoments(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }

// at returns the folder of a run.
func (b *bench) at(name string) string { return filepath.Join(b.dir, name) }

// moment returns a random time of a run, in its first part, so that one run sees several.
func (b *bench) moment() time.Duration {
	return time.Duration(b.moments.Float64() * 0.6 * float64(b.took))
}

// A process is a run of a program.
type process struct {
	cmd    *exec.Cmd
	stderr bytes.Buffer
	begun  time.Time
	done   chan error
}

// start starts a run in a folder of that name.
func (b *bench) start(name string, more ...string) (*process, error) {
	return b.startAt(b.at(name), io.Discard, nil, more...)
}

// startAt starts a run in a folder; with nil for stderr that is kept.
func (b *bench) startAt(folder string, stdout, stderr io.Writer, more ...string) (*process, error) {
	args := append(append([]string{"-out", folder}, b.args...), more...)
	p := &process{cmd: exec.CommandContext(b.ctx, b.binary, args...), begun: time.Now(), done: make(chan error, 1)}
	p.cmd.Stdout, p.cmd.Stderr = stdout, stderr
	if stderr == nil {
		p.cmd.Stderr = &p.stderr
	}
	if err := p.cmd.Start(); err != nil {
		return nil, errors.WithStack(err)
	}
	go func() { p.done <- p.cmd.Wait() }()
	return p, nil
}

// ends waits for the process and reports an exit code other than that.
func (p *process) ends(code int) error {
	<-p.done
	return p.ended(code)
}

// ended reports an exit code other than that, of a process that has ended.
func (p *process) ended(code int) error {
	if got := p.cmd.ProcessState.ExitCode(); got != code {
		return errors.Errorf("exit code %d, want %d: %s", got, code, tail(p.stderr.String()))
	}
	return nil
}

// endsBefore waits for the process so long, and reports whether it has ended.
func (p *process) endsBefore(d time.Duration) bool {
	select {
	case err := <-p.done:
		p.done <- err
		return true
	case <-time.After(d):
		return false
	}
}

// signal sends a signal and waits. It reports whether the process was still there.
func (p *process) signal(s os.Signal) bool {
	there := p.cmd.Process.Signal(s) == nil
	<-p.done
	return there
}

// tail returns the last line of a text.
func tail(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

// waitFor waits until a file is there, for at most the time of some runs.
func (b *bench) waitFor(path string) error {
	for end := time.Now().Add(10*b.took + 10*time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if _, err := os.Stat(path); err == nil {
			return nil
		}
	}
	return errors.Errorf("%s never appears", filepath.Base(path))
}
