package compare

import (
	"flag"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/experiment"
)

// A config is what the flags say.
type config struct {
	Data      string    `json:"data"`
	Label     string    `json:"label,omitempty"`
	TestData  string    `json:"test_data,omitempty"`
	Size      string    `json:"size,omitempty"`
	Dir       string    `json:"-"`
	Download  bool      `json:"-"`
	Sums      string    `json:"-"`
	Unchecked bool      `json:"-"`
	Train     int       `json:"train,omitempty"`
	Test      int       `json:"test,omitempty"`
	Augment   bool      `json:"augment"`
	Model     string    `json:"model"`
	Width     int       `json:"width,omitempty"`
	Dim       int       `json:"dim"`
	Epochs    int       `json:"epochs"`
	Batch     int       `json:"batch"`
	Chunk     int       `json:"chunk,omitempty"`
	Optimizer string    `json:"optimizer"`
	LR        float64   `json:"lr"`
	Decay     float64   `json:"weight_decay"`
	Schedule  string    `json:"schedule"`
	Eps2      float64   `json:"eps2"`
	Gamma1    float64   `json:"gamma1"`
	Gamma2    float64   `json:"gamma2"`
	Noise     float64   `json:"noise"`
	Noises    []float64 `json:"-"`
	Seed      uint64    `json:"seed"`
	Out       string    `json:"-"`
	Resume    bool      `json:"-"`
	Device    string    `json:"-"`

	For time.Duration `json:"-"` // of each training; 0 is until the epochs are over

	on       *cuda.Device // that Device names; nil is the host
	channels int          // of the images of a test set; 0 is what they have
}

// presets are values of flags that belong together. Those that are given as well
// override them.
func presets() map[string]string {
	return map[string]string{
		// The tutorial's Experiment I, with the settings of its authors' README,
		// github.com/ryanchankh/mcr2.
		"cifar10": "data=cifar10 model=resnet18 augment=true dim=128 eps2=0.5 epochs=500 batch=1000 chunk=250" +
			" optimizer=sgd lr=0.01 wd=0.0005 schedule=200,400,600",
		// One epoch of a narrow network, which is enough. MCR² wants a batch well above
		// dim, and steps: 64 channels, 128 features and batches of 500 gave it 97.8 %.
		"mnist": "data=mnist model=resnet10 width=32 dim=64 eps2=0.5 epochs=1 batch=300 lr=0.003",
	}
}

// parse returns the settings of a command line.
func parse(args []string, w io.Writer) (config, error) {
	var cfg config
	f := experiment.NewFlags(Help(), w)
	preset := f.String("preset", "",
		"`cifar10`, the tutorial's Experiment I, or mnist: sets other flags,\nbut for those that are given")
	noises := f.String("noises", "", "comma-separated `shares`: also make a table of test accuracy by noise")
	cfg.flags(f)
	if err := f.Parse(args); err != nil {
		return cfg, err
	}
	if f.NArg() > 0 {
		return cfg, errors.Errorf("argument %q, want only flags", f.Arg(0))
	}
	if err := apply(f, *preset); err != nil {
		return cfg, err
	}
	var err error
	if cfg.Noises, err = numbers(*noises); err != nil {
		return cfg, errors.WithMessage(err, "-noises")
	}
	return cfg, cfg.check()
}

// flags defines a flag for each field.
func (c *config) flags(f *flag.FlagSet) {
	f.StringVar(&c.Data, "data", "digits", "`digits`, which are embedded, mnist, fashion-mnist, kmnist, "+
		"qmnist,\nemnist-balanced and the other splits of EMNIST, cifar10; or data of your\n"+
		"own: table.csv; a folder of images, with a folder for each class; arrays of\n"+
		"NumPy, x.npy,y.npy or xy.npz")
	f.StringVar(&c.TestData, "test-data", "", "test `set` of your own data, of the same kind; empty is a fifth of "+
		"each class")
	f.StringVar(&c.Label, "label", "", "`column` of the classes in a table, by name or number; empty is the last; in\n"+
		"xy.npz their array; empty is y")
	f.StringVar(&c.Size, "size", "", "`height` and width of the images of a folder, to which they are scaled, 32 or "+
		"32x48;\nempty is their own")
	f.StringVar(&c.Dir, "dir", "", "`directory` where the data lie, or their archive; empty is the user's cache")
	f.BoolVar(&c.Download, "download", false, "fetch the data if they are not there")
	f.StringVar(
		&c.Sums,
		"sums",
		"",
		"`file` of checksums of the data, as sha256sum or md5sum prints them: of files\n"+
			"whose checksum nobody has published, as EMNIST's, or of other data",
	)
	f.BoolVar(&c.Unchecked, "unchecked", false, "take the files of the data as they are, without checksums")
	f.IntVar(&c.Train, "train", 0, "training `samples` to use, as many of each class; 0 is all")
	f.IntVar(&c.Test, "test", 0, "test `samples` to use; 0 is all")
	f.BoolVar(&c.Augment, "augment", false,
		"train on random crops of padded images, and mirror those of cifar10 at random")
	f.StringVar(&c.Model, "model", "mlp", "the `encoder`: "+strings.Join(encoderNames(), ", "))
	f.IntVar(&c.Width, "width", 0, "`channels` of the first convolution; 0 is 64")
	f.IntVar(&c.Dim, "dim", 128, "`features` of a sample")
	f.IntVar(&c.Epochs, "epochs", 0,
		"`passes` over the data; 0 is 100 for digits, 10 for the others, 200 steps for your own")
	f.IntVar(&c.Batch, "batch", 0,
		"`samples` of a batch; 0 is 719 for digits, 1000 for the others, at most half of your own")
	f.IntVar(&c.Chunk, "chunk", 0, "`samples` that the encoder sees at once, to save memory; divides the\nbatch, "+
		"whose gradient stays exact; batch norm is by chunk; 0 is the batch")
	f.StringVar(&c.Optimizer, "optimizer", "adam", "`adam`, or sgd with a momentum of 0.9")
	f.Float64Var(&c.LR, "lr", 0.001, "learning `rate` at first")
	f.Float64Var(&c.Decay, "wd", 0, "weight `decay`, an L2 penalty")
	f.StringVar(&c.Schedule, "schedule", "cosine",
		"how the rate falls: `cosine`, to 0; constant; or epochs after which\nit is a tenth, as 200,400")
	f.Float64Var(&c.Eps2, "eps2", 0.5, "ε² of the coding rates")
	f.Float64Var(&c.Gamma1, "gamma1", 1, "γ₁ of MCR²: scales α in the expansion")
	f.Float64Var(&c.Gamma2, "gamma2", 1, "γ₂ of MCR²: the weight of the expansion")
	f.Float64Var(&c.Noise, "noise", 0, "`share` of training labels to replace by random classes")
	f.Uint64Var(&c.Seed, "seed", 1, "of initial values, batches, augmentation and noise")
	f.StringVar(&c.Out, "out", "runs/compare", "`directory` for all that is written")
	f.BoolVar(&c.Resume, "resume", false, "go on from the checkpoints in -out")
	f.DurationVar(&c.For, "for", 0, "stop each of the two trainings after this `time`, as 20m, and compare "+
		"what\nthere is then; -resume goes on with both. 0 is never")
	f.StringVar(&c.Device, "device", "cpu", "`cpu`, cuda or cuda:i")
}

// apply sets the flags of a preset that are not given.
func apply(f *flag.FlagSet, preset string) error {
	if preset == "" {
		return nil
	}
	values, ok := presets()[preset]
	if !ok {
		return errors.Errorf("-preset %q, want cifar10 or mnist", preset)
	}
	given := make(map[string]bool)
	f.Visit(func(f *flag.Flag) { given[f.Name] = true })
	for _, v := range strings.Fields(values) {
		name, value, _ := strings.Cut(v, "=")
		if given[name] {
			continue
		}
		if err := f.Set(name, value); err != nil {
			return errors.Wrapf(err, "-preset %s: -%s", preset, name)
		}
	}
	return nil
}

// numbers returns the comma-separated numbers of a text.
func numbers(text string) (all []float64, err error) {
	for _, s := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' }) {
		v, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
		if err != nil {
			return nil, errors.WithStack(err)
		}
		all = append(all, v)
	}
	return all, nil
}

// check reports settings that make no sense, before anything is read or written.
func (c *config) check() error {
	_, known := datasets()[c.Data]
	_, err := c.schedule(1, 1)
	switch {
	case !known && !isPath(c.Data):
		return errors.Errorf("-data %q, want a file, or %s", c.Data,
			strings.Join(slices.Sorted(maps.Keys(datasets())), ", "))
	case known && c.Label+c.TestData+c.Size != "":
		return errors.Errorf("-label, -test-data and -size are for data of your own, and -data %s is none", c.Data)
	case !known && c.Augment:
		return errors.Errorf("-augment with -data %s: there is no augmentation of your own data", c.Data)
	case (c.Sums != "" || c.Unchecked) && (c.Data == "digits" || c.Data == "cifar10" || !known):
		return errors.Errorf(
			"-sums or -unchecked with -data %s, want one whose files have them: mnist and its like",
			c.Data,
		)
	case !slices.Contains(encoderNames(), c.Model):
		return errors.Errorf("-model %q, want one of %s", c.Model, strings.Join(encoderNames(), ", "))
	case c.Optimizer != "adam" && c.Optimizer != "sgd":
		return errors.Errorf("-optimizer %q, want adam or sgd", c.Optimizer)
	case err != nil:
		return err
	case c.Width < 0:
		return errors.Errorf("-width %d, want at least 1, or 0 for 64", c.Width)
	case c.Dim < 2:
		return errors.Errorf("-dim %d, want at least 2", c.Dim)
	case c.Epochs < 0 || c.Batch < 0 || c.Chunk < 0:
		return errors.Errorf("-epochs %d, -batch %d and -chunk %d, want at least 1 each, or 0 for the default",
			c.Epochs, c.Batch, c.Chunk)
	case c.Train < 0 || c.Test < 0:
		return errors.Errorf("-train %d and -test %d, want at least 1 each, or 0 for all", c.Train, c.Test)
	case !(c.Decay >= 0) || math.IsInf(c.Decay, 0):
		return errors.Errorf("-wd %v, want 0 or above", c.Decay)
	case c.For < 0:
		return errors.Errorf("-for %v, want a time above 0, or 0 for no limit", c.For)
	case c.Out == "":
		return errors.New("-out is empty, want a directory")
	}
	if err := c.checkSizes(); err != nil {
		return err
	}
	return c.checkNumbers()
}

// checkSizes reports flags that ask for more than any machine has.
func (c *config) checkSizes() error {
	err := experiment.Sizes(experiment.Size{Flag: "epochs", Value: c.Epochs, Most: experiment.Many},
		experiment.Size{Flag: "batch", Value: c.Batch, Most: experiment.Many}, experiment.Size{Flag: "chunk",
			Value: c.Chunk, Most: experiment.Many})
	if err == nil {
		// of all features and of ten classes
		err = experiment.Fits(fmt.Sprintf("the moments of -dim %d", c.Dim), 11, c.Dim, c.Dim)
	}
	if err == nil {
		// the last, 3×3, has eight times the channels of the first
		err = experiment.Fits(fmt.Sprintf("a convolution of -width %d", c.Width), 9*8*8, c.Width, c.Width)
	}
	return err
}

func (c *config) checkNumbers() error {
	for _, f := range []struct {
		name  string
		value float64
	}{{"lr", c.LR}, {"eps2", c.Eps2}, {"gamma1", c.Gamma1}, {"gamma2", c.Gamma2}} {
		if !(f.value > 0) || math.IsInf(f.value, 0) {
			return errors.Errorf("-%s %v, want a number above 0", f.name, f.value)
		}
	}
	for _, r := range append([]float64{c.Noise}, c.Noises...) {
		if !(r >= 0 && r <= 1) {
			return errors.Errorf("a share of %v of wrong labels, want it from 0 to 1", r)
		}
	}
	return nil
}
