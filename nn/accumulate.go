package nn

import (
	"cmp"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/dense"
	"github.com/whitebox-nn/whitebox/internal/engine"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// An Accumulator adds up over several runs of a Program, each on a part of a batch,
// the gradients by its parameters and the next values that Graph.Update named. It
// does so where the program runs: on a device they stay there.
//
//	for each part { fill the inputs; p.Run(); a.Add() }
//	optimizer.Step(a.Grads()); a.Commit(); a.Reset()
//
// Sums are taken in the order of the runs. Nothing allocates after NewAccumulator.
// Close it before the program.
type Accumulator struct {
	p     *Program
	grads []*tensor.Dense // the sums of gradients; on a device they stand for those
	next  []*tensor.Dense // the sums of next values; nil on a device
	runs  int

	sums, nexts *engine.Sums // on a device
	add, mean   func() error // bound once
}

// NewAccumulator returns an accumulator for runs of p, with all sums 0.
func NewAccumulator(p *Program) (*Accumulator, error) {
	if p == nil || p.run == nil {
		return nil, errors.New("nn: accumulate: no program: make it by Compile")
	}
	a := &Accumulator{p: p}
	for _, g := range p.grads {
		a.grads = append(a.grads, dense.Like(g))
	}
	if p.resides == nil {
		for _, c := range p.after {
			a.next = append(a.next, dense.Like(c.next))
		}
		return a, nil
	}
	return a, errors.WithMessage(a.enter(), "nn: accumulate")
}

// enter makes the sums on the device, and registers those of gradients.
func (a *Accumulator) enter() error {
	p, r := a.p, a.p.resides
	var from, next []launch.Ptr
	var sizes, nextSizes []int
	bytes := 4
	for i, g := range p.grads {
		at, _ := p.run.Device(r.grads[i])
		from, sizes, bytes = append(from, at), append(sizes, g.Size()), int(g.Dtype().Size())
	}
	for _, u := range r.updates {
		bytes = u.element
		next, nextSizes = append(next, u.from), append(nextSizes, u.size/u.element)
	}
	err := r.Device.Do(func() (err error) {
		if a.sums, err = engine.NewSums(r.Device, from, sizes, bytes); err != nil {
			return err
		}
		a.nexts, err = engine.NewSums(r.Device, next, nextSizes, bytes)
		return err
	})
	if err != nil {
		return cmp.Or(err, a.Close())
	}
	for i, g := range a.grads {
		p.params[i].device.grads[g] = gradient{a.sums.At(i), p}
	}
	a.add = func() error { return cmp.Or(a.sums.Add(a.runs == 0), a.nexts.Add(a.runs == 0)) }
	a.mean = func() error { return a.nexts.Divide(a.runs) }
	return nil
}

// Reset sets all sums to 0.
func (a *Accumulator) Reset() {
	if a != nil {
		a.runs = 0
	}
}

// check reports an Accumulator that NewAccumulator did not make.
func (a *Accumulator) check() error {
	if a == nil || a.p == nil {
		return errors.New("nn: accumulate: no sums: make them by NewAccumulator")
	}
	return nil
}

// Add adds what the last run of the program has computed.
func (a *Accumulator) Add() error {
	if err := a.check(); err != nil {
		return err
	}
	if r := a.p.resides; r != nil {
		if err := r.Device.Do(a.add); err != nil {
			return errors.WithMessage(err, "nn: accumulate")
		}
		a.runs++
		return nil
	}
	for i, g := range a.p.grads {
		accumulate(a.grads[i], g, a.runs == 0)
	}
	for i, c := range a.p.after {
		accumulate(a.next[i], c.next, a.runs == 0)
	}
	a.runs++
	return nil
}

// Grads returns the sum of the gradients by each of the program's Params, in their
// order. On a device they stand for sums that stay there, for Optimizer.Step.
func (a *Accumulator) Grads() []*tensor.Dense {
	if a == nil {
		return nil
	}
	return a.grads
}

// Commit stores the mean of the next values, as Program.Commit stores one run's.
func (a *Accumulator) Commit() error {
	if err := a.check(); err != nil {
		return err
	}
	if a.runs == 0 {
		return errors.New("nn: accumulate: commit of no runs")
	}
	if r := a.p.resides; r != nil {
		if err := r.Device.Do(a.mean); err != nil {
			return errors.WithMessage(err, "nn: accumulate")
		}
	}
	for i, sum := range a.next {
		divide(a.p.after[i].next, sum, float64(a.runs))
	}
	a.p.Commit()
	return nil
}

// Close gives the memory on a device back.
func (a *Accumulator) Close() error {
	if a == nil || a.p == nil || a.p.resides == nil || a.p.left {
		return nil
	}
	for i, g := range a.grads {
		delete(a.p.params[i].device.grads, g)
	}
	return a.p.resides.Device.Do(func() error { return cmp.Or(a.sums.Free(), a.nexts.Free()) })
}

// accumulate adds part to sum, or replaces it by the first part.
func accumulate(sum, part *tensor.Dense, first bool) {
	if sum.Dtype() == tensor.Float32 {
		addTo(sum.Float32s(), part.Float32s(), first)
	} else {
		addTo(sum.Float64s(), part.Float64s(), first)
	}
}

func addTo[T float32 | float64](sum, part []T, first bool) {
	if first {
		copy(sum, part)
		return
	}
	for i, v := range part[:len(sum)] {
		sum[i] += v
	}
}

// divide stores sum/n in mean.
func divide(mean, sum *tensor.Dense, n float64) {
	if mean.Dtype() == tensor.Float32 {
		for i, v := range sum.Float32s() {
			mean.Float32s()[i] = v / float32(n)
		}
		return
	}
	for i, v := range sum.Float64s() {
		mean.Float64s()[i] = v / n
	}
}
