package redunet

import (
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// maps returns the op of the maps and their shape.
func mapsOf(in []tensor.Shape) (op.Spec, tensor.Shape, error) {
	maps := Maps{}.Spec()
	if spectral(in) {
		maps = SpectralMaps{}.Spec()
	}
	u, err := maps.Shape(in[:3])
	return maps, u, err
}

// deviceScratch is for all maps, the memberships, and what SpectralMaps needs: a device
// has no use for a bound that tells, a sample at a time, which maps are needed.
func (k Move) deviceScratch(a *op.DeviceArgs) (int, error) {
	maps, u, err := mapsOf(a.Shapes)
	if err != nil {
		return 0, err
	}
	if n := u.TotalSize(); n > mostReal {
		return 0, op.Errorf(
			"redunet: move: the maps %v are %d numbers, a kernel counts up to %d: move fewer samples at once", u, n,
			mostReal)
	}
	room := aligned(u.TotalSize(), a.Dtype) + aligned(samplesOf(a.Shapes)*a.Shapes[3][0], a.Dtype)
	if maps.DeviceScratch == nil {
		return room, nil
	}
	part := *a
	part.Shapes = a.Shapes[:3]
	bytes, err := maps.DeviceScratch(&part)
	return room + bytes, err
}

// aligned is the bytes of n numbers, up to the next address for others.
func aligned(n int, dt tensor.Dtype) int {
	return (n*int(dt.Size()) + launch.Align - 1) / launch.Align * launch.Align
}

// device is the four kernels that a move stands for.
func (k Move) device(a *op.DeviceArgs) (op.Run, error) {
	maps, us, err := mapsOf(a.Shapes)
	if err != nil {
		return nil, err
	}
	z, pis := a.Shapes[0], tensor.Shape{samplesOf(a.Shapes), a.Shapes[3][0]}
	u := a.Work
	pi := u + launch.Ptr(aligned(us.TotalSize(), a.Dtype))
	work := pi + launch.Ptr(aligned(pis.TotalSize(), a.Dtype))
	part := func(out launch.Ptr, shape tensor.Shape, in []launch.Ptr, shapes ...tensor.Shape) *op.DeviceArgs {
		part := op.DeviceArgs{Dtype: a.Dtype, In: in, Shapes: shapes, Out: out, Shape: shape, Work: work,
			Status: a.Status}
		part.Stream = a.Stream
		return &part
	}
	var s op.Sequence
	s.Add(maps.Device(part(u, us, a.In[:3], a.Shapes[:3]...)))
	s.Add(Membership{Lambda: k.Lambda}.Spec().Device(part(pi, pis, []launch.Ptr{u}, us)))
	s.Add(Step{Eta: k.Eta}.Spec().Device(part(a.Out, z, []launch.Ptr{a.In[0], u, pi, a.In[3]}, z, us, pis,
		a.Shapes[3])))
	f, n, d := 1, samplesOf(a.Shapes), z[len(z)-1]
	if spectral(a.Shapes) {
		f = z[0]
	}
	s.Add(launchSpectral(a, "sphere", launch.LongRows(n, f*d), launch.I(f), launch.I(n), launch.I(d), a.Y(), a.Y(),
		launch.P(a.Status)))
	return s.Run()
}
