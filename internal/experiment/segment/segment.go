// Package segment groups samples by lossy compression: it finds the partition that codes them in the fewest bits. The
// number of groups is not given.
package segment

import (
	"context"
	"fmt"
	"io"
	"math"
	"path/filepath"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/experiment"
	"github.com/whitebox-nn/whitebox/train"
)

// A config is what the flags say.
type config struct {
	Data    string  `json:"data"`
	Eps     float64 `json:"eps"`
	Groups  int     `json:"groups"`
	Samples int     `json:"samples"`
	Seed    uint64  `json:"seed"`
	Out     string  `json:"-"`
	Device  string  `json:"-"`

	on *cuda.Device // that Device names; nil is the host
}

// Help is what -help says above the flags.
func Help() experiment.Help {
	return experiment.Help{
		Name: "segment",
		Does: "segment groups samples by lossy compression: the partition that codes them in the fewest\n" +
			"bits, whose number of groups nobody gives.",
		Examples: []experiment.Example{
			{Flags: "-data digits", For: "handwritten digits, beside k-means and subspace clusterings"},
			{Flags: "-eps 0.05", For: "at one distortion, without the sweep that chooses it"},
		},
	}
}

// Main runs the program with the arguments of a command line, and returns its exit code.
func Main(args []string, out, progress io.Writer) int {
	program := experiment.Program[config]{Name: "segment", Parse: parse, Run: segment, Stopped: "nothing was written"}
	return program.Main(args, out, progress)
}

// parse returns the settings of a command line.
func parse(args []string, w io.Writer) (config, error) {
	var cfg config
	f := experiment.NewFlags(Help(), w)
	f.StringVar(&cfg.Data, "data", "mixture", "`mixture` of a plane and two lines, subspaces of ℝ¹², or digits")
	f.Float64Var(&cfg.Eps, "eps", 0, "the distortion `ε`; 0 chooses it by the sweep")
	f.IntVar(&cfg.Groups, "k", 0,
		"number of `groups`; 0 finds it for lossy compression, and is the number of classes for the others")
	f.IntVar(&cfg.Samples, "n", 0, "`samples`; 0 is 110 of the mixture, 300 of the subspaces, all 1797 digits")
	f.Uint64Var(&cfg.Seed, "seed", 1, "of samples, starts and baselines")
	f.StringVar(&cfg.Out, "out", "runs/segment", "`directory` for all that is written")
	f.StringVar(&cfg.Device, "device", "cpu", "`cpu`, cuda or cuda:i: where the inner products of all pairs of "+
		"samples are computed, for SSC and EnSC; the rest is many small factorisations, on the host")
	if err := experiment.Flags(f, args); err != nil {
		return cfg, err
	}
	return cfg, cfg.check()
}

// check reports settings that make no sense, before anything is computed.
func (c *config) check() error {
	switch {
	case c.Data != "mixture" && c.Data != "subspaces" && c.Data != "digits":
		return errors.Errorf("-data %q, want mixture, subspaces or digits", c.Data)
	case !(c.Eps >= 0) || math.IsInf(c.Eps, 1):
		return errors.Errorf("-eps %v, want a number above 0, or 0 for the sweep's", c.Eps)
	case c.Eps > 0 && (c.Eps*c.Eps == 0 || math.IsInf(c.Eps*c.Eps, 1)):
		return errors.Errorf("-eps %v, whose square is %v: want it from 1e-150 to 1e150", c.Eps, c.Eps*c.Eps)
	case c.Groups < 0:
		return errors.Errorf("-k %d, want at least 1, or 0 to find it", c.Groups)
	case c.Samples < 0 || c.Samples > 0 && c.Samples < 30:
		return errors.Errorf("-n %d, want at least 30, or 0 for the default", c.Samples)
	case c.Out == "":
		return errors.New("-out is empty, want a directory")
	}
	// Self-expression has a number for each pair of samples.
	return experiment.Sizes(experiment.Size{Flag: "n", Value: c.Samples, Most: 30_000},
		experiment.Size{Flag: "k", Value: c.Groups, Most: 30_000})
}

// segment does what the command is for.
func segment(ctx context.Context, cfg config, out, progress io.Writer) (err error) {
	if cfg.on, err = experiment.Open(cfg.Device); err != nil {
		return err
	}
	defer experiment.Close(cfg.on, &err)
	folder, err := experiment.OpenFolder(cfg.Out, progress)
	if err != nil {
		return err
	}
	defer experiment.Close(folder, &err)
	p, err := load(cfg)
	if err != nil {
		return err
	}
	if n := len(p.labels); cfg.Groups > n/2 {
		return errors.Errorf("-k %d for %d samples, want at most half as many", cfg.Groups, n)
	}
	if err := folder.Begin(experiment.Beginning{Settings: cfg}); err != nil {
		return err
	}
	status := &train.Status{Out: progress}
	f, err := p.solve(ctx, cfg, status)
	if err != nil {
		return err
	}
	var demos *demonstrations
	if cfg.Data == "mixture" {
		if demos, err = demonstrate(ctx, cfg.Seed, status); err != nil {
			return err
		}
	}
	if err := f.writeReport(cfg, demos); err != nil {
		return err
	}
	if err := f.printTable(out); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "\nThe report is %s\n", filepath.Join(cfg.Out, "report.html"))
	return err
}
