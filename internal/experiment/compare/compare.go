// Package compare trains one encoder twice, under MCR² and under cross-entropy, with the same initial values and the
// same batches, and compares the results.
package compare

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/experiment"
)

// Help is what -help says above the flags.
func Help() experiment.Help {
	return experiment.Help{
		Name: "compare",
		Does: "compare trains one encoder twice, under MCR² and under cross-entropy, with the same\n" +
			"initial values and the same batches, and compares what comes out.",
		Examples: []experiment.Example{
			{Flags: "-epochs 20 -out runs/short", For: "a shorter run, in a folder of its own"},
			{Flags: "-noises 0.2,0.5,0.7",
				For: "also a table of the test accuracy with that share of wrong training labels"},
			{Flags: "-preset mnist -download",
				For: "one epoch of a residual network on MNIST, fetched if it is not there"},
			{Flags: "-data wine.csv -label vineyard", For: "a table of your own, of which a fifth is the test set"},
			{Flags: "-data pets/train -test-data pets/test -size 32 -model resnet10",
				For: "folders of images, a class a folder"},
			{Flags: "-data x.npy,y.npy", For: "arrays of NumPy"},
			{Flags: "-resume", For: "go on with a run that was stopped"},
			{Flags: "-device cuda", For: "train on a GPU, in a build with -tags whitebox_cuda"},
		},
	}
}

// Main runs the program with the arguments of a command line, and returns its exit code.
func Main(args []string, out, progress io.Writer) int {
	program := experiment.Program[config]{Name: "compare", Parse: parse, Run: compare,
		Stopped: "the same command with -resume goes on from here"}
	return program.Main(args, out, progress)
}

// compare does what the command is for: both runs, and the report.
func compare(ctx context.Context, cfg config, out, progress io.Writer) (err error) {
	if cfg.on, err = experiment.Open(cfg.Device); err != nil {
		return err
	}
	defer experiment.Close(cfg.on, &err)
	folder, err := experiment.OpenFolder(cfg.Out, progress)
	if err != nil {
		return err
	}
	defer experiment.Close(folder, &err)
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
