package main

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strconv"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/stat"

	"github.com/whitebox-nn/whitebox/examples/internal/cli"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
	"github.com/whitebox-nn/whitebox/train"
)

const batch = 64 // samples of a step, as in the papers

// A training is one network being trained, with a directory of its own.
type training struct {
	method
	*problem
	net      layers.Unrolled
	dir      string
	watch    *train.Stopwatch
	progress io.Writer
}

// learn trains a network and measures the codes after each of its layers.
func (p *problem) learn(ctx context.Context, m method, dir string, progress io.Writer) (r *result, err error) {
	t := &training{method: m, problem: p, dir: dir, progress: progress}
	if t.net, err = m.net(p); err != nil {
		return nil, err
	}
	if p.cfg.LR != 0 {
		t.lr = p.cfg.LR
	}
	t.watch = train.NewStopwatch(filepath.Join(dir, "seconds.txt"), p.cfg.Resume)
	if p.cfg.Full && m.loss == nil {
		err = t.stagewise(ctx)
	} else {
		err = t.endToEnd(ctx)
	}
	if err != nil {
		return nil, err
	}
	if err := train.SaveParams(filepath.Join(dir, "weights.safetensors"), t.net.Params()); err != nil {
		return nil, err
	}
	recovery, err := train.NewRecovery(t.net, p.cfg.Layers, true, p.test, 250, p.cfg.options)
	if err != nil {
		return nil, err
	}
	defer cli.Close(recovery, &err)
	all, err := recovery.Layers(ctx)
	if err != nil {
		return nil, err
	}
	r = &result{Name: m.name, Seconds: t.watch.Seconds(), Curve: []float64{0}}
	for _, v := range all {
		r.Curve, r.Sparsity = append(r.Curve, v.NMSE), append(r.Sparsity, v.Sparsity)
		r.Precision, r.Recall = append(r.Precision, v.Precision), append(r.Recall, v.Recall)
	}
	for _, theta := range t.net.Thresholds() {
		v, err := nn.Floats(nil, theta.Value)
		if err != nil {
			return nil, err
		}
		r.Thresholds = append(r.Thresholds, stat.Mean(v, nil))
	}
	return r, nil
}

// endToEnd trains all layers at once, by the error of the last code, with a rate
// that falls as a cosine.
func (t *training) endToEnd(ctx context.Context) (err error) {
	source, err := t.source(batch)
	if err != nil {
		return err
	}
	opt, err := optim.NewAdam(t.net.Params(), optim.Cosine(t.lr, t.cfg.Steps, 0), optim.Adam{}, optim.CheckFinite{}, optim.ClipNorm{Max: 1})
	if err != nil {
		return err
	}
	recovery, err := train.NewRecovery(t.net, t.cfg.Layers, false, t.validation, 250, t.cfg.options)
	if err != nil {
		return err
	}
	defer cli.Close(recovery, &err)
	loop := &train.Loop{
		Model: t.net, Loss: losses.CodeError{}, Optimizer: opt, Source: source, Steps: t.cfg.Steps,
		Evaluator: recovery, EvaluateEvery: max(1, t.cfg.Steps/20), Options: t.cfg.options,
	}
	if t.loss != nil {
		if loop.Loss, loop.Source, err = t.loss(t.problem); err != nil {
			return err
		}
	}
	defer cli.Close(loop, &err)
	checkpoint := &train.Checkpoint{Dir: t.dir, Every: max(1, t.cfg.Steps/20)}
	loop.Hooks = []train.Hook{t.watch, checkpoint}
	if t.cfg.Resume {
		if err := loop.Resume(filepath.Join(t.dir, "last.safetensors")); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	log, err := train.ResumeJSONL(filepath.Join(t.dir, "metrics.jsonl"), max(1, t.cfg.Steps/200), loop.Step())
	if err != nil {
		return err
	}
	loop.Hooks = append(loop.Hooks, log, &train.Progress{Out: t.progress, Name: t.name, Show: []string{"nmse_db"}, Lines: 4})
	return loop.Run(ctx)
}

// stagewise trains layer by layer, as the papers do.
func (t *training) stagewise(ctx context.Context) error {
	source, err := t.source(batch)
	if err != nil {
		return err
	}
	s := &train.Stagewise{
		Net: t.net, Source: source, Validation: t.validation, MaxSteps: t.cfg.Steps, LR: t.cfg.LR,
		EvaluateEvery: 50, BetterWait: 4000, Dir: t.dir, SaveEvery: 500,
		Hooks: []train.Hook{t.watch, &stageLines{training: t}}, Options: t.cfg.options,
	}
	if t.cfg.Resume {
		if err := s.Resume(s.Checkpoint()); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	err = s.Run(ctx)
	if e := t.watch.Finish(nil, err); err == nil {
		err = e
	}
	return err
}

// stageLines is a hook that writes a line for each stage.
type stageLines struct{ *training }

// Step implements train.Hook.
func (stageLines) Step(*train.Event) error { return nil }

// EndStage implements train.Stager.
func (l *stageLines) EndStage(s train.Stage) error {
	what := "layer " + strconv.Itoa(s.Layer)
	if s.Joint {
		what = "layers 1–" + strconv.Itoa(s.Layer)
	}
	_, err := fmt.Fprintf(l.progress, "%s stage %d of %d: %s at %.0e: %.2f dB after %d steps, %.0f s\n",
		l.name, s.Number, s.Of, what, s.LR, s.NMSE, s.Steps, l.watch.Seconds())
	return errors.WithStack(err)
}
