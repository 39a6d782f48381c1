package train

import (
	stderrors "errors"
	"fmt"
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/internal/dense"
	"github.com/whitebox-nn/whitebox/internal/safetensors"
	"github.com/whitebox-nn/whitebox/nn"
)

// ErrCheckpoint reports a checkpoint of another model, optimizer or run.
var ErrCheckpoint = stderrors.New("checkpoint does not fit")

// Names of what a checkpoint holds besides parameters and moments.
const (
	positionName = "train.position"
	hookPrefix   = "hook."
)

// format is the version of the checkpoint's layout, in the file's metadata.
const format = "whitebox-checkpoint-1"

// Save writes the run to one safetensors file, which appears whole or not at
// all: the model's parameters under their own names; the optimizer's state under
// "optim."; the hooks' under "hook."; positionName, the step and the
// source's epoch and batch. The metadata say what run it is of (Description), and
// hooks that are Syncers are synced first. Random numbers need no state of their own: all are
// functions of a seed and these counters.
//
// A run of 2N steps and one of N steps, Save, Resume in a new process and N more
// steps end with the same bits.
func (l *Loop) Save(path string) error {
	if err := l.check(); err != nil {
		return errors.WithMessagef(err, "train: save %s", path)
	}
	tensors, err := l.tensors()
	if err != nil {
		return errors.WithMessagef(err, "train: save %s", path)
	}
	text, err := l.describe(l.TotalSteps())
	if err != nil {
		return errors.WithMessagef(err, "train: save %s", path)
	}
	for _, h := range l.Hooks {
		if s, ok := h.(Syncer); ok {
			if err := s.Sync(); err != nil {
				return errors.WithMessagef(err, "train: save %s: hook %T", path, h)
			}
		}
	}
	return errors.WithMessagef(safetensors.WriteFile(path, tensors, describedBy(text)), "train: save %s", path)
}

// Resume restores what Save wrote. Call it before Run, with the Loop's fields set as
// they were. Everything is checked before anything is changed.
//
// These may differ from the run that wrote the file: the intervals of evaluations, checkpoints and logs, and where
// they are written; workers and prefetching; the device, up to rounding; the Settings that Free lists; and Steps,
// which may be more if no rate depends on their number. Every other difference is refused, in a line each
// ([OtherRun]), and so is state in the file that this run has no use for.
//
// Errors: a file that is damaged (safetensors.ErrFormat) or of another run
// (ErrCheckpoint).
func (l *Loop) Resume(path string) error {
	if err := l.check(); err != nil {
		return errors.WithMessagef(err, "train: resume %s", path)
	}
	f, err := safetensors.ReadFile(path)
	if err != nil {
		return errors.WithMessagef(err, "train: resume %s", path)
	}
	return errors.WithMessagef(l.restore(f), "train: resume %s", path)
}

// SaveParams writes the parameters of a model to a safetensors file. See [LoadParams].
func SaveParams(path string, params []*nn.Param) error {
	tensors, err := paramTensors(params)
	if err != nil {
		return errors.WithMessagef(err, "train: save %s", path)
	}
	return errors.WithMessagef(safetensors.WriteFile(path, tensors, map[string]string{"format": format}),
		"train: save %s", path)
}

// tensors returns what Save writes.
func (l *Loop) tensors() ([]safetensors.Tensor, error) {
	for _, p := range l.Model.Params() {
		if what := p.StandIn(); what != "" {
			return nil, errors.Errorf("parameter %q holds %s, not its own value: a checkpoint would take them for "+
				"it. Call SwapOut first, or SaveParams to keep them alone", p.Name, what)
		}
	}
	ts, err := paramTensors(l.Model.Params())
	if err != nil {
		return nil, err
	}
	if err := l.Optimizer.Sync(); err != nil {
		return nil, err
	}
	for _, s := range l.Optimizer.State() {
		t, err := tensorOf(s.Name, s.Value)
		if err != nil {
			return nil, err
		}
		ts = append(ts, t)
	}
	hooks, err := l.hookStates()
	if err != nil {
		return nil, err
	}
	for _, s := range hooks {
		t, err := tensorOf(s.Name, s.Value)
		if err != nil {
			return nil, err
		}
		ts = append(ts, t)
	}
	at := l.position()
	t, err := safetensors.New(positionName, []int64{int64(l.step), at.Epoch, at.Batch}, 3)
	return append(ts, t), err
}

func (l *Loop) restore(f *safetensors.File) error {
	if got := f.Meta["format"]; got != format {
		return errors.Wrapf(ErrCheckpoint, "format %q, want %q", got, format)
	}
	if err := renamed(f, l.Model.Params()); err != nil {
		return err
	}
	if err := l.compare(f); err != nil {
		return err
	}
	if err := l.left(f); err != nil {
		return err
	}
	commit, err := readParams(f, l.Model.Params())
	if err != nil {
		return err
	}
	at, err := safetensors.Get[int64](f, positionName, 3)
	if err != nil {
		return errors.Wrap(ErrCheckpoint, err.Error())
	}
	if at[0] < 0 || at[0] > math.MaxInt32 {
		return errors.Wrapf(ErrCheckpoint, "step %d", at[0])
	}
	hooks, err := l.readHooks(f)
	if err != nil {
		return err
	}
	before := l.source().Position()
	if err := l.source().Seek(data.Position{Epoch: at[1], Batch: at[2]}); err != nil {
		return errors.Wrap(ErrCheckpoint, err.Error())
	}
	if err := l.restoreOptimizer(f); err != nil {
		if e := l.source().Seek(before); e != nil {
			return errors.WithMessagef(err, "%v; and then", e)
		}
		return err
	}
	commit()
	l.step = int(at[0])
	return l.restoreHooks(hooks)
}

// restoreOptimizer hands the optimizer the tensors of its own names.
func (l *Loop) restoreOptimizer(f *safetensors.File) error {
	state := l.Optimizer.State()
	for i, s := range state {
		v, err := tensorFrom(f, s.Name, s.Value)
		if err != nil {
			return err
		}
		state[i].Value = v
	}
	if err := l.Optimizer.Restore(state); err != nil {
		return errors.Wrap(ErrCheckpoint, err.Error())
	}
	return nil
}

func paramTensors(params []*nn.Param) ([]safetensors.Tensor, error) {
	if err := checkParams(params); err != nil {
		return nil, err
	}
	if err := nn.Sync(params); err != nil {
		return nil, err
	}
	var ts []safetensors.Tensor
	for _, p := range params {
		t, err := tensorOf(p.Name, p.Value)
		if err != nil {
			return nil, err
		}
		ts = append(ts, t)
	}
	return ts, nil
}

// checkParams reports parameters that cannot be written to a file.
func checkParams(params []*nn.Param) error {
	for i, p := range params {
		if p == nil || p.Value == nil || p.Name == "" {
			return errors.Errorf("parameter %d of %d is nil, or has no name or no value", i+1, len(params))
		}
	}
	return nil
}

// readParams checks that f has params, and returns the function that copies
// them.
func readParams(f *safetensors.File, params []*nn.Param) (commit func(), err error) {
	if err := checkParams(params); err != nil {
		return nil, err
	}
	values := make([]*tensor.Dense, len(params))
	for i, p := range params {
		if values[i], err = tensorFrom(f, p.Name, p.Value); err != nil {
			return nil, err
		}
	}
	return func() {
		for i, p := range params {
			dense.Copy(p.Value, values[i])
		}
		nn.Changed(params)
	}, nil
}

func tensorOf(name string, v *tensor.Dense) (safetensors.Tensor, error) {
	switch v.Dtype() {
	case tensor.Float32:
		return safetensors.New(name, v.Float32s(), v.Shape()...)
	case tensor.Float64:
		return safetensors.New(name, v.Float64s(), v.Shape()...)
	case tensor.Int64:
		return safetensors.New(name, v.Int64s(), v.Shape()...)
	}
	return safetensors.Tensor{}, errors.Errorf("%q is %v, want float32, float64 or int64", name, v.Dtype())
}

// tensorFrom returns the tensor of that name, of like's dtype and shape.
func tensorFrom(f *safetensors.File, name string, like *tensor.Dense) (*tensor.Dense, error) {
	var backing any
	var err error
	shape := like.Shape()
	switch like.Dtype() {
	case tensor.Float32:
		backing, err = safetensors.Get[float32](f, name, shape...)
	case tensor.Float64:
		backing, err = safetensors.Get[float64](f, name, shape...)
	case tensor.Int64:
		backing, err = safetensors.Get[int64](f, name, shape...)
	default:
		err = fmt.Errorf("%q is %v", name, like.Dtype())
	}
	if err != nil {
		return nil, errors.Wrap(ErrCheckpoint, err.Error())
	}
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(backing)), nil
}
