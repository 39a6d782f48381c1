package coding

import (
	"context"
	"math"
	"slices"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// mostProducts is the most samples whose inner products are all kept.
const mostProducts = 4096

// A merger merges groups of the rows of a matrix.
type merger struct {
	x       *mat.Dense // about the mean of all, if affine
	centre  []float64  // that mean; nil: groups are about the origin
	eps2    float64
	n, d    int
	product *mat.SymDense // of rows with rows; nil if there are too many
	scratch []float64     // d×d: the matrix that is factored

	groups []*group  // nil: merged into another
	alive  int       // groups that are left
	saving []float64 // of the union of i and j < i, at i(i−1)/2 + j, in bits; above 0 is good
	best   []int     // the partner of i of the greatest saving
}

// A group of rows.
type group struct {
	rows []int
	sum  []float64 // of the rows; nil if about the origin
	gram []float64 // d×d, the lower half of Σ xxᵀ; nil as long as the group is small
	cost float64   // its part of Lˢ, in bits
}

func newMerger(x *mat.Dense, eps2 float64, affine bool) *merger {
	n, d := x.Dims()
	m := &merger{x: x, eps2: eps2, n: n, d: d, scratch: make([]float64, d*d)}
	if affine {
		m.centre = make([]float64, d)
		for i := range n {
			floats.AddScaled(m.centre, 1/float64(n), x.RawRowView(i))
		}
		m.x = mat.DenseCopyOf(x)
		for i := range n {
			floats.Sub(m.x.RawRowView(i), m.centre)
		}
	}
	if n <= mostProducts {
		m.product = mat.NewSymDense(n, nil)
		m.product.SymOuterK(1, m.x)
	}
	return m
}

// begin makes the groups and computes what each pair saves.
func (m *merger) begin(ctx context.Context, rows [][]int) error {
	m.groups, m.alive = make([]*group, len(rows)), len(rows)
	m.saving, m.best = make([]float64, len(rows)*(len(rows)-1)/2), make([]int, len(rows))
	for i := range rows {
		var err error
		if m.groups[i], err = m.group(rows[i]); err != nil {
			return err
		}
	}
	for i := range rows {
		if err := m.row(ctx, i, i); err != nil {
			return err
		}
	}
	for i := range rows {
		m.search(i)
	}
	return nil
}

// descend merges the best pair, again and again, until there are k groups, or if
// k is 0 until no pair saves bits. after, if not nil, sees the state after each.
func (m *merger) descend(ctx context.Context, k int, after func(groups int, bits float64)) error {
	for m.alive > max(k, 1) {
		a, b := m.bestPair()
		if k == 0 && !(m.at(a, b) > 0) {
			return nil
		}
		u, err := m.union(m.groups[a], m.groups[b])
		if err != nil {
			return err
		}
		m.groups[a], m.groups[b] = u, nil
		m.alive--
		if err := m.row(ctx, a, len(m.groups)); err != nil {
			return err
		}
		m.refresh(a, b)
		if after != nil {
			after(m.alive, m.bits())
		}
	}
	return nil
}

// row computes what the unions of group a with the groups before end save.
func (m *merger) row(ctx context.Context, a, end int) error {
	if err := ctx.Err(); err != nil {
		return errors.WithStack(err)
	}
	for j, g := range m.groups[:end] {
		if g == nil || j == a {
			continue
		}
		bits, err := m.cost(m.groups[a], g)
		if err != nil {
			return err
		}
		m.saving[index(a, j)] = m.groups[a].cost + g.cost - bits
	}
	return nil
}

// refresh finds the best partners again after b was merged into a.
func (m *merger) refresh(a, b int) {
	m.search(a)
	for i, g := range m.groups {
		switch {
		case g == nil || i == a:
		case m.best[i] == a || m.best[i] == b:
			m.search(i) // the others' pairs with a are found at a
		}
	}
}

// search finds the best partner of i, −1 if it is alone.
func (m *merger) search(i int) {
	m.best[i] = -1
	for j, g := range m.groups {
		if g != nil && j != i && (m.best[i] < 0 || m.at(i, j) > m.at(i, m.best[i])) {
			m.best[i] = j
		}
	}
}

// bestPair returns the pair that saves the most, the lower group first.
func (m *merger) bestPair() (a, b int) {
	a = -1
	for i, g := range m.groups {
		if g != nil && (a < 0 || m.at(i, m.best[i]) > m.at(a, m.best[a])) {
			a = i
		}
	}
	return min(a, m.best[a]), max(a, m.best[a])
}

func (m *merger) at(i, j int) float64 { return m.saving[index(i, j)] }

// index returns the place of the pair i, j below the diagonal.
func index(i, j int) int {
	if i < j {
		i, j = j, i
	}
	return i*(i-1)/2 + j
}

// bits returns Lˢ.
func (m *merger) bits() (bits float64) {
	for _, g := range m.groups {
		if g != nil {
			bits += g.cost
		}
	}
	return bits
}

// rows returns the samples of the groups that are left.
func (m *merger) rows() (rows [][]int) {
	for _, g := range m.groups {
		if g != nil {
			rows = append(rows, g.rows)
		}
	}
	return rows
}

// labels returns the group of each sample.
func (m *merger) labels() []int {
	rows := m.rows()
	slices.SortFunc(rows, func(a, b []int) int { return a[0] - b[0] })
	labels := make([]int, m.n)
	for j := range rows {
		for _, i := range rows[j] {
			labels[i] = j
		}
	}
	return labels
}

// group returns the group of some rows.
func (m *merger) group(rows []int) (*group, error) {
	g := &group{rows: rows}
	if m.centre != nil {
		g.sum = make([]float64, m.d)
		for _, i := range rows {
			floats.Add(g.sum, m.x.RawRowView(i))
		}
	}
	return m.settle(g, g)
}

// union returns the group of the rows of a and b.
func (m *merger) union(a, b *group) (*group, error) {
	g := &group{rows: slices.Concat(a.rows, b.rows)}
	slices.Sort(g.rows)
	if m.centre != nil {
		g.sum = slices.Clone(a.sum)
		floats.Add(g.sum, b.sum)
	}
	return m.settle(g, a, b)
}

// settle computes the cost of g, which has the rows of its parts, and, if it is
// large, its Gram matrix.
func (m *merger) settle(g *group, parts ...*group) (_ *group, err error) {
	if len(g.rows) >= m.d {
		gram := make([]float64, m.d*m.d)
		for _, p := range parts {
			m.addGram(gram, p)
		}
		g.gram = gram
	}
	g.cost, err = m.cost(g)
	return g, err
}

// addGram adds Σ xxᵀ over the rows of g to the lower half of dst.
func (m *merger) addGram(dst []float64, g *group) {
	if g.gram != nil {
		floats.Add(dst, g.gram)
		return
	}
	for _, r := range g.rows {
		x := m.x.RawRowView(r)
		for i, v := range x {
			floats.AddScaled(dst[i*m.d:i*m.d+i+1], v, x[:i+1])
		}
	}
}

// cost returns the part of Lˢ of the union of one or two groups, in bits.
func (m *merger) cost(parts ...*group) (float64, error) {
	size := 0
	for _, p := range parts {
		size += len(p.rows)
	}
	a := alpha(m.d, float64(size), m.eps2)
	s := min(size, m.d)
	if size < m.d {
		m.products(parts, size)
	} else {
		m.scatter(parts, size)
	}
	ld := logdetLower(m.scratch[:s*s], s, a)
	if ld-ld != 0 {
		return 0, errors.Wrapf(ErrInput, "I + a·XᵀX with a = %v is not positive definite in float64: samples are too large for ε²", a)
	}
	bits := float64(size+m.d)/2*ld/math.Ln2 - float64(size)*math.Log2(float64(size)/float64(m.n))
	if m.centre == nil {
		return bits, nil
	}
	mu2 := 0.0
	for j, c := range m.centre {
		mu := c
		for _, p := range parts {
			mu += p.sum[j] / float64(size)
		}
		mu2 += mu * mu
	}
	return bits + float64(m.d)/2*math.Log2(1+mu2/m.eps2), nil
}

// scatter writes the lower half of XᵀX, d×d, of the union to scratch.
func (m *merger) scatter(parts []*group, size int) {
	clear(m.scratch)
	for _, p := range parts {
		m.addGram(m.scratch, p)
	}
	if m.centre == nil {
		return
	}
	for i := range m.d {
		for j := range i + 1 {
			si, sj := 0.0, 0.0
			for _, p := range parts {
				si, sj = si+p.sum[i], sj+p.sum[j]
			}
			m.scratch[i*m.d+j] -= si * sj / float64(size)
		}
	}
}

// products writes the lower half of XXᵀ of the union to scratch, size×size.
func (m *merger) products(parts []*group, size int) {
	rows := m.rowsOf(parts)
	for i, r := range rows {
		for j, c := range rows[:i+1] {
			m.scratch[i*size+j] = m.inner(r, c)
		}
	}
	if m.centre == nil {
		return
	}
	// HXXᵀH with H = I − 11ᵀ/size: the mean of each row, and of all, is taken out.
	mean, all := make([]float64, size), 0.0
	for i := range size {
		for j := range size {
			mean[i] += m.scratch[max(i, j)*size+min(i, j)] / float64(size)
		}
		all += mean[i] / float64(size)
	}
	for i := range size {
		for j := range i + 1 {
			m.scratch[i*size+j] += all - mean[i] - mean[j]
		}
	}
}

func (m *merger) rowsOf(parts []*group) []int {
	if len(parts) == 1 {
		return parts[0].rows
	}
	return slices.Concat(parts[0].rows, parts[1].rows)
}

func (m *merger) inner(i, j int) float64 {
	if m.product != nil {
		return m.product.At(i, j)
	}
	return floats.Dot(m.x.RawRowView(i), m.x.RawRowView(j))
}

// logdetLower returns logdet(I + a·G) of the symmetric s×s matrix G whose lower
// half is given, which it overwrites; NaN or infinite if float64 has no room.
func logdetLower(g []float64, s int, a float64) float64 {
	ld := 0.0
	for i := range s {
		row := g[i*s : i*s+i+1]
		for j := range row {
			v := a * row[j]
			if i == j {
				v++
			}
			other := g[j*s : j*s+j]
			for k, l := range other {
				v -= row[k] * l
			}
			if i == j {
				row[j] = math.Sqrt(v)
				ld += math.Log(v)
			} else {
				row[j] = v / g[j*s+j]
			}
		}
	}
	return ld
}
