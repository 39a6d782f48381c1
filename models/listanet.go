package models

import (
	"strconv"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/nn"
)

// LISTANetConfig configures a LISTANet.
type LISTANetConfig struct {
	Name  string          // prefix of the probes; "" is "lista"
	Body  layers.Unrolled // the iterations
	Steps int             // iterations; 0 is Body's depth, more repeat its last layer
	Watch bool            // also probe the sparsity and the threshold of each layer
}

// LISTANet is an unrolled network that shows what its layers do: z_T = Body(x), with
// the code zₜ after each layer as a probe.
//
// Shapes: x n×m, z_T n×d. Probes: Name.z1, Name.z2, …, n×d; with Watch,
// Name.sparsity1, …, the mean number of elements of a code that are not 0, and
// Name.theta1, …, the thresholds. The parameters are Body's.
type LISTANet struct {
	cfg LISTANetConfig
}

var _ layers.Layer = (*LISTANet)(nil)

// NewLISTANet returns a network of the iterations cfg.Body.
func NewLISTANet(cfg LISTANetConfig) (*LISTANet, error) {
	if cfg.Name == "" {
		cfg.Name = "lista"
	}
	if cfg.Body == nil || cfg.Steps < 0 {
		return nil, errors.Errorf("models: LISTANet %q: Body is %v and Steps %d, want iterations, and 0 or more of them", cfg.Name, cfg.Body, cfg.Steps)
	}
	if cfg.Steps == 0 {
		cfg.Steps = cfg.Body.Depth()
	}
	return &LISTANet{cfg}, nil
}

// First returns the network of the first so many layers, with the parameters of all:
// what is trained while it grows, or run for more or fewer iterations.
func (m *LISTANet) First(steps int) (*LISTANet, error) {
	cfg := m.cfg
	cfg.Steps = steps
	if steps < 1 {
		return nil, errors.Errorf("models: LISTANet %q: the first %d layers, want at least 1", cfg.Name, steps)
	}
	return NewLISTANet(cfg)
}

// Forward implements layers.Layer: the last code.
func (m *LISTANet) Forward(g *nn.Graph, x *gorgonia.Node) (*gorgonia.Node, error) {
	zs, err := m.Codes(g, x)
	if err != nil {
		return nil, err
	}
	return zs[len(zs)-1], nil
}

// Codes adds the network to the graph and returns the code after each layer.
func (m *LISTANet) Codes(g *nn.Graph, x *gorgonia.Node) (zs gorgonia.Nodes, err error) {
	defer build.Catch(&err, "models: LISTANet %q", m.cfg.Name)
	if zs, err = m.cfg.Body.Iterate(g, x, m.cfg.Steps); err != nil {
		return nil, err
	}
	for t, z := range zs {
		build.Check(g.Probe(m.probe("z", t), z))
		if !m.cfg.Watch {
			continue
		}
		build.Check(g.Probe(m.probe("sparsity", t), build.Must(nn.Mean(build.Must(nn.DensityBy(z, 1))))))
		if thetas := m.cfg.Body.Thresholds(); t < len(thetas) {
			build.Check(g.Probe(m.probe("theta", t), build.Must(g.Bind(thetas[t]))))
		}
	}
	return zs, nil
}

// probe returns the name of a probe of a layer, counted from 0 here.
func (m *LISTANet) probe(what string, t int) string {
	return m.cfg.Name + "." + what + strconv.Itoa(t+1)
}

// Body returns the iterations.
func (m *LISTANet) Body() layers.Unrolled { return m.cfg.Body }

// Params implements layers.Layer.
func (m *LISTANet) Params() []*nn.Param { return m.cfg.Body.Params() }
