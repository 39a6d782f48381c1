package train

import (
	"cmp"
	"context"
	"fmt"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
)

// Stagewise trains an unrolled network layer by layer, as the LISTA papers do. For
// each layer t there are stages:
//
//  1. train what layer t adds, the others fixed, at the rate LR;
//  2. train layers 1 to t together, at LR times each of Decays.
//
// A stage minimizes Loss of the code after layer t by Adam, on the next batches of Source, measures the NMSE on
// Validation at intervals, ends when that has not improved for BetterWait steps, or after MaxSteps, and leaves the
// best parameters that it has seen, including those that it began with. So a stage never makes the network worse on
// Validation.
//
// Net, Source and Validation are required. With Dir, Stagewise writes
// last.safetensors there, which Resume goes on from, bit for bit, also in the middle
// of a stage. See Loop and Adam for training all layers at once, end to end.
//
// Reference: Chen, Liu, Wang, Yin. Theoretical linear convergence of unfolded ISTA
// and its practical weights and thresholds. NeurIPS 2018, sec. 4, and their code.
type Stagewise struct {
	Net        layers.Unrolled
	Loss       losses.Loss // nil is losses.CodeError
	Source     data.Source // of samples and their codes
	Validation *data.Set   // samples and their codes

	Layers        int       // how many are trained; 0 is all
	LR            float64   // 0 is 5e-4
	Decays        []float64 // of the joint stages of a layer; nil is 0.2 and 0.02
	MaxSteps      int       // of a stage; 0 is 200 000
	EvaluateEvery int       // steps; 0 is 10
	BetterWait    int       // steps without a better NMSE that end a stage; 0 is 5000

	Dir       string // for last.safetensors; "" saves nothing. It must exist
	SaveEvery int    // steps; 0 is only at the end of a stage and of the run
	Hooks     []Hook // see every step; those that are Stagers every stage's end. Resumable and Stateful ones resume
	Options   nn.Options

	// Settings are those of the program that the run is of, and Free what may be another
	// of them on a Resume, as Loop's are.
	Settings any
	Free     []string

	at, steps int    // stages that are done, and the steps in them
	from      string // the checkpoint to go on from, within stage at
}

// A Stage is one of a Stagewise run.
type Stage struct {
	Number, Of int     // from 1
	Layer      int     // from 1
	Joint      bool    // layers 1 to Layer are trained, rather than the last alone
	LR         float64 // of Adam
	Steps      int     // of the run, when the stage ended
	NMSE       float64 // in dB, on Validation, of the best parameters
}

// A Stager is a [Hook] that is told of the end of each stage of a [Stagewise] run.
type Stager interface{ EndStage(Stage) error }

// stages returns the plan.
func (s *Stagewise) stages() []Stage {
	var all []Stage
	for t := range s.Layers {
		all = append(all, Stage{Layer: t + 1, LR: s.LR})
		for _, decay := range s.Decays {
			all = append(all, Stage{Layer: t + 1, Joint: true, LR: s.LR * decay})
		}
	}
	for i := range all {
		all[i].Number, all[i].Of = i+1, len(all)
	}
	return all
}

// fill sets the defaults and checks the fields.
func (s *Stagewise) fill() error {
	if s == nil {
		return errors.New("the Stagewise is nil")
	}
	for _, f := range []struct {
		name string
		v    any
	}{{"Net", s.Net}, {"Source", s.Source}, {"Validation set", s.Validation}} {
		if isNil(f.v) {
			return errors.Errorf("the Stagewise has no %s: Net, Source and Validation are required", f.name)
		}
	}
	if s.Loss == nil {
		s.Loss = losses.CodeError{}
	}
	if s.Decays == nil {
		s.Decays = []float64{0.2, 0.02}
	}
	if s.LR == 0 {
		s.LR = 5e-4
	}
	s.Layers, s.MaxSteps = cmp.Or(s.Layers, s.Net.Depth()), cmp.Or(s.MaxSteps, 200_000)
	s.EvaluateEvery, s.BetterWait = cmp.Or(s.EvaluateEvery, 10), cmp.Or(s.BetterWait, 5000)
	if s.Layers < 1 || s.Layers > s.Net.Depth() || s.MaxSteps < 1 || s.EvaluateEvery < 1 || s.BetterWait < 1 {
		return errors.Errorf("Layers %d of %d, MaxSteps %d, EvaluateEvery %d, BetterWait %d, want all at least 1",
			s.Layers, s.Net.Depth(), s.MaxSteps, s.EvaluateEvery, s.BetterWait)
	}
	return nil
}

// Run trains until all stages are done or ctx is.
func (s *Stagewise) Run(ctx context.Context) error {
	if err := s.fill(); err != nil {
		return errors.WithMessage(err, "train")
	}
	plan := s.stages()
	for s.at < len(plan) {
		st := plan[s.at]
		if err := s.stage(ctx, st); err != nil {
			return errors.WithMessagef(err, "train: stage %d of %d, layer %d", st.Number, st.Of, st.Layer)
		}
		s.at++
	}
	return nil
}

// params returns the parameters that a stage trains.
func (s *Stagewise) params(st Stage) (params []*nn.Param) {
	if !st.Joint {
		return s.Net.Stage(st.Layer)
	}
	for t := range st.Layer {
		params = append(params, s.Net.Stage(t+1)...)
	}
	return params
}

// best returns the hook of a stage.
func (s *Stagewise) best(st Stage) *bestOf {
	settings := stageSettings{Stage: st.Number, BetterWait: s.BetterWait, MaxSteps: s.MaxSteps}
	for _, st := range s.stages() {
		what := "layer %d at %v"
		if st.Joint {
			what = "layers 1 to %d at %v"
		}
		settings.Plan = append(settings.Plan, fmt.Sprintf(what, st.Layer, st.LR))
	}
	return newBest(s.Net.Params(), settings)
}

// stage runs one stage, or what is left of it.
func (s *Stagewise) stage(ctx context.Context, st Stage) (err error) {
	watch, err := NewSparseEval(s.Net, st.Layer, false, s.Validation, 250, s.Options)
	if err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, watch.Close()) }()
	best := s.best(st)
	loop, err := s.loop(st, best)
	if err != nil {
		return err
	}
	loop.Evaluator = watch
	defer func() { err = cmp.Or(err, loop.Close()) }()
	if err := s.begin(ctx, loop, best, watch); err != nil {
		return err
	}
	if best.done { // by the run that was resumed
		s.steps = loop.step
		return nil
	}
	if err := loop.Run(ctx); err != nil {
		return err
	}
	s.steps = loop.step
	st.Steps, st.NMSE = loop.step, best.value
	return s.tell(st)
}

// loop returns the training of a stage, which best keeps the best of.
func (s *Stagewise) loop(st Stage, best *bestOf) (*Loop, error) {
	opt, err := optim.NewAdam(s.params(st), optim.Constant(st.LR), optim.Adam{})
	if err != nil {
		return nil, err
	}
	loop := &Loop{
		Model: prefix{s.Net, st.Layer}, Loss: s.Loss, Optimizer: opt, Source: s.Source, Steps: s.steps + s.MaxSteps,
		open:          true,
		EvaluateEvery: s.EvaluateEvery, Settings: s.Settings, Free: s.Free, Options: s.Options, step: s.steps,
	}
	for _, h := range s.Hooks {
		loop.Hooks = append(loop.Hooks, stepsOnly{h})
	}
	loop.Hooks = append(loop.Hooks, best)
	if s.Dir != "" {
		loop.Hooks = append(loop.Hooks, &Checkpoint{Dir: s.Dir, Every: s.SaveEvery})
	}
	return loop, nil
}

// tell tells the hooks of the end of a stage.
func (s *Stagewise) tell(st Stage) error {
	for _, h := range s.Hooks {
		if e, ok := h.(Stager); ok {
			if err := e.EndStage(st); err != nil {
				return errors.WithMessagef(err, "hook %T", h)
			}
		}
	}
	return nil
}

// prefix is the first layers of a network, with the parameters of all.
type prefix struct {
	layers.Unrolled
	steps int
}

// prefixSettings are the settings of a prefix.
type prefixSettings struct {
	Net    layers.Unrolled
	Layers int
}

// Config returns what p is made of.
func (p prefix) Config() prefixSettings { return prefixSettings{p.Unrolled, p.steps} }

// Forward implements layers.Layer.
func (p prefix) Forward(g *nn.Graph, x *gorgonia.Node) (*gorgonia.Node, error) {
	zs, err := p.Iterate(g, x, p.steps)
	if err != nil {
		return nil, err
	}
	return zs[len(zs)-1], nil
}

// stepsOnly is a hook reduced to its Step, since the end of a stage is not the end of the run.
type stepsOnly struct{ Hook }

// wrapped returns the hook, whose state is part of the checkpoints.
func (h stepsOnly) wrapped() Hook { return h.Hook }

// Turn implements Turner.
func (h stepsOnly) Turn() Turn { return turnOf(h.Hook) }

// Sync implements Syncer.
func (h stepsOnly) Sync() error {
	if s, ok := h.Hook.(Syncer); ok {
		return s.Sync()
	}
	return nil
}

// Monitors implements Monitor.
func (h stepsOnly) Monitors() []string {
	if m, ok := h.Hook.(Monitor); ok {
		return m.Monitors()
	}
	return nil
}
