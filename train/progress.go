package train

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/pkg/errors"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"github.com/whitebox-nn/whitebox/internal/tell"
)

// Progress is a [Hook] that shows how far the run is: on a terminal by a bar with the remaining time, elsewhere by a
// line now and then.
type Progress struct {
	Out   io.Writer // nil is os.Stderr; a terminal gets a bar. Write errors are ignored
	Name  string    // of the run: "mcr2"
	Show  []string  // metrics to show, in order; nil is the loss
	Lines int       // number of lines of a run where Out is not a terminal; 0 is 10

	bars  *mpb.Progress
	bar   *mpb.Bar
	note  atomic.Pointer[string] // the bar's, drawn by another goroutine
	text  []byte
	seen  []Metric // the last known value of each of Show
	start time.Time
	first int // the step before the first of this process
}

var (
	_ Hook     = (*Progress)(nil)
	_ Finisher = (*Progress)(nil)
)

// IsTerminal reports whether w is a terminal with a width, where a bar can be
// drawn.
func IsTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	width, _, err := term.GetSize(int(f.Fd()))
	return err == nil && width > 0
}

// Monitors implements Monitor.
func (p *Progress) Monitors() []string {
	if p == nil {
		return nil
	}
	return p.Show
}

// Step implements Hook.
func (p *Progress) Step(e *Event) error {
	if err := cmp.Or(there(p), e.check(false)); err != nil {
		return errors.WithMessage(err, "progress")
	}
	if e.total() < 1 {
		return errors.New("progress: the event has no Total, and no Loop with Steps or Epochs")
	}
	if p.start.IsZero() {
		p.begin(e)
	}
	if len(p.seen) != len(p.Show) { // it was changed on the way
		p.seen = make([]Metric, len(p.Show))
	}
	for i, name := range p.Show {
		if v, ok := e.Metric(name); ok {
			p.seen[i] = Metric{name, v}
		}
	}
	if p.bar != nil {
		if e.Eval != nil || e.Step%10 == 0 || e.Step == e.total() {
			note := string(p.metrics(p.text[:0]))
			p.note.Store(&note)
		}
		p.bar.SetCurrent(int64(e.Step))
		return nil
	}
	if lines := max(1, cmp.Or(p.Lines, 10)); e.part(e.Step, lines) == e.part(e.Step-1, lines) {
		return nil
	}
	p.line(e)
	return nil
}

func (p *Progress) begin(e *Event) {
	p.start, p.first = time.Now(), e.Step-1
	if p.Show == nil {
		p.Show = []string{"loss"}
	}
	p.seen = make([]Metric, len(p.Show))
	out := tell.To(p.Out)
	if !IsTerminal(out) {
		return
	}
	p.bars = mpb.New(mpb.WithOutput(out), mpb.WithWidth(30), mpb.WithAutoRefresh())
	p.bar = p.bars.AddBar(int64(e.total()),
		mpb.PrependDecorators(
			decor.Name("\r"), // the terminal echoes Ctrl-C as ^C where the line begins
			decor.Name(p.Name+" ", decor.WCSyncSpaceR),
			decor.CountersNoUnit("%d/%d", decor.WCSyncSpace)),
		mpb.AppendDecorators(
			decor.OnComplete(decor.AverageETA(decor.ET_STYLE_GO, decor.WCSyncSpace), "done"),
			decor.Any(func(decor.Statistics) string {
				if note := p.note.Load(); note != nil {
					return "  " + *note
				}
				return ""
			})))
}

// line writes what a bar would show.
func (p *Progress) line(e *Event) {
	spent := time.Since(p.start)
	left := time.Duration(float64(spent) / float64(e.Step-p.first) * float64(e.total()-e.Step))
	b := fmt.Appendf(p.text[:0], "%s step %d of %d (%d %%)", p.Name, e.Step, e.total(), e.part(e.Step, 100))
	b = append(p.metrics(append(b, "  "...)), "  "...)
	if e.Step < e.total() {
		b = append(b, left.Round(time.Second/10).String()+" left\n"...)
	} else {
		b = append(b, "took "+spent.Round(time.Second/10).String()+"\n"...)
	}
	p.text = b
	tell.Writer{W: p.Out}.Write(b) // never an error
}

// metrics appends what is known of the metrics to show.
func (p *Progress) metrics(b []byte) []byte {
	at := len(b)
	for _, m := range p.seen {
		if m.Name == "" {
			continue
		}
		if len(b) > at {
			b = append(b, "  "...)
		}
		b = append(append(b, m.Name...), ' ')
		b = strconv.AppendFloat(b, m.Value, 'g', 4, 64)
	}
	return b
}

// Finish implements Finisher: it leaves the bar where it is and waits until it
// is drawn.
func (p *Progress) Finish(*Event, error) error {
	if p == nil {
		return nil
	}
	if p.bar != nil {
		p.bar.Abort(false) // no effect on one that is complete
		p.bars.Wait()
		p.bar, p.bars = nil, nil
	}
	p.start = time.Time{}
	return nil
}
