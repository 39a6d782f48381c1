//go:build whitebox_cuda

package codingrate

import (
	_ "embed"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/opkit"
)

//go:embed soft.ptx
var softPTX string

// softLaunch is a kernel of soft.cu.
func softLaunch(a *opkit.DeviceArgs, name string, shape cuda.Shape, args ...cuda.Arg) (opkit.Run, error) {
	return a.Kernel("codingrate soft", softPTX, "codingrate_soft_"+name, shape, args...)
}

// softSides returns n, d, k and s = min(n, d).
func softSides(in []tensor.Shape) (n, d, k, s int) {
	return in[0][0], in[0][1], in[1][1], min(in[0][0], in[0][1])
}

// ScratchCUDA is for the sizes, the weighted samples in float64, where each matrix
// begins, and what cuSOLVER says of each.
func (SoftFactor) ScratchCUDA(_ *cuda.Device, _ tensor.Dtype, in []tensor.Shape) (int, error) {
	n, d, k, _ := softSides(in)
	return room(8*k, 8*k*n*d, 8*k, 4*k), nil
}

func (kn SoftFactor) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n, d, k, s := softSides(a.Shapes)
	w := scratch{a.Work}
	sizes, z, at, info := w.take(8*k), w.take(8*k*n*d), w.take(8*k), w.take(4*k)
	v, err := a.Stream.Device().Solver()
	if err != nil {
		return nil, err
	}
	var q opkit.Sequence
	q.Add(softLaunch(a, "sizes", cuda.Rows(k), cuda.I(n), cuda.I(k), cuda.P(sizes), a.X(1), cuda.P(a.Status)))
	q.Add(softLaunch(a, "weighted", cuda.Elements(k*n*d), cuda.I(n), cuda.I(d), cuda.I(k), cuda.P(z), a.X(0), a.X(1)))
	q.Add(a.Gemm(cuda.Gemm{Double: true, TransA: n >= d, TransB: n < d, M: s, N: s, K: max(n, d), Alpha: 1,
		A: z, LDA: d, B: z, LDB: d, C: a.Out, LDC: s, Batch: k, StrideA: n * d, StrideB: n * d, StrideC: s * s}))
	q.Add(softLaunch(a, "grams", cuda.Elements(k*s*s), cuda.I(k), cuda.I(s), cuda.I(d), a.Y(), cuda.P(at), cuda.P(sizes), cuda.F64(kn.Eps2)))
	q.Add(func() error { return v.CholeskyBatch(a.Stream, s, at, s, info, k) }, nil)
	q.Add(softLaunch(a, "check", cuda.Elements(k*s), cuda.I(k), cuda.I(s), a.Y(), cuda.P(a.Status)))
	return q.Run()
}

// Explain implements opkit.Explained.
func (SoftFactor) Explain(f opkit.Finding) error {
	if j, ok := f.Class(); ok {
		return errors.WithMessagef(notFinite(f), "class %d", j)
	}
	k := f.Shapes[1][1]
	return errors.Wrapf(opkit.ErrInput, "soft class coding rate: the membership of sample %d in class %d is %v, want it 0 or above", f.Number/k, f.Number%k, f.Value)
}

// ScratchCUDA is for the sizes.
func (SoftRate) ScratchCUDA(_ *cuda.Device, _ tensor.Dtype, in []tensor.Shape) (int, error) {
	return room(8 * in[1][1]), nil
}

func (SoftRate) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n, _, k, s := softSides(a.Shapes)
	var q opkit.Sequence
	q.Add(softLaunch(a, "sizes", cuda.Rows(k), cuda.I(n), cuda.I(k), cuda.P(a.Work), a.X(1), cuda.P(0)))
	q.Add(softLaunch(a, "rate", cuda.One(), cuda.I(n), cuda.I(k), cuda.I(s), a.Y(), a.X(2), cuda.P(a.Work)))
	return q.Run()
}

// ScratchCUDA is for the inverses.
func (softGradZ) ScratchCUDA(_ *cuda.Device, _ tensor.Dtype, in []tensor.Shape) (int, error) {
	return 8 * in[2].TotalSize(), nil
}

func (kn softGradZ) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n, d, k, s := softSides(a.Shapes)
	inv := cuda.P(a.Work)
	var q opkit.Sequence
	q.Add(softLaunch(a, "inverses", cuda.Elements(k*s), cuda.I(k), cuda.I(s), a.X(2), inv))
	q.Add(softLaunch(a, "grad_z", cuda.Elements(n*d), cuda.I(n), cuda.I(d), cuda.I(k), a.Y(), a.X(0), a.X(1), inv, a.X(3), cuda.F64(alpha(float64(n), d, kn.Of.Of.Eps2))))
	return q.Run()
}

// ScratchCUDA is for the inverses, sizes and bases, and where n < d the samples in
// float64 and their Gram matrix.
func (softGradPi) ScratchCUDA(_ *cuda.Device, _ tensor.Dtype, in []tensor.Shape) (int, error) {
	n, d, k, s := softSides(in)
	return room(8*k*s*s, 8*k, 8*k, 8*n*d, 8*s*s), nil
}

func (kn softGradPi) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n, d, k, s := softSides(a.Shapes)
	w := scratch{a.Work}
	inv, sizes, bases, z, gram := w.take(8*k*s*s), w.take(8*k), w.take(8*k), w.take(8*n*d), w.take(8*s*s)
	var q opkit.Sequence
	q.Add(softLaunch(a, "inverses", cuda.Elements(k*s), cuda.I(k), cuda.I(s), a.X(2), cuda.P(inv)))
	q.Add(softLaunch(a, "sizes", cuda.Rows(k), cuda.I(n), cuda.I(k), cuda.P(sizes), a.X(1), cuda.P(0)))
	q.Add(softLaunch(a, "bases", cuda.Rows(k), cuda.I(n), cuda.I(d), cuda.I(k), cuda.P(bases), a.X(2), cuda.P(inv)))
	if n < d {
		q.Add(launch(a, "widen", cuda.Elements(n*d), cuda.I(n*d), cuda.P(z), a.X(0)))
		q.Add(a.Syrk(cuda.Syrk{Rows: true, Size: n, Depth: d, Alpha: 1, Z: z, LDZ: d, G: gram, LDG: n}))
	}
	q.Add(softLaunch(a, "grad_pi", cuda.Rows(n*k), cuda.I(n), cuda.I(d), cuda.I(k), a.Y(), a.X(0), a.X(1), cuda.P(inv), cuda.P(gram),
		cuda.P(bases), cuda.P(sizes), a.X(3), cuda.F64(kn.Of.Of.Eps2)))
	return q.Run()
}
