package redunet

import (
	"context"
	"io"

	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/internal/experiment"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/metrics"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
	"github.com/whitebox-nn/whitebox/train"
)

// A finetuning is back-propagation from some initial values: a linear head on the
// features, under cross-entropy.
type finetuning struct {
	From  string  `json:"from"` // construction or random
	Steps int     `json:"steps"`
	Train float64 `json:"train_accuracy"` // of the head
	Test  float64 `json:"test_accuracy"`
}

// finetune trains a copy of the network, and one of random values to compare.
func (r *result) finetune(ctx context.Context, progress io.Writer) error {
	for _, from := range []string{"construction", "random"} {
		net, err := models.NewReduNet(r.net.Config())
		if err != nil {
			return err
		}
		if from == "construction" {
			for i, p := range net.Params() {
				values, err := nn.Floats(nil, r.net.Params()[i].Value)
				if err != nil {
					return err
				}
				if err := nn.SetFloats(p.Value, values); err != nil {
					return err
				}
			}
		}
		f, err := r.backPropagate(ctx, net, from, progress)
		if err != nil {
			return err
		}
		r.Finetuned = append(r.Finetuned, f)
	}
	return nil
}

func (r *result) backPropagate(
	ctx context.Context, net *models.ReduNet, from string, progress io.Writer,
) (f *finetuning, err error) {
	_, d := r.train.z.Dims()
	head, err := layers.NewLinear(layers.LinearConfig{Name: "head", In: d, Out: r.train.classes, Seed: r.cfg.Seed})
	if err != nil {
		return nil, err
	}
	model := models.Classifier{Encoder: net, Head: head}
	batches, err := data.NewBatches(r.sets.train, data.BatchConfig{Size: min(r.sets.train.Len(), 100), Shuffle: true,
		Seed: r.cfg.Seed})
	if err != nil {
		return nil, err
	}
	adam, err := optim.NewAdam(model.Params(), optim.CosineAnnealing(0.003, r.cfg.Finetune, 0), optim.Adam{},
		optim.CheckFinite{})
	if err != nil {
		return nil, err
	}
	loop := train.Loop{
		Model: model, Loss: losses.CrossEntropy{}, Optimizer: adam, Source: batches, Steps: r.cfg.Finetune,
		Hooks:   []train.Hook{&train.Progress{Out: progress, Name: "from " + from}},
		Options: nn.Options{Device: r.cfg.on},
	}
	defer experiment.Close(&loop, &err)
	if err := loop.Run(ctx); err != nil {
		return nil, err
	}
	c, err := newPredictor(func(g *nn.Graph, x *gorgonia.Node) (gorgonia.Nodes, error) {
		logits, err := model.Forward(g, x)
		return gorgonia.Nodes{logits}, err
	}, r.sets.train, r.cfg.on)
	if err != nil {
		return nil, err
	}
	defer experiment.Close(c, &err)
	f = &finetuning{From: from, Steps: r.cfg.Finetune}
	for _, of := range []struct {
		set *data.Set
		to  *float64
	}{{r.sets.train, &f.Train}, {r.sets.test, &f.Test}} {
		logits, err := featuresOf(ctx, c, of.set)
		if err != nil {
			return nil, err
		}
		y, err := metrics.Argmax(logits.z)
		if err != nil {
			return nil, err
		}
		if *of.to, err = metrics.Accuracy(y, logits.labels); err != nil {
			return nil, err
		}
	}
	return f, nil
}
