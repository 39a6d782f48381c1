// Package lista runs the benchmark of learned sparse coding: ISTA, FISTA and AMP
// beside the networks that are unrolled from them, on one problem of recovering
// sparse codes from measurements.
package lista

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/experiment"
	"github.com/whitebox-nn/whitebox/nn"
)

// A config is what the flags say.
type config struct {
	M         int      `json:"m"`
	N         int      `json:"n"`
	Layers    int      `json:"layers"`
	SNR       float64  `json:"snr_db"` // 0 is no noise
	Condition float64  `json:"condition"`
	Methods   []string `json:"-"`
	Steps     int      `json:"steps"`
	Data      string   `json:"data"`
	LR        float64  `json:"lr"`
	Seed      uint64   `json:"seed"`
	Full      bool     `json:"full"`
	Untied    bool     `json:"untied"`
	Out       string   `json:"-"`
	Resume    bool     `json:"-"`
	Device    string   `json:"-"`

	options nn.Options // on the device
}

// Help is what -help says above the flags.
func Help() experiment.Help {
	return experiment.Help{
		Name: "lista",
		Does: "lista runs the benchmark of learned sparse coding: ISTA, FISTA and AMP beside the\n" +
			"networks that are unrolled from them, on one problem of recovering sparse codes.",
		Examples: []experiment.Example{
			{Flags: "-methods ista,fista,lista-cp -layers 8", For: "these methods alone, with 8 iterations or layers"},
			{Flags: "-snr 20", For: "with noise in the measurements"},
			{Flags: "-full", For: "the papers' size and protocol, which takes hours"},
			{Flags: "-resume", For: "go on with a run that was stopped"},
		},
	}
}

// Main runs the program with the arguments of a command line, and returns its exit code.
func Main(args []string, out, progress io.Writer) int {
	program := experiment.Program[config]{Name: "lista", Parse: parse, Run: run,
		Stopped: "the same command with -resume goes on from here"}
	return program.Main(args, out, progress)
}

// parse returns the settings of a command line.
func parse(args []string, w io.Writer) (config, error) {
	var cfg config
	f := experiment.NewFlags(Help(), w)
	f.IntVar(&cfg.M, "m", 0, "`measurements` of a sample; 0 is 50, with -full 250")
	f.IntVar(&cfg.N, "n", 0, "`atoms` of the dictionary; 0 is 100, with -full 500")
	f.IntVar(&cfg.Layers, "layers", 16, "`iterations`, and layers of the networks")
	snr := f.String("snr", "inf", "signal-to-noise ratio of the measurements, in `dB`, or inf for no noise")
	f.Float64Var(&cfg.Condition, "condition", 0, "condition `number` of the dictionary; 0 leaves it as it is drawn")
	names := f.String("methods", "", "comma-separated `names`; empty is all: "+strings.Join(methodNames(), ","))
	f.IntVar(&cfg.Steps, "steps", 0,
		"training `steps` of each network, with -full of each stage at most; 0 is the method's, with -full 200000")
	f.Float64Var(&cfg.LR, "lr", 0, "learning `rate` of Adam at first; 0 is the method's, with -full 5e-4")
	f.StringVar(&cfg.Data, "data", "generated", "`generated`: fresh samples at every step, from the seed")
	f.Uint64Var(&cfg.Seed, "seed", 1, "of the dictionary and all samples")
	f.StringVar(&cfg.Out, "out", "runs/lista", "`directory` for all that is written")
	f.BoolVar(&cfg.Full, "full", false, "the papers' size and protocol: 250×500, layer by layer; takes hours")
	f.BoolVar(&cfg.Untied, "untied", false, "a weight for each layer of LISTA-CPSS, which shares one")
	f.BoolVar(&cfg.Resume, "resume", false, "go on from the checkpoints in -out")
	f.StringVar(&cfg.Device, "device", "cpu", "where networks train: `cpu`, cuda or cuda:i")
	if err := experiment.Flags(f, args); err != nil {
		return cfg, err
	}
	if *snr != "inf" {
		v, err := strconv.ParseFloat(*snr, 64)
		if err != nil || v-v != 0 || v == 0 {
			return cfg, errors.Errorf("-snr %q, want decibels other than 0, or inf", *snr)
		}
		cfg.SNR = v
	}
	cfg.Methods = strings.FieldsFunc(*names, func(r rune) bool { return r == ',' || r == ' ' })
	return cfg.checked()
}

// run does what the command is for: every method, and the report.
func run(ctx context.Context, cfg config, out, progress io.Writer) (err error) {
	device, err := experiment.Open(cfg.Device)
	if err != nil {
		return err
	}
	defer experiment.Close(device, &err)
	cfg.options = nn.Options{Device: device}
	folder, err := experiment.OpenFolder(cfg.Out, progress)
	if err != nil {
		return err
	}
	defer experiment.Close(folder, &err)
	p, err := newProblem(cfg)
	if err != nil {
		return err
	}
	if err := folder.Begin(cfg.beginning()); err != nil {
		return err
	}
	var results []*result
	for _, m := range cfg.chosen() {
		r, err := p.result(ctx, m, progress)
		if err != nil {
			return errors.WithMessage(err, m.name)
		}
		results = append(results, r)
	}
	if err := writeReport(cfg, p, results); err != nil {
		return err
	}
	if err := printTable(out, cfg, results); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "\nThe report is %s\n", filepath.Join(cfg.Out, "report.html"))
	return err
}
