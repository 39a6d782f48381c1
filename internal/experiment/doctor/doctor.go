// Package doctor says what whitebox finds on this machine to compute with, what is
// missing, and what to do about it.
package doctor

import (
	"context"
	stderrors "errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/experiment"
	"github.com/whitebox-nn/whitebox/nn/backend"
	"github.com/whitebox-nn/whitebox/openblas"
)

// Help is what -help says above the flags.
func Help() experiment.Help {
	return experiment.Help{
		Name: "doctor",
		Does: "doctor says what whitebox finds on this machine to compute with, what is missing, and\n" +
			"what to do about it.",
	}
}

// Main runs the program, and returns its exit code.
func Main(args []string, out, progress io.Writer) int {
	program := experiment.Program[struct{}]{
		Name: "doctor", Parse: parse, Stopped: "nothing was written",
		Run: func(_ context.Context, _ struct{}, out, _ io.Writer) error { return examine(out) },
	}
	return program.Main(args, out, progress)
}

// parse reads a command line that has no flags.
func parse(args []string, w io.Writer) (struct{}, error) {
	f := experiment.NewFlags(Help(), w)
	return struct{}{}, experiment.Flags(f, args)
}

// examine writes what is there, line by line.
func examine(w io.Writer) error {
	p := &page{w: w}
	p.line("Go", "%s, %s/%s, %d cores in use", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.GOMAXPROCS(0))
	p.line("tags", "%s", tags())
	p.cpu()
	p.blas()
	p.gpus()
	return p.err
}

// A page is what is written, until the first error.
type page struct {
	w   io.Writer
	err error
}

func (p *page) line(what, format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, "%-12s"+format+"\n", append([]any{what}, args...)...)
	}
}

// advice says what to do about the line above.
func (p *page) advice(format string, args ...any) { p.line("", "→ "+format, args...) }

// tags returns the build tags of this binary.
func tags() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "-tags" {
			return s.Value
		}
	}
	return "none"
}

func (p *page) cpu() {
	p.line("processor", "%s", backend.Kernels())
}

func (p *page) blas() {
	lib, err := openblas.Open("")
	if err != nil {
		p.line("OpenBLAS", "not found: %v", err)
		p.advice("it is not needed; our own products are used")
		return
	}
	p.line("OpenBLAS", "%s, %s", lib.Path(), lib.Config())
	p.advice("our own products are used unless a program asks for it")
}

func (p *page) gpus() {
	devices, err := cuda.Devices()
	if err != nil {
		p.line("GPU", "none to compute on: %v", err)
		p.advice("everything runs on the CPU; docs/cuda.md has more on each message")
		return
	}
	first := devices[0]
	p.line("driver", "for CUDA %d.%d, %s", first.Driver[0], first.Driver[1], first.Library)
	for _, d := range devices {
		p.line(fmt.Sprintf("cuda:%d", d.Index), "%s, compute capability %d.%d, %d multiprocessors, %.1f GiB", d.Name,
			d.Compute[0], d.Compute[1], d.Multiple, float64(d.Memory)/(1<<30))
		p.device(d.Index)
	}
}

// device opens a device and its libraries.
func (p *page) device(i int) {
	d, err := cuda.Open(i)
	if err != nil {
		p.line("", "cannot be used: %v", err)
		return
	}
	libraries, err := d.Libraries()
	for _, l := range libraries {
		if l.Err == nil {
			p.line("", "%s is there", l.Name)
			continue
		}
		p.line("", "%s is missing, which is for %s: %v", l.Name, l.Use, l.Err)
	}
	if err == nil {
		var free, total int64
		if free, total, err = d.Memory(); err == nil {
			p.line("", "%.1f of %.1f GiB are free", float64(free)/(1<<30), float64(total)/(1<<30))
			err = p.try(d)
		}
	}
	if err := stderrors.Join(err, d.Close()); err != nil {
		p.line("", "does not answer: %v", err)
	}
}
