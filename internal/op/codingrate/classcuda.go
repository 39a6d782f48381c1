//go:build whitebox_cuda

package codingrate

import (
	_ "embed"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/opkit"
)

//go:embed class.ptx
var classPTX string

// groupsRoom is how many bytes the Groups of class.cu take.
func groupsRoom(n, k int) int { return room(4 * (2*n + 2*k + 1)) }

// A classLaunch launches kernels of class.cu on groups at g.
type classLaunch struct {
	a    *opkit.DeviceArgs
	n, k int
	g    cuda.Ptr
}

func (l classLaunch) do(name string, shape cuda.Shape, args ...cuda.Arg) (opkit.Run, error) {
	return l.a.Kernel("codingrate class", classPTX, "codingrate_class_"+name, shape, append([]cuda.Arg{cuda.I(l.n), cuda.I(l.k), cuda.P(l.g)}, args...)...)
}

// sort groups the labels, input 1.
func (l classLaunch) sort(d int) (opkit.Run, error) {
	return l.do("sort", cuda.One(), l.a.X(1), cuda.I(d), cuda.P(l.a.Status))
}

// tiles is a block of 16×16 threads for each tile of k matrices of that side.
func tiles(k, side int) cuda.Shape {
	t := (side + 15) / 16
	return cuda.Shape{Blocks: min(k*t*t, 1<<14), Threads: 256, Shared: 2 * 8 * 256}
}

// ScratchCUDA is for the groups.
func (k ClassFactor) ScratchCUDA(_ *cuda.Device, _ tensor.Dtype, in []tensor.Shape) (int, error) {
	return groupsRoom(in[0][0], k.Classes), nil
}

func (k ClassFactor) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n, d := a.Shapes[0][0], a.Shapes[0][1]
	most := min(n, d)
	l := classLaunch{a, n, k.Classes, a.Work}
	var q opkit.Sequence
	q.Add(l.sort(d))
	q.Add(l.do("gram", tiles(k.Classes, most), cuda.I(most), cuda.I(d), a.X(0), a.Y(), cuda.F64(k.Eps2)))
	q.Add(l.do("cholesky", cuda.Shape{Blocks: k.Classes, Threads: 256}, cuda.I(d), a.Y(), cuda.P(a.Status)))
	return q.Run()
}

// Explain implements opkit.Explained.
func (k ClassFactor) Explain(f opkit.Finding) error {
	if j, ok := f.Class(); ok {
		return errors.WithMessagef(notFinite(f), "class %d, %v samples", j, f.Value)
	}
	return errors.Wrapf(opkit.ErrInput, "class coding rate: the label of sample %d is %v, want an integer from 0 to %d", f.Number, f.Value, k.Classes-1)
}

// ScratchCUDA is for the groups.
func (k ClassRate) ScratchCUDA(_ *cuda.Device, _ tensor.Dtype, in []tensor.Shape) (int, error) {
	return groupsRoom(in[0][0], k.Of.Classes), nil
}

func (k ClassRate) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n, d := a.Shapes[0][0], a.Shapes[0][1]
	l := classLaunch{a, n, k.Of.Classes, a.Work}
	var q opkit.Sequence
	q.Add(l.sort(d))
	q.Add(l.do("rate", cuda.One(), cuda.I(d), a.Y(), a.X(2)))
	return q.Run()
}

// Explain implements opkit.Explained.
func (k ClassRate) Explain(f opkit.Finding) error { return k.Of.Explain(f) }

// ScratchCUDA is for the groups and the inverses.
func (k classRateGrad) ScratchCUDA(_ *cuda.Device, _ tensor.Dtype, in []tensor.Shape) (int, error) {
	return groupsRoom(in[0][0], k.Of.Of.Classes) + 8*in[2][0], nil
}

func (k classRateGrad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n, d, of := a.Shapes[0][0], a.Shapes[0][1], k.Of.Of
	most := min(n, d)
	w := scratch{a.Work}
	l := classLaunch{a, n, of.Classes, w.take(groupsRoom(n, of.Classes))}
	inv := cuda.P(w.at)
	var q opkit.Sequence
	q.Add(l.sort(d))
	q.Add(l.do("inverses", cuda.Elements(of.Classes*most), cuda.I(most), cuda.I(d), a.X(2), inv))
	q.Add(l.do("grad", cuda.Elements(n*d), cuda.I(d), a.Y(), a.X(0), inv, a.X(3), cuda.F64(alpha(float64(n), d, of.Eps2))))
	return q.Run()
}

// Explain implements opkit.Explained.
func (k classRateGrad) Explain(f opkit.Finding) error { return k.Of.Of.Explain(f) }
