package redunet

import (
	"math"

	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/op"
)

// boundRows returns how many rows of each Cⱼ the bound takes: about a quarter, in whole
// vectors.
func boundRows(d int) int {
	if d < 32 {
		return (d + 3) / 4
	}
	return (d/4 + 15) &^ 15
}

// underflow is an x from which exp(−x) is 0 in T.
func underflow[T op.Float]() float64 {
	if least := 1e-300; T(least) == 0 { // float32
		return 105
	}
	return 750
}

const (
	shade    = 1 - 1e-4 // of a bound: what rounding could have added
	pairRows = 128      // of a product at most, for one worker
)

// A vectorMove moves vectors. A pair is a sample and a class whose map is computed.
type vectorMove[T op.Float] struct {
	k             Move
	a             *op.Args[T]
	n, d, classes int

	rows   int   // of the bound
	few    []T   // k×rows×d: these rows of all Cⱼ
	bound  []T   // n×k×rows: times z
	maps   []T   // Cⱼz of each pair, class after class
	rowsOf []T   // by worker: z of the pairs of a product
	norms  []T   // by sample and class: ‖Cⱼz‖², or its bound
	pairOf []int // by sample and class: where its map is; −1 for none, wanted for one to be computed
	sample []int // of each pair
	first  []int // by sample: its candidate
	chunks []pairChunk

	bounds, exclude, finish *par.Loop
	failed                  failing
}

// wanted is the place of a pair that is to be computed.
const wanted = -2

// A pairChunk is the pairs lo, …, hi−1, of one class.
type pairChunk struct{ class, lo, hi int }

func newVectorMove[T op.Float](k Move, a *op.Args[T]) *vectorMove[T] {
	m := &vectorMove[T]{k: k, a: a, n: a.Shapes[0][0], d: a.Shapes[0][1], classes: a.Shapes[2][0]}
	m.rows = boundRows(m.d)
	all, rest := m.n*m.classes, a.Scratch
	cut := func(n int) []T {
		part := rest[:n]
		rest = rest[n:]
		return part
	}
	m.few, m.bound, m.maps = cut(m.classes*m.rows*m.d), cut(all*m.rows), cut(all*m.d)
	m.rowsOf = make([]T, a.Pool.Workers()*pairRows*m.d)
	m.norms, m.pairOf, m.sample, m.first = make([]T, all), make([]int, all), make([]int, all), make([]int, m.n)
	m.chunks = make([]pairChunk, 0, m.classes+all/pairRows+1)
	loop := func(f func(i int)) *par.Loop {
		return a.Pool.Loop(m.n, max(1, grain/(m.classes*m.rows+m.d)), func(lo, hi int) {
			for i := lo; i < hi; i++ {
				f(i)
			}
		})
	}
	m.bounds, m.exclude, m.finish = loop(m.candidate), loop(m.compare), loop(m.step)
	return m
}

func (m *vectorMove[T]) run() error {
	z, e, c := m.a.In[0], m.a.In[1], m.a.In[2]
	for r := range m.classes * m.rows { // rows spread over each matrix
		j, t := r/m.rows, r%m.rows
		copy(m.few[r*m.d:(r+1)*m.d], c[(j*m.d+t*m.d/m.rows)*m.d:])
	}
	lin.Gemm(m.a.Pool, false, true, m.n, m.classes*m.rows, m.d, 1, z, m.d, m.few, m.d, 0, m.bound, m.classes*m.rows)
	lin.Gemm(m.a.Pool, false, true, m.n, m.d, m.d, 1, z, m.d, e, m.d, 0, m.a.Out, m.d)
	m.bounds.Do()
	done := m.compute(0)
	m.exclude.Do()
	m.compute(done)
	m.failed.none()
	m.finish.Do()
	if i, bad := m.failed.first(); bad {
		return noDirection(i, m.n, simd.MaxAbs(m.a.Out[i*m.d:(i+1)*m.d]))
	}
	return nil
}

// candidate bounds the norms of sample i, and wants the map of the class with the
// least.
func (m *vectorMove[T]) candidate(i int) {
	norms, pairOf := m.norms[i*m.classes:(i+1)*m.classes], m.pairOf[i*m.classes:(i+1)*m.classes]
	best := 0
	for j := range norms {
		x := m.bound[(i*m.classes+j)*m.rows : (i*m.classes+j+1)*m.rows]
		norms[j], pairOf[j] = simd.Dot(x, x), -1
		if norms[j] < norms[best] {
			best = j
		}
	}
	pairOf[best], m.first[i] = wanted, best
}

// compute computes the maps that are wanted, and stores them from place at on. It
// returns the first place that is free.
func (m *vectorMove[T]) compute(at int) int {
	m.chunks = m.chunks[:0]
	for j := range m.classes {
		lo := at
		for i := range m.n {
			if m.pairOf[i*m.classes+j] == wanted {
				m.pairOf[i*m.classes+j], m.sample[at] = at, i
				at++
			}
		}
		for ; lo < at; lo += pairRows {
			m.chunks = append(m.chunks, pairChunk{j, lo, min(lo+pairRows, at)})
		}
	}
	m.a.Pool.Run(m, len(m.chunks), 1)
	return at
}

// Range implements par.Task: products of pairs.
func (m *vectorMove[T]) Range(worker, lo, hi int) {
	z := m.rowsOf[worker*pairRows*m.d : (worker+1)*pairRows*m.d]
	for _, c := range m.chunks[lo:hi] {
		for r, i := range m.sample[c.lo:c.hi] {
			copy(z[r*m.d:(r+1)*m.d], m.a.In[0][i*m.d:])
		}
		lin.Gemm(nil, false, true, c.hi-c.lo, m.d, m.d, 1, z, m.d, m.a.In[2][c.class*m.d*m.d:], m.d, 0,
			m.maps[c.lo*m.d:], m.d)
	}
}

// mapOf returns the map of a pair; nil for none.
func (m *vectorMove[T]) mapOf(i, j int) []T {
	at := m.pairOf[i*m.classes+j]
	if at < 0 {
		return nil
	}
	return m.maps[at*m.d : (at+1)*m.d]
}

// compare wants the maps of the classes of sample i that the candidate does not
// exclude.
func (m *vectorMove[T]) compare(i int) {
	x := m.mapOf(i, m.first[i])
	least := math.Sqrt(float64(simd.Dot(x, x)))
	for j, bound := range m.norms[i*m.classes : (i+1)*m.classes] {
		excluded := m.k.Lambda*(shade*math.Sqrt(float64(bound))-least) > underflow[T]()
		if !excluded && j != m.first[i] { // also where a number is NaN
			m.pairOf[i*m.classes+j] = wanted
		}
	}
}

// step moves sample i, of which E z is in the output.
func (m *vectorMove[T]) step(i int) {
	pi := m.norms[i*m.classes : (i+1)*m.classes]
	for j := range pi {
		pi[j] = T(math.Inf(1))
		if x := m.mapOf(i, j); x != nil {
			pi[j] = simd.Dot(x, x)
		}
	}
	softmin(pi, m.k.Lambda)
	eta, out := T(m.k.Eta), m.a.Out[i*m.d:(i+1)*m.d]
	simd.Combine(out, 1, m.a.In[0][i*m.d:(i+1)*m.d], eta, out, 0)
	for j, w := range pi {
		if w *= m.a.In[3][j]; w != 0 {
			simd.Axpy(out, -eta*w, m.mapOf(i, j))
		}
	}
	if !simd.Unit(out, out) {
		m.failed.at(i)
	}
}
