package redunet

import (
	"context"
	"fmt"
	"math"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/internal/experiment"
)

// settings are what a preset fixes and flags override.
type settings struct {
	Data     string  `json:"data"`
	Classes  []int   `json:"classes,omitempty"` // digits that are kept; empty is all
	Samples  int     `json:"samples"`           // of a class, for training
	Test     int     `json:"test"`              // of a class
	Dim      int     `json:"dim,omitempty"`     // of the Gaussians
	Layers   int     `json:"layers"`
	Eta      float64 `json:"eta"`
	Eps2     float64 `json:"eps2"`
	Lambda   float64 `json:"lambda"`
	Radii    int     `json:"radii,omitempty"` // of images in polar coordinates; 0 is none
	Angles   int     `json:"angles,omitempty"`
	Channels int     `json:"channels,omitempty"` // that images are lifted to; 0 is none
	Kernel   int     `json:"kernel,omitempty"`
	// samples are also shifted by −2, …, 2 of it along each axis, or −1, …, 1 if they are wide
	Step     int `json:"step,omitempty"`
	Subspace int `json:"subspace"` // dimensions of a class, for the nearest subspace
}

// A preset has a name, and says where it is from.
type preset struct {
	name, note string
	settings
}

// presets are the experiments of the paper, and two on the embedded digits. The
// first of its data is what -data chooses.
//
// Of vectors that have more features than a class has samples, large steps move what
// the samples do not determine: MNIST as vectors has a smaller η.
//
// Reference: the commands of the authors' repository redunet_paper, and Chan et al.
// JMLR 2022, § 5.
func presets() []preset {
	return []preset{
		{"gaussian2d", "two Gaussians in the plane", settings{Data: "gaussians", Dim: 2, Samples: 500, Test: 500,
			Layers: 2000, Eta: 0.5, Eps2: 0.1, Lambda: 500, Subspace: 1}},
		{"gaussian3d", "three Gaussians in space", settings{Data: "gaussians", Dim: 3, Samples: 500, Test: 500,
			Layers: 2000, Eta: 0.5, Eps2: 0.1, Lambda: 500, Subspace: 1}},
		{"iris", "Fisher's irises, split as scikit-learn does", settings{Data: "iris", Samples: 50, Test: 50,
			Layers: 4000, Eta: 0.1, Eps2: 0.1, Lambda: 5000, Subspace: 1}},
		{"digits-vector", "8×8 digits as vectors", settings{Data: "digits", Samples: 100, Test: 35, Layers: 100,
			Eta: 0.5, Eps2: 0.1, Lambda: 500, Subspace: 6}},
		{"digits-translation", "8×8 digits, whatever their place", settings{Data: "digits", Samples: 30, Test: 35,
			Channels: 16, Kernel: 3, Layers: 20, Eta: 0.5, Eps2: 0.1, Lambda: 500, Step: 1, Subspace: 10}},
		{"mnist-vector", "MNIST as vectors", settings{Data: "mnist", Samples: 100, Test: 100, Layers: 5, Eta: 0.05,
			Eps2: 0.1, Lambda: 500, Subspace: 10}},
		{"mnist-vector01", "0 against 1, as vectors", settings{Data: "mnist", Classes: []int{0, 1}, Samples: 500,
			Test: 500, Layers: 20, Eta: 0.05, Eps2: 0.1, Lambda: 500, Subspace: 10}},
		{"mnist-rotation", "MNIST, however turned", settings{Data: "mnist", Samples: 10, Test: 10, Radii: 15,
			Angles: 200, Channels: 20, Kernel: 5, Layers: 40, Eta: 0.5, Eps2: 0.1, Lambda: 500, Step: 4, Subspace: 10}},
		{"mnist-rotation01", "0 against 1, however turned", settings{Data: "mnist", Classes: []int{0, 1}, Samples: 2000,
			Test: 500, Radii: 5, Angles: 200, Channels: 5, Kernel: 5, Layers: 3500, Eta: 0.5, Eps2: 0.1, Lambda: 500,
			Step: 4, Subspace: 10}},
		{"mnist-translation", "MNIST, whatever its place", settings{Data: "mnist", Samples: 10, Test: 10, Channels: 75,
			Kernel: 9, Layers: 25, Eta: 0.5, Eps2: 0.1, Lambda: 500, Step: 4, Subspace: 10}},
		{"mnist-translation01", "0 against 1, whatever their place", settings{Data: "mnist", Classes: []int{0, 1},
			Samples: 500, Test: 500, Channels: 5, Kernel: 9, Layers: 2000, Eta: 0.5, Eps2: 0.1, Lambda: 500, Step: 4,
			Subspace: 10}},
	}
}

func presetNames() (names []string) {
	for _, p := range presets() {
		names = append(names, p.name)
	}
	return names
}

// choose takes the settings of the preset that is named, or else of the first one
// for the data that is.
func (c *config) choose(data string) error {
	if c.Preset == "" && data == "" {
		c.Preset = presets()[0].name
	}
	for _, p := range presets() {
		if p.name == c.Preset || c.Preset == "" && p.Data == data {
			c.Preset, c.settings = p.name, p.settings
			if data != "" && data != p.Data {
				return errors.Errorf("-preset %s is of %s, not of -data %s", p.name, p.Data, data)
			}
			return nil
		}
	}
	if c.Preset == "" {
		return errors.Errorf("-data %q, want gaussians, iris, digits or mnist", data)
	}
	return errors.Errorf("-preset %q, want one of %v", c.Preset, presetNames())
}

// override takes the setting of a flag that is given.
func (c *config) override(name string, given settings) error {
	switch name {
	case "layers":
		c.Layers = given.Layers
	case "eta":
		c.Eta = given.Eta
	case "eps2":
		c.Eps2 = given.Eps2
	case "lambda":
		c.Lambda = given.Lambda
	case "samples":
		c.Samples = given.Samples
	case "channels", "kernel":
		if c.Channels == 0 {
			return errors.Errorf("-%s: preset %s does not lift its samples", name, c.Preset)
		}
		if name == "channels" {
			c.Channels = given.Channels
		} else {
			c.Kernel = given.Kernel
		}
	}
	return nil
}

// check reports settings that make no sense, before anything is read or written.
func (c *config) check() error {
	switch {
	case c.Layers < 1 || c.Samples < 1:
		return errors.Errorf("-layers %d and -samples %d, want at least 1 each", c.Layers, c.Samples)
	case c.Step > 0 && (c.Channels < 1 || c.Kernel < 1):
		return errors.Errorf("-channels %d and -kernel %d, want at least 1 each", c.Channels, c.Kernel)
	case c.Finetune < 0:
		return errors.Errorf("-finetune %d, want at least 0", c.Finetune)
	case c.Out == "":
		return errors.New("-out is empty, want a directory")
	}
	err := experiment.Sizes(experiment.Size{Flag: "layers", Value: c.Layers, Most: 1_000_000},
		experiment.Size{Flag: "samples", Value: c.Samples, Most: 1_000_000},
		experiment.Size{Flag: "channels", Value: c.Channels, Most: 10_000}, experiment.Size{Flag: "kernel",
			Value: c.Kernel, Most: 1000}, experiment.Size{Flag: "finetune", Value: c.Finetune, Most: experiment.Many})
	if err != nil {
		return err
	}
	for _, f := range []struct {
		name  string
		value float64
	}{{"eta", c.Eta}, {"eps2", c.Eps2}, {"lambda", c.Lambda}} {
		if !(f.value > 0) || math.IsInf(f.value, 0) {
			return errors.Errorf("-%s %v, want a number above 0", f.name, f.value)
		}
	}
	return nil
}

// datasets are what a network is made from and measured on.
type datasets struct{ train, test *data.Set }

// checkNetwork reports a network that is larger than any machine has memory for: its
// layers have k+1 matrices, of the features or of the channels at each frequency.
func (c config) checkNetwork(set *data.Set) error {
	what := fmt.Sprintf("a network of -layers %d", c.Layers)
	if c.Channels == 0 {
		return experiment.Fits(what, c.Layers, set.Classes()+1, width(set), width(set))
	}
	return experiment.Fits(fmt.Sprintf("%s and -channels %d", what, c.Channels), c.Layers, set.Classes()+1, c.Channels,
		c.Channels, width(set))
}

// load returns the data of the settings.
func load(ctx context.Context, c config) (d datasets, err error) {
	switch c.Data {
	case "gaussians":
		if d.train, err = data.Axes(data.AxesConfig{Dim: c.Dim, PerClass: c.Samples, Seed: c.Seed}); err != nil {
			return d, err
		}
		d.test, err = data.Axes(data.AxesConfig{Dim: c.Dim, PerClass: c.Test, Seed: c.Seed, Stream: 1})
		return d, err
	case "iris":
		d.train, d.test, err = data.Iris()
	case "digits":
		d.train, d.test, err = data.Digits()
	default:
		d.train, d.test, err = data.MNIST{Dir: c.Dir, Download: c.Download}.Load(ctx)
		if errors.Is(err, data.ErrNotFound) {
			err = errors.WithMessage(err, "say where it lies with -dir, or fetch it with -download")
		}
	}
	if err != nil {
		return d, err
	}
	if d.train, err = d.train.FirstOfEach(c.Samples, c.Classes...); err != nil {
		return d, errors.WithMessage(err, "-samples")
	}
	if d.test, err = d.test.FirstOfEach(c.Test, c.Classes...); err != nil || c.Radii == 0 {
		return d, err
	}
	if d.train, err = d.train.Polar(c.Radii, c.Angles); err != nil {
		return d, err
	}
	d.test, err = d.test.Polar(c.Radii, c.Angles)
	return d, err
}
