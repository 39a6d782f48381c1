package train

import (
	"cmp"
	"math"
	"reflect"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/data"
)

// prepare checks the fields and compiles the training graph, once.
func (l *Loop) prepare() error {
	if err := l.check(); err != nil {
		return err
	}
	if l.graph != nil {
		return nil
	}
	if err := l.compile(); err != nil {
		return errors.WithMessage(err, "build")
	}
	p := l.graph.program
	for _, name := range p.Probes() {
		if v, err := p.Probe(name); err == nil && v.Size() == 1 {
			l.probes = append(l.probes, name)
		}
	}
	l.event = Event{Loop: l, Model: l.Model, Step: l.step, Train: make([]Metric, 0, len(l.probes)+2)}
	return nil
}

// compile compiles the graph of whole batches, and where the last one of an epoch is shorter
// that of such, with the same parameters.
func (l *Loop) compile() error {
	n := l.Source.BatchSize()
	if err := checkBatchSize(n, nil); err != nil {
		return errors.WithMessage(err, "the Source")
	}
	if err := cmp.Or(checkBatchSize(n, l.Source.SampleShape()),
		checkBatchSize(n, l.Source.TargetShape())); err != nil {
		return errors.WithMessage(err, "the Source")
	}
	s := l.source()
	sizes := []int{n}
	switch last := data.BatchSizeAt(s, data.Position{Batch: int64(s.Batches()) - 1}); {
	case last < 1 || last > n:
		return errors.Errorf("the Source: a last batch of %d samples, want 1 to %d", last, n)
	case last < n && s.Batches() == 1:
		sizes = []int{last}
	case last < n:
		sizes = append(sizes, last)
	}
	var graphs []*stepGraph
	for _, n := range sizes {
		g, err := l.compileFor(n)
		if err != nil {
			for _, g := range graphs {
				err = cmp.Or(err, g.close())
			}
			return err
		}
		graphs = append(graphs, g)
	}
	l.graphs, l.graph = graphs, graphs[0]
	return nil
}

// batchShape returns the shape of n samples.
func batchShape(n int, sample []int) []int { return append([]int{n}, sample...) }

// check reports fields that are missing or invalid.
func (l *Loop) check() error {
	if l == nil {
		return errors.New("the Loop is nil")
	}
	for _, f := range []struct {
		name string
		v    any
	}{{"Model", l.Model}, {"Loss", l.Loss}, {"Optimizer", l.Optimizer}, {"Source", l.Source}} {
		if isNil(f.v) {
			return errors.Errorf("the Loop has no %s: Model, Loss, Optimizer, Source, and Steps or Epochs, are "+
				"required", f.name)
		}
	}
	if err := Hooks(l.Hooks).Check(); err != nil {
		return err
	}
	switch {
	case l.Steps < 0 || l.Epochs < 0 || l.Steps == 0 && l.Epochs == 0:
		return errors.Errorf("Steps is %d and Epochs %d, want one of them at least 1", l.Steps, l.Epochs)
	case l.OverfitBatches < 0:
		return errors.Errorf("OverfitBatches is %d, want 0 or above", l.OverfitBatches)
	case l.TotalSteps() == math.MaxInt:
		return errors.Errorf("%d Epochs of %d batches are more steps than can be counted", l.Epochs, l.batches())
	case l.EvaluateEvery < 0:
		return errors.Errorf("EvaluateEvery is %d steps, want 0 or above", l.EvaluateEvery)
	case l.Evaluator != nil && isNil(l.Evaluator):
		return errors.Errorf("the Evaluator is a nil %T: leave it out", l.Evaluator)
	}
	return l.checkSource()
}

// checkSource makes the source of the first batches where they are asked for, and reports a loss
// that cannot take the weights of the samples.
func (l *Loop) checkSource() (err error) {
	if l.few != nil && (l.few.Config().Source != l.Source || l.few.Batches() != l.batches()) {
		l.few = nil
	}
	if l.few == nil && l.OverfitBatches > 0 {
		if l.few, err = data.NewFirstBatches(l.Source, l.OverfitBatches); err != nil {
			return err
		}
	}
	return checkWeigher(l.Loss, data.HasWeights(l.Source))
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
