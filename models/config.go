package models

import "github.com/whitebox-nn/whitebox/layers"

// The methods named Config return what a checkpoint records about a network.

// Layers lists the layers that a network is made of, in order.
type Layers struct{ Layers []layers.Layer }

// Config returns the layers.
func (c *chain) Config() Layers {
	if c == nil {
		return Layers{}
	}
	return Layers{c.layers}
}

// Config returns the settings of the layers, where a shortcut is nil if it is the
// identity.
func (b *basicBlock) Config() Layers {
	all := []layers.Layer{b.conv1, b.bn1, b.conv2, b.bn2}
	return Layers{append(all, b.downsample...)}
}

// Config returns the settings without Watch, which changes only what is shown.
func (m *LISTANet) Config() LISTANetConfig {
	if m.none() {
		return LISTANetConfig{}
	}
	cfg := m.cfg
	cfg.Watch = false
	return cfg
}
