// Command compare trains one encoder twice, under MCR² and under cross-entropy,
// with the same initial values and the same batches, and compares what comes out.
//
//	go run ./examples/compare
//
// trains on the embedded digits and writes report.html, its figures,
// summary.json, and the logs and checkpoints of both runs to runs/compare. Run
// it with -help for the rest: other data and encoders, wrong labels, going on
// after Ctrl-C. With -preset cifar10 it repeats Experiment I of the tutorial, which
// takes weeks on two cores; with -preset mnist it trains a residual network for one
// epoch.
package main

import (
	"context"
	stderrors "errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/cuda"
)

func main() {
	cfg, err := parse(os.Args[1:], os.Stderr)
	if err == flag.ErrHelp {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process
	err = compare(ctx, cfg, os.Stdout, os.Stderr)
	if stderrors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "compare:", err, "\ncompare: stopped; the same command with -resume goes on from here")
		os.Exit(130)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

// compare does what the command is for: both runs, and the report.
func compare(ctx context.Context, cfg config, out, progress io.Writer) (err error) {
	if cfg.on, err = cuda.Choose(cfg.Device); err != nil {
		return errors.WithMessagef(err, "-device %s", cfg.Device)
	}
	defer closing(cfg.on, &err)
	train, test, err := load(ctx, &cfg, progress)
	if err != nil {
		return err
	}
	if err := cfg.settle(); err != nil {
		return err
	}
	results := make([]*result, 0, 2)
	for _, o := range objectives(cfg) {
		r, err := o.run(ctx, cfg, train, test, progress)
		if err != nil {
			return errors.WithMessage(err, o.name)
		}
		results = append(results, r)
	}
	if err := robustness(ctx, cfg, train, test, results, progress); err != nil {
		return err
	}
	if err := writeReport(cfg, results); err != nil {
		return err
	}
	if err := printTable(out, cfg, results); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "\nThe report is %s\n", filepath.Join(cfg.Out, "report.html"))
	return err
}
