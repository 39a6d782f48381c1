package redunet

import (
	"context"
	"fmt"
	"io"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/coding"
	"github.com/whitebox-nn/whitebox/internal/experiment"
	"github.com/whitebox-nn/whitebox/metrics"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
)

// both collects the features of a network and the memberships that it estimates.
func both(net *models.ReduNet) func(g *nn.Graph, x *gorgonia.Node) (gorgonia.Nodes, error) {
	return func(g *nn.Graph, x *gorgonia.Node) (gorgonia.Nodes, error) {
		z, pi, err := net.Classify(g, x)
		return gorgonia.Nodes{z, pi}, err
	}
}

// entry collects the features before the first layer.
func entry(net *models.ReduNet) func(g *nn.Graph, x *gorgonia.Node) (gorgonia.Nodes, error) {
	return func(g *nn.Graph, x *gorgonia.Node) (gorgonia.Nodes, error) {
		z, err := net.Enter(g, x)
		if err != nil {
			return nil, err
		}
		z, err = net.Leave(z)
		return gorgonia.Nodes{z}, err
	}
}

// evaluate measures the network.
func (r *result) evaluate(ctx context.Context, progress io.Writer) (err error) {
	fmt.Fprintln(progress, "evaluating")
	first, err := newPredictor(entry(r.net), r.sets.train, r.cfg.on)
	if err != nil {
		return err
	}
	defer experiment.Close(first, &err)
	if r.before, err = featuresOf(ctx, first, r.sets.train); err != nil {
		return err
	}
	if r.testBefore, err = featuresOf(ctx, first, r.sets.test); err != nil {
		return err
	}
	whole, err := newPredictor(both(r.net), r.sets.train, r.cfg.on)
	if err != nil {
		return err
	}
	defer experiment.Close(whole, &err)
	if r.train, err = featuresOf(ctx, whole, r.sets.train); err != nil {
		return err
	}
	if r.test, err = featuresOf(ctx, whole, r.sets.test); err != nil {
		return err
	}
	if r.cfg.Channels == 0 {
		if r.TestDeltaR, err = coding.Reduction(r.test.z, r.test.labels, r.test.classes, r.cfg.Eps2); err != nil {
			return err
		}
	}
	if err := r.fit(); err != nil {
		return err
	}
	if r.Train, err = r.score(r.train); err != nil {
		return err
	}
	if r.Test, err = r.score(r.test); err != nil {
		return err
	}
	if r.ByLayer, err = r.test.byMembership(); err != nil || r.cfg.Step == 0 {
		return err
	}
	return r.evaluateShifts(ctx, whole)
}

// fit fits the classifiers to the training features.
func (r *result) fit() (err error) {
	f := r.train
	if r.bySubspace, err = (metrics.NearestSubspace{Dim: r.cfg.Subspace}).Fit(f.z, f.labels, f.classes); err != nil {
		return err
	}
	if r.byNeighbours, err = (metrics.KNN{}).Fit(f.z, f.labels, f.classes); err != nil {
		return err
	}
	// Of few samples of many features a strong ridge keeps the margin.
	r.byLine, err = metrics.Probe{Ridge: 10}.Fit(f.z, f.labels, f.classes)
	return err
}

// score returns the accuracies of the classifiers.
func (r *result) score(f features) (a accuracies, err error) {
	for _, c := range []struct {
		classifier metrics.Classifier
		to         *float64
	}{{r.bySubspace, &a.NearestSubspace}, {r.byNeighbours, &a.KNN}, {r.byLine, &a.Linear}} {
		if *c.to, err = metrics.Score(c.classifier, f.z, f.labels); err != nil {
			return a, err
		}
	}
	return a, nil
}

// byMembership returns the accuracy of the largest membership.
func (f features) byMembership() (float64, error) {
	if f.pi == nil {
		return 0, errors.New("no memberships")
	}
	y, err := metrics.Argmax(f.pi)
	if err != nil {
		return 0, err
	}
	return metrics.Accuracy(y, f.labels)
}
