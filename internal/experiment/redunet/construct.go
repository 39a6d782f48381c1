package redunet

import (
	"context"
	"io"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/metrics"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/redunet"
	"github.com/whitebox-nn/whitebox/train"
)

// accuracies are those of three classifiers of features.
type accuracies struct {
	NearestSubspace float64 `json:"nearest_subspace"`
	KNN             float64 `json:"knn"`
	Linear          float64 `json:"linear"`
}

// A summary is what summary.json says.
type summary struct {
	Preset       string      `json:"preset"`
	Settings     settings    `json:"settings"`
	Seed         uint64      `json:"seed"`
	Layers       int         `json:"layers"`
	Samples      int         `json:"samples"` // of a class
	R            []float64   `json:"R"`       // after each layer
	Rc           []float64   `json:"Rc"`
	DeltaR       []float64   `json:"delta_R"`
	StartDeltaR  float64     `json:"start_delta_R"`          // before the first
	TestDeltaR   float64     `json:"test_delta_R,omitempty"` // of the test features; of networks of vectors
	Train        accuracies  `json:"train_accuracy"`
	Test         accuracies  `json:"test_accuracy"`
	ShiftedTrain *accuracies `json:"shifted_train_accuracy,omitempty"`
	ShiftedTest  *accuracies `json:"shifted_test_accuracy,omitempty"`
	// largest difference between features of shifted samples and shifted features
	Equivariance float64 `json:"equivariance_error,omitempty"`
	// of the membership that the last layer estimates
	ByLayer   float64       `json:"estimated_class_test_accuracy"`
	Finetuned []*finetuning `json:"finetuned,omitempty"`
	// by samples: train, test, and both shifted along the last axis
	Passes       map[string]passes `json:"passes,omitempty"`
	SecondsBuild float64           `json:"seconds_build"`
}

// A result is a network and what is measured of it.
type result struct {
	summary
	cfg                 config
	sets                datasets
	net                 *models.ReduNet
	rates               []redunet.Rates
	before, train, test features
	testBefore          features
	bySubspace          *metrics.Subspaces
	byNeighbours        *metrics.Neighbours
	byLine              *metrics.Linear
	shifts              []shifted
}

// features are what a network makes of a set.
type features struct {
	z, pi   *mat.Dense // features, memberships
	labels  []int
	classes int
}

// construct builds the network, or with -resume what is not built yet.
func construct(ctx context.Context, cfg config, sets datasets, progress io.Writer) (*result, error) {
	k, err := newKeeper(cfg)
	if err != nil {
		return nil, err
	}
	net, rates, err := redunet.Build(ctx, sets.train, redunet.Config{
		Net: cfg.network(sets.train), Eps2: cfg.Eps2,
		Hooks:  []train.Hook{&train.Progress{Out: progress, Name: cfg.Preset, Show: []string{"R", "Rc", "delta_R"}}, k},
		Device: cfg.on, Start: k.start(),
	})
	seconds := k.seconds()
	if e := k.write(); err == nil { // also of a construction that was stopped
		err = e
	}
	if err != nil {
		return nil, err
	}
	r := &result{cfg: cfg, sets: sets, net: net, rates: rates}
	r.summary = summary{
		Preset: cfg.Preset, Settings: cfg.settings, Seed: cfg.Seed, Layers: len(net.Layers()), Samples: cfg.Samples,
		StartDeltaR: rates[0].DeltaR, SecondsBuild: seconds,
	}
	for _, after := range rates[1:] {
		r.R, r.Rc, r.DeltaR = append(r.R, after.R), append(r.Rc, after.Rc), append(r.DeltaR, after.DeltaR)
	}
	return r, nil
}

// network returns the configuration of the network for samples as those of set.
func (c config) network(set *data.Set) models.ReduNetConfig {
	n := models.ReduNetConfig{Layers: c.Layers, Eta: c.Eta, Lambda: c.Lambda, Dtype: tensor.Float32, Seed: c.Seed,
		Classes: set.Classes()}
	n.Shape = []int{width(set)}
	if c.Channels > 0 {
		n.Shape, n.Channels, n.Kernel = set.Shape(), c.Channels, c.Kernel
	}
	return n
}

// width returns the numbers of a sample.
func width(set *data.Set) int {
	d := 1
	for _, s := range set.Shape() {
		d *= s
	}
	return d
}

// newPredictor returns what runs a network over sets of samples as those of like,
// compiled once, on a device if there is one.
func newPredictor(forward train.Forward, like *data.Set, on *cuda.Device) (*train.Predictor, error) {
	batch := min(like.Len(), max(1, 1<<18/width(like)))
	return train.NewPredictor(forward, tensor.Float32, batch, like.Shape(), nn.Options{Device: on})
}

// featuresOf returns what a collector makes of a set.
func featuresOf(ctx context.Context, c *train.Predictor, set *data.Set) (f features, err error) {
	out, err := c.Collect(ctx, set)
	if err != nil {
		return f, err
	}
	f = features{z: out[0], labels: set.Labels(), classes: set.Classes()}
	if len(out) > 1 {
		f.pi = out[1]
	}
	return f, nil
}
