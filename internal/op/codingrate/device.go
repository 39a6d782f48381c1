package codingrate

import (
	"github.com/pkg/errors"

	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// kernel is a kernel of codingrate.cu.
func kernel(a *op.DeviceArgs, name string, shape launch.Shape, args ...launch.Arg) (op.Run, error) {
	return a.Kernel("codingrate", ptx.Of("codingrate/codingrate"), "codingrate_"+name, shape, args...)
}

// deviceScratch is for Z in float64, what cuSOLVER needs, and its info.
func (k Factor) deviceScratch(a *op.DeviceArgs) (int, error) {
	z := a.Shapes[0]
	work, err := solverWork(a, min(z[0], z[1]))
	return op.PiecesRoom(8*z.TotalSize(), 8*work, 4), err
}

func solverWork(a *op.DeviceArgs, s int) (int, error) {
	v, err := a.Stream.Device().Solver()
	if err != nil {
		return 0, err
	}
	return v.CholeskyWork(s, s)
}

func (k Factor) device(a *op.DeviceArgs) (op.Run, error) {
	n, d := a.Shapes[0][0], a.Shapes[0][1]
	s := min(n, d)
	w := a.Pieces()
	work, err := solverWork(a, s)
	if err != nil {
		return nil, err
	}
	z, buffer, info := w.Take(8*n*d), w.Take(8*work), w.Take(4)
	var q op.Sequence
	if a.Double() {
		z = a.In[0]
	} else {
		q.Add(kernel(a, "widen", launch.Elements(n*d), launch.I(n*d), launch.P(z), a.X(0)))
	}
	q.Add(kernel(a, "identity", launch.Elements(s*s), launch.I(s), a.Y()))
	q.Add(a.Syrk(launch.Syrk{Rows: n < d, Size: s, Depth: max(n, d), Alpha: alpha(float64(n), d, k.Eps2), Z: z, LDZ: d,
		Beta: 1, G: a.Out, LDG: s}))
	q.Add(cholesky(a, s, a.Out, buffer, work, info))
	q.Add(kernel(a, "check", launch.Elements(s), launch.I(s), a.Y(), launch.P(a.Status)))
	return q.Run()
}

func cholesky(a *op.DeviceArgs, s int, l, work launch.Ptr, size int, info launch.Ptr) (op.Run, error) {
	v, err := a.Stream.Device().Solver()
	if err != nil {
		return nil, err
	}
	return func() error { return v.Cholesky(a.Stream, s, l, s, work, size, info) }, nil
}

func notFinite(f op.Report) error {
	z := f.Shapes[0]
	return errors.Wrapf(op.ErrNotFinite,
		"coding rate: the features (%d×%d) hold a NaN or an infinity, or are too large", z[0], z[1])
}

func (k Rate) device(a *op.DeviceArgs) (op.Run, error) {
	return kernel(a, "rate", launch.One(), launch.I(a.Shapes[1][0]), a.Y(), a.X(1))
}

// deviceScratch is for the inverse in float64 and in the graph's dtype, what cuSOLVER
// needs, and its info.
func (rateGrad) deviceScratch(a *op.DeviceArgs) (int, error) {
	s := a.Shapes[1][0]
	work, err := solverWork(a, s)
	return op.PiecesRoom(8*s*s, 8*s*s, 8*work, 4), err
}

func (k rateGrad) device(a *op.DeviceArgs) (op.Run, error) {
	n, d, s := a.Shapes[0][0], a.Shapes[0][1], a.Shapes[1][0]
	w := a.Pieces()
	v, err := a.Stream.Device().Solver()
	if err != nil {
		return nil, err
	}
	work, err := v.CholeskyWork(s, s)
	if err != nil {
		return nil, err
	}
	inv, narrow, buffer, info := w.Take(8*s*s), w.Take(8*s*s), w.Take(8*work), w.Take(4)
	var q op.Sequence
	q.Add(a.Copy(inv, a.In[1], 8*s*s), nil)
	q.Add(func() error { return v.Inverse(a.Stream, s, inv, s, buffer, work, info) }, nil)
	q.Add(kernel(a, "narrow", launch.Elements(s*s), launch.I(s), launch.P(narrow), launch.P(inv), a.X(2),
		launch.F64(alpha(float64(n), d, k.Of.Eps2))))
	g := launch.Gemm{Double: a.Double(), M: n, N: d, K: d, Alpha: 1, A: a.In[0], LDA: d, B: narrow, LDB: d, C: a.Out,
		LDC: d}
	if n < d {
		g.K, g.A, g.LDA, g.B, g.LDB = n, narrow, n, a.In[0], d
	}
	q.Add(a.Gemm(g))
	return q.Run()
}
