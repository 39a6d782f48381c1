package models

import (
	"strconv"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/given"
	"github.com/whitebox-nn/whitebox/internal/sizes"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/recovery"
	"github.com/whitebox-nn/whitebox/nn/unroll"
)

// LISTANetConfig configures a LISTANet.
type LISTANetConfig struct {
	Name  string          // prefix of the probes; "" is "lista"
	Body  layers.Unrolled // the iterations
	Steps int             // iterations; 0 is Body's depth, more repeat its last layer
	Watch bool            // also probe the sparsity and the threshold of each layer
}

// LISTANet is an unrolled network that shows what its layers do: z_T = Body(x), with
// the code zₜ after each layer as a probe. It is an Unrolled network itself.
//
// Shapes: x n×m, z_T n×d. The parameters are Body's. Probes, for t = 1, 2, …:
//
//	Name.zₜ            the code, n×d
//	Name.sparsityₜ     with Watch: the mean number of its elements that are not 0
//	Name.thetaₜ        with Watch: its threshold, the mean if each atom has its own
//	Name.nmse_dbₜ      with Compare: 10 log₁₀(Σ(zₜ − z*)² / Σ z*²) over the batch
//	Name.precisionₜ    with Compare: the share of the support of zₜ that is right
//	Name.recallₜ       with Compare: the share of the support of z* that is found
//
// Probes of one number are in the logs of train.Loop. Probes that are not asked for cost nothing.
type LISTANet struct {
	cfg LISTANetConfig
}

var _ layers.Unrolled = (*LISTANet)(nil)

// NewLISTANet returns a network of the iterations cfg.Body.
func NewLISTANet(cfg LISTANetConfig) (*LISTANet, error) {
	if cfg.Name == "" {
		cfg.Name = "lista"
	}
	if given.Nil(cfg.Body) || cfg.Steps < 0 {
		return nil, errors.Errorf(
			"models: LISTANet %q: Body is %v and Steps %d, want iterations, and 0 or more of them", cfg.Name, cfg.Body,
			cfg.Steps)
	}
	if cfg.Steps == 0 {
		cfg.Steps = cfg.Body.Depth()
	}
	if cfg.Steps > sizes.MostLayers {
		return nil, errors.Errorf("models: LISTANet %q: %d Steps, want at most %d", cfg.Name, cfg.Steps,
			sizes.MostLayers)
	}
	return &LISTANet{cfg}, nil
}

// none reports whether m was not made by NewLISTANet.
func (m *LISTANet) none() bool { return m == nil || m.cfg.Body == nil }

// errNone is the error of such a network.
func errNone(kind string) error { return errors.Errorf("models: %s: not made by New%s", kind, kind) }

// First returns the network of the first n layers, sharing its parameters: for training layer by layer, or to run
// more or fewer iterations.
func (m *LISTANet) First(steps int) (*LISTANet, error) {
	if m.none() {
		return nil, errNone("LISTANet")
	}
	cfg := m.cfg
	cfg.Steps = steps
	if steps < 1 {
		return nil, errors.Errorf("models: LISTANet %q: the first %d layers, want at least 1", cfg.Name, steps)
	}
	return NewLISTANet(cfg)
}

// Forward implements layers.Layer: the last code.
func (m *LISTANet) Forward(g *nn.Graph, x *gorgonia.Node) (*gorgonia.Node, error) {
	if m.none() {
		return nil, errNone("LISTANet")
	}
	zs, err := m.Codes(g, x)
	if err != nil {
		return nil, err
	}
	return zs[len(zs)-1], nil
}

// Codes adds the network to the graph and returns the code after each layer.
func (m *LISTANet) Codes(g *nn.Graph, x *gorgonia.Node) (gorgonia.Nodes, error) {
	if m.none() {
		return nil, errNone("LISTANet")
	}
	return m.Iterate(g, x, m.cfg.Steps)
}

// Iterate implements layers.Unrolled.
func (m *LISTANet) Iterate(g *nn.Graph, x *gorgonia.Node, steps int) (zs gorgonia.Nodes, err error) {
	if m == nil || m.cfg.Body == nil {
		return nil, errNone("LISTANet")
	}
	defer build.Catch(&err, "models: LISTANet %q", m.cfg.Name)
	if zs, err = m.cfg.Body.Iterate(g, x, steps); err != nil {
		return nil, err
	}
	for t, z := range zs {
		build.Check(g.Probe(m.probe("z", t), z))
		if m.cfg.Watch {
			build.Check(m.watch(g, t, z))
		}
	}
	return zs, nil
}

// watch sets the probes of a layer, counted from 0, that need no target.
func (m *LISTANet) watch(g *nn.Graph, t int, z *gorgonia.Node) (err error) {
	defer build.Catch(&err, "layer %d", t+1)
	build.Check(g.Probe(m.probe("sparsity", t), build.Must(nn.Mean(build.Must(unroll.Density(z, 1))))))
	thetas := m.cfg.Body.Thresholds()
	if t >= len(thetas) {
		return nil
	}
	return g.Probe(m.probe("theta", t), build.Must(nn.Mean(build.Must(g.Bind(thetas[t])))))
}

// Compare sets probes of how well each layer of the network, which is in the graph,
// recovers the true codes. Nothing is differentiated through them.
//
// A training graph gets its target with the loss: losses.Compared calls Compare there.
//
// Shapes: target n×d. Errors: no code of the network's in the graph; another shape.
func (m *LISTANet) Compare(g *nn.Graph, target *gorgonia.Node) (err error) {
	if m == nil || m.cfg.Body == nil {
		return errNone("LISTANet")
	}
	defer build.Catch(&err, "models: LISTANet %q: compare", m.cfg.Name)
	for t, z := range build.Must(m.codesIn(g)) {
		nmse, precision, recall, err := recovery.Measure(z, target)
		build.Check(errors.WithMessagef(err, "layer %d", t+1))
		build.Check(g.Probe(m.probe("nmse_db", t), nmse))
		build.Check(g.Probe(m.probe("precision", t), precision))
		build.Check(g.Probe(m.probe("recall", t), recall))
	}
	return nil
}

// CodesIn implements losses.Coder: the codes that Forward, Codes or Iterate added to a graph.
func (m *LISTANet) CodesIn(g *nn.Graph) (gorgonia.Nodes, error) {
	if m.none() {
		return nil, errNone("LISTANet")
	}
	zs, err := m.codesIn(g)
	return zs, errors.WithMessagef(err, "models: LISTANet %q: codes", m.cfg.Name)
}

// codesIn returns the codes of a graph.
func (m *LISTANet) codesIn(g *nn.Graph) (zs gorgonia.Nodes, err error) {
	if g == nil {
		return nil, errors.New("no graph")
	}
	for z := g.Probed(m.probe("z", 0)); z != nil; z = g.Probed(m.probe("z", len(zs))) {
		zs = append(zs, z)
	}
	if len(zs) == 0 {
		return nil, errors.Errorf("the graph has no probe %q: call Forward before, on the same graph", m.probe("z", 0))
	}
	return zs, nil
}

// probe returns the name of a probe of a layer, counted from 0 here.
func (m *LISTANet) probe(what string, t int) string {
	return m.cfg.Name + "." + what + strconv.Itoa(t+1)
}

// Name returns the prefix of the probes.
func (m *LISTANet) Name() string {
	if m == nil {
		return ""
	}
	return m.cfg.Name
}

// Body returns the iterations.
func (m *LISTANet) Body() layers.Unrolled {
	if m == nil {
		return nil
	}
	return m.cfg.Body
}

// Params implements layers.Layer.
func (m *LISTANet) Params() []*nn.Param {
	if m.none() {
		return nil
	}
	return m.cfg.Body.Params()
}

// Depth implements layers.Unrolled: the number of layers that have parameters.
func (m *LISTANet) Depth() int {
	if m.none() {
		return 0
	}
	return m.cfg.Body.Depth()
}

// Stage implements layers.Unrolled.
func (m *LISTANet) Stage(t int) []*nn.Param {
	if m.none() {
		return nil
	}
	return m.cfg.Body.Stage(t)
}

// Thresholds implements layers.Unrolled.
func (m *LISTANet) Thresholds() []*nn.Param {
	if m.none() {
		return nil
	}
	return m.cfg.Body.Thresholds()
}
