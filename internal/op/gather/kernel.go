package gather

import "github.com/whitebox-nn/whitebox/op"

// rowOf returns the row that a number of the index says, if there is one.
func rowOf[T op.Float](number T, rows int) (r int, ok bool) {
	if !(number >= 0 && number < T(rows)) {
		return 0, false
	}
	r = int(number)
	return r, r < rows && T(r) == number
}

// check reports the first number of an index that is no row's.
func check[T op.Float](index []T, rows int) error {
	for i, number := range index {
		if _, ok := rowOf(number, rows); !ok {
			return noRow(i, float64(number), rows)
		}
	}
	return nil
}

func bindGather[T op.Float](_ Gather, a *op.Args[T]) op.Run {
	x, index, rows := a.In[0], a.In[1], a.Shapes[0][0]
	d := len(x) / rows
	copies := a.Loop(len(index), max(1, op.Grain/d), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			r := int(index[i])
			copy(a.Out[i*d:(i+1)*d], x[r*d:])
		}
	})
	return func() error {
		if err := check(index, rows); err != nil {
			return err
		}
		return copies()
	}
}

const block = 64 // columns whose sums are taken at a time

func bindScatter[T op.Float](k scatter, a *op.Args[T]) op.Run {
	dout, index := a.In[0], a.In[1]
	d := len(a.Out) / k.Rows
	order, first := make([]int, len(index)), make([]int, k.Rows+1) // of the numbers, by row; the first of each row
	sums := a.Loop(k.Rows, max(1, op.Grain/d), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			sumRows(a.Out[r*d:(r+1)*d], dout, order[first[r]:first[r+1]])
		}
	})
	return func() error {
		if err := check(index, k.Rows); err != nil {
			return err
		}
		sort(order, first, index)
		return sums()
	}
}

// sort stores the places of the numbers of an index by row, in their order, and where those
// of each row begin.
func sort[T op.Float](order, first []int, index []T) {
	clear(first)
	for _, number := range index {
		first[int(number)+1]++
	}
	for r := 1; r < len(first); r++ {
		first[r] += first[r-1]
	}
	for i, number := range index { // first[r] runs to where row r+1 begins
		r := int(number)
		order[first[r]] = i
		first[r]++
	}
	copy(first[1:], first[:len(first)-1])
	first[0] = 0
}

// sumRows stores the sum of the rows of dout that places says.
func sumRows[T op.Float](out, dout []T, places []int) {
	d := len(out)
	switch len(places) {
	case 0:
		clear(out)
		return
	case 1:
		copy(out, dout[places[0]*d:])
		return
	}
	var sums [block]float64
	for lo := 0; lo < d; lo += block {
		hi := min(lo+block, d)
		clear(sums[:])
		for _, i := range places {
			for j, v := range dout[i*d+lo : i*d+hi] {
				sums[j] += float64(v)
			}
		}
		for j := lo; j < hi; j++ {
			out[j] = T(sums[j-lo])
		}
	}
}
