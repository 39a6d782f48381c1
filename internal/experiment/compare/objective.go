package compare

import (
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/internal/experiment"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/train"
)

// An objective is one of the two ways to train the encoder.
type objective struct {
	name  string // of its directory and in summary.json
	title string
	loss  func(classes int) losses.Loss
	head  bool   // a linear layer on the features, whose logits the loss is of
	show  string // the metric that the progress shows
}

// objectives returns the two.
func objectives(cfg config) []objective {
	mcr2 := func(classes int) losses.Loss {
		return losses.MCR2{Classes: classes, Eps2: cfg.Eps2, Gamma1: cfg.Gamma1, Gamma2: cfg.Gamma2}
	}
	ce := func(int) losses.Loss { return losses.CrossEntropy{} }
	return []objective{
		{name: "mcr2", title: "MCR²", loss: mcr2, show: "val_delta_R"},
		{name: "ce", title: "cross-entropy", loss: ce, head: true, show: "val_loss"},
	}
}

// A task is one run: an objective, its model and the data.
type task struct {
	objective
	cfg         config
	model       layers.Layer  // what the loss is of
	forward     train.Forward // the features, and the logits if there is a head
	train, test *data.Set
}

// newTask makes the model: the same encoder for both objectives, with the same
// initial values.
func newTask(o objective, cfg config, trainSet, test *data.Set) (*task, error) {
	encoder, err := cfg.encoder().make(cfg, trainSet.Shape())
	if err != nil {
		return nil, err
	}
	t := &task{objective: o, cfg: cfg, model: encoder, train: trainSet, test: test}
	t.forward = func(g *nn.Graph, x *gorgonia.Node) (gorgonia.Nodes, error) {
		z, err := encoder.Forward(g, x)
		return gorgonia.Nodes{z}, err
	}
	if !o.head {
		return t, nil
	}
	head, err := layers.NewLinear(layers.LinearConfig{Name: "head", In: cfg.Dim, Out: trainSet.Classes(),
		Seed: cfg.Seed})
	if err != nil {
		return nil, err
	}
	classifier := models.Classifier{Encoder: encoder, Head: head}
	t.model = classifier
	t.forward = func(g *nn.Graph, x *gorgonia.Node) (gorgonia.Nodes, error) {
		z, logits, err := classifier.Features(g, x)
		return gorgonia.Nodes{z, logits}, err
	}
	return t, nil
}

// initialName is the file with the initial values of the encoder.
const initialName = "initial.safetensors"

// saveInitial writes the values that the encoder of both objectives begins with.
func saveInitial(cfg config, set *data.Set) error {
	encoder, err := cfg.encoder().make(cfg, set.Shape())
	if err != nil {
		return err
	}
	return train.SaveParams(filepath.Join(cfg.Out, initialName), encoder.Params())
}

// run trains under the objective, logging to a directory of its own, and measures
// the trained model.
func (o objective) run(
	ctx context.Context, cfg config, trainSet, test *data.Set, progress io.Writer,
) (r *result, err error) {
	t, err := newTask(o, cfg, trainSet, test)
	if err != nil {
		return nil, err
	}
	c, err := t.collector()
	if err != nil {
		return nil, err
	}
	defer experiment.Close(c, &err)
	loop, ahead, err := t.loop()
	if err != nil {
		return nil, err
	}
	defer experiment.Close(ahead, &err)
	defer experiment.Close(loop, &err)
	watch, err := t.follow(loop, c, progress)
	if err != nil {
		return nil, err
	}
	if cfg.on != nil {
		cfg.on.ResetPeak()
	}
	speed := &pace{start: time.Now(), limit: cfg.For}
	loop.Hooks = append(loop.Hooks, speed)
	if err := loop.Run(ctx); err != nil {
		return nil, err
	}
	speed.report(progress, t.name, cfg.on)
	if r, err = t.measure(ctx, c); err != nil {
		return nil, err
	}
	r.Steps, r.Seconds, r.log, r.planned = loop.Step(), watch.Seconds(), t.file(metricsLog), loop.Steps
	return r, nil
}

// metricsLog is the log of a run in its directory.
const metricsLog = "metrics.jsonl"

// file returns the path of a file of the run.
func (t *task) file(name string) string { return filepath.Join(t.cfg.Out, t.name, name) }

// follow has the loop evaluated, logged, saved and shown on the way, and resumes it
// if it shall. The stopwatch is of the training.
func (t *task) follow(loop *train.Loop, c *train.Predictor, progress io.Writer) (*train.Stopwatch, error) {
	if err := os.MkdirAll(t.file(""), 0o777); err != nil {
		return nil, errors.WithStack(err)
	}
	often, most := 20, mostSamples
	if t.cfg.encoder().images {
		often, most = 10, mostImages
	}
	every := max(1, loop.Steps/often)
	few, err := firstOf(t.train, most)
	if err != nil {
		return nil, err
	}
	fewTest, err := firstOf(t.test, most)
	if err != nil {
		return nil, err
	}
	loop.Evaluator, loop.EvaluateEvery = &evaluator{t, c, few, fewTest}, every
	watch := train.NewStopwatch(t.file("seconds.txt"), t.cfg.Resume)
	loop.Hooks = []train.Hook{watch, &train.Checkpoint{Dir: t.file(""), Every: every, Metric: "val_accuracy"}}
	if t.cfg.Resume {
		if err := loop.Resume(t.file("last.safetensors")); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	lines, err := train.ResumeJSONL(t.file(metricsLog), 1, loop.Step())
	if err != nil {
		return nil, err
	}
	loop.Hooks = append(loop.Hooks, lines, &train.Progress{Out: progress, Name: t.name,
		Show: []string{t.show, "val_accuracy"}})
	return watch, nil
}
