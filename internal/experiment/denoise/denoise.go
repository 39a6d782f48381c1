// Package denoise learns a dictionary of image patches, takes noise out of images
// with it, and recovers images from fewer measurements than they have pixels.
package denoise

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/experiment"
	"github.com/whitebox-nn/whitebox/nn"
)

// A config is what the flags say.
type config struct {
	Data     string  `json:"data"`
	Dir      string  `json:"-"`
	Download bool    `json:"-"`
	Method   string  `json:"method"`
	Sigma    float64 `json:"sigma"`
	Atoms    int     `json:"atoms"`
	Patch    int     `json:"patch"`
	Lambda   float64 `json:"lambda"`
	Sparsity int     `json:"sparsity"`
	Iters    int     `json:"iters"`
	Images   int     `json:"images"`
	Rate     float64 `json:"rate"`
	Layers   int     `json:"layers"`
	Steps    int     `json:"steps"`
	Device   string  `json:"-"`
	Seed     uint64  `json:"seed"`
	Out      string  `json:"-"`
}

// Help is what -help says above the flags.
func Help() experiment.Help {
	return experiment.Help{
		Name: "denoise",
		Does: "denoise learns a dictionary of image patches, takes noise out of images with it, and\n" +
			"recovers images from fewer measurements than they have pixels.",
		Examples: []experiment.Example{
			{Flags: "-method mod -sigma 0.1",
				For: "learn by the method of optimal directions, from images with less noise"},
			{Flags: "-data mnist -images 20", For: "take MNIST's images from the user's cache"},
		},
	}
}

// Main runs the program with the arguments of a command line, and returns its exit code.
func Main(args []string, out, progress io.Writer) int {
	program := experiment.Program[config]{Name: "denoise", Parse: parse, Run: denoise, Stopped: "nothing was written"}
	return program.Main(args, out, progress)
}

// parse returns the settings of a command line.
func parse(args []string, w io.Writer) (config, error) {
	var cfg config
	f := experiment.NewFlags(Help(), w)
	f.StringVar(&cfg.Data, "data", "digits", "`digits`, which are embedded, or mnist")
	f.StringVar(&cfg.Dir, "dir", "", "`directory` where MNIST lies; empty is the user's cache")
	f.BoolVar(&cfg.Download, "download", false, "fetch MNIST if it is not there")
	f.StringVar(&cfg.Method, "method", "ksvd", "of learning: `mod`, ksvd or online")
	f.Float64Var(&cfg.Sigma, "sigma", 0.2, "standard `deviation` of the noise, of pixels from 0 to 1")
	f.IntVar(&cfg.Atoms, "atoms", 0, "`atoms` of the dictionary; 0 is twice the pixels of a patch")
	f.IntVar(&cfg.Patch, "patch", 0, "`side` of a patch; 0 is 7 for the digits, 8 for MNIST")
	f.Float64Var(&cfg.Lambda, "lambda", 0, "`λ` of the codes, of online; 0 is sigma")
	f.IntVar(&cfg.Sparsity, "sparsity", 4, "`atoms` of a patch while mod and ksvd learn")
	f.IntVar(&cfg.Iters, "iters", 20, "`passes` over the training patches")
	f.IntVar(&cfg.Images, "images", 100, "test `images` to denoise and to sense; fewer if there are fewer")
	f.Float64Var(&cfg.Rate, "rate", 0.4, "`measurements` of a pixel, of compressive sensing; 0 leaves it out")
	f.IntVar(&cfg.Layers, "layers", 12,
		"`layers` of the networks that recover what was sensed, and iterations of ISTA and FISTA")
	f.IntVar(&cfg.Steps, "steps", 3000, "training `steps` of each network")
	f.StringVar(&cfg.Device, "device", "cpu", "where the networks train: `cpu`, cuda or cuda:i")
	f.Uint64Var(&cfg.Seed, "seed", 1, "of the patches, the dictionary and the noise")
	f.StringVar(&cfg.Out, "out", "runs/denoise", "`directory` for all that is written")
	if err := experiment.Flags(f, args); err != nil {
		return cfg, err
	}
	return cfg, cfg.check()
}

// check reports settings that make no sense, and fills in defaults.
func (c *config) check() error {
	switch {
	case c.Data != "digits" && c.Data != "mnist":
		return errors.Errorf("-data %q, want digits or mnist", c.Data)
	case c.Method != "mod" && c.Method != "ksvd" && c.Method != "online":
		return errors.Errorf("-method %q, want mod, ksvd or online", c.Method)
	case !(c.Sigma > 0 && c.Sigma <= 10):
		return errors.Errorf("-sigma %v, want a number above 0, and at most 10", c.Sigma)
	case !(c.Lambda >= 0 && c.Lambda <= 1e6):
		return errors.Errorf("-lambda %v, want a number above 0, or 0 for the default", c.Lambda)
	case c.Atoms < 0 || c.Patch < 0 || c.Sparsity < 1 || c.Iters < 1 || c.Images < 1:
		return errors.Errorf("-atoms %d, -patch %d, -sparsity %d, -iters %d, -images %d, want at least 1 each", c.Atoms,
			c.Patch, c.Sparsity, c.Iters, c.Images)
	case !(c.Rate >= 0 && c.Rate <= 1):
		return errors.Errorf("-rate %v, want a number from 0 to 1", c.Rate)
	case c.Layers < 1 || c.Steps < 1:
		return errors.Errorf("-layers %d and -steps %d, want at least 1 each", c.Layers, c.Steps)
	case c.Out == "":
		return errors.New("-out is empty, want a directory")
	}
	err := experiment.Sizes(experiment.Size{Flag: "patch", Value: c.Patch, Most: 1000}, experiment.Size{Flag: "iters",
		Value: c.Iters, Most: experiment.Many}, experiment.Size{Flag: "steps", Value: c.Steps, Most: experiment.Many},
		experiment.Size{Flag: "images", Value: c.Images, Most: experiment.Many}, experiment.Size{Flag: "layers",
			Value: c.Layers, Most: 10_000}, experiment.Size{Flag: "sparsity", Value: c.Sparsity, Most: experiment.Many})
	if err != nil {
		return err
	}
	if c.Patch == 0 {
		c.Patch = map[string]int{"digits": 7, "mnist": 8}[c.Data]
	}
	if c.Patch == 1 {
		return errors.New("-patch 1: a pixel has no structure; want at least 2")
	}
	if c.Atoms == 0 {
		c.Atoms = 2 * c.Patch * c.Patch
	}
	if c.Lambda == 0 {
		c.Lambda = c.Sigma
	}
	err = experiment.Fits(fmt.Sprintf("a dictionary of -atoms %d of -patch %d", c.Atoms, c.Patch), c.Patch*c.Patch,
		c.Atoms)
	if err == nil && c.Rate > 0 { // a matrix for each layer
		err = experiment.Fits(fmt.Sprintf("a network of -layers %d for -atoms %d of -patch %d", c.Layers, c.Atoms,
			c.Patch), c.Layers, c.Patch*c.Patch, c.Atoms+1)
	}
	return err
}

// denoise does what the command is for.
func denoise(ctx context.Context, cfg config, out, progress io.Writer) (err error) {
	device, err := experiment.Open(cfg.Device)
	if err != nil {
		return err
	}
	defer experiment.Close(device, &err)
	folder, err := experiment.OpenFolder(cfg.Out, progress)
	if err != nil {
		return err
	}
	defer experiment.Close(folder, &err)
	clean, training, err := load(ctx, cfg)
	if err != nil {
		return err
	}
	if err := folder.Begin(experiment.Beginning{Settings: cfg}); err != nil {
		return err
	}
	patches := choose(structured(training.patches(cfg.Patch, 1)), trainingPatches, cfg.Seed, streamPatches)
	r, err := compare(ctx, cfg, clean, patches, progress)
	if err != nil {
		return err
	}
	if cfg.Rate > 0 {
		r.Sensing = newSensing(cfg, clean, training, r.dictionary.D)
		r.Sensing.options, r.Sensing.progress = nn.Options{Device: device}, progress
		if err := r.Sensing.recoverAll(ctx); err != nil {
			return errors.WithMessage(err, "compressive sensing")
		}
	}
	if err := r.write(cfg); err != nil {
		return err
	}
	if err := r.print(out); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "\nThe report is %s\n", filepath.Join(cfg.Out, "report.html"))
	return err
}
