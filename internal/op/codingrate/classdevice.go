package codingrate

import (
	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/cuda"
	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// groupsRoom is how many bytes the Groups of class.cu take.
func groupsRoom(n, k int) int { return 4 * (2*n + 2*k + 1) }

// A classLaunch launches kernels of class.cu on groups at g.
type classLaunch struct {
	a    *op.DeviceArgs
	n, k int
	g    launch.Ptr
}

func (l classLaunch) do(name string, shape launch.Shape, args ...launch.Arg) (op.Run, error) {
	return l.a.Kernel("codingrate class", ptx.Of("codingrate/class"), "codingrate_class_"+name, shape,
		append([]launch.Arg{launch.I(l.n), launch.I(l.k), launch.P(l.g)}, args...)...)
}

// sort groups the labels, input 1.
func (l classLaunch) sort(d int) (op.Run, error) {
	return l.do("sort", launch.One(), l.a.X(1), launch.I(d), launch.P(l.a.Status))
}

// tiles is a block of 16×16 threads for each tile of k matrices of that side.
func tiles(k, side int) launch.Shape {
	t := (side + 15) / 16
	return launch.Shape{Blocks: min(k*t*t, 1<<14), Threads: 256, Shared: 2 * 8 * 256}
}

// smallSide is up to what side matrices are factored and inverted here: so small a
// one stays in a block's cache, column after column, and takes no launch of its own
// or scratch for the whole of it.
const smallSide = 32

// side returns the side that the matrices of all classes get for the libraries, or 0
// where these matrices are small, if the classes are of one size, or too many.
func side(n, d, k int) int {
	most := min(n, d)
	if min(max(1, n/k), d) <= smallSide || k*most*most > 1<<28 {
		return 0
	}
	return most
}

// deviceScratch is for the groups, and for the libraries their matrices, the addresses
// of these, and what cuSOLVER says of each.
func (k ClassFactor) deviceScratch(a *op.DeviceArgs) (int, error) {
	n, d := a.Shapes[0][0], a.Shapes[0][1]
	m := side(n, d, k.Classes)
	return op.PiecesRoom(groupsRoom(n, k.Classes), 8*k.Classes*m*m, 8*k.Classes, 4*k.Classes), nil
}

func (k ClassFactor) device(a *op.DeviceArgs) (op.Run, error) {
	n, d := a.Shapes[0][0], a.Shapes[0][1]
	most, m, w := min(n, d), side(n, d, k.Classes), a.Pieces()
	l := classLaunch{a, n, k.Classes, w.Take(groupsRoom(n, k.Classes))}
	var q op.Sequence
	q.Add(l.sort(d))
	if m == 0 {
		q.Add(l.do("gram", tiles(k.Classes, most), launch.I(most), launch.I(d), a.X(0), a.Y(), launch.I(0),
			launch.F64(k.Eps2)))
		q.Add(l.do("cholesky", launch.Shape{Blocks: k.Classes, Threads: 256}, launch.I(d), a.Y(), launch.P(a.Status)))
		return q.Run()
	}
	v, err := a.Stream.Device().Solver()
	if err != nil {
		return nil, err
	}
	matrices := launch.P(w.Take(8 * k.Classes * m * m))
	batch := cuda.CholeskyBatch{N: m, At: w.Take(8 * k.Classes), Info: w.Take(4 * k.Classes), Batch: k.Classes}
	q.Add(l.do("gram", tiles(k.Classes, most), launch.I(most), launch.I(d), a.X(0), matrices, launch.I(m),
		launch.F64(k.Eps2)))
	q.Add(l.do("places", launch.Elements(k.Classes), matrices, launch.I(m), launch.P(batch.At)))
	q.Add(func() error { return v.CholeskyBatch(a.Stream, &batch) }, nil)
	q.Add(l.do("pack", launch.Elements(k.Classes*m*m), launch.I(d), a.Y(), matrices, launch.I(m), launch.P(a.Status)))
	return q.Run()
}

// explain implements op.Explained.
func (k ClassFactor) explain(f op.Report) error {
	if j, ok := f.Class(); ok {
		return errors.WithMessagef(notFinite(f), "class %d, %v samples", j, f.Value)
	}
	return op.Errorf("class coding rate: the label of sample %d is %v, want an integer from 0 to %d", f.Number, f.Value,
		k.Classes-1)
}

func (k ClassRate) device(a *op.DeviceArgs) (op.Run, error) {
	n, d := a.Shapes[0][0], a.Shapes[0][1]
	l := classLaunch{a, n, k.Of.Classes, a.Work}
	var q op.Sequence
	q.Add(l.sort(d))
	q.Add(l.do("rate", launch.One(), launch.I(d), a.Y(), a.X(2)))
	return q.Run()
}

// deviceScratch is for the groups and the inverses, and for the libraries the factors,
// all of one side, and the addresses of both.
func (k classRateGrad) deviceScratch(a *op.DeviceArgs) (int, error) {
	n, d, of := a.Shapes[0][0], a.Shapes[0][1], k.Of.Of
	m := side(n, d, of.Classes)
	if m == 0 {
		return op.PiecesRoom(groupsRoom(n, of.Classes), 8*a.Shapes[2][0]), nil
	}
	return op.PiecesRoom(groupsRoom(n, of.Classes), 8*of.Classes*m*m, 8*of.Classes*m*m, 8*of.Classes, 8*of.Classes), nil
}

func (k classRateGrad) device(a *op.DeviceArgs) (op.Run, error) {
	n, d, of := a.Shapes[0][0], a.Shapes[0][1], k.Of.Of
	most, m, w := min(n, d), side(n, d, of.Classes), a.Pieces()
	l := classLaunch{a, n, of.Classes, w.Take(groupsRoom(n, of.Classes))}
	b, err := a.Stream.Device().BLAS()
	if err != nil {
		return nil, err
	}
	var q op.Sequence
	q.Add(l.sort(d))
	var inv launch.Ptr
	if m == 0 {
		inv = w.Take(8 * a.Shapes[2][0])
		q.Add(l.do("inverses", launch.Elements(of.Classes*most), launch.I(most), launch.I(d), a.X(2), launch.P(inv)))
	} else {
		room := 8 * of.Classes * m * m
		x := cuda.Inverse{N: m, Out: w.Take(room), L: w.Take(room), OutAt: w.Take(8 * of.Classes),
			LAt: w.Take(8 * of.Classes), Batch: of.Classes}
		inv = x.Out
		q.Add(l.do("unpack", launch.Elements(of.Classes*m*m), launch.I(d), a.X(2), launch.P(x.L), launch.P(inv),
			launch.I(m), launch.P(x.LAt), launch.P(x.OutAt)))
		q.Add(func() error { return b.Invert(a.Stream, &x) }, nil)
	}
	tiles := launch.Shape{Blocks: min((n/16+of.Classes)*((d+15)/16), 1<<14), Threads: 256, Shared: 2 * 8 * 256}
	q.Add(l.do("grad", tiles, launch.I(d), a.Y(), a.X(0), launch.P(inv), launch.I(m), a.X(3),
		launch.F64(alpha(float64(n), d, of.Eps2))))
	return q.Run()
}
