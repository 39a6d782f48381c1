package redunet

import (
	"fmt"
	"io"
	"time"

	"github.com/whitebox-nn/whitebox/internal/tell"
	"github.com/whitebox-nn/whitebox/models"
)

// An Event is a layer about to be made: the rates of the features before it. After
// the last layer there is one more, with Layer equal to Layers.
type Event struct {
	Layer, Layers int
	Rates

	Net *models.ReduNet // whose first Layer layers are made, and stay as they are; Config.Start goes on from them
}

// A Hook watches a construction. Its error ends it.
type Hook interface {
	Layer(Event) error
}

// Progress is a hook that prints a line with the rates, for the first layer, the
// last, and in between at most one each Every.
type Progress struct {
	Out   io.Writer     // nil is os.Stderr. What it does not take is lost
	Name  string        // printed first; may be empty
	Every time.Duration // 0 is half a second

	start, last time.Time
}

var _ Hook = (*Progress)(nil)

// Layer implements Hook.
func (p *Progress) Layer(e Event) error {
	if p == nil {
		return nil
	}
	now := time.Now()
	if e.Layer == 0 {
		p.start = now
	}
	every := p.Every
	if every == 0 {
		every = time.Second / 2
	}
	if e.Layer > 0 && e.Layer < e.Layers && now.Sub(p.last) < every {
		return nil
	}
	p.last = now
	left := ""
	if e.Layer > 0 && e.Layer < e.Layers {
		rest := now.Sub(p.start) / time.Duration(e.Layer) * time.Duration(e.Layers-e.Layer)
		left = fmt.Sprintf("  %v left", rest.Round(time.Second))
	}
	fmt.Fprintf(tell.Writer{W: p.Out}, "%s layer %d/%d  R %.4f  Rᶜ %.4f  ΔR %.4f%s\n", p.Name, e.Layer, e.Layers, e.R,
		e.Rc, e.DeltaR, left)
	return nil
}
