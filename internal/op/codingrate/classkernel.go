package codingrate

import (
	"math"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/op"
)

// groups is the samples in the order of their classes.
type groups struct {
	order []int // the rows of class 0, then those of class 1, …, each ascending
	start []int // class j is order[start[j]:start[j+1]]
	room  []int // its triangle begins at room[j] of the packed ones
	errs  []error
}

func newGroups(n, classes int) *groups {
	return &groups{
		order: make([]int, n),
		start: make([]int, classes+1),
		room:  make([]int, classes),
		errs:  make([]error, classes),
	}
}

// size returns the number of samples of class j.
func (g *groups) size(j int) int { return g.start[j+1] - g.start[j] }

// firstError returns the error of the first class that has one.
func (g *groups) firstError() error {
	for j, err := range g.errs {
		if err != nil {
			return errors.WithMessagef(err, "class %d, %d samples", j, g.size(j))
		}
	}
	return nil
}

// sortByLabel fills g from labels, which must be integers from 0 to k−1.
func sortByLabel[T op.Float](g *groups, labels []T, d int) error {
	k := len(g.room)
	clear(g.start)
	for i, y := range labels {
		j := int(y)
		if T(j) != y || j < 0 || j >= k {
			return op.Errorf("class coding rate: the label of sample %d is %v, want an integer from 0 to %d", i, y, k-1)
		}
		g.start[j+1]++
	}
	at := 0
	for j := range k {
		s := min(g.start[j+1], d)
		g.room[j] = at
		at += s * (s + 1) / 2
		g.start[j+1] += g.start[j]
	}
	// Fill each class from its start; start[j] then is the end of class j, which
	// is where class j+1 begins: shift it back by one class.
	for i, y := range labels {
		j := int(y)
		g.order[g.start[j]] = i
		g.start[j]++
	}
	copy(g.start[1:], g.start[:k])
	g.start[0] = 0
	return nil
}

// of returns the rows of class j.
func (g *groups) of(j int) []int { return g.order[g.start[j]:g.start[j+1]] }

// pack copies the lower triangle of l (s×s) to packed, a row after the other.
func pack(s int, l, packed []float64) {
	at := 0
	for i := range s {
		at += copy(packed[at:at+i+1], l[i*s:])
	}
}

// unpack is the inverse of pack; above the diagonal it writes nothing.
func unpack(s int, packed, l []float64) {
	at := 0
	for i := range s {
		at += copy(l[i*s:i*s+i+1], packed[at:])
	}
}

func bindClassFactor[T op.Float](k ClassFactor, a *op.Args[T]) op.Run {
	n, d := a.Shapes[0][0], a.Shapes[0][1]
	g := newGroups(n, k.Classes)
	task := newClassTask(a.Pool, g, d, false, func(j int, at *desk[T]) {
		nj := g.size(j)
		s := min(nj, d)
		l := at.l[:s*s]
		lin.GramOf(nil, nj < d, g.of(j), d, alpha(float64(nj), d, k.Eps2), a.In[0], d, l, s)
		if g.errs[j] = factorGram(nil, nj, d, l); g.errs[j] == nil {
			pack(s, l, a.WideOut[g.room[j]:])
		}
	})
	return func() error {
		if err := sortByLabel(g, a.In[1], d); err != nil {
			return err
		}
		clear(g.errs)
		task.run()
		return g.firstError()
	}
}

func bindClassRate[T op.Float](k ClassRate, a *op.Args[T]) op.Run {
	n, d := a.Shapes[0][0], a.Shapes[0][1]
	g := newGroups(n, k.Of.Classes)
	return func() error {
		if err := sortByLabel(g, a.In[1], d); err != nil {
			return err
		}
		sum := 0.0
		for j := range k.Of.Classes {
			nj := g.size(j)
			sum += float64(nj) / float64(n) * halfLogDetPacked(min(nj, d), a.WideIn[2][g.room[j]:])
		}
		a.Out[0] = T(sum)
		return nil
	}
}

// halfLogDetPacked is halfLogDet of a factor that pack has written.
func halfLogDetPacked(s int, packed []float64) float64 {
	sum, at := 0.0, -1
	for i := range s {
		at += i + 1
		sum += math.Log(packed[at])
	}
	return sum
}

func bindClassRateGrad[T op.Float](k classRateGrad, a *op.Args[T]) op.Run {
	n, d, of := a.Shapes[0][0], a.Shapes[0][1], k.Of.Of
	g := newGroups(n, of.Classes)
	al := alpha(float64(n), d, of.Eps2) // nⱼ/n · αⱼ, for every class
	task := newClassTask(a.Pool, g, d, true, func(j int, at *desk[T]) {
		order := g.of(j)
		nj := len(order)
		s, blocks := min(nj, d), blocksOf(nj, d)
		unpack(s, a.WideIn[2][g.room[j]:], at.l)
		narrowInverse(nil, s, al*float64(a.In[3][0]), at.l, at.inverse, at.narrow)
		for b := range blocks {
			rows := order[b*nj/blocks : (b+1)*nj/blocks]
			for i, row := range rows {
				copy(at.rows[i*d:(i+1)*d], a.In[0][row*d:])
			}
			timesInverse(nil, nj < d, len(rows), d, at.rows, at.narrow, at.out)
			for i, row := range rows {
				copy(a.Out[row*d:(row+1)*d], at.out[i*d:])
			}
		}
	})
	return func() error {
		if err := sortByLabel(g, a.In[1], d); err != nil {
			return err
		}
		task.run()
		return nil
	}
}
