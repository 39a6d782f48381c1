package coding

import (
	"slices"
	"sync/atomic"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/par"
)

// local returns Lengths where the samples of a class are those nearest to a row of z.
func (f *IncrementalClasses) local(z *mat.Dense) (*mat.Dense, error) {
	n, _ := z.Dims()
	pool := par.New(0)
	defer pool.Close()
	l := &locals{IncrementalClasses: f, z: z, bits: mat.NewDense(n, len(f.classes), nil)}
	pool.Run(l, n, 1)
	if err := l.err.Load(); err != nil {
		return nil, errors.WithMessage(*err, "incremental coding length")
	}
	return l.bits, nil
}

// locals is the task of all rows of z.
type locals struct {
	*IncrementalClasses
	z, bits *mat.Dense
	err     atomic.Pointer[error]
}

// Range computes the bits of some rows.
func (l *locals) Range(_, lo, hi int) {
	for i := lo; i < hi; i++ {
		for j, x := range l.near {
			bits, err := l.growth(l.z.RawRowView(i), nearestRows(x, l.z.RawRowView(i), l.cfg.Neighbours))
			if err != nil {
				l.err.Store(&err)
				return
			}
			l.bits.Set(i, j, l.classes[j].prior+bits)
		}
	}
}

// growth returns the bits by which the code of the rows of near, which it changes, grows when x joins.
func (l *locals) growth(x []float64, near *mat.Dense) (float64, error) {
	c, err := l.cfg.class(near)
	if err != nil {
		return 0, err
	}
	v, solved := mat.NewVecDense(len(x), slices.Clone(x)), new(mat.VecDense)
	floats.Sub(v.RawVector().Data, c.mu)
	if err := c.chol.SolveVecTo(solved, v); err != nil {
		return 0, errors.Wrap(ErrInput, err.Error())
	}
	return c.after(l.cfg, mat.Dot(v, solved), x) - c.before, nil
}

// nearestRows returns a copy of the rows of x that are nearest to v, in the order of x; all if they
// are fewer.
func nearestRows(x *mat.Dense, v []float64, count int) *mat.Dense {
	n, d := x.Dims()
	rows, distance := firsts(n), make([]float64, n)
	for i := range distance {
		distance[i] = floats.Distance(x.RawRowView(i), v, 2)
	}
	slices.SortStableFunc(rows, func(a, b int) int {
		switch {
		case distance[a] < distance[b]:
			return -1
		case distance[a] > distance[b]:
			return 1
		}
		return 0
	})
	rows = rows[:min(count, n)]
	slices.Sort(rows)
	out := mat.NewDense(len(rows), d, nil)
	for i, r := range rows {
		out.SetRow(i, x.RawRowView(r))
	}
	return out
}
