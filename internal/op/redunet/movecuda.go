//go:build whitebox_cuda

package redunet

import (
	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/opkit"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// maps returns the kernel of the maps and their shape.
func (k Move) maps(in []tensor.Shape) (opkit.OnDevice, tensor.Shape, error) {
	if k.Rank == 3 {
		u, err := SpectralMaps{}.Shape(in[:3])
		return SpectralMaps{}, u, err
	}
	u, err := Maps{}.Shape(in[:3])
	return Maps{}, u, err
}

// ScratchCUDA is for all maps, the memberships, and what SpectralMaps needs: a device
// has no use for a bound that tells, a sample at a time, which maps are needed.
func (k Move) ScratchCUDA(d *cuda.Device, dt tensor.Dtype, in []tensor.Shape) (bytes int, err error) {
	_, u, err := k.maps(in)
	if err != nil {
		return 0, err
	}
	if n := u.TotalSize(); n > mostReal {
		return 0, errors.Wrapf(opkit.ErrInput, "redunet: move: the maps %v are %d numbers, a kernel counts up to %d: move fewer samples at once", u, n, mostReal)
	}
	if k.Rank == 3 {
		if bytes, err = (SpectralMaps{}).ScratchCUDA(d, dt, in[:3]); err != nil {
			return 0, err
		}
	}
	return bytes + aligned(u.TotalSize(), dt) + aligned(in[0][k.Rank-2]*in[3][0], dt), nil
}

// aligned is the bytes of n numbers, up to the next address for others.
func aligned(n int, dt tensor.Dtype) int {
	return (n*int(dt.Size()) + launch.Align - 1) / launch.Align * launch.Align
}

// Explain implements opkit.Explained.
func (k Move) Explain(f opkit.Finding) error {
	return noDirection(f.Number, f.Shapes[0][k.Rank-2], float64(f.Value))
}

// BindCUDA is the four kernels that a move stands for.
func (k Move) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	maps, us, err := k.maps(a.Shapes)
	if err != nil {
		return nil, err
	}
	z, pis := a.Shapes[0], tensor.Shape{a.Shapes[0][k.Rank-2], a.Shapes[3][0]}
	u := a.Work
	pi := u + launch.Ptr(aligned(us.TotalSize(), a.Dtype))
	work := pi + launch.Ptr(aligned(pis.TotalSize(), a.Dtype))
	part := func(out launch.Ptr, shape tensor.Shape, in []launch.Ptr, shapes ...tensor.Shape) *opkit.DeviceArgs {
		part := opkit.DeviceArgs{Dtype: a.Dtype, In: in, Shapes: shapes, Out: out, Shape: shape, Work: work, Status: a.Status}
		part.Stream = a.Stream
		return &part
	}
	var s opkit.Sequence
	s.Add(maps.BindCUDA(part(u, us, a.In[:3], a.Shapes[:3]...)))
	s.Add(Membership{Rank: k.Rank + 1, Lambda: k.Lambda}.BindCUDA(part(pi, pis, []launch.Ptr{u}, us)))
	s.Add(Step{Rank: k.Rank, Eta: k.Eta}.BindCUDA(part(a.Out, z, []launch.Ptr{a.In[0], u, pi, a.In[3]}, z, us, pis, a.Shapes[3])))
	f, n, d := 1, z[k.Rank-2], z[k.Rank-1]
	if k.Rank == 3 {
		f = z[0]
	}
	s.Add(launchSpectral(a, "sphere", launch.LongRows(n, f*d), launch.I(f), launch.I(n), launch.I(d), a.Y(), a.Y(), launch.P(a.Status)))
	return s.Run()
}
