package redunet_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/redunet"
	"github.com/whitebox-nn/whitebox/train"
)

// A cut is a hook that ends a construction before a layer, and keeps what is there.
type cut struct {
	at    int
	net   *models.ReduNet
	rates []redunet.Rates
}

func (c *cut) Step(e *train.Event) error {
	if e.Step == c.at {
		c.net = e.Model.(*models.ReduNet)
		return context.Canceled
	}
	c.rates = append(c.rates, redunet.RatesOf(e))
	return nil
}

// start goes on from there.
func (c *cut) start() *redunet.Start {
	var made []*nn.Param
	for _, l := range c.net.Layers() {
		made = append(made, l.Params()...)
	}
	return &redunet.Start{Rates: c.rates, Load: func(params []*nn.Param) error {
		for i, p := range params {
			values, err := nn.Floats(nil, made[i].Value)
			if err == nil {
				err = nn.SetFloats(p.Value, values)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}}
}

// TestAConstructionGoesOnWhereItWasCut before each of its layers, with the same bits as
// one that was not: vectors as matrices and as factors, images, float32 and float64,
// features kept and not, with patience.
func TestAConstructionGoesOnWhereItWasCut(t *testing.T) {
	images, _, err := data.Digits()
	require.NoError(t, err)
	images, err = images.FirstOfEach(4)
	require.NoError(t, err)
	vectors, err := data.Axes(data.AxesConfig{Dim: 3, PerClass: 20, Seed: 2})
	require.NoError(t, err)
	const layers = 4
	for _, c := range []struct {
		name string
		set  *data.Set
		net  models.ReduNetConfig
		cfg  redunet.Config
	}{
		{"vectors", vectors, models.ReduNetConfig{}, redunet.Config{}},
		{"vectors in batches", vectors, models.ReduNetConfig{}, redunet.Config{Batch: 7}},
		{"vectors, streamed", vectors, models.ReduNetConfig{}, redunet.Config{Stream: true, Batch: 7}},
		{"vectors by labels, to first order", vectors, models.ReduNetConfig{},
			redunet.Config{Labels: true, FirstOrder: true}},
		{"factors", images, models.ReduNetConfig{}, redunet.Config{}},
		{"images", images, models.ReduNetConfig{Shape: []int{1, 8, 8}, Channels: 3, Kernel: 3}, redunet.Config{}},
		{"with patience", vectors, models.ReduNetConfig{}, redunet.Config{Patience: 2, MinGain: 1}},
	} {
		for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
			cfg := c.cfg
			cfg.Net = c.net
			cfg.Net.Layers, cfg.Net.Dtype, cfg.Net.Eta, cfg.Net.Lambda, cfg.Net.Seed = layers, dt, 0.5, 100, 3
			net, rates, err := redunet.Build(t.Context(), c.set, cfg)
			require.NoError(t, err, c.name)
			for at := range layers + 1 {
				if at >= len(rates) {
					continue
				}
				name := fmt.Sprintf("%s, %v, cut before layer %d", c.name, dt, at)
				hook := &cut{at: at}
				cfg.Start, cfg.Hooks = nil, []train.Hook{hook}
				_, _, err := redunet.Build(t.Context(), c.set, cfg)
				require.ErrorIs(t, err, context.Canceled, name)
				cfg.Start, cfg.Hooks = hook.start(), nil
				again, got, err := redunet.Build(t.Context(), c.set, cfg)
				require.NoError(t, err, name)
				require.Equal(t, rates, got, name)
				require.Len(t, again.Params(), len(net.Params()), name)
				for i, p := range net.Params() {
					require.Equal(t, p.Value.Data(), again.Params()[i].Value.Data(), "%s: %s", name, p.Name)
				}
			}
		}
	}
}

func TestABadStartIsRefused(t *testing.T) {
	set, err := data.Axes(data.AxesConfig{Dim: 3, PerClass: 20, Seed: 2})
	require.NoError(t, err)
	build := func(start *redunet.Start) error {
		_, _, err := redunet.Build(t.Context(), set, redunet.Config{Net: models.ReduNetConfig{Layers: 3, Eta: 0.5,
			Lambda: 100}, Start: start})
		return err
	}
	none := func([]*nn.Param) error { return nil }
	err = build(&redunet.Start{Rates: make([]redunet.Rates, 4), Load: none})
	require.ErrorIs(t, err, redunet.ErrInput)
	require.ErrorContains(t, err, "Start has rates of 4 layers, want at most 3")
	require.ErrorIs(t, build(&redunet.Start{Rates: make([]redunet.Rates, 1)}), redunet.ErrInput)
	gone := errors.New("the file is gone")
	require.ErrorIs(t, build(&redunet.Start{Rates: make([]redunet.Rates, 1),
		Load: func([]*nn.Param) error { return gone }}), gone)
	require.NoError(t, build(&redunet.Start{}))
}
