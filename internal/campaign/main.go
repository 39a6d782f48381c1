// Command campaign disturbs runs of the example programs in every way that machines do, and checks that the results
// are those of an undisturbed run.
//
//	go run ./internal/campaign [-seed 1] [-kills 20] [-programs compare,lista,redunet]
//
// For each program it does a run undisturbed. Then it kills others at random moments,
// ends them by SIGTERM, fills the disk under them, makes their folder read-only, starts
// two in one folder, takes the reader of their output away, and starts again where a run
// lies. What was stopped goes on with -resume. Each run that ends must have the same
// weights, results and figures, to the bit but for seconds; no file may be broken at any
// moment, and nothing may be left that is not a result. It prints a table, for
// docs/reliability.md, and ends with 1 if anything is not so.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/pkg/errors"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := campaign(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "campaign:", err)
		os.Exit(1)
	}
}

// A subject is a program, with the settings of a run of a few seconds.
type subject struct {
	name string
	args []string
}

func subjects() []subject {
	return []subject{
		{"compare", []string{"-epochs", "12", "-dim", "32", "-batch", "360"}},
		{"lista", []string{"-m", "20", "-n", "40", "-layers", "6", "-steps", "500", "-methods", "FISTA,LISTA,ALISTA"}},
		{"redunet", []string{"-preset", "digits-vector", "-samples", "50", "-layers", "60"}},
	}
}

// trials lists what is done to each program.
func trials() []trial {
	return []trial{
		{"kill −9 at random moments", (*bench).kills},
		{"SIGTERM", (*bench).terms},
		{"full disk", (*bench).fullDisk},
		{"read-only folder", (*bench).readOnly},
		{"two writers", (*bench).twoWriters},
		{"nobody reads the output", (*bench).noReader},
		{"a run where another lies", (*bench).again},
	}
}

// A trial does something to a program and says what it has seen.
type trial struct {
	name string
	do   func(*bench) (seen string, err error)
}

// campaign does what the command is for.
func campaign(ctx context.Context, args []string, out io.Writer) (err error) {
	f := flag.NewFlagSet("campaign", flag.ContinueOnError)
	seed := f.Uint64("seed", 1, "of the moments")
	kills := f.Int("kills", 20, "`kills` of each program")
	only := f.String("programs", "", "comma-separated `names`; empty is all")
	if err := f.Parse(args); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "campaign-")
	if err != nil {
		return errors.WithStack(err)
	}
	defer os.RemoveAll(dir)
	var benches []*bench
	for _, s := range subjects() {
		if *only != "" && !strings.Contains(","+*only+",", ","+s.name+",") {
			continue
		}
		b, err := prepare(ctx, s, filepath.Join(dir, s.name), *seed, *kills)
		if err != nil {
			return errors.WithMessage(err, s.name)
		}
		benches = append(benches, b)
	}
	return report(out, benches)
}

// report does all trials with all programs, and prints what they saw as a table.
func report(out io.Writer, benches []*bench) error {
	t := tabwriter.NewWriter(out, 0, 0, 1, ' ', 0)
	head, line, took := "|", "|---", "| undisturbed run"
	for _, b := range benches {
		head, line, took = head+"\t| "+b.name, line+"\t|---", took+fmt.Sprintf("\t| %.1f s, %d files", b.took.Seconds(),
			len(b.want.files))
	}
	fmt.Fprintf(t, "%s\t|\n%s\t|\n%s\t|\n", head, line, took)
	failed := 0
	for _, tr := range trials() {
		fmt.Fprintf(t, "| %s", tr.name)
		for _, b := range benches {
			begun := time.Now()
			seen, err := tr.do(b)
			if err != nil {
				failed++
				seen = "FAILED: " + strings.ReplaceAll(err.Error(), "\n", " ")
			}
			fmt.Fprintf(t, "\t| %s", seen)
			fmt.Fprintf(os.Stderr, "%s, %s: %s (%.0f s)\n", b.name, tr.name, seen, time.Since(begun).Seconds())
		}
		fmt.Fprint(t, "\t|\n")
	}
	if err := t.Flush(); err != nil {
		return errors.WithStack(err)
	}
	if failed > 0 {
		return errors.Errorf("%d trials failed", failed)
	}
	return nil
}

// prepare builds a program and does the run that others are compared with.
func prepare(ctx context.Context, s subject, dir string, seed uint64, kills int) (*bench, error) {
	b := &bench{subject: s, ctx: ctx, dir: dir, binary: filepath.Join(dir, "bin", s.name), moments: newMoments(seed),
		wanted: kills}
	build := exec.CommandContext(ctx, "go", "build", "-o", b.binary, "./examples/"+s.name)
	if text, err := build.CombinedOutput(); err != nil {
		return nil, errors.Errorf("go build: %v\n%s", err, text)
	}
	begun := time.Now()
	p, err := b.start("undisturbed")
	if err != nil {
		return nil, err
	}
	if err := p.ends(0); err != nil {
		return nil, err
	}
	b.took = time.Since(begun)
	if b.want, err = readRun(b.at("undisturbed")); err != nil {
		return nil, err
	}
	return b, b.checkLeft("undisturbed")
}
