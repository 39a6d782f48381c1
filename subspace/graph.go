package subspace

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/given"
)

// Graph is a sparse symmetric matrix of weights W, n×n, the input of [Spectral]: it takes memory only for the weights
// that are not 0. [Neighborhood.Graph] and [EnSC.Graph] make one, and [NewGraph] from other weights. It is a
// mat.Symmetric, whose At does a binary search in a row.
type Graph struct{ entries }

// NewGraph returns the graph of the weights of w that are not 0. It reads the upper triangle of w; a nil w is a graph
// of no samples.
func NewGraph(w mat.Symmetric) *Graph {
	if given.Nil(w) {
		return &Graph{entries{start: make([]int, 1)}}
	}
	return &Graph{entriesOf(w)}
}

// SymmetricDim returns n.
func (g *Graph) SymmetricDim() int {
	if g == nil {
		return 0
	}
	return max(0, len(g.start)-1)
}

// Dims returns n and n.
func (g *Graph) Dims() (rows, cols int) { return g.SymmetricDim(), g.SymmetricDim() }

// T returns the graph.
func (g *Graph) T() mat.Matrix { return g }

// At returns W_ij, or 0 where i or j is not from 0 to n−1.
func (g *Graph) At(i, j int) float64 {
	if n := g.SymmetricDim(); i < 0 || j < 0 || i >= n || j >= n {
		return 0
	}
	lo, hi := g.start[i], g.start[i+1]
	if at, ok := slices.BinarySearch(g.column[lo:hi], int32(j)); ok {
		return g.value[lo+at]
	}
	return 0
}

// Edges returns the number of weights that are not 0.
func (g *Graph) Edges() int {
	if g == nil {
		return 0
	}
	return len(g.value)
}

// entriesOf returns the entries of a symmetric matrix that are not 0, the lower ones as those above.
func entriesOf(w mat.Symmetric) entries {
	if g, ok := w.(*Graph); ok {
		if len(g.start) == 0 { // as Graph{} is
			return entries{start: make([]int, 1)}
		}
		return entries{start: g.start, column: g.column, value: slices.Clone(g.value)}
	}
	n := w.SymmetricDim()
	e := entries{start: make([]int, 1, n+1)}
	for i := range n {
		for j := range n {
			if v := w.At(min(i, j), max(i, j)); v != 0 {
				e.column, e.value = append(e.column, int32(j)), append(e.value, v)
			}
		}
		e.start = append(e.start, len(e.value))
	}
	return e
}

// dense returns the entries as a matrix.
func (e *entries) dense() *mat.SymDense {
	n := len(e.start) - 1
	a := mat.NewSymDense(n, nil)
	for i := range n {
		for p := e.start[i]; p < e.start[i+1]; p++ {
			if j := int(e.column[p]); j >= i {
				a.SetSym(i, j, e.value[p])
			}
		}
	}
	return a
}

// A sparseRow is the elements of a row that are not 0.
type sparseRow struct {
	column []int32
	value  []float64
}

// symmetrised returns ½(C + Cᵀ) of the rows of C, n×n.
func symmetrised(rows []sparseRow) entries {
	n := len(rows)
	both := make([]sparseRow, n)
	for i, r := range rows {
		for p, j := range r.column {
			both[i].column, both[i].value = append(both[i].column, j), append(both[i].value, r.value[p])
			both[j].column, both[j].value = append(both[j].column, int32(i)), append(both[j].value, r.value[p])
		}
	}
	e := entries{start: make([]int, 1, n+1)}
	for i := range both {
		r := &both[i]
		order := make([]int, len(r.column))
		for p := range order {
			order[p] = p
		}
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(r.column[a], r.column[b]) })
		for p, at := range order {
			if p > 0 && r.column[at] == r.column[order[p-1]] {
				e.value[len(e.value)-1] += r.value[at]
				continue
			}
			e.column, e.value = append(e.column, r.column[at]), append(e.value, r.value[at])
		}
		for p := e.start[i]; p < len(e.value); p++ {
			e.value[p] /= 2
		}
		e.start = append(e.start, len(e.value))
		both[i] = sparseRow{}
	}
	return e
}

// normalise replaces W by D^−½ W D^−½, D = diag(Σ_j W_ij).
func (e *entries) normalise() {
	n := len(e.start) - 1
	root := make([]float64, n)
	for i := range root {
		for _, v := range e.value[e.start[i]:e.start[i+1]] {
			root[i] += v
		}
		if root[i] > 0 {
			root[i] = 1 / math.Sqrt(root[i])
		}
	}
	for i := range n {
		for p := e.start[i]; p < e.start[i+1]; p++ {
			j := int(e.column[p])
			e.value[p] = root[min(i, j)] * e.value[p] * root[max(i, j)]
		}
	}
}
