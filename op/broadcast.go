package op

import "gorgonia.org/tensor"

// A form is how an operand meets the first; device.cuh has the same numbers.
type form int

const (
	whole  form = iota // it has the first's shape
	vector             // it meets every row
	number             // it meets every element
	unlike             // it does not
)

// formOf returns how p meets x.
func formOf(x, p tensor.Shape) form {
	switch {
	case p.Eq(x):
		return whole
	case len(p) == 1 && p[0] == 1:
		return number
	case len(p) == 1 && p[0] == last(x):
		return vector
	}
	return unlike
}

// last returns the length of a tensor's rows.
func last(x tensor.Shape) int {
	_, d := rows(x)
	return d
}

// broadcast reads four operands, row by row.
type broadcast[T Float] [4]struct {
	data []T
	form form
	row  int // how far apart rows lie,
	step int // and elements
}

func broadcastOf[T Float](in [][]T, shapes []tensor.Shape) (o broadcast[T]) {
	for i := range o {
		o[i].data, o[i].form = make([]T, 1), number
	}
	for i, x := range in {
		o[i].data, o[i].form = x, formOf(shapes[0], shapes[i])
		switch o[i].form {
		case whole:
			o[i].row, o[i].step = last(shapes[0]), 1
		case vector:
			o[i].step = 1
		}
	}
	return o
}

// store stores f at the elements from lo to hi of row i in out.
func (o *broadcast[T]) store(i, lo, hi int, out []float64, f func(x, p, q, r float64) float64) {
	x, p, q, r := o[0].data[i*o[0].row:], o[1].data[i*o[1].row:], o[2].data[i*o[2].row:], o[3].data[i*o[3].row:]
	sx, sp, sq, sr := o[0].step, o[1].step, o[2].step, o[3].step
	for j := lo; j < hi; j++ {
		out[j-lo] = f(float64(x[j*sx]), float64(p[j*sp]), float64(q[j*sq]), float64(r[j*sr]))
	}
}

const (
	block = 64      // elements that are computed in float64 before they are used
	chunk = 1 << 13 // elements whose sum is taken before it is added to the others
)

func bindFormula[T Float](f *Formula, a *Args[T]) Run {
	o := broadcastOf(a.In, a.Shapes)
	_, d := rows(a.Shape)
	if fast := binary[T](f.Fast); fast != nil && o[1].form != number {
		return o.slices(a, d, func(out, _, x, p []T) { fast(out, x, p) }, a.Out)
	}
	if fast := ternary[T](f.Fast3); fast != nil && o[1].form == whole && o[2].form == whole {
		x, p, q := o[0].data, o[1].data, o[2].data
		return a.Each(func(lo, hi int) { fast(a.Out[lo:hi], x[lo:hi], p[lo:hi], q[lo:hi]) })
	}
	return a.Rows(func(lo, hi int) {
		var v [block]float64
		for i := lo; i < hi; i++ {
			for j := 0; j < d; j += block {
				end := min(j+block, d)
				o.store(i, j, end, v[:], f.Value)
				for k, y := range v[:end-j] {
					a.Out[i*d+j+k] = T(y)
				}
			}
		}
	})
}

// slices returns the run of f(out, dout, x, p) on chunks, or on rows where p is a vector.
func (o *broadcast[T]) slices(a *Args[T], d int, f func(out, dout, x, p []T), dout []T) Run {
	x, p := o[0].data, o[1].data
	if o[1].form == whole {
		return a.Each(func(lo, hi int) { f(a.Out[lo:hi], dout[lo:hi], x[lo:hi], p[lo:hi]) })
	}
	return a.Rows(func(lo, hi int) {
		for i := lo; i < hi; i++ {
			f(a.Out[i*d:(i+1)*d], dout[i*d:(i+1)*d], x[i*d:(i+1)*d], p)
		}
	})
}

// sumsOf returns how many sums the gradient by an operand p of x needs.
func sumsOf(x, p tensor.Shape) int {
	n, d := rows(x)
	switch formOf(x, p) {
	case vector:
		return d
	case number:
		return (n*d + chunk - 1) / chunk
	}
	return 0
}

type partial struct {
	*Formula
	i int
}

func bindPartial[T Float](k partial, a *Args[T]) Run {
	o, dout, f := broadcastOf(a.In[1:], a.Shapes[1:]), a.In[0], k.Partials[k.i]
	n, d := rows(a.Shapes[0])
	switch o[k.i].form {
	case whole:
		if fast := k.fastPartial(k.i); o[1].form != number && ternary[T](fast) != nil {
			return o.slices(a, d, ternary[T](fast), dout)
		}
		return a.Rows(func(lo, hi int) {
			var v [block]float64
			for i := lo; i < hi; i++ {
				for j := 0; j < d; j += block {
					end := min(j+block, d)
					for m, y := range terms(&o, dout, i, d, j, end, &v, f) {
						a.Out[i*d+j+m] = T(y)
					}
				}
			}
		})
	case vector:
		return sumColumns(a, &o, n, d, f)
	}
	return sumAll(a, &o, n, d, f)
}

func (f *Formula) fastPartial(i int) Ternary {
	if i < len(f.FastPartials) {
		return f.FastPartials[i]
	}
	return Ternary{}
}

// sumColumns returns the run of ∂ by a vector.
func sumColumns[T Float](a *Args[T], o *broadcast[T], n, d int, f func(x, p, q, r float64) float64) Run {
	sums := a.Work
	return a.Loop(d, block, func(lo, hi int) {
		var v [block]float64
		clear(sums[lo:hi])
		for i := range n {
			for m, y := range terms(o, a.In[0], i, d, lo, hi, &v, f) {
				sums[lo+m] += y
			}
		}
		for j := lo; j < hi; j++ {
			a.Out[j] = T(sums[j])
		}
	})
}

// sumAll returns the run of ∂ by a number.
func sumAll[T Float](a *Args[T], o *broadcast[T], n, d int, f func(x, p, q, r float64) float64) Run {
	sums := a.Work
	parts := a.Loop(n*d, chunk, func(lo, hi int) {
		var v [block]float64
		sum := 0.0
		for at := lo; at < hi; {
			i, j := at/d, at%d
			end := min(j+block, d, j+hi-at)
			for _, y := range terms(o, a.In[0], i, d, j, end, &v, f) {
				sum += y
			}
			at += end - j
		}
		sums[lo/chunk] = sum
	})
	return func() error {
		if err := parts(); err != nil {
			return err
		}
		sum := 0.0
		for _, v := range sums[:(n*d+chunk-1)/chunk] {
			sum += v
		}
		a.Out[0] = T(sum)
		return nil
	}
}

// terms returns D·f at the elements from lo to hi of row i, in v. It takes no closure,
// through which v would escape to the heap.
func terms[T Float](
	o *broadcast[T], dout []T, i, d, lo, hi int, v *[block]float64, f func(x, p, q, r float64) float64,
) []float64 {
	o.store(i, lo, hi, v[:], f)
	for m := range v[:hi-lo] {
		v[m] *= float64(dout[i*d+lo+m])
	}
	return v[:hi-lo]
}

// ternary returns the function of one dtype, nil if there is none.
func ternary[T Float](t Ternary) func(out, x, y, z []T) {
	var f any = t.f32
	if _, double := any(T(0)).(float64); double {
		f = t.f64
	}
	return f.(func(out, x, y, z []T))
}
