package train

import (
	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/dense"
	"github.com/whitebox-nn/whitebox/internal/safetensors"
	"github.com/whitebox-nn/whitebox/nn"
)

// LoadConfig configures how parameters are read from files that other programs wrote.
type LoadConfig struct {
	// Round rounds weights of float64 to the nearest float32 for parameters of float32. Without it, a weight that
	// float32 does not hold exactly is an error.
	Round bool
}

// LoadParams reads the parameters of a model from a checkpoint of Save or any safetensors file that has them under
// their names; other tensors are ignored, of whatever type. Weights of F16, BF16, F32 and F64 become numbers of the
// parameter's type where that is exact; see LoadConfig for where it is not. Nothing is changed unless all parameters
// fit.
//
// Errors: a file that is damaged (safetensors.ErrFormat); a parameter that it lacks,
// or has of another type or shape (ErrCheckpoint).
func LoadParams(path string, params []*nn.Param) error { return LoadConfig{}.Load(path, params) }

// Load is LoadParams as c says.
func (c LoadConfig) Load(path string, params []*nn.Param) error {
	return errors.WithMessagef(c.load(path, params), "train: load %s", path)
}

func (c LoadConfig) load(path string, params []*nn.Param) error {
	f, err := safetensors.ReadFile(path)
	if err != nil {
		return err
	}
	if err := renamed(f, params); err != nil {
		return err
	}
	values := make([]*tensor.Dense, len(params))
	for i, p := range params {
		if values[i], err = c.convert(f, p); err != nil {
			return errors.Wrap(ErrCheckpoint, err.Error())
		}
	}
	for i, p := range params {
		dense.Copy(p.Value, values[i])
	}
	nn.Changed(params)
	return nil
}

// convert returns the tensor of p's name, as one of p's shape and type.
func (c LoadConfig) convert(f *safetensors.File, p *nn.Param) (*tensor.Dense, error) {
	if p == nil || p.Value == nil {
		return nil, errors.New("a parameter is nil")
	}
	shape := p.Value.Shape()
	var backing any
	var err error
	switch dt := p.Value.Dtype(); dt {
	case tensor.Float32:
		backing, err = safetensors.Reals[float32](f, p.Name, c.Round, shape...)
	case tensor.Float64:
		backing, err = safetensors.Reals[float64](f, p.Name, c.Round, shape...)
	default:
		err = errors.Errorf("parameter %q is %v, want float32 or float64", p.Name, dt)
	}
	if err != nil {
		return nil, err
	}
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(backing)), nil
}
