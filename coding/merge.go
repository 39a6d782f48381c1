package coding

import (
	"context"
	"math"
	"slices"
	"sync/atomic"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/matrix"
	"github.com/whitebox-nn/whitebox/internal/par"
)

// A merger merges groups of the rows of a matrix.
type merger struct {
	samples
	pool    *par.Pool
	scratch []scratch // of each worker

	groups []*group  // nil: merged into another
	alive  []int     // the groups that are left, ascending
	saving []float64 // of the union of i and j < i, at i(i−1)/2 + j, in bits; above 0 is good
	best   []int     // the j < i whose union with i saves the most; −1 if there is none
}

// newMerger returns a merger without groups. The caller closes its pool.
func newMerger(x *mat.Dense, eps2 float64, affine bool) *merger {
	m := &merger{samples: newSamples(x, eps2, affine), pool: par.New(0)}
	if m.n <= mostProducts {
		m.product = products(m.x)
	}
	m.scratch = make([]scratch, m.pool.Workers())
	for i := range m.scratch {
		m.scratch[i] = m.newScratch()
	}
	return m
}

// begin makes the groups and computes what each pair saves.
func (m *merger) begin(ctx context.Context, rows [][]int) error {
	m.groups, m.alive = make([]*group, len(rows)), firsts(len(rows))
	m.saving, m.best = make([]float64, len(rows)*(len(rows)-1)/2), make([]int, len(rows))
	for i := range rows {
		m.groups[i] = m.group(&m.scratch[0], rows[i])
		if !matrix.Finite(m.groups[i].cost) {
			return m.tooLarge()
		}
	}
	all := &pairs{merger: m, ctx: ctx}
	m.pool.Run(all, len(rows), 4)
	if err := all.err(); err != nil {
		return err
	}
	for i := range rows {
		m.search(i)
	}
	return nil
}

// pairs is the task of all unions: of group i with those before it.
type pairs struct {
	*merger
	ctx context.Context
	bad atomic.Bool
}

// Range computes what the unions of some groups save.
func (p *pairs) Range(worker, lo, hi int) {
	for i := lo; i < hi && p.ctx.Err() == nil; i++ {
		for j := range i {
			p.save(&p.scratch[worker], i, j, &p.bad)
		}
	}
}

func (p *pairs) err() error {
	if err := p.ctx.Err(); err != nil {
		return errors.WithStack(err)
	}
	if p.bad.Load() {
		return p.tooLarge()
	}
	return nil
}

// save computes what the union of i and j saves.
func (m *merger) save(w *scratch, i, j int, bad *atomic.Bool) {
	a, b := m.groups[i], m.groups[j]
	s := a.cost + b.cost - m.cost(w, a, b)
	if !matrix.Finite(s) {
		bad.Store(true)
	}
	m.saving[index(i, j)] = s
}

// unions is the task of the unions of group a with those that are left.
type unions struct {
	pairs
	a int
}

// Range computes what the unions of a with some groups save.
func (u *unions) Range(worker, lo, hi int) {
	for _, j := range u.alive[lo:hi] {
		if j != u.a {
			u.save(&u.scratch[worker], u.a, j, &u.bad)
		}
	}
}

// descend repeatedly merges the best pair until there are k groups, or, if k is 0, until no pair saves bits. after,
// if not nil, is called with the state after each merge.
func (m *merger) descend(ctx context.Context, k int, after func(groups int, bits float64)) error {
	row := &unions{pairs: pairs{merger: m, ctx: ctx}}
	for len(m.alive) > max(k, 1) {
		b := m.bestPair()
		a := m.best[b]
		if k == 0 && !(m.saving[index(b, a)] > 0) {
			return nil
		}
		m.unite(&m.scratch[0], m.groups[a], m.groups[b])
		m.groups[b] = nil
		at, _ := slices.BinarySearch(m.alive, b)
		m.alive = slices.Delete(m.alive, at, at+1)
		row.a = a
		m.pool.Run(row, len(m.alive), 16)
		if err := row.err(); err != nil {
			return err
		}
		m.refresh(a, b)
		if after != nil {
			after(len(m.alive), m.bits())
		}
	}
	return nil
}

// refresh finds the best partners again after b was merged into a < b.
func (m *merger) refresh(a, b int) {
	for _, i := range m.alive {
		switch {
		case i < a: // its pairs with those before it are as they were
		case i == a || m.best[i] == a || m.best[i] == b:
			m.search(i)
		default: // the pair with a may have become the best; among equals the first
			s, most := m.saving[index(i, a)], m.saving[index(i, m.best[i])]
			if s > most || s == most && a < m.best[i] {
				m.best[i] = a
			}
		}
	}
}

// search finds the best partner of i among the groups before it.
func (m *merger) search(i int) {
	m.best[i] = -1
	row, most := m.saving[i*(i-1)/2:], math.Inf(-1)
	for _, j := range m.alive {
		if j >= i {
			return
		}
		if row[j] > most {
			m.best[i], most = j, row[j]
		}
	}
}

// bestPair returns the later one of the pair that saves the most; best has the other.
func (m *merger) bestPair() int {
	at, most := -1, math.Inf(-1)
	for _, i := range m.alive[1:] {
		if s := m.saving[index(i, m.best[i])]; s > most {
			at, most = i, s
		}
	}
	return at
}

// index returns the place of the pair i, j below the diagonal.
func index(i, j int) int {
	if i < j {
		i, j = j, i
	}
	return i*(i-1)/2 + j
}

// bits returns Lˢ.
func (m *merger) bits() (bits float64) {
	for _, i := range m.alive {
		bits += m.groups[i].cost
	}
	return bits
}

// rows returns the samples of the groups that are left.
func (m *merger) rows() (rows [][]int) {
	for _, i := range m.alive {
		rows = append(rows, m.groups[i].rows)
	}
	return rows
}

// labels returns the group of each sample.
func (m *merger) labels() []int {
	rows := m.rows()
	slices.SortFunc(rows, func(a, b []int) int { return slices.Min(a) - slices.Min(b) })
	labels := make([]int, m.n)
	for j := range rows {
		for _, i := range rows[j] {
			labels[i] = j
		}
	}
	return labels
}
