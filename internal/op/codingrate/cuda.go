package codingrate

import (
	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/cuda"
	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
)

// launch is a kernel of codingrate.cu.
func launch(a *op.DeviceArgs, name string, shape cuda.Shape, args ...cuda.Arg) (op.Run, error) {
	return a.Kernel("codingrate", ptx.Of("codingrate/codingrate"), "codingrate_"+name, shape, args...)
}

// deviceScratch is for Z in float64, what cuSOLVER needs, and its info.
func (k Factor) deviceScratch(d *cuda.Device, _ tensor.Dtype, in []tensor.Shape) (int, error) {
	s := min(in[0][0], in[0][1])
	work, err := solverWork(d, s)
	return op.PiecesRoom(8*in[0].TotalSize(), 8*work, 4), err
}

func solverWork(d *cuda.Device, s int) (int, error) {
	v, err := d.Solver()
	if err != nil {
		return 0, err
	}
	return v.CholeskyWork(s, s)
}

func (k Factor) device(a *op.DeviceArgs) (op.Run, error) {
	n, d := a.Shapes[0][0], a.Shapes[0][1]
	s := min(n, d)
	w := a.Pieces()
	work, err := solverWork(a.Stream.Device(), s)
	if err != nil {
		return nil, err
	}
	z, buffer, info := w.Take(8*n*d), w.Take(8*work), w.Take(4)
	var q op.Sequence
	if a.Double() {
		z = a.In[0]
	} else {
		q.Add(launch(a, "widen", cuda.Elements(n*d), cuda.I(n*d), cuda.P(z), a.X(0)))
	}
	q.Add(launch(a, "identity", cuda.Elements(s*s), cuda.I(s), a.Y()))
	q.Add(a.Syrk(cuda.Syrk{Rows: n < d, Size: s, Depth: max(n, d), Alpha: alpha(float64(n), d, k.Eps2), Z: z, LDZ: d, Beta: 1, G: a.Out, LDG: s}))
	q.Add(cholesky(a, s, a.Out, buffer, work, info))
	q.Add(launch(a, "check", cuda.Elements(s), cuda.I(s), a.Y(), cuda.P(a.Status)))
	return q.Run()
}

func cholesky(a *op.DeviceArgs, s int, l, work cuda.Ptr, size int, info cuda.Ptr) (op.Run, error) {
	v, err := a.Stream.Device().Solver()
	if err != nil {
		return nil, err
	}
	return func() error { return v.Cholesky(a.Stream, s, l, s, work, size, info) }, nil
}

func notFinite(f op.Finding) error {
	z := f.Shapes[0]
	return errors.Wrapf(op.ErrNotFinite, "coding rate: the features (%d×%d) hold a NaN or an infinity, or are too large", z[0], z[1])
}

func (k Rate) device(a *op.DeviceArgs) (op.Run, error) {
	return launch(a, "rate", cuda.One(), cuda.I(a.Shapes[1][0]), a.Y(), a.X(1))
}

// deviceScratch is for the inverse in float64 and in the graph's dtype, what cuSOLVER
// needs, and its info.
func (rateGrad) deviceScratch(d *cuda.Device, _ tensor.Dtype, in []tensor.Shape) (int, error) {
	s := in[1][0]
	work, err := solverWork(d, s)
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
	q.Add(func() error { return a.Stream.Copy(inv, a.In[1], 8*s*s) }, nil)
	q.Add(func() error { return v.Inverse(a.Stream, s, inv, s, buffer, work, info) }, nil)
	q.Add(launch(a, "narrow", cuda.Elements(s*s), cuda.I(s), cuda.P(narrow), cuda.P(inv), a.X(2), cuda.F64(alpha(float64(n), d, k.Of.Eps2))))
	g := cuda.Gemm{Double: a.Double(), M: n, N: d, K: d, Alpha: 1, A: a.In[0], LDA: d, B: narrow, LDB: d, C: a.Out, LDC: d}
	if n < d {
		g.K, g.A, g.LDA, g.B, g.LDB = n, narrow, n, a.In[0], d
	}
	q.Add(a.Gemm(g))
	return q.Run()
}
