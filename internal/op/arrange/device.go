package arrange

import (
	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

func kernel(a *op.DeviceArgs, name string, n int, args ...launch.Arg) (op.Run, error) {
	args = append([]launch.Arg{launch.I(n)}, args...)
	return a.Kernel("arrange", ptx.Of("arrange/arrange"), "arrange_"+name, launch.Elements(n), args...)
}

func (k Concat) device(a *op.DeviceArgs) (op.Run, error) {
	rows, unit := around(a.Shape, k.Axis)
	whole, at := a.Shape[k.Axis]*unit, 0
	var s op.Sequence
	for i := range a.In {
		width := a.Shapes[i][k.Axis] * unit
		s.Add(kernel(a, "parts", rows*width, launch.I(width), a.Y(), launch.I(whole), launch.I(at), a.X(i),
			launch.I(width), launch.I(0)))
		at += width
	}
	return s.Run()
}

func (k Slice) device(a *op.DeviceArgs) (op.Run, error) {
	rows, unit := around(a.Shape, k.Axis)
	width := (k.Hi - k.Lo) * unit
	return kernel(a, "parts", rows*width, launch.I(width), a.Y(), launch.I(width), launch.I(0), a.X(0),
		launch.I(a.Shapes[0][k.Axis]*unit), launch.I(k.Lo*unit))
}

func (k place) device(a *op.DeviceArgs) (op.Run, error) {
	_, unit := around(a.Shape, k.Axis)
	return kernel(a, "place", a.N(), launch.I(k.Size*unit), a.Y(), a.X(0), launch.I(a.Shapes[0][k.Axis]*unit),
		launch.I(k.Lo*unit))
}

// device gives the kernel five axes, the first ones of size 1.
func (k Transpose) device(a *op.DeviceArgs) (op.Run, error) {
	in, _ := k.strides(a.Shapes[0], a.Shape)
	args := []launch.Arg{a.Y(), a.X(0)}
	missing := MaxRank - len(a.Shape)
	for i := range MaxRank {
		size, stride := 1, 0
		if i >= missing {
			size, stride = a.Shape[i-missing], in[i-missing]
		}
		args = append(args, launch.I(size), launch.I(stride))
	}
	return kernel(a, "transpose", a.N(), args...)
}
