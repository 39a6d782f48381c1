package redunet

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/op"
)

// A layer is what Move is given.
type layer[T op.Float] struct {
	z, e, c, gamma []T
	shapes         []tensor.Shape
}

// newLayer draws E, and Cⱼ that are short on samples of class j, which i mod k is.
func newLayer[T op.Float](k int, z ...int) layer[T] {
	r := rand.New(rand.NewPCG(1, uint64(k)))
	draw := func(sd float64, shape ...int) ([]T, tensor.Shape) {
		s := tensor.Shape(shape)
		x := make([]T, s.TotalSize())
		for i := range x {
			x[i] = T(sd * r.NormFloat64())
		}
		return x, s
	}
	d := z[len(z)-1]
	e, c := []int{d, d}, []int{k, d, d}
	if len(z) == 3 {
		e, c = []int{z[0], 2, d / 2, d / 2}, []int{k, z[0], 2, d / 2, d / 2}
	}
	var l layer[T]
	l.shapes = make([]tensor.Shape, 4)
	l.z, l.shapes[0] = draw(1, z...)
	l.e, l.shapes[1] = draw(1, e...)
	l.c, l.shapes[2] = draw(0.02, c...)
	l.gamma, l.shapes[3] = draw(1, k)
	for i := range l.c {
		row, column := i/d%d, i%d
		if len(z) == 2 && row == column && row%k != i/(d*d) {
			l.c[i]++ // the identity, less the coordinates of the class
		}
	}
	for i := range l.z {
		if len(z) == 2 && i%d%k != i/d%k {
			l.z[i] *= 0.05
		}
	}
	return l
}

// bind binds an op to inputs and an output of its shape.
func bind[T op.Float](
	t *testing.T, k op.Op, pool *par.Pool, shapes []tensor.Shape, in ...[]T,
) (op.Run, []T, tensor.Shape) {
	t.Helper()
	s := k.Spec()
	shape := shapes[0]
	if s.Shape != nil {
		var err error
		shape, err = s.Shape(shapes)
		require.NoError(t, err)
	}
	dt := tensor.Float64
	if unsafe.Sizeof(T(0)) == 4 {
		dt = tensor.Float32
	}
	operands := make([]op.Operand, len(in))
	for i, x := range in {
		operands[i] = op.Operand{Dtype: dt, Shape: shapes[i], Bytes: op.Bytes(x)}
	}
	h := op.Host{Work: make([]float64, s.WorkspaceOf(dt, shapes))}
	h.Pool = pool
	scratch := op.Slice[T](op.Bytes(h.Work))
	for i := range scratch {
		scratch[i] = T(math.NaN())
	}
	out := op.NewOperand(dt, shape)
	run, err := s.Bind(out, operands, h)
	require.NoError(t, err)
	return run, op.Slice[T](out.Bytes), shape
}

// steps is Move by the kernels that it stands for.
func (l layer[T]) steps(t *testing.T, k Move) []T {
	var maps op.Op = Maps{}
	if len(l.shapes[0]) == 3 {
		maps = SpectralMaps{}
	}
	does := func(kernel op.Op, shapes []tensor.Shape, in ...[]T) ([]T, tensor.Shape) {
		run, out, shape := bind(t, kernel, nil, shapes, in...)
		require.NoError(t, run())
		return out, shape
	}
	u, us := does(maps, l.shapes[:3], l.z, l.e, l.c)
	pi, pis := does(Membership{Lambda: k.Lambda}, []tensor.Shape{us}, u)
	z, zs := does(Step{Eta: k.Eta}, []tensor.Shape{l.shapes[0], us, pis, l.shapes[3]}, l.z, u, pi,
		l.gamma)
	if len(l.shapes[0]) == 3 {
		z, _ = does(Sphere{}, []tensor.Shape{zs}, z)
		return z
	}
	d := zs[1]
	for i := range zs[0] {
		row := z[i*d : (i+1)*d]
		sum := 0.0
		for _, v := range row {
			sum += float64(v) * float64(v)
		}
		for j := range row {
			row[j] *= T(1 / math.Sqrt(sum))
		}
	}
	return z
}

func TestMoveIsItsSteps(t *testing.T) {
	t.Run("float32", func(t *testing.T) { moveIsItsSteps[float32](t, 2e-6) })
	t.Run("float64", func(t *testing.T) { moveIsItsSteps[float64](t, 1e-13) })
}

func moveIsItsSteps[T op.Float](t *testing.T, tol float64) {
	pool := par.New(3)
	defer pool.Close()
	for _, z := range [][]int{{7, 5}, {1, 1}, {300, 128}, {20, 70}, {5, 3, 4}, {40, 150, 6}, {1, 1, 2}} {
		for _, classes := range []int{1, 3} {
			for _, lambda := range []float64{0, 2, 500} {
				l := newLayer[T](classes, z...)
				k := Move{Eta: 0.5, Lambda: lambda}
				want := l.steps(t, k)
				run, got, _ := bind(t, k, nil, l.shapes, l.z, l.e, l.c, l.gamma)
				require.NoError(t, run())
				require.InDeltaSlice(t, want, got, tol, "%v, %d classes, λ %v", z, classes, lambda)
				first := append([]T(nil), got...)
				require.NoError(t, run())
				require.Equal(t, first, got, "again")
				shared, on3, _ := bind(t, k, pool, l.shapes, l.z, l.e, l.c, l.gamma)
				require.NoError(t, shared())
				require.Equal(t, first, on3, "on three workers")
			}
		}
	}
}

// TestMoveComputesWhatItNeeds counts maps: where samples have a class, one each.
func TestMoveComputesWhatItNeeds(t *testing.T) {
	const n, k = 60, 3
	l := newLayer[float32](k, n, 90)
	for lambda, want := range map[float64]int{500: n, 0: n * k} {
		kernel := Move{Eta: 0.5, Lambda: lambda}
		a := &op.Args[float32]{In: [][]float32{l.z, l.e, l.c, l.gamma}, Shapes: l.shapes,
			Out: make([]float32, len(l.z)), Scratch: make([]float32, kernel.scratch(l.shapes))}
		m := newVectorMove(kernel, a)
		require.NoError(t, m.run())
		count := 0
		for _, at := range m.pairOf {
			if at >= 0 {
				count++
			}
		}
		require.Equal(t, want, count, "λ %v", lambda)
	}
}

func TestMoveNamesTheSampleWithNaN(t *testing.T) {
	for _, z := range [][]int{{9, 40}, {3, 9, 4}} {
		l := newLayer[float32](2, z...)
		l.z[z[len(z)-1]] = float32(math.NaN()) // sample 1
		run, _, _ := bind(t, Move{Eta: 0.5, Lambda: 500}, nil, l.shapes, l.z, l.e, l.c, l.gamma)
		err := run()
		require.True(t, errors.Is(err, op.ErrNotFinite), "%v", err)
		require.ErrorContains(t, err, "sample 1 of 9 holds NaN")
	}
}

func TestMoveAllocatesNothing(t *testing.T) {
	for _, z := range [][]int{{300, 64}, {5, 200, 6}} {
		l := newLayer[float32](3, z...)
		run, _, _ := bind(t, Move{Eta: 0.5, Lambda: 500}, nil, l.shapes, l.z, l.e, l.c, l.gamma)
		require.Zero(t, testing.AllocsPerRun(5, func() {
			if run() != nil {
				t.Fatal("a move has an error")
			}
		}), "%v", z)
	}
}

func TestMoveRefuses(t *testing.T) {
	good := Move{Eta: 1, Lambda: 1}
	for words, c := range map[string]struct {
		k      Move
		shapes []tensor.Shape
	}{
		"γ of 3":        {good, []tensor.Shape{{2, 3}, {3, 3}, {2, 3, 3}, {3}}},
		"E must be 3×3": {good, []tensor.Shape{{2, 3}, {3, 4}, {2, 3, 3}, {2}}},
		"λ -1":          {Move{Eta: 1, Lambda: -1}, []tensor.Shape{{2, 3}, {3, 3}, {2, 3, 3}, {2}}},
		"η is NaN":      {Move{Eta: math.NaN()}, []tensor.Shape{{2, 3}, {3, 3}, {2, 3, 3}, {2}}},
		"spectral maps": {Move{}, []tensor.Shape{{4, 2, 3}, {4, 2, 1, 1}, {2, 4, 2, 1, 1}, {2}}},
		"input 1 has shape (3, 3, 1), want rank 2": {good, []tensor.Shape{{2, 3}, {3, 3, 1}, {2, 3, 3}, {2}}},
		"input 0 has shape (3), want rank 2":       {good, []tensor.Shape{{3}, {3, 3}, {2, 3, 3}, {2}}},
	} {
		_, err := c.k.shape(c.shapes)
		require.ErrorContains(t, err, words)
		require.True(t, errors.Is(err, op.ErrInput))
	}
}

func BenchmarkMove(b *testing.B) {
	for _, z := range [][]int{{1000, 128}, {420, 100, 30}} {
		b.Run(fmt.Sprint(z), func(b *testing.B) {
			l := newLayer[float32](10, z...)
			k := Move{Eta: 0.5, Lambda: 500}
			run := bindMove(k, &op.Args[float32]{In: [][]float32{l.z, l.e, l.c, l.gamma}, Shapes: l.shapes,
				Out: make([]float32, len(l.z)), Scratch: make([]float32, k.scratch(l.shapes))})
			for b.Loop() {
				if err := run(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
