// Package cli is the frame of the example programs: the command line, Ctrl-C,
// the device, and how they end.
package cli

import (
	"context"
	stderrors "errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/cuda"
)

// Exit codes of a program.
const (
	ok      = 0
	failed  = 1
	misused = 2   // the command line is wrong
	stopped = 130 // by Ctrl-C, as shells say it
)

// A Program is a command whose command line says a C.
type Program[C any] struct {
	Name    string
	Parse   func(args []string, w io.Writer) (C, error) // reports flag.ErrHelp after writing the help to w
	Run     func(ctx context.Context, settings C, out, progress io.Writer) error
	Stopped string // what to know when Ctrl-C has stopped it: "nothing was written"
}

// Main runs the program until it is done or Ctrl-C cancels its context, and returns
// the exit code. A second Ctrl-C ends the process.
func (p Program[C]) Main(args []string, out, progress io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop)
	settings, err := p.Parse(args, progress)
	if stderrors.Is(err, flag.ErrHelp) {
		return ok
	}
	if err != nil {
		fmt.Fprintf(progress, "%s: %v\n", p.Name, err)
		return misused
	}
	err = p.Run(ctx, settings, out, progress)
	if err == nil {
		return ok
	}
	fmt.Fprintf(progress, "%s: %v\n", p.Name, err)
	if stderrors.Is(err, context.Canceled) {
		fmt.Fprintf(progress, "%s: stopped; %s\n", p.Name, p.Stopped)
		return stopped
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
