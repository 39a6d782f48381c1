package denoise

import (
	"context"
	"time"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/internal/experiment"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
	"github.com/whitebox-nn/whitebox/train"
)

const (
	sensedBatch = 128  // patches of a step
	sensedRate  = 2e-3 // of Adam at first; it falls as a cosine
	netLambda   = 0.02 // of the LASSO that the untrained network iterates on
)

// unsupervised is a network that sees measurements alone: it learns to lower the
// LASSO's objective, with the λ that its solution is best with.
func (s *sensing) unsupervised(ctx context.Context) (*recovery, error) {
	lambda := s.Recoveries[len(s.Recoveries)-1].Tuned
	a, err := constant("sensing.a", s.a)
	if err != nil {
		return nil, err
	}
	return s.network(ctx, "LISTA-CP by LASSO",
		"a network that was trained on measurements alone, by ½‖y − ΦDz‖² + λ‖z‖₁", losses.LASSO{A: a, Lambda: lambda},
		func(y, _ *mat.Dense) *mat.Dense { return y })
}

// supervised is a network that learns from the patches that were measured.
func (s *sensing) supervised(ctx context.Context) (*recovery, error) {
	d, err := constant("sensing.d", s.atoms)
	if err != nil {
		return nil, err
	}
	return s.network(ctx, "LISTA-CP by patches",
		"a network that was trained on measurements and their patches, by ½‖x − Dz‖²", losses.LASSO{A: d},
		func(_, x *mat.Dense) *mat.Dense { return x })
}

// constant returns a matrix that a loss reads.
func constant(name string, m *mat.Dense) (*nn.Param, error) {
	rows, cols := m.Dims()
	p, err := nn.NewParam(name, tensor.Float32, rows, cols)
	if err != nil {
		return nil, err
	}
	return p, nn.SetFloats(p.Value, mat.DenseCopyOf(m).RawMatrix().Data)
}

// network trains LISTA-CP for A = ΦD, with a matrix and thresholds for each layer, by a
// loss of the last code and of what target makes of measurements and patches.
func (s *sensing) network(
	ctx context.Context, name, note string, loss losses.Loss, target func(y, x *mat.Dense) *mat.Dense,
) (*recovery, error) {
	start := time.Now()
	body, err := layers.NewLISTACP(layers.LISTACPConfig{
		UnrollConfig: layers.UnrollConfig{Name: "net", A: s.a, Layers: s.cfg.Layers, Lambda: netLambda}, Untied: true,
		VectorTheta: true,
	})
	if err != nil {
		return nil, err
	}
	net, err := models.NewLISTANet(models.LISTANetConfig{Name: "net", Body: body, Watch: true})
	if err != nil {
		return nil, err
	}
	if err := s.train(ctx, name, net, loss, target); err != nil {
		return nil, errors.WithMessage(err, name)
	}
	learned := time.Since(start).Seconds()
	all, seconds, err := s.layers(ctx, net)
	if err != nil {
		return nil, errors.WithMessage(err, name)
	}
	r := &recovery{Name: name, note: note, Learned: learned, Seconds: seconds}
	want := s.blocks()
	r.ByLayer = append(r.ByLayer, psnr(want, mat.NewDense(want.RawMatrix().Rows, want.RawMatrix().Cols, nil)))
	for _, z := range all {
		r.ByLayer = append(r.ByLayer, psnr(want, s.decode(z)))
	}
	r.images = s.assemble(s.decode(all[len(all)-1]))
	return r, nil
}

// train trains a network on the training patches.
func (s *sensing) train(
	ctx context.Context, name string, net *models.LISTANet, loss losses.Loss, target func(y, x *mat.Dense) *mat.Dense,
) (err error) {
	y := s.measure(s.training)
	t := target(y, s.training)
	set, err := data.NewPairs(y.RawMatrix().Data, []int{s.Measurements}, t.RawMatrix().Data, t.RawMatrix().Cols)
	if err != nil {
		return err
	}
	source, err := data.NewBatches(set, data.BatchConfig{Size: min(sensedBatch, set.Len()), Shuffle: true,
		Seed: s.cfg.Seed})
	if err != nil {
		return err
	}
	adam, err := optim.NewAdam(net.Params(), optim.CosineAnnealing(sensedRate, s.cfg.Steps, 0), optim.Adam{},
		optim.CheckFinite{}, optim.ClipNorm{Max: 1})
	if err != nil {
		return err
	}
	loop := &train.Loop{Model: net, Loss: loss, Optimizer: adam, Source: source, Steps: s.cfg.Steps, Options: s.options,
		Hooks: []train.Hook{&train.Progress{Out: s.progress, Name: name, Lines: 2}}}
	defer experiment.Close(loop, &err)
	return loop.Run(ctx)
}

// layers returns the codes of the test blocks after each layer, and the seconds a
// block took.
func (s *sensing) layers(ctx context.Context, net *models.LISTANet) (zs []*mat.Dense, seconds float64, err error) {
	blocks, m := s.measured.Dims()
	set, err := data.NewPairs(s.measured.RawMatrix().Data, []int{m}, s.measured.RawMatrix().Data, m)
	if err != nil {
		return nil, 0, err
	}
	c, err := train.NewPredictor(net.Codes, tensor.Float32, min(250, blocks), []int{m}, s.options)
	if err != nil {
		return nil, 0, err
	}
	defer experiment.Close(c, &err)
	start := time.Now()
	zs, err = c.Collect(ctx, set)
	return zs, time.Since(start).Seconds() / float64(blocks), err
}
