package codingrate

import (
	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/cuda"
	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// softLaunch is a kernel of soft.cu.
func softLaunch(a *op.DeviceArgs, name string, shape launch.Shape, args ...launch.Arg) (op.Run, error) {
	return a.Kernel("codingrate soft", ptx.Of("codingrate/soft"), "codingrate_soft_"+name, shape, args...)
}

// softSides returns n, d, k and s = min(n, d).
func softSides(in []tensor.Shape) (n, d, k, s int) {
	return in[0][0], in[0][1], in[1][1], min(in[0][0], in[0][1])
}

// deviceScratch is for the sizes, the weighted samples in float64, where each matrix
// begins, and what cuSOLVER says of each.
func (SoftFactor) deviceScratch(a *op.DeviceArgs) (int, error) {
	n, d, k, _ := softSides(a.Shapes)
	return op.PiecesRoom(8*k, 8*k*n*d, 8*k, 4*k), nil
}

func (kn SoftFactor) device(a *op.DeviceArgs) (op.Run, error) {
	n, d, k, s := softSides(a.Shapes)
	w := a.Pieces()
	sizes, z, at, info := w.Take(8*k), w.Take(8*k*n*d), w.Take(8*k), w.Take(4*k)
	v, err := a.Stream.Device().Solver()
	if err != nil {
		return nil, err
	}
	var q op.Sequence
	q.Add(softLaunch(a, "sizes", launch.Rows(k), launch.I(n), launch.I(k), launch.P(sizes), a.X(1), launch.P(a.Status)))
	q.Add(softLaunch(a, "weighted", launch.Elements(k*n*d), launch.I(n), launch.I(d), launch.I(k), launch.P(z), a.X(0),
		a.X(1)))
	q.Add(a.Gemm(launch.Gemm{Double: true, TransA: n >= d, TransB: n < d, M: s, N: s, K: max(n, d), Alpha: 1,
		A: z, LDA: d, B: z, LDB: d, C: a.Out, LDC: s, Batch: k, StrideA: n * d, StrideB: n * d, StrideC: s * s}))
	q.Add(softLaunch(a, "grams", launch.Elements(k*s*s), launch.I(k), launch.I(s), launch.I(d), a.Y(), launch.P(at),
		launch.P(sizes), launch.F64(kn.Eps2)))
	batch := cuda.CholeskyBatch{N: s, At: at, Info: info, Batch: k}
	q.Add(func() error { return v.CholeskyBatch(a.Stream, &batch) }, nil)
	q.Add(softLaunch(a, "check", launch.Elements(k*s), launch.I(k), launch.I(s), a.Y(), launch.P(a.Status)))
	return q.Run()
}

// explain implements op.Explained.
func (SoftFactor) explain(f op.Report) error {
	if j, ok := f.Class(); ok {
		return errors.WithMessagef(notFinite(f), "class %d", j)
	}
	k := f.Shapes[1][1]
	return op.Errorf("soft class coding rate: the membership of sample %d in class %d is %v, want it 0 or above",
		f.Number/k, f.Number%k, f.Value)
}

func (SoftRate) device(a *op.DeviceArgs) (op.Run, error) {
	n, _, k, s := softSides(a.Shapes)
	var q op.Sequence
	q.Add(softLaunch(a, "sizes", launch.Rows(k), launch.I(n), launch.I(k), launch.P(a.Work), a.X(1), launch.P(0)))
	q.Add(softLaunch(a, "rate", launch.One(), launch.I(n), launch.I(k), launch.I(s), a.Y(), a.X(2), launch.P(a.Work)))
	return q.Run()
}

// softInverses is (LⱼLⱼᵀ)⁻¹ of every class, small ones by a kernel of ours, others by
// cuBLAS.
type softInverses struct {
	k, s int
	inv  launch.Ptr
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
func (v *softInverses) add(q *op.Sequence, a *op.DeviceArgs, w *op.Pieces) {
	room := v.room()
	v.inv = w.Take(room[0])
	x := cuda.Inverse{N: v.s, L: a.In[2], Out: v.inv, LAt: w.Take(room[1]), OutAt: w.Take(room[2]), Batch: v.k}
	if v.s <= smallSide {
		q.Add(softLaunch(a, "inverses", launch.Elements(v.k*v.s), launch.I(v.k), launch.I(v.s), a.X(2),
			launch.P(v.inv)))
		return
	}
	b, err := a.Stream.Device().BLAS()
	q.Add(softLaunch(a, "identities", launch.Elements(v.k*v.s*v.s), launch.I(v.k), launch.I(v.s), a.X(2),
		launch.P(v.inv), launch.P(x.LAt), launch.P(x.OutAt)))
	q.Add(func() error { return b.Invert(a.Stream, &x) }, err)
}

// deviceScratch is for the inverses.
func (softGradZ) deviceScratch(a *op.DeviceArgs) (int, error) {
	_, _, k, s := softSides(a.Shapes)
	return op.PiecesRoom(softInverses{k: k, s: s}.room()...), nil
}

func (kn softGradZ) device(a *op.DeviceArgs) (op.Run, error) {
	n, d, k, s := softSides(a.Shapes)
	v := softInverses{k: k, s: s}
	var q op.Sequence
	v.add(&q, a, a.Pieces())
	q.Add(softLaunch(a, "grad_z", launch.Elements(n*d), launch.I(n), launch.I(d), launch.I(k), a.Y(), a.X(0), a.X(1),
		launch.P(v.inv), a.X(3), launch.F64(alpha(float64(n), d, kn.Of.Of.Eps2))))
	return q.Run()
}

// deviceScratch is for the inverses, sizes and bases, and where n < d the samples in
// float64 and their Gram matrix.
func (softGradPi) deviceScratch(a *op.DeviceArgs) (int, error) {
	n, d, k, s := softSides(a.Shapes)
	return op.PiecesRoom(append(softInverses{k: k, s: s}.room(), 8*k, 8*k, 8*n*d, 8*s*s)...), nil
}

func (kn softGradPi) device(a *op.DeviceArgs) (op.Run, error) {
	n, d, k, s := softSides(a.Shapes)
	w, v := a.Pieces(), softInverses{k: k, s: s}
	var q op.Sequence
	v.add(&q, a, w)
	sizes, bases, z, gram := w.Take(8*k), w.Take(8*k), w.Take(8*n*d), w.Take(8*s*s)
	q.Add(softLaunch(a, "sizes", launch.Rows(k), launch.I(n), launch.I(k), launch.P(sizes), a.X(1), launch.P(0)))
	q.Add(softLaunch(a, "bases", launch.Rows(k), launch.I(n), launch.I(d), launch.I(k), launch.P(bases), a.X(2),
		launch.P(v.inv)))
	if n < d {
		q.Add(kernel(a, "widen", launch.Elements(n*d), launch.I(n*d), launch.P(z), a.X(0)))
		q.Add(a.Syrk(launch.Syrk{Rows: true, Size: n, Depth: d, Alpha: 1, Z: z, LDZ: d, G: gram, LDG: n}))
	}
	q.Add(softLaunch(a, "grad_pi", launch.Rows(n*k), launch.I(n), launch.I(d), launch.I(k), a.Y(), a.X(0), a.X(1),
		launch.P(v.inv), launch.P(gram),
		launch.P(bases), launch.P(sizes), a.X(3), launch.F64(kn.Of.Of.Eps2)))
	return q.Run()
}
