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
	return opkit.PiecesRoom(8*k, 8*k*n*d, 8*k, 4*k), nil
}

func (kn SoftFactor) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n, d, k, s := softSides(a.Shapes)
	w := a.Pieces()
	sizes, z, at, info := w.Take(8*k), w.Take(8*k*n*d), w.Take(8*k), w.Take(4*k)
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
	batch := cuda.CholeskyBatch{N: s, At: at, Info: info, Batch: k}
	q.Add(func() error { return v.CholeskyBatch(a.Stream, &batch) }, nil)
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
	return opkit.PiecesRoom(8 * in[1][1]), nil
}

func (SoftRate) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n, _, k, s := softSides(a.Shapes)
	var q opkit.Sequence
	q.Add(softLaunch(a, "sizes", cuda.Rows(k), cuda.I(n), cuda.I(k), cuda.P(a.Work), a.X(1), cuda.P(0)))
	q.Add(softLaunch(a, "rate", cuda.One(), cuda.I(n), cuda.I(k), cuda.I(s), a.Y(), a.X(2), cuda.P(a.Work)))
	return q.Run()
}

// softInverses is (LⱼLⱼᵀ)⁻¹ of every class, small ones by a kernel of ours, others by
// cuBLAS.
type softInverses struct {
	k, s int
	inv  cuda.Ptr
}

// room is what take takes.
func (v softInverses) room() []int {
	m := 0
	if v.s > smallSide {
		m = 8 * v.k
	}
	return []int{8 * v.k * v.s * v.s, m, m}
}

// add adds the inverses of the factors, input 2, to q.
func (v *softInverses) add(q *opkit.Sequence, a *opkit.DeviceArgs, w *opkit.Pieces) {
	room := v.room()
	v.inv = w.Take(room[0])
	x := cuda.Inverse{N: v.s, L: a.In[2], Out: v.inv, LAt: w.Take(room[1]), OutAt: w.Take(room[2]), Batch: v.k}
	if v.s <= smallSide {
		q.Add(softLaunch(a, "inverses", cuda.Elements(v.k*v.s), cuda.I(v.k), cuda.I(v.s), a.X(2), cuda.P(v.inv)))
		return
	}
	b, err := a.Stream.Device().BLAS()
	q.Add(softLaunch(a, "identities", cuda.Elements(v.k*v.s*v.s), cuda.I(v.k), cuda.I(v.s), a.X(2), cuda.P(v.inv), cuda.P(x.LAt), cuda.P(x.OutAt)))
	q.Add(func() error { return b.Invert(a.Stream, &x) }, err)
}

// ScratchCUDA is for the inverses.
func (softGradZ) ScratchCUDA(_ *cuda.Device, _ tensor.Dtype, in []tensor.Shape) (int, error) {
	_, _, k, s := softSides(in)
	return opkit.PiecesRoom(softInverses{k: k, s: s}.room()...), nil
}

func (kn softGradZ) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n, d, k, s := softSides(a.Shapes)
	v := softInverses{k: k, s: s}
	var q opkit.Sequence
	v.add(&q, a, a.Pieces())
	q.Add(softLaunch(a, "grad_z", cuda.Elements(n*d), cuda.I(n), cuda.I(d), cuda.I(k), a.Y(), a.X(0), a.X(1), cuda.P(v.inv), a.X(3), cuda.F64(alpha(float64(n), d, kn.Of.Of.Eps2))))
	return q.Run()
}

// ScratchCUDA is for the inverses, sizes and bases, and where n < d the samples in
// float64 and their Gram matrix.
func (softGradPi) ScratchCUDA(_ *cuda.Device, _ tensor.Dtype, in []tensor.Shape) (int, error) {
	n, d, k, s := softSides(in)
	return opkit.PiecesRoom(append(softInverses{k: k, s: s}.room(), 8*k, 8*k, 8*n*d, 8*s*s)...), nil
}

func (kn softGradPi) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n, d, k, s := softSides(a.Shapes)
	w, v := a.Pieces(), softInverses{k: k, s: s}
	var q opkit.Sequence
	v.add(&q, a, w)
	sizes, bases, z, gram := w.Take(8*k), w.Take(8*k), w.Take(8*n*d), w.Take(8*s*s)
	q.Add(softLaunch(a, "sizes", cuda.Rows(k), cuda.I(n), cuda.I(k), cuda.P(sizes), a.X(1), cuda.P(0)))
	q.Add(softLaunch(a, "bases", cuda.Rows(k), cuda.I(n), cuda.I(d), cuda.I(k), cuda.P(bases), a.X(2), cuda.P(v.inv)))
	if n < d {
		q.Add(launch(a, "widen", cuda.Elements(n*d), cuda.I(n*d), cuda.P(z), a.X(0)))
		q.Add(a.Syrk(cuda.Syrk{Rows: true, Size: n, Depth: d, Alpha: 1, Z: z, LDZ: d, G: gram, LDG: n}))
	}
	q.Add(softLaunch(a, "grad_pi", cuda.Rows(n*k), cuda.I(n), cuda.I(d), cuda.I(k), a.Y(), a.X(0), a.X(1), cuda.P(v.inv), cuda.P(gram),
		cuda.P(bases), cuda.P(sizes), a.X(3), cuda.F64(kn.Of.Of.Eps2)))
	return q.Run()
}
