package redunet

import (
	"path/filepath"
	"time"

	"github.com/whitebox-nn/whitebox/internal/experiment"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/redunet"
	"github.com/whitebox-nn/whitebox/train"
)

// Files of a construction, done or not: the layers that are made, and what is known of
// them. A layer never changes once it is made, so that layers of a later moment go with
// what was known before.
const (
	netName    = "redunet.safetensors"
	resultName = "result.json"
)

// mostSaved is the most numbers of a network that is written: 1 GB of them.
const mostSaved = 1 << 28

// A made is what result.json says of the layers that are made.
type made struct {
	Rates   []redunet.Rates `json:"rates"`   // before each of them
	Seconds float64         `json:"seconds"` // of their construction
}

// A keeper is a hook that writes what is made, now and then and at the end, for -resume.
type keeper struct {
	cfg    config
	net    *models.ReduNet
	layers int             // that are made
	rates  []redunet.Rates // before each of them, and the next
	begun  time.Time       // of this process
	before float64         // seconds of those before it
	next   time.Time       // that it writes
}

// newKeeper returns a keeper of a construction that begins or, with -resume, goes on
// with what one has kept.
func newKeeper(cfg config) (*keeper, error) {
	k := &keeper{cfg: cfg, begun: time.Now()}
	k.next = k.begun.Add(time.Second)
	if cfg.Resume {
		var m made
		if _, err := experiment.ReadResult(k.file(resultName), cfg, &m); err != nil {
			return nil, err
		}
		k.layers, k.rates, k.before = len(m.Rates), m.Rates, m.Seconds
	}
	return k, nil
}

func (k *keeper) file(name string) string { return filepath.Join(k.cfg.Out, name) }

// seconds returns those of the construction, over interruptions.
func (k *keeper) seconds() float64 { return k.before + time.Since(k.begun).Seconds() }

// start returns what the construction goes on from.
func (k *keeper) start() *redunet.Start {
	return &redunet.Start{
		Rates: k.rates,
		Load:  func(params []*nn.Param) error { return train.LoadParams(k.file(netName), params) },
	}
}

// Step implements train.Hook. Writing takes a twentieth of the time at most.
func (k *keeper) Step(e *train.Event) error {
	k.net, _ = e.Model.(*models.ReduNet)
	k.layers = e.Step
	k.rates = append(k.rates[:e.Step:e.Step], redunet.RatesOf(e))
	now := time.Now()
	if now.Before(k.next) {
		return nil
	}
	err := k.write()
	k.next = time.Now().Add(max(time.Second, 20*time.Since(now)))
	return err
}

// write writes the layers that are made, unless they are very large or none, and then
// what is known of them.
func (k *keeper) write() error {
	if k.net == nil || k.layers == 0 {
		return nil
	}
	params := k.net.Params()
	for _, l := range k.net.Layers()[k.layers:] {
		params = params[:len(params)-len(l.Params())]
	}
	if nn.Size(params) > mostSaved {
		return nil
	}
	if err := train.SaveParams(k.file(netName), params); err != nil {
		return err
	}
	return experiment.WriteResult(k.file(resultName), k.cfg, made{Rates: k.rates[:k.layers], Seconds: k.seconds()})
}
