package lista

import (
	"context"
	"io"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/stat"

	"github.com/whitebox-nn/whitebox/internal/experiment"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
	"github.com/whitebox-nn/whitebox/train"
)

const (
	batch   = 64 // samples of a step, as in the papers
	logName = "metrics.jsonl"
)

// A training is one network being trained, with a directory of its own.
type training struct {
	method
	*problem
	net      *models.LISTANet
	dir      string
	watch    *train.Stopwatch
	progress io.Writer
}

// learn trains a network and measures the codes after each of its layers.
func (p *problem) learn(ctx context.Context, m method, dir string, progress io.Writer) (r *result, err error) {
	t := &training{method: m, problem: p, dir: dir, progress: progress}
	body, err := m.net(p)
	if err != nil {
		return nil, err
	}
	if t.net, err = models.NewLISTANet(models.LISTANetConfig{Name: "net", Body: body, Watch: true}); err != nil {
		return nil, err
	}
	if p.cfg.LR != 0 {
		t.lr = p.cfg.LR
	}
	if p.cfg.Steps != 0 {
		t.steps = p.cfg.Steps
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
	return t.measure(ctx)
}

// log returns the path of the log, which has what every layer recovers.
func (t *training) log() string { return filepath.Join(t.dir, logName) }

// measure returns what the trained network does with the test set.
func (t *training) measure(ctx context.Context) (r *result, err error) {
	recovery, err := train.NewSparseEval(t.net.Body(), t.cfg.Layers, true, t.test, 250, t.cfg.options)
	if err != nil {
		return nil, err
	}
	defer experiment.Close(recovery, &err)
	all, err := recovery.Layers(ctx)
	if err != nil {
		return nil, err
	}
	r = &result{Name: t.name, Steps: t.steps, Seconds: t.watch.Seconds(), Curve: []float64{0}}
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

// compared is a loss of codes, with what every layer recovers in the log.
func (t *training) compared(loss losses.Loss) losses.Loss {
	return losses.Compared{Of: loss, Model: t.net}
}

// endToEnd trains all layers at once, by the errors of the codes of all of them, with
// a rate that falls as a cosine. By that of the last alone, the first layers learn
// slowly, and the last one is 1 to 2 dB worse after as many steps.
func (t *training) endToEnd(ctx context.Context) (err error) {
	source, err := t.source(batch)
	if err != nil {
		return err
	}
	opt, err := optim.NewAdam(t.net.Params(), optim.CosineAnnealing(t.lr, t.steps, 0), optim.Adam{},
		optim.CheckFinite{}, optim.ClipNorm{Max: 1})
	if err != nil {
		return err
	}
	recovery, err := train.NewSparseEval(t.net.Body(), t.cfg.Layers, false, t.validation, 250, t.cfg.options)
	if err != nil {
		return err
	}
	defer experiment.Close(recovery, &err)
	deep := losses.DeepSupervision{Net: t.net, Weights: slices.Repeat([]float64{1}, t.cfg.Layers)}
	loop := &train.Loop{
		Model: t.net, Loss: t.compared(deep), Optimizer: opt, Source: source, Steps: t.steps,
		Evaluator: recovery, EvaluateEvery: max(1, t.steps/20), Options: t.cfg.options, Settings: t.cfg,
	}
	if t.loss != nil {
		if loop.Loss, loop.Source, err = t.loss(t.problem); err != nil {
			return err
		}
	}
	defer experiment.Close(loop, &err)
	checkpoint := &train.Checkpoint{Dir: t.dir, Every: max(1, t.steps/20)}
	loop.Hooks = []train.Hook{t.watch, checkpoint}
	if t.cfg.Resume {
		if err := loop.Resume(filepath.Join(t.dir, "last.safetensors")); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	log, err := train.ResumeJSONL(t.log(), max(1, t.steps/200), loop.Step())
	if err != nil {
		return err
	}
	loop.Hooks = append(loop.Hooks, log, &train.Progress{Out: t.progress, Name: t.name, Show: []string{"val_nmse_db"},
		Lines: 4})
	return loop.Run(ctx)
}
