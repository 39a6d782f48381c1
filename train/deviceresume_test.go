//go:build whitebox_cuda && linux && (amd64 || arm64)

package train_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/cuda/fake"
	"github.com/whitebox-nn/whitebox/internal/safetensors"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
	"github.com/whitebox-nn/whitebox/train"
)

// optimizers are those whose states move between machines in a checkpoint.
var optimizers = map[string]func(p []*nn.Param) (*optim.Optimizer, error){
	"SGD": func(p []*nn.Param) (*optim.Optimizer, error) {
		return optim.NewSGD(p, optim.Constant(0.01), optim.SGD{WeightDecay: 0.01})
	},
	"momentum": func(p []*nn.Param) (*optim.Optimizer, error) {
		return optim.NewSGD(p, optim.Constant(0.01), optim.SGD{Momentum: 0.9, Dampening: 0.1})
	},
	"Nesterov": func(p []*nn.Param) (*optim.Optimizer, error) {
		return optim.NewSGD(p, optim.Constant(0.01), optim.SGD{Momentum: 0.9, Nesterov: true})
	},
	"Adam": func(p []*nn.Param) (*optim.Optimizer, error) {
		return optim.NewAdam(p, optim.Constant(0.003), optim.Adam{WeightDecay: 0.01})
	},
	"AdamW, checked and clipped": func(p []*nn.Param) (*optim.Optimizer, error) {
		return optim.NewAdamW(p, optim.Constant(0.003), optim.Adam{WeightDecay: 0.01}, optim.CheckFinite{},
			optim.ClipNorm{Max: 0.05})
	},
	"a chain": func(p []*nn.Param) (*optim.Optimizer, error) {
		return optim.New(p, optim.ClipValue{Max: 0.01}, &optim.Momentum{}, &optim.ScaleByAdam{},
			optim.WeightDecay{Rate: 0.01}, optim.LearningRate{Rate: optim.Constant(0.003)})
	},
}

// TestACheckpointMovesBetweenADeviceAndTheHost goes on for three steps from the file of
// three steps on the one machine on the other, with an average of the parameters. What
// was written is read to the bit: a checkpoint that the other machine writes at once is
// that file's. The six steps are those of the host alone, up to rounding.
func TestACheckpointMovesBetweenADeviceAndTheHost(t *testing.T) {
	for name, make := range optimizers {
		for _, d := range []struct {
			dt  tensor.Dtype
			tol float64
		}{{tensor.Float32, 2e-4}, {tensor.Float64, 1e-10}} {
			for _, from := range []string{"the device", "the host"} {
				t.Run(fmt.Sprint(name, "/", d.dt, "/from ", from), func(t *testing.T) {
					fake.Use(t)
					dev := open(t)
					on, off := nn.Options{Device: dev}, nn.Options{}
					if from == "the host" {
						on, off = off, on
					}
					dir := t.TempDir()
					first := averaged(t, d.dt, make, on)
					first.run(t, 3)
					require.NoError(t, first.loop.Save(filepath.Join(dir, "first")))
					require.NoError(t, first.loop.Close())
					second := averaged(t, d.dt, make, off)
					require.NoError(t, second.loop.Resume(filepath.Join(dir, "first")))
					require.NoError(t, second.loop.Save(filepath.Join(dir, "again")))
					require.Equal(t, tensorsOf(t, filepath.Join(dir, "first")),
						tensorsOf(t, filepath.Join(dir, "again")))
					second.run(t, 3)
					require.NoError(t, second.loop.Save(filepath.Join(dir, "moved")))
					require.NoError(t, second.loop.Close())
					whole := averaged(t, d.dt, make, nn.Options{})
					whole.run(t, 6)
					require.NoError(t, whole.loop.Save(filepath.Join(dir, "whole")))
					require.NoError(t, whole.loop.Close())
					require.NoError(t, dev.Close())
					want := tensorsOf(t, filepath.Join(dir, "whole"))
					got := tensorsOf(t, filepath.Join(dir, "moved"))
					require.Len(t, got, len(want))
					for key, x := range want {
						require.Len(t, got[key], len(x), key)
						for i := range x {
							require.InDelta(t, x[i], got[key][i], d.tol, "%s, element %d", key, i)
						}
					}
				})
			}
		}
	}
}

// averaged is a job with an average of its parameters.
func averaged(
	t *testing.T, dt tensor.Dtype, make func([]*nn.Param) (*optim.Optimizer, error), o nn.Options,
) *job {
	j := newJob(t, dt, losses.MCR2{Classes: 10}, make, o)
	ema, err := optim.NewEMA(j.loop.Model.Params(), optim.EMAConfig{Decay: 0.5})
	require.NoError(t, err)
	j.loop.Hooks = append(j.loop.Hooks, &train.EMA{Average: ema})
	return j
}

// tensorsOf returns what a checkpoint holds, by name.
func tensorsOf(t *testing.T, path string) map[string][]float64 {
	f, err := safetensors.ReadFile(path)
	require.NoError(t, err)
	all := make(map[string][]float64)
	for _, x := range f.Tensors {
		var v []float64
		for b := x.Data; len(b) > 0; {
			switch x.DType {
			case safetensors.F32:
				v, b = append(v, float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))), b[4:]
			case safetensors.F64:
				v, b = append(v, math.Float64frombits(binary.LittleEndian.Uint64(b))), b[8:]
			default:
				v, b = append(v, float64(binary.LittleEndian.Uint64(b))), b[8:]
			}
		}
		all[x.Name] = v
	}
	return all
}
