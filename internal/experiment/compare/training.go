package compare

import (
	"io"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/internal/experiment"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
	"github.com/whitebox-nn/whitebox/train"
)

// loop returns the training of the task, and what to close after it besides.
func (t *task) loop() (*train.Loop, io.Closer, error) {
	source, err := t.source()
	if err != nil {
		return nil, nil, err
	}
	opt, err := t.cfg.optimizer(t.model.Params(), source.Batches())
	if err != nil {
		return nil, nil, err
	}
	ahead, err := data.NewPrefetch(source, tensor.Float32, 2)
	if err != nil {
		return nil, nil, err
	}
	return &train.Loop{
		Model: t.model, Loss: t.loss(t.train.Classes()), Optimizer: opt, Source: ahead,
		Steps: t.cfg.Epochs * source.Batches(), Chunk: t.cfg.Chunk, Options: nn.Options{Device: t.cfg.on},
		Settings: t.cfg, Free: t.cfg.longer(),
	}, ahead, nil
}

// source returns the batches of the training set, augmented if they should be.
func (t *task) source() (data.Source, error) {
	batches, err := data.NewBatches(t.train, data.BatchConfig{Size: t.cfg.Batch, Shuffle: true, Seed: t.cfg.Seed})
	if err != nil || !t.cfg.Augment {
		return batches, err
	}
	return data.NewAugmented(batches, data.AugmentConfig{Transforms: datasets()[t.cfg.Data].augment, Seed: t.cfg.Seed,
		Workers: 1})
}

// optimizer returns what -optimizer, -lr, -wd and -schedule say.
func (c config) optimizer(params []*nn.Param, stepsPerEpoch int) (*optim.Optimizer, error) {
	lr, err := c.schedule(c.Epochs*stepsPerEpoch, stepsPerEpoch)
	if err != nil {
		return nil, err
	}
	if c.Optimizer == "sgd" {
		return optim.NewSGD(params, lr, optim.SGD{Momentum: 0.9, WeightDecay: c.Decay}, optim.CheckFinite{})
	}
	return optim.NewAdam(params, lr, optim.Adam{WeightDecay: c.Decay}, optim.CheckFinite{})
}

// beginning returns how the run begins. It may become longer where no rate depends on
// how long it is.
func (c config) beginning() experiment.Beginning {
	b := experiment.Beginning{Settings: c, Resume: c.Resume, Longer: c.longer(), Stages: []string{initialName}}
	for _, o := range objectives(c) {
		b.Stages = append(b.Stages, o.name)
	}
	return b
}

// longer returns the settings that may grow on -resume.
func (c config) longer() []string {
	if c.Schedule == "cosine" {
		return nil
	}
	return []string{"epochs"}
}

// schedule returns what -schedule says of a run of that many steps.
func (c config) schedule(steps, stepsPerEpoch int) (optim.Schedule, error) {
	switch c.Schedule {
	case "cosine":
		return optim.CosineAnnealing(c.LR, steps, 0), nil
	case "constant":
		return optim.Constant(c.LR), nil
	}
	epochs, err := numbers(c.Schedule)
	if err != nil || len(epochs) == 0 {
		return nil, errors.Errorf("-schedule %q, want cosine, constant or epochs, as 200,400", c.Schedule)
	}
	var milestones []int
	for i, e := range epochs {
		if e != float64(int(e)) || e < 1 || i > 0 && e <= epochs[i-1] {
			return nil, errors.Errorf("-schedule %q, want whole epochs that rise", c.Schedule)
		}
		milestones = append(milestones, int(e)*stepsPerEpoch)
	}
	return optim.MultiStep(c.LR, milestones, 0.1), nil
}

// collector returns what computes the features of any set.
func (t *task) collector() (*train.Predictor, error) {
	batch := min(t.cfg.Batch, 1000)
	if t.cfg.encoder().images {
		batch = min(batch, 100) // which keeps features of the layers in the cache, and costs little memory
	}
	return train.NewPredictor(t.forward, tensor.Float32, batch, t.train.Shape(), nn.Options{Device: t.cfg.on})
}
