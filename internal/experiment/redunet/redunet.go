// Package redunet constructs a ReduNet from labelled data, without
// back-propagation, and measures what its features are good for.
package redunet

import (
	"context"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/experiment"
)

// A config is what the flags say.
type config struct {
	settings
	Preset   string `json:"preset"`
	Dir      string `json:"-"`
	Download bool   `json:"-"`
	Finetune int    `json:"finetune,omitempty"`
	Seed     uint64 `json:"seed"`
	Out      string `json:"-"`
	Resume   bool   `json:"-"`
	Device   string `json:"-"`

	on *cuda.Device // that Device names; nil is the host
}

// Help is what -help says above the flags.
func Help() experiment.Help {
	return experiment.Help{
		Name: "redunet",
		Does: "redunet constructs a ReduNet from labelled data, without back-propagation, and measures\n" +
			"what its features are good for.",
		Examples: []experiment.Example{
			{Flags: "-preset gaussian3d", For: "three Gaussians in three dimensions"},
			{Flags: "-data iris", For: "Fisher's iris flowers, which are embedded"},
			{Flags: "-preset mnist-rotation", For: "the paper's experiment on rotated digits; wants MNIST"},
		},
	}
}

// Main runs the program with the arguments of a command line, and returns its exit code.
func Main(args []string, out, progress io.Writer) int {
	program := experiment.Program[config]{Name: "redunet", Parse: parse, Run: redunetOf,
		Stopped: "the same command with -resume goes on from here"}
	return program.Main(args, out, progress)
}

// parse returns the settings of a command line: those of the preset, but for the
// flags that are given.
func parse(args []string, w io.Writer) (config, error) {
	cfg := config{}
	var given settings
	f := experiment.NewFlags(Help(), w)
	f.StringVar(&cfg.Preset, "preset", "", "`name` of a preset: "+strings.Join(presetNames(), ", "))
	f.StringVar(&given.Data, "data", "", "gaussians, iris, mnist or `digits`: the preset for them, if none is named")
	f.StringVar(&cfg.Dir, "dir", "", "`directory` where MNIST lies; empty is the user's cache")
	f.BoolVar(&cfg.Download, "download", false, "fetch MNIST if it is not there")
	f.IntVar(&given.Layers, "layers", 0, "`layers`, each a step of gradient ascent")
	f.Float64Var(&given.Eta, "eta", 0, "η, the `step`")
	f.Float64Var(&given.Eps2, "eps2", 0, "ε² of the coding rates")
	f.Float64Var(&given.Lambda, "lambda", 0, "λ of the estimated memberships")
	f.IntVar(&given.Channels, "channels", 0, "`channels` that images are lifted to by random filters")
	f.IntVar(&given.Kernel, "kernel", 0, "`side` of the filters")
	f.IntVar(&given.Samples, "samples", 0, "training `samples` of a class")
	f.IntVar(&cfg.Finetune, "finetune", 0,
		"`steps` of back-propagation after the construction, and from random values to compare")
	f.Uint64Var(&cfg.Seed, "seed", 1, "of data, filters and initial values")
	f.StringVar(&cfg.Out, "out", "runs/redunet", "`directory` for all that is written")
	f.BoolVar(&cfg.Resume, "resume", false, "go on with the layers that are in -out")
	f.StringVar(&cfg.Device, "device", "cpu", "`cpu`, cuda or cuda:i: where it runs")
	if err := experiment.Flags(f, args); err != nil {
		return cfg, err
	}
	if err := cfg.choose(given.Data); err != nil {
		return cfg, err
	}
	var err error
	f.Visit(func(set *flag.Flag) {
		if e := cfg.override(set.Name, given); err == nil {
			err = e
		}
	})
	if err != nil {
		return cfg, err
	}
	return cfg, cfg.check()
}

// redunetOf does what the command is for.
func redunetOf(ctx context.Context, cfg config, out, progress io.Writer) (err error) {
	if cfg.on, err = experiment.Open(cfg.Device); err != nil {
		return err
	}
	defer experiment.Close(cfg.on, &err)
	folder, err := experiment.OpenFolder(cfg.Out, progress)
	if err != nil {
		return err
	}
	defer experiment.Close(folder, &err)
	sets, err := load(ctx, cfg)
	if err != nil {
		return err
	}
	if err := cfg.checkNetwork(sets.train); err != nil {
		return err
	}
	if err := folder.Begin(experiment.Beginning{Settings: cfg, Resume: cfg.Resume,
		Stages: []string{netName, resultName}}); err != nil {
		return err
	}
	r, err := construct(ctx, cfg, sets, progress)
	if err != nil {
		return err
	}
	if err := r.evaluate(ctx, progress); err != nil {
		return err
	}
	if err := r.measure(ctx); err != nil {
		return err
	}
	if cfg.Finetune > 0 {
		if err := r.finetune(ctx, progress); err != nil {
			return errors.WithMessage(err, "-finetune")
		}
	}
	if err := r.write(); err != nil {
		return err
	}
	if err := r.print(out); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "\nThe report is %s\n", filepath.Join(cfg.Out, "report.html"))
	return err
}
