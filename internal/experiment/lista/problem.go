package lista

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/internal/experiment"
)

// checked returns the settings with their defaults, or what is wrong with them.
func (c config) checked() (config, error) {
	set := func(v *int, small, full int) {
		if *v == 0 {
			*v = small
			if c.Full {
				*v = full
			}
		}
	}
	set(&c.M, 50, 250)
	set(&c.N, 100, 500)
	set(&c.Steps, 0, 200_000)
	switch {
	case c.M < 1 || c.N < c.M:
		return c, errors.Errorf("-m %d and -n %d, want 1 ≤ m ≤ n", c.M, c.N)
	case c.Layers < 2 || c.Steps < 0:
		return c, errors.Errorf("-layers %d and -steps %d, want at least 2 and 1, or 0 steps for the default", c.Layers,
			c.Steps)
	case c.Condition != 0 && !(c.Condition >= 1 && c.Condition <= 1e15):
		return c, errors.Errorf("-condition %v, want at least 1, and at most 1e15", c.Condition)
	case math.Abs(c.SNR) > 300:
		return c, errors.Errorf("-snr %v, want it from -300 to 300 dB, or inf for no noise", c.SNR)
	case !(c.LR >= 0) || math.IsInf(c.LR, 0):
		return c, errors.Errorf("-lr %v, want it above 0, or 0 for the default", c.LR)
	case c.Data != "generated":
		return c, errors.Errorf("-data %q, want generated", c.Data)
	case c.Out == "":
		return c, errors.New("-out is empty, want a directory")
	}
	err := experiment.Sizes(experiment.Size{Flag: "steps", Value: c.Steps, Most: experiment.Many},
		experiment.Size{Flag: "layers", Value: c.Layers, Most: 10_000})
	if err == nil {
		err = experiment.Fits(fmt.Sprintf("the weights of -layers %d, -m %d and -n %d", c.Layers, c.M, c.N), 2,
			c.Layers, c.N, c.N)
	}
	if err != nil {
		return c, err
	}
	for _, name := range c.Methods {
		if !slices.ContainsFunc(methods(), func(m method) bool { return strings.EqualFold(m.name, name) }) {
			return c, errors.Errorf("-methods: %q is none of %s", name, strings.Join(methodNames(), ", "))
		}
	}
	return c, nil
}

// chosen returns the methods to run, in the order of methods.
func (c config) chosen() []method {
	var ms []method
	for _, m := range methods() {
		if len(c.Methods) == 0 || slices.ContainsFunc(c.Methods,
			func(name string) bool { return strings.EqualFold(m.name, name) }) {
			ms = append(ms, m)
		}
	}
	return ms
}

// beginning returns how the run begins.
func (c config) beginning() experiment.Beginning {
	b := experiment.Beginning{Settings: c, Resume: c.Resume}
	for _, m := range c.chosen() {
		b.Stages = append(b.Stages, m.dir())
	}
	return b
}

// The streams of samples of one dictionary.
const (
	streamTrain uint64 = iota + 1
	streamValidation
	streamTest
)

// A problem is a dictionary and samples of it.
type problem struct {
	cfg              config
	a                *mat.Dense // m×n
	validation, test *data.Set
	truth, measured  *mat.Dense // the codes and the samples of the test set
	tuning           *mat.Dense // the samples of the validation set, and its codes
	tuningTruth      *mat.Dense
}

// newProblem draws the dictionary, the validation and the test set.
func newProblem(cfg config) (*problem, error) {
	p := &problem{cfg: cfg}
	var dictionary []float64
	var err error
	if p.validation, dictionary, err = data.SparseCodes(p.codes(streamValidation)); err != nil {
		return nil, err
	}
	if p.test, _, err = data.SparseCodes(p.codes(streamTest)); err != nil {
		return nil, err
	}
	p.a = mat.NewDense(cfg.M, cfg.N, dictionary)
	if p.measured, p.truth, err = matrices(p.test); err != nil {
		return nil, err
	}
	p.tuning, p.tuningTruth, err = matrices(p.validation)
	return p, err
}

// codes configures samples: a tenth of the coefficients are Gaussian, the others 0.
func (p *problem) codes(stream uint64) data.SparseCodesConfig {
	return data.SparseCodesConfig{
		Samples: 1000, Measurements: p.cfg.M, Atoms: p.cfg.N, Density: 0.1,
		SNR: p.cfg.SNR, Condition: p.cfg.Condition, Seed: p.cfg.Seed, Stream: stream,
	}
}

// source returns the batches that networks are trained on; none is seen twice.
func (p *problem) source(batch int) (*data.SparseStream, error) {
	cfg := p.codes(streamTrain)
	cfg.Samples = 100 * batch // an epoch, which means nothing here
	s, _, err := data.NewSparseStream(cfg, batch)
	return s, err
}

// matrices returns the samples of a set and their codes.
func matrices(set *data.Set) (x, z *mat.Dense, err error) {
	var xs, zs []float64
	for i := range set.Len() {
		if xs, err = set.Row(xs, i); err != nil {
			return nil, nil, err
		}
		if zs, err = set.Target(zs, i); err != nil {
			return nil, nil, err
		}
	}
	n := set.Len()
	return mat.NewDense(n, len(xs)/n, xs), mat.NewDense(n, len(zs)/n, zs), nil
}
