package data

import (
	"context"
	"io"
	"runtime"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/dense"
)

// Prefetch is a [Source] that prepares the next batches of another Source while the caller computes with the current
// one. It delivers the same batches. Close it when it is no longer needed; the goroutine of a Prefetch that has
// become unreachable ends by itself.
type Prefetch struct {
	src  Source
	pos  Position
	free chan *fetched      // buffers to fill
	full chan *fetched      // batches in order
	stop context.CancelFunc // of the worker; nil of a closed source
	done chan struct{}      // closed when the worker has ended
	err  error              // why it cannot go on
	all  []*fetched
}

// fetched is one batch, or the error instead of it.
type fetched struct {
	x, y buffer
	n    int      // samples
	pos  Position // after it
	err  error
}

var _ Source = (*Prefetch)(nil)

// NewPrefetch returns a source of src's batches that holds up to depth of them, at least 1, as tensors of dtype dt.
// Until Close, the caller must not use src. Errors: ErrInput without a source, for another dtype, or for more than
// 2³⁰ numbers in all batches.
func NewPrefetch(src Source, dt tensor.Dtype, depth int) (*Prefetch, error) {
	if src == nil || depth < 1 || dt != tensor.Float32 && dt != tensor.Float64 {
		return nil, errors.Wrapf(ErrInput,
			"data: prefetch: source %v, %d batches of %v, want a source and at least 1 of float32 or float64", src,
			depth, dt)
	}
	if err := checkSource(src); err != nil {
		return nil, errors.WithMessage(err, "data: prefetch")
	}
	n := src.BatchSize()
	if x, y := size(src.SampleShape()), size(src.TargetShape()); !fitsMemory(depth, n, x) || !fitsMemory(depth, n, y) {
		return nil, errors.Wrapf(ErrInput,
			"data: prefetch: %d batches of %d samples of %v and targets of %v, want at most %d numbers in all", depth,
			n, src.SampleShape(), src.TargetShape(), maxNumbers)
	}
	p := &Prefetch{src: src, pos: src.Position()}
	for range depth + 1 {
		p.all = append(p.all, &fetched{x: newBuffer(src, src.SampleShape(), dt),
			y: newBuffer(src, src.TargetShape(), dt)})
	}
	p.start()
	return p, nil
}

// start starts the worker at the source's position.
func (p *Prefetch) start() {
	p.free, p.full = make(chan *fetched, len(p.all)), make(chan *fetched, len(p.all))
	ctx, cancel := context.WithCancel(context.Background())
	p.stop, p.done = cancel, make(chan struct{})
	for _, b := range p.all {
		p.free <- b
	}
	runtime.AddCleanup(p, func(cancel context.CancelFunc) { cancel() }, cancel)
	go fetch(ctx, p.src, p.free, p.full, p.done)
}

// fetch fills buffers until it is stopped or the source fails.
func fetch(ctx context.Context, src Source, free <-chan *fetched, full chan<- *fetched, done chan<- struct{}) {
	defer close(done)
	for {
		select {
		case <-ctx.Done():
			return
		case b := <-free:
			b.n = BatchSizeAt(src, src.Position())
			b.err = src.Next(b.x.of(b.n), b.y.of(b.n))
			b.pos = src.Position()
			full <- b // has room for all buffers
			if b.err != nil && b.err != io.EOF {
				return
			}
		}
	}
}

// Next implements Source. After an error of the source it returns the same error
// until Seek.
func (p *Prefetch) Next(x, y *tensor.Dense) error {
	p = zero(p)
	switch {
	case p.err != nil:
		return p.err
	case p.stop == nil:
		return errors.Wrap(ErrInput, "data: prefetch: next batch of a closed source")
	}
	n := BatchSizeAt(p, p.pos)
	if err := fits("x", x, p.all[0].x.of(n)); err != nil {
		return err
	}
	if err := fits("y", y, p.all[0].y.of(n)); err != nil {
		return err
	}
	b := <-p.full
	p.pos = b.pos
	err := b.err
	switch err {
	case nil:
		dense.Copy(x, b.x.of(b.n))
		dense.Copy(y, b.y.of(b.n))
	case io.EOF:
	default:
		p.err = err
		return err
	}
	p.free <- b
	return err
}

// fits reports a tensor that cannot take what was prefetched.
func fits(name string, dst, src *tensor.Dense) error {
	if dst == nil || dst.Dtype() != src.Dtype() || !dst.Shape().Eq(src.Shape()) {
		return errors.Wrapf(ErrInput, "data: prefetch: %s is not of what was prefetched, %v of shape %v", name,
			src.Dtype(), src.Shape())
	}
	return nil
}

// halt stops the worker and waits for it.
func (p *Prefetch) halt() {
	if p.stop != nil {
		p.stop()
		<-p.done
		p.stop = nil
	}
}

// Close stops the prefetching and sets the source to the caller's position.
func (p *Prefetch) Close() error {
	p = zero(p)
	if p.stop == nil {
		return nil
	}
	p.halt()
	return p.src.Seek(p.pos)
}

// BatchSize implements Source.
func (p *Prefetch) BatchSize() int { return orNone(zero(p).src).BatchSize() }

// Batches implements Source.
func (p *Prefetch) Batches() int { return orNone(zero(p).src).Batches() }

// SampleShape implements Source.
func (p *Prefetch) SampleShape() []int { return orNone(zero(p).src).SampleShape() }

// TargetShape implements Source.
func (p *Prefetch) TargetShape() []int { return orNone(zero(p).src).TargetShape() }

// Position implements Source: that of the caller, not of the work ahead.
func (p *Prefetch) Position() Position { return zero(p).pos }

// Seek implements Source.
func (p *Prefetch) Seek(to Position) error {
	p = zero(p)
	if p.stop == nil {
		return errors.Wrap(ErrInput, "data: prefetch: seek of a closed source: make another")
	}
	p.halt()
	err := p.src.Seek(to)
	if err == nil {
		p.pos, p.err = to, nil
	} else if e := p.src.Seek(p.pos); e != nil {
		return e
	}
	p.start()
	return err
}
