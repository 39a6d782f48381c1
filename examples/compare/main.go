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
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/examples/internal/cli"
)

func main() {
	program := cli.Program[config]{Name: "compare", Parse: parse, Run: compare, Stopped: "the same command with -resume goes on from here"}
	os.Exit(program.Main(os.Args[1:], os.Stdout, os.Stderr))
}

// compare does what the command is for: both runs, and the report.
func compare(ctx context.Context, cfg config, out, progress io.Writer) (err error) {
	if cfg.on, err = cli.Open(cfg.Device); err != nil {
		return err
	}
	defer cli.Close(cfg.on, &err)
	folder, err := cli.OpenFolder(cfg.Out, progress)
	if err != nil {
		return err
	}
	defer cli.Close(folder, &err)
	train, test, err := load(ctx, &cfg, progress)
	if err != nil {
		return err
	}
	if err := folder.Begin(cfg.beginning()); err != nil {
		return err
	}
	if err := saveInitial(cfg, train); err != nil {
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
