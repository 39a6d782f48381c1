package spectrum

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/op"
)

// methods are all; of signals the second axis does not count.
var methods = []method{{}, {first: true}, {second: true}, {first: true, second: true}}

// forward and backward transform by one method.
func forward[T op.Float](l layout, m method, pool *par.Pool, x []T) (z []T, run op.Run) {
	z = make([]T, l.n*l.c*2*l.freqs())
	return z, bindForwardBy(l, m, args(l, pool, x, z))
}

func backward[T op.Float](l layout, m method, pool *par.Pool, z []T) (x []T, run op.Run) {
	x = make([]T, l.n*l.c*l.h*l.w)
	return x, bindInverseBy(l, m, args(l, pool, z, x))
}

func args[T op.Float](l layout, pool *par.Pool, in, out []T) *op.Args[T] {
	a := &op.Args[T]{In: [][]T{in}, Out: out, Scratch: make([]T, l.scratch())}
	a.Pool = pool
	return a
}

func normal(n int) []float64 {
	r := rand.New(rand.NewPCG(1, 2))
	x := make([]float64, n)
	for i := range x {
		x[i] = r.NormFloat64()
	}
	return x
}

// TestMethodsAgree compares fast transforms to products, both ways, with the bits of
// one worker on three. The shapes have blocks that are not full.
func TestMethodsAgree(t *testing.T) {
	pool := par.New(3)
	defer pool.Close()
	for _, s := range []tensor.Shape{{7, 20, 200}, {2, 130, 45}, {5, 3, 67}, {3, 1, 2}, {2, 2, 1}, {2, 3, 28, 28},
		{1, 2, 9, 150}, {2, 1, 134, 70}, {1, 1, 1, 2}} {
		l := layoutOf(s)
		x, z := normal(s.TotalSize()), normal(l.n*l.c*2*l.freqs())
		wantZ, run := forward(l, method{}, nil, x)
		require.NoError(t, run())
		wantX, run := backward(l, method{}, nil, z)
		require.NoError(t, run())
		for _, m := range methods[1:] {
			gotZ, run := forward(l, m, nil, x)
			require.NoError(t, run())
			require.InDeltaSlice(t, wantZ, gotZ, 1e-12, "%v %+v", s, m)
			sharedZ, run := forward(l, m, pool, x)
			require.NoError(t, run())
			require.Equal(t, gotZ, sharedZ, "%v %+v on three workers", s, m)
			gotX, run := backward(l, m, nil, z)
			require.NoError(t, run())
			require.InDeltaSlice(t, wantX, gotX, 1e-12, "%v %+v, back", s, m)
			sharedX, run := backward(l, m, pool, z)
			require.NoError(t, run())
			require.Equal(t, gotX, sharedX, "%v %+v, back on three workers", s, m)
		}
	}
}

// TestMethodIsTheFaster tells what is chosen for some lengths.
func TestMethodIsTheFaster(t *testing.T) {
	for h, want := range map[int]bool{1: false, 28: false, 50: false, 128: true, 200: true, 199: false, 211: false,
		1024: true, 4099: true} {
		require.Equal(t, want, layoutOf(tensor.Shape{1, 1, h}).method().first, "%d", h)
	}
	require.Equal(t, method{}, layoutOf(tensor.Shape{1, 1, 28, 28}).method())
	require.Equal(t, method{first: true, second: true}, layoutOf(tensor.Shape{1, 1, 224, 224}).method())
}

func TestRunsAllocateNothing(t *testing.T) {
	for _, s := range []tensor.Shape{{3, 20, 200}, {2, 1, 128, 128}} {
		l := layoutOf(s)
		x := make([]float32, s.TotalSize())
		z, there := forward(l, methods[3], nil, x)
		_, back := backward(l, methods[3], nil, z)
		require.Zero(t, testing.AllocsPerRun(5, func() {
			if there() != nil || back() != nil {
				t.Fatal("a transform has an error")
			}
		}), "%v", s)
	}
}

// BenchmarkMethods times products and fast transforms by length.
func BenchmarkMethods(b *testing.B) {
	var shapes []tensor.Shape
	for _, n := range []int{28, 48, 64, 80, 96, 97, 128, 150, 200, 211, 256, 400, 784, 1024, 4099} {
		shapes = append(shapes, tensor.Shape{max(2, min(100, 1<<16/n)), 20, n})
	}
	for _, n := range []int{28, 64, 96, 128, 224} {
		shapes = append(shapes, tensor.Shape{10, 15, n, n})
	}
	for _, s := range shapes {
		for _, m := range []method{{}, {true, true}} {
			x := make([]float32, s.TotalSize())
			for i, v := range normal(len(x)) {
				x[i] = float32(v)
			}
			_, run := forward(layoutOf(s), m, nil, x)
			b.Run(fmt.Sprintf("%v/fast=%t", s, m.first), func(b *testing.B) {
				for b.Loop() {
					if err := run(); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(x)), "ns/number")
			})
		}
	}
}
