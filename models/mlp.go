// Package models holds networks: a configuration, a New function and Forward,
// which reads as the network's definition.
package models

import (
	"fmt"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/sizes"
	"github.com/whitebox-nn/whitebox/layers"
)

// MLPConfig configures an MLP.
type MLPConfig struct {
	Name      string       // prefix of the parameters; "" is "mlp"
	Dims      []int        // features in, of each hidden layer, and out; at least two
	Normalize bool         // put the output on the unit sphere, as MCR² wants it
	Dropout   float64      // rate after each hidden layer; 0 is none
	Dtype     tensor.Dtype // zero is float32
	Seed      uint64       // of initial values and dropout
}

// MLP is a multilayer perceptron:
//
//	h₀ = x        hᵢ = ReLU(hᵢ₋₁Wᵢᵀ + bᵢ)        y = h_{l−1}Wₗᵀ + bₗ
//
// and y / ‖y‖₂ if Normalize is set. Shapes: x n×Dims[0], or n×c×h×w with as many
// elements a sample; y n×Dims[last]. Parameters: Name.linear0.weight, ….
type MLP struct{ chain }

var _ layers.Layer = (*MLP)(nil)

// NewMLP returns a perceptron with initial values drawn from cfg.Seed.
func NewMLP(cfg MLPConfig) (*MLP, error) {
	if cfg.Name == "" {
		cfg.Name = "mlp"
	}
	if len(cfg.Dims) < 2 {
		return nil, errors.Errorf("models: MLP %q: Dims are %v, want at least those in and out", cfg.Name, cfg.Dims)
	}
	if !(cfg.Dropout >= 0 && cfg.Dropout < 1) {
		return nil, errors.Errorf("models: MLP %q: Dropout is %v, want it from 0 to 1, 1 excluded", cfg.Name,
			cfg.Dropout)
	}
	for i := range cfg.Dims[1:] {
		if err := sizes.Check(fmt.Sprintf("models: MLP %q: the weights of layer %d", cfg.Name, i), cfg.Dims[i],
			cfg.Dims[i+1]); err != nil {
			return nil, err
		}
	}
	last := len(cfg.Dims) - 2
	m := &MLP{chain{what: fmt.Sprintf("models: MLP %q", cfg.Name), out: cfg.Dims[last+1], made: cfg,
		layers: layers.Sequential{layers.Flatten{}}}}
	for i := range cfg.Dims[1:] {
		l, err := layers.NewLinear(layers.LinearConfig{
			Name: fmt.Sprintf("%s.linear%d", cfg.Name, i), In: cfg.Dims[i], Out: cfg.Dims[i+1],
			Dtype: cfg.Dtype, Seed: cfg.Seed,
		})
		if err != nil {
			return nil, errors.WithMessagef(err, "models: MLP %q", cfg.Name)
		}
		m.layers = append(m.layers, l)
		if i == last {
			break
		}
		m.layers = append(m.layers, layers.ReLU{})
		if cfg.Dropout != 0 {
			m.layers = append(m.layers, layers.Dropout{Name: fmt.Sprintf("%s.dropout%d", cfg.Name, i),
				Rate: cfg.Dropout, Seed: cfg.Seed})
		}
	}
	if cfg.Normalize {
		m.layers = append(m.layers, layers.Normalize{})
	}
	return m, nil
}
