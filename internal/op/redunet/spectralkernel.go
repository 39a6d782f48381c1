package redunet

import (
	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/op"
)

// A frequencies is a loop over frequencies with scratch for each worker.
type frequencies[T op.Float] struct {
	pool    *par.Pool
	f       int
	scratch []T
	size    int // of one worker's
	do      func(scratch []T, p int)
}

func newFrequencies[T op.Float](pool *par.Pool, f, size int, do func(scratch []T, p int)) *frequencies[T] {
	return &frequencies[T]{pool, f, make([]T, size*pool.Workers()), size, do}
}

func (t *frequencies[T]) run() error {
	t.pool.Run(t, t.f, 1)
	return nil
}

// Range implements par.Task.
func (t *frequencies[T]) Range(worker, lo, hi int) {
	for p := lo; p < hi; p++ {
		t.do(t.scratch[worker*t.size:(worker+1)*t.size], p)
	}
}

// realForm stores the complex c×c matrix A + iB in w as the real [A −B; B A].
func realForm[T op.Float](w, m []T, c int) {
	a, b := m[:c*c], m[c*c:2*c*c]
	for i := range c {
		top, bottom := w[i*2*c:(i+1)*2*c], w[(c+i)*2*c:(c+i+1)*2*c]
		copy(top, a[i*c:(i+1)*c])
		copy(bottom[c:], a[i*c:(i+1)*c])
		for j, v := range b[i*c : (i+1)*c] {
			top[c+j], bottom[j] = -v, v
		}
	}
}

// stack stores E and all Cⱼ of frequency p in w, (k+1)·2c × 2c.
func stack[T op.Float](w, e, cs []T, f, c, k, p int) {
	size := 2 * c * c
	realForm(w, e[p*size:], c)
	for j := range k {
		realForm(w[(j+1)*2*size:], cs[(j*f+p)*size:], c)
	}
}

// bindSpectralMaps takes a product a frequency: bound by arithmetic but for few
// channels or samples.
func bindSpectralMaps[T op.Float](_ SpectralMaps, a *op.Args[T]) op.Run {
	f, n, d, k := a.Shapes[0][0], a.Shapes[0][1], a.Shapes[0][2], a.Shapes[2][0]
	rows := (k + 1) * d
	return newFrequencies(a.Pool, f, rows*d, func(w []T, p int) {
		stack(w, a.In[1], a.In[2], f, d/2, k, p)
		lin.Gemm(nil, false, true, n, rows, d, 1, a.In[0][p*n*d:], d, w, d, 0, a.Out[p*n*rows:], rows)
	}).run
}

func bindSpectralGradZ[T op.Float](_ spectralGradZ, a *op.Args[T]) op.Run {
	f, n, d, k := a.Shape[0], a.Shape[1], a.Shape[2], a.Shapes[2][0]
	rows := (k + 1) * d
	return newFrequencies(a.Pool, f, rows*d, func(w []T, p int) {
		stack(w, a.In[1], a.In[2], f, d/2, k, p)
		lin.Gemm(nil, false, false, n, d, rows, 1, a.In[0][p*n*rows:], rows, w, d, 0, a.Out[p*n*d:], d)
	}).run
}

func bindSpectralGradE[T op.Float](_ spectralGradE, a *op.Args[T]) op.Run {
	return bindSpectralGrad(a, 0, 1)
}

func bindSpectralGradC[T op.Float](_ spectralGradC, a *op.Args[T]) op.Run {
	return bindSpectralGrad(a, 1, a.Shape[0])
}

// bindSpectralGrad stores the gradients by count matrices, the first being map j0:
// of G = Dᵀz the real part is G₁₁ + G₂₂ and the imaginary one G₂₁ − G₁₂.
func bindSpectralGrad[T op.Float](a *op.Args[T], j0, count int) op.Run {
	f, n, k, d := a.Shapes[0][0], a.Shapes[0][1], a.Shapes[0][2]-1, a.Shapes[0][3]
	c, rows := d/2, count*d
	ld := (k + 1) * d
	return newFrequencies(a.Pool, f, rows*d, func(g []T, p int) {
		lin.Gemm(nil, true, false, rows, d, n, 1, a.In[0][p*n*ld+j0*d:], ld, a.In[1][p*n*d:], d, 0, g, d)
		for j := range count {
			out, own := a.Out[(j*f+p)*2*c*c:], g[j*d*d:]
			for r := range c {
				for s := range c {
					out[r*c+s] = own[r*d+s] + own[(c+r)*d+c+s]
					out[c*c+r*c+s] = own[(c+r)*d+s] - own[r*d+c+s]
				}
			}
		}
	}).run
}
