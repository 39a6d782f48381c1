// Command compare trains one encoder twice, under MCR² and under cross-entropy,
// with the same initial values and the same batches, and compares what comes out.
//
//	go run ./examples/compare
//
// trains on the embedded digits and writes report.html, its figures,
// summary.json, and the logs and checkpoints of both runs to runs/compare. Run
// it with -help for the rest: other data, wrong labels, going on after Ctrl-C.
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
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/cuda"
)

// A config is what the flags say.
type config struct {
	Data     string    `json:"data"`
	Dir      string    `json:"-"`
	Download bool      `json:"-"`
	Model    string    `json:"model"`
	Dim      int       `json:"dim"`
	Epochs   int       `json:"epochs"`
	Batch    int       `json:"batch"`
	LR       float64   `json:"lr"`
	Eps2     float64   `json:"eps2"`
	Gamma1   float64   `json:"gamma1"`
	Gamma2   float64   `json:"gamma2"`
	Noise    float64   `json:"noise"`
	Noises   []float64 `json:"-"`
	Seed     uint64    `json:"seed"`
	Out      string    `json:"-"`
	Resume   bool      `json:"-"`
	Device   string    `json:"-"`
}

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

// parse returns the settings of a command line.
func parse(args []string, w io.Writer) (config, error) {
	var cfg config
	f := flag.NewFlagSet("compare", flag.ContinueOnError)
	f.SetOutput(w)
	f.StringVar(&cfg.Data, "data", "digits", "`digits`, which are embedded, or mnist")
	f.StringVar(&cfg.Dir, "dir", "", "`directory` where MNIST lies; empty is the user's cache")
	f.BoolVar(&cfg.Download, "download", false, "fetch MNIST if it is not there")
	f.StringVar(&cfg.Model, "model", "mlp", "the encoder: `mlp`")
	f.IntVar(&cfg.Dim, "dim", 128, "`features` of a sample")
	f.IntVar(&cfg.Epochs, "epochs", 0, "`passes` over the data; 0 is 100 for the digits, 10 for MNIST")
	f.IntVar(&cfg.Batch, "batch", 0, "`samples` of a batch; 0 is 719 for the digits, 1000 for MNIST")
	f.Float64Var(&cfg.LR, "lr", 0.001, "learning `rate` of Adam at first; it falls as a cosine")
	f.Float64Var(&cfg.Eps2, "eps2", 0.5, "ε² of the coding rates")
	f.Float64Var(&cfg.Gamma1, "gamma1", 1, "γ₁ of MCR²: scales α in the expansion")
	f.Float64Var(&cfg.Gamma2, "gamma2", 1, "γ₂ of MCR²: the weight of the expansion")
	f.Float64Var(&cfg.Noise, "noise", 0, "`share` of training labels to replace by random classes")
	noises := f.String("noises", "", "comma-separated `shares`: also make a table of test accuracy by noise")
	f.Uint64Var(&cfg.Seed, "seed", 1, "of initial values, batches and noise")
	f.StringVar(&cfg.Out, "out", "runs/compare", "`directory` for all that is written")
	f.BoolVar(&cfg.Resume, "resume", false, "go on from the checkpoints in -out")
	f.StringVar(&cfg.Device, "device", "cpu", "`cpu` or cuda")
	if err := f.Parse(args); err != nil {
		return cfg, err
	}
	if f.NArg() > 0 {
		return cfg, errors.Errorf("argument %q, want only flags", f.Arg(0))
	}
	for _, s := range strings.FieldsFunc(*noises, func(r rune) bool { return r == ',' }) {
		v, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
		if err != nil {
			return cfg, errors.Wrap(err, "-noises")
		}
		cfg.Noises = append(cfg.Noises, v)
	}
	return cfg, cfg.check()
}

// compare does what the command is for: both runs, and the report.
func compare(ctx context.Context, cfg config, out, progress io.Writer) error {
	if cfg.Device == "cuda" {
		if err := cuda.Check(); err != nil {
			return errors.WithMessage(err, "-device cuda")
		}
	}
	train, test, err := load(ctx, &cfg)
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
