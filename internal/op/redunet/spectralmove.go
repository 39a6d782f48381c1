package redunet

import (
	"math"

	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/op"
)

const (
	moveSamples = 128 // of a part, whose maps at a frequency stay in the cache
	moveSums    = 32  // frequencies are summed in as many parts, at most
)

// A spectralMove moves spectra in three passes over the frequencies: for the lengths
// of all maps, which are not kept; for the step along those that have a weight; for
// the sphere. A pass is cut into parts, of some samples at some frequencies, whose sums
// are added in order.
type spectralMove[T op.Float] struct {
	k                Move
	a                *op.Args[T]
	f, n, d, classes int
	samples, freqs   int // of a part
	across, down     int // parts of the samples, and of the frequencies

	pass    func(scratch []T, part int)
	passes  [3]func(scratch []T, part int)
	scratch []T // by worker
	size    int
	sums    []float64 // down×n×k: ‖Cⱼz‖² of a part; then down×n: ‖z⁺‖²
	pi      []T       // n×k, times γ
	scale   []T       // by sample
}

func newSpectralMove[T op.Float](k Move, a *op.Args[T]) *spectralMove[T] {
	m := &spectralMove[T]{k: k, a: a, f: a.Shapes[0][0], n: a.Shapes[0][1], d: a.Shapes[0][2], classes: a.Shapes[2][0]}
	m.samples, m.freqs = min(m.n, moveSamples), ceil(m.f, moveSums)
	m.across, m.down = ceil(m.n, m.samples), ceil(m.f, m.freqs)
	m.size = m.classes*m.d*m.d + max(3, 2*m.classes)*m.samples*m.d
	m.scratch = make([]T, a.Pool.Workers()*m.size)
	m.sums, m.pi, m.scale = make([]float64, m.down*m.n*m.classes), make([]T, m.n*m.classes), make([]T, m.n)
	m.passes = [3]func(scratch []T, part int){m.lengths, m.step, m.project}
	return m
}

func (m *spectralMove[T]) run() error {
	m.do(0)
	for i := range m.n {
		m.weigh(m.pi[i*m.classes:(i+1)*m.classes], i)
	}
	m.do(1)
	for i := range m.n {
		sum := 0.0
		for q := range m.down {
			sum += m.sums[q*m.n+i]
		}
		if squaresFit[T](sum) {
			m.scale[i] = T(1 / math.Sqrt(sum))
			continue
		}
		m.scale[i] = 1
		if g := (geometry{m.f, m.n, 0, m.d}); !scaledSphere(g, m.a.Out, m.a.Out, i) {
			return noDirection(i, m.n, simd.MaxAbs(gathered(g, m.a.Out, i)))
		}
	}
	m.do(2)
	return nil
}

func (m *spectralMove[T]) do(pass int) {
	m.pass = m.passes[pass]
	m.a.Pool.Run(m, m.across*m.down, 1)
}

// Range implements par.Task.
func (m *spectralMove[T]) Range(worker, lo, hi int) {
	for part := lo; part < hi; part++ {
		m.pass(m.scratch[worker*m.size:(worker+1)*m.size], part)
	}
}

// limits returns the samples and the frequencies of a part.
func (m *spectralMove[T]) limits(part int) (i, n, p, last int) {
	i, p = part%m.across*m.samples, part/m.across*m.freqs
	return i, min(m.samples, m.n-i), p, min(p+m.freqs, m.f)
}

// lengths sums the squares of Cⱼz, element by element, and then over the elements.
func (m *spectralMove[T]) lengths(scratch []T, part int) {
	i0, n, p, last := m.limits(part)
	width := m.classes * m.d
	w, u, squares := scratch[:width*m.d], scratch[width*m.d:width*m.d+n*width],
		scratch[width*m.d+n*width:width*m.d+2*n*width]
	clear(squares)
	for ; p < last; p++ {
		for j := range m.classes {
			realForm(w[j*m.d*m.d:], m.matrix(j, p), m.d/2)
		}
		lin.Gemm(nil, false, true, n, width, m.d, 1, m.a.In[0][(p*m.n+i0)*m.d:], m.d, w, m.d, 0, u, width)
		simd.MulAdd(squares, u, u)
	}
	sums := m.sums[(part/m.across*m.n+i0)*m.classes:]
	for r := range n * m.classes {
		sums[r] = simd.SumWide(squares[r*m.d : (r+1)*m.d])
	}
}

// matrix returns Cⱼ at frequency p.
func (m *spectralMove[T]) matrix(j, p int) []T {
	size := m.d * m.d / 2
	return m.a.In[2][(j*m.f+p)*size : (j*m.f+p+1)*size]
}

// weigh stores γⱼπⱼ of a sample.
func (m *spectralMove[T]) weigh(pi []T, i int) {
	for j := range pi {
		sum := 0.0
		for q := range m.down {
			sum += m.sums[(q*m.n+i)*m.classes+j]
		}
		pi[j] = T(sum)
	}
	softmin(pi, m.k.Lambda)
	for j := range pi {
		pi[j] *= m.a.In[3][j]
	}
}

// step stores z⁺ and sums its squares.
func (m *spectralMove[T]) step(scratch []T, part int) {
	i0, n, p, last := m.limits(part)
	d, eta := m.d, T(m.k.Eta)
	w, squares, z, u := scratch[:d*d], scratch[d*d:d*d+n*d], scratch[d*d+n*d:d*d+2*n*d], scratch[d*d+2*n*d:d*d+3*n*d]
	clear(squares)
	for ; p < last; p++ {
		in, out := m.a.In[0][(p*m.n+i0)*d:(p*m.n+i0+n)*d], m.a.Out[(p*m.n+i0)*d:(p*m.n+i0+n)*d]
		realForm(w, m.a.In[1][p*d*d/2:], d/2)
		lin.Gemm(nil, false, true, n, d, d, 1, in, d, w, d, 0, out, d)
		simd.Combine(out, 1, in, eta, out, 0)
		for j := range m.classes {
			m.along(j, p, i0, n, w, z, u, in, out)
		}
		simd.MulAdd(squares, out, out)
	}
	for i := range n {
		m.sums[part/m.across*m.n+i0+i] = simd.SumWide(squares[i*d : (i+1)*d])
	}
}

// along moves the samples that have a weight in class j by −ηγⱼπⱼCⱼz.
func (m *spectralMove[T]) along(j, p, i0, n int, w, z, u, in, out []T) {
	d, count := m.d, 0
	for i := range n {
		if m.pi[(i0+i)*m.classes+j] != 0 {
			copy(z[count*d:(count+1)*d], in[i*d:])
			count++
		}
	}
	if count == 0 {
		return
	}
	realForm(w, m.matrix(j, p), d/2)
	lin.Gemm(nil, false, true, count, d, d, 1, z, d, w, d, 0, u, d)
	count = 0
	for i := range n {
		if v := m.pi[(i0+i)*m.classes+j]; v != 0 {
			simd.Axpy(out[i*d:(i+1)*d], -T(m.k.Eta)*v, u[count*d:(count+1)*d])
			count++
		}
	}
}

// project divides by the norms.
func (m *spectralMove[T]) project(_ []T, part int) {
	i0, n, p, last := m.limits(part)
	for ; p < last; p++ {
		for i := i0; i < i0+n; i++ {
			row := m.a.Out[(p*m.n+i)*m.d : (p*m.n+i+1)*m.d]
			simd.Affine(row, m.scale[i], row, 0)
		}
	}
}

func ceil(a, b int) int { return (a + b - 1) / b }
