package train

import (
	"cmp"
	"reflect"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn"
)

// prepare checks the fields and compiles the training graph, once.
func (l *Loop) prepare() error {
	if err := l.check(); err != nil {
		return err
	}
	if l.program != nil {
		return nil
	}
	if err := l.compile(); err != nil {
		return errors.WithMessage(err, "build")
	}
	for _, name := range l.program.Probes() {
		if v, err := l.program.Probe(name); err == nil && v.Size() == 1 {
			l.probes = append(l.probes, name)
		}
	}
	l.event = Event{Loop: l, Step: l.step, Train: make([]Metric, 0, len(l.probes)+2)}
	return nil
}

func (l *Loop) compile() error {
	params := l.Optimizer.Params()
	if len(params) == 0 {
		return errors.New("the Optimizer has no parameters")
	}
	g := nn.NewGraph(nn.Train)
	dt, n := params[0].Value.Dtype(), l.Source.BatchSize()
	if err := checkBatchSize(n, nil); err != nil {
		return errors.WithMessage(err, "the Source")
	}
	if err := cmp.Or(checkBatchSize(n, l.Source.SampleShape()),
		checkBatchSize(n, l.Source.TargetShape())); err != nil {
		return errors.WithMessage(err, "the Source")
	}
	l.x = tensor.New(tensor.WithShape(batchShape(n, l.Source.SampleShape())...), tensor.Of(dt))
	l.y = tensor.New(tensor.WithShape(batchShape(n, l.Source.TargetShape())...), tensor.Of(dt))
	if l.Chunk != 0 {
		c, err := l.chunks(params)
		if err != nil {
			return err
		}
		l.chunked, l.program = c, c.loss
		return nil
	}
	x, err := g.Input("x", l.x)
	if err != nil {
		return err
	}
	y, err := g.Input("y", l.y)
	if err != nil {
		return err
	}
	loss, err := l.lossOf(g, x, y)
	if err != nil {
		return err
	}
	l.program, err = nn.Compile(g, nn.Outputs{Loss: loss, Wrt: params}, l.Options)
	return err
}

func (l *Loop) lossOf(g *nn.Graph, x, y *gorgonia.Node) (*gorgonia.Node, error) {
	out, err := l.Model.Forward(g, x)
	if err != nil {
		return nil, err
	}
	return l.Loss.Loss(g, out, y)
}

// batchShape returns the shape of n samples.
func batchShape(n int, sample []int) []int { return append([]int{n}, sample...) }

// check reports fields that are missing or make no sense.
func (l *Loop) check() error {
	if l == nil {
		return errors.New("the Loop is nil")
	}
	for _, f := range []struct {
		name string
		v    any
	}{{"Model", l.Model}, {"Loss", l.Loss}, {"Optimizer", l.Optimizer}, {"Source", l.Source}} {
		if isNil(f.v) {
			return errors.Errorf("the Loop has no %s: Model, Loss, Optimizer, Source and Steps are required", f.name)
		}
	}
	for i, h := range l.Hooks {
		if isNil(h) {
			return errors.Errorf("hook %d of %d is nil", i+1, len(l.Hooks))
		}
		if turn := turnOf(h); turn < BeforeEvaluation || turn > AfterHooks {
			return errors.Errorf("hook %d of %d, a %T, has the Turn %d, want BeforeEvaluation, AfterEvaluation or "+
				"AfterHooks", i+1, len(l.Hooks), h, turn)
		}
	}
	switch {
	case l.Steps < 1:
		return errors.Errorf("Steps is %d, want at least 1", l.Steps)
	case l.EvaluateEvery < 0:
		return errors.Errorf("EvaluateEvery is %d steps, want 0 or above", l.EvaluateEvery)
	case l.Evaluator != nil && isNil(l.Evaluator):
		return errors.Errorf("the Evaluator is a nil %T: leave it out", l.Evaluator)
	}
	return nil
}

// isNil reports whether v is nil, or holds a nil pointer or function.
func isNil(v any) bool {
	if v == nil {
		return true
	}
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.Pointer, reflect.Func:
		return r.IsNil()
	}
	return false
}
