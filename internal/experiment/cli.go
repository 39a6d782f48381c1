// Package experiment is the frame of the programs: the command line, the signals
// that end them, the device, the folder of -out, and how they end. docs/reliability.md
// says what a user can rely on.
package experiment

import (
	"context"
	stderrors "errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/rundir"
	"github.com/whitebox-nn/whitebox/train"
)

// Exit codes of a program. One that a signal stops ends with 128 and the number of the
// signal, as shells say it: 130 for Ctrl-C, 143 for SIGTERM, 129 for SIGHUP.
const (
	ok      = 0
	failed  = 1
	misused = 2 // the command line is wrong
	locked  = 3 // another run writes to the folder
)

// A Program is a command whose command line says a C.
type Program[C any] struct {
	Name    string
	Parse   func(args []string, w io.Writer) (C, error) // reports flag.ErrHelp after writing the help to w
	Run     func(ctx context.Context, settings C, out, progress io.Writer) error
	Stopped string // what to know when a signal has stopped it: "nothing was written"
}

// Main runs the program until it is done, or a signal cancels its context: Ctrl-C, SIGTERM or SIGHUP. It returns the
// exit code, without waiting for the program if there is a second signal. Output that cannot be written to out and
// progress is lost, and does not end the program.
func (p Program[C]) Main(args []string, out, progress io.Writer) int {
	signals := listen()
	defer func() { _ = signals.Close() }()
	table := &lasting{w: out}
	clear := "" // what a bar and an echoed ^C leave of the line
	if train.IsTerminal(progress) {
		clear = "\r\x1b[K"
	} else {
		progress = &lasting{w: progress}
	}
	settings, err := p.Parse(args, progress)
	if stderrors.Is(err, flag.ErrHelp) {
		return ok
	}
	if err != nil {
		fmt.Fprintf(progress, "%s: %v\n", p.Name, err)
		return misused
	}
	done := make(chan error, 1)
	go func() { done <- p.Run(signals, settings, table, progress) }()
	select {
	case err = <-done:
	case again := <-signals.again:
		fmt.Fprintf(progress, "%s%s: ended at once, by %s after %s\n", clear, p.Name, again.name,
			signals.first.Load().name)
		return again.code
	}
	fmt.Fprint(progress, clear)
	if err := table.failed(); err != nil {
		fmt.Fprintf(progress, "%s: the output could not be written: %v\n", p.Name, err)
	}
	return p.end(err, signals, progress)
}

// end says how the program ended, and returns the exit code.
func (p Program[C]) end(err error, signals *listener, progress io.Writer) int {
	if err == nil {
		return ok
	}
	fmt.Fprintf(progress, "%s: %v\n", p.Name, err)
	switch {
	case stderrors.Is(err, context.Canceled):
		by := stops()[os.Interrupt]
		if s := signals.first.Load(); s != nil {
			by = *s
		}
		fmt.Fprintf(progress, "%s: stopped by %s; %s\n", p.Name, by.name, p.Stopped)
		return by.code
	case stderrors.Is(err, rundir.ErrLocked):
		return locked
	}
	return failed
}

// Flags parses a command line that has no arguments beside flags.
func Flags(f *flag.FlagSet, args []string) error {
	if err := f.Parse(args); err != nil {
		return err
	}
	if f.NArg() > 0 {
		return errors.Errorf("argument %q, want only flags", f.Arg(0))
	}
	return nil
}

// Open opens the device that the flag -device names: nil for cpu.
func Open(device string) (*cuda.Device, error) {
	d, err := cuda.Choose(device)
	return d, errors.WithMessagef(err, "-device %s", device)
}

// Close closes what a function opened, when it returns: defer Close(x, &err).
func Close(c io.Closer, err *error) {
	if e := c.Close(); *err == nil {
		*err = e
	}
}
