package circular

import (
	"gorgonia.org/tensor"

	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// mostWindows is how many elements of windows are in memory at a time, or those of
// one sample, if they are more.
const mostWindows = 1 << 24

func (l layout) size() int { return l.h * l.w }

// chunk is how many samples have their windows in memory at a time.
func (l layout) chunk() int { return max(1, min(l.n, mostWindows/(l.window()*l.size()))) }

// each calls f with every chunk of samples.
func (l layout) each(f func(first, n int)) {
	for first := 0; first < l.n; first += l.chunk() {
		f(first, min(l.chunk(), l.n-first))
	}
}

// args are those of a kernel for n samples.
func (l layout) args(n, ld, stride int, more ...launch.Arg) []launch.Arg {
	var args []launch.Arg
	for _, v := range []int{n, l.c, l.h, l.w, l.kh, l.kw, ld, stride} {
		args = append(args, launch.I(v))
	}
	return append(args, more...)
}

// sample is the address of a sample of that many numbers.
func sample(a *op.DeviceArgs, at launch.Ptr, i, numbers int) launch.Ptr {
	return at + launch.Ptr(i*numbers*int(a.Dtype.Size()))
}

// deviceScratch is for windows.
// room is the bytes of the windows of a chunk of samples.
func (l layout) room(dt tensor.Dtype) int { return l.chunk() * l.window() * l.size() * int(dt.Size()) }

func (k Correlate) device(a *op.DeviceArgs) (op.Run, error) {
	l := layoutOf(a.Shapes[0], a.Shapes[1])
	rows, size := l.window(), l.size()
	var s op.Sequence
	l.each(func(first, n int) {
		x, y := sample(a, a.In[0], first, l.c*size), sample(a, a.Out, first, l.out*size)
		s.Add(a.Kernel("circular", ptx.Of("circular/circular"), "circular_gather", launch.Elements(n*rows*size),
			l.args(n, size, rows*size, launch.P(a.Work), launch.P(x))...))
		s.Add(a.Gemm(launch.Gemm{Double: a.Double(), M: l.out, N: size, K: rows, Alpha: 1, A: a.In[1], LDA: rows,
			B: a.Work, LDB: size, C: y, LDC: size,
			Batch: n, StrideB: rows * size, StrideC: l.out * size}))
	})
	return s.Run()
}

func (k gradX) device(a *op.DeviceArgs) (op.Run, error) {
	l := layoutOf(a.Shapes[2], a.Shapes[1])
	rows, size := l.window(), l.size()
	var s op.Sequence
	l.each(func(first, n int) {
		d, dx := sample(a, a.In[0], first, l.out*size), sample(a, a.Out, first, l.c*size)
		s.Add(a.Gemm(launch.Gemm{Double: a.Double(), TransA: true, M: rows, N: size, K: l.out, Alpha: 1, A: a.In[1],
			LDA: rows, B: d, LDB: size, C: a.Work, LDC: size,
			Batch: n, StrideB: l.out * size, StrideC: rows * size}))
		s.Add(a.Kernel("circular", ptx.Of("circular/circular"), "circular_scatter", launch.Elements(n*l.c*size),
			l.args(n, size, rows*size, launch.P(dx), launch.P(a.Work))...))
	})
	return s.Run()
}

// deviceScratch is for windows, and samples of D turned.
func (k gradW) deviceScratch(a *op.DeviceArgs) (int, error) {
	l := layoutOf(a.Shapes[1], a.Shapes[2])
	return l.chunk() * (l.window() + l.out) * l.size() * int(a.Dtype.Size()), nil
}

func (k gradW) device(a *op.DeviceArgs) (op.Run, error) {
	l := layoutOf(a.Shapes[1], a.Shapes[2])
	rows, size := l.window(), l.size()
	turned := sample(a, a.Work, l.chunk(), rows*size)
	var s op.Sequence
	l.each(func(first, n int) {
		d, x := sample(a, a.In[0], first, l.out*size), sample(a, a.In[1], first, l.c*size)
		s.Add(a.Kernel("circular", ptx.Of("circular/circular"), "circular_gather", launch.Elements(n*rows*size),
			l.args(n, n*size, size, launch.P(a.Work), launch.P(x))...))
		s.Add(a.Kernel("circular", ptx.Of("circular/circular"), "circular_turn", launch.Elements(n*l.out*size),
			launch.I(n), launch.I(l.out), launch.I(size), launch.P(turned), launch.P(d)))
		g := launch.Gemm{Double: a.Double(), TransB: true, M: l.out, N: rows, K: n * size, Alpha: 1, A: turned,
			LDA: n * size, B: a.Work, LDB: n * size, C: a.Out, LDC: rows}
		if first > 0 {
			g.Beta = 1
		}
		s.Add(a.Gemm(g))
	})
	return s.Run()
}
