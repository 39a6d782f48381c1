package codingrate

import (
	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/op"
)

// groups is the samples in the order of their classes.
type groups struct {
	order []int // the rows of class 0, then those of class 1, …, each ascending
	start []int // class j is order[start[j]:start[j+1]]
	room  []int // its factor begins at room[j] of the packed ones
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
		at += s * s
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

// gather copies the rows of z (n×d) to sorted, in the order of g.
func gather[T op.Float](g *groups, d int, z, sorted []T) {
	for i, row := range g.order {
		copy(sorted[i*d:(i+1)*d], z[row*d:(row+1)*d])
	}
}

// scatter is the inverse of gather.
func scatter[T op.Float](g *groups, d int, sorted, z []T) {
	for i, row := range g.order {
		copy(z[row*d:(row+1)*d], sorted[i*d:(i+1)*d])
	}
}

func bindClassFactor[T op.Float](k ClassFactor, a *op.Args[T]) op.Run {
	n, d := a.Shapes[0][0], a.Shapes[0][1]
	g := newGroups(n, k.Classes)
	sorted := op.Slice[T](op.Bytes(a.Work))[:n*d]
	classes := a.Pool.Loop(k.Classes, 1, func(lo, hi int) {
		for j := lo; j < hi; j++ {
			g.errs[j] = nil
			if nj := g.size(j); nj > 0 {
				zj := sorted[g.start[j]*d : g.start[j+1]*d]
				g.errs[j] = factor(nil, nj, d, alpha(float64(nj), d, k.Eps2), zj, a.WideOut[g.room[j]:])
			}
		}
	})
	return func() error {
		if err := sortByLabel(g, a.In[1], d); err != nil {
			return err
		}
		gather(g, d, a.In[0], sorted)
		classes.Do()
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
			sum += float64(nj) / float64(n) * halfLogDet(min(nj, d), a.WideIn[2][g.room[j]:])
		}
		a.Out[0] = T(sum)
		return nil
	}
}

func bindClassRateGrad[T op.Float](k classRateGrad, a *op.Args[T]) op.Run {
	n, d, of := a.Shapes[0][0], a.Shapes[0][1], k.Of.Of
	g := newGroups(n, of.Classes)
	al := alpha(float64(n), d, of.Eps2) // nⱼ/n · αⱼ, for every class
	sorted := op.Slice[T](op.Bytes(a.Work[:n*d]))[:n*d]
	dsorted := op.Slice[T](op.Bytes(a.Work[n*d : 2*n*d]))[:n*d]
	inverses := a.Work[2*n*d:]
	classes := a.Pool.Loop(of.Classes, 1, func(lo, hi int) {
		for j := lo; j < hi; j++ {
			nj := g.size(j)
			if nj == 0 {
				continue
			}
			rows := func(x []T) []T { return x[g.start[j]*d : g.start[j+1]*d] }
			s := min(nj, d)
			gradZ(nil, nj, d, al*float64(a.In[3][0]), rows(sorted), a.WideIn[2][g.room[j]:], rows(dsorted),
				inverses[2*g.room[j]:2*(g.room[j]+s*s)])
		}
	})
	return func() error {
		if err := sortByLabel(g, a.In[1], d); err != nil {
			return err
		}
		gather(g, d, a.In[0], sorted)
		classes.Do()
		scatter(g, d, dsorted, a.Out)
		return nil
	}
}
