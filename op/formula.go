package op

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// A Formula is a differentiable function of up to four numbers, which Value and
// Partials define in float64. What it has no operands for is 0.
type Formula struct {
	Value    func(x, p, q, r float64) float64
	Partials []func(x, p, q, r float64) float64 // by x, by p, …: one for each operand
	FLOPs    int64                              // of an element
}

// Elementwise returns the Spec of y[i] = f(x[i], p[i], …), with its gradients. Each
// operand after the first has the first's shape, or is a vector that meets every row
// of it, or one number; what was repeated is summed in the gradient, in float64 and in
// a fixed order. k is the op whose Spec it is.
func Elementwise(k Op, f Formula) Spec {
	s := Spec{
		FLOPs: perElement(f.FLOPs), formula: &f, Kernel: Both(f, bindFormula, bindFormula), InPlace: Take(0),
		Shape: func(in []tensor.Shape) (tensor.Shape, error) {
			for i, p := range in {
				if _, _, ok := steps(in[0], p); !ok {
					return nil, Errorf("%s: operand %d is %v, which does not meet %v", Name(k), i, p, in[0])
				}
			}
			return in[0].Clone(), nil
		},
		Grad: func(in gorgonia.Nodes, _, dout *gorgonia.Node) (grads gorgonia.Nodes) {
			for i := range in {
				grads = append(grads, Must(Apply(Partial{k, i}, append(gorgonia.Nodes{dout}, in...)...)))
			}
			return grads
		},
	}
	for range f.Partials {
		s.In = append(s.In, Any)
	}
	return s
}

// steps returns how far apart the rows and the elements of an operand p lie for those
// of x: 0 where p is repeated.
func steps(x, p tensor.Shape) (row, step int, ok bool) {
	_, d := rows(x)
	switch {
	case p.Eq(x):
		return d, 1, true
	case len(p) == 1 && p[0] == 1:
		return 0, 0, true
	case len(p) == 1 && p[0] == d:
		return 0, 1, true
	}
	return 0, 0, false
}

// broadcast reads four operands, row by row.
type broadcast[T Float] [4]struct {
	data      []T
	row, step int
}

func broadcastOf[T Float](in [][]T, shapes []tensor.Shape) (o broadcast[T]) {
	for i := range o {
		o[i].data = make([]T, 1)
	}
	for i, x := range in {
		o[i].data = x
		o[i].row, o[i].step, _ = steps(shapes[0], shapes[i])
	}
	return o
}

// store stores f at the element of row i in out.
func (o *broadcast[T]) store(i, lo, hi int, out []float64, f func(x, p, q, r float64) float64) {
	x, p, q, r := o[0].data[i*o[0].row:], o[1].data[i*o[1].row:], o[2].data[i*o[2].row:], o[3].data[i*o[3].row:]
	sx, sp, sq, sr := o[0].step, o[1].step, o[2].step, o[3].step
	for j := lo; j < hi; j++ {
		out[j-lo] = f(float64(x[j*sx]), float64(p[j*sp]), float64(q[j*sq]), float64(r[j*sr]))
	}
}

// block is how many elements are computed in float64 before they are used.
const block = 64

func bindFormula[T Float](f Formula, a *Args[T]) Run {
	o := broadcastOf(a.In, a.Shapes)
	_, d := rows(a.Shape)
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

// Partial is the gradient of an Elementwise by operand I: inputs D and the operands.
type Partial struct {
	Of Op
	I  int
}

// Spec implements Op.
func (k Partial) Spec() Spec {
	of := k.Of.Spec()
	f := of.formula.Partials[k.I]
	return Spec{
		In: append([]Input{Any}, of.In...), FLOPs: of.FLOPs,
		Shape:     func(in []tensor.Shape) (tensor.Shape, error) { return in[1+k.I].Clone(), nil },
		Workspace: func(in []tensor.Shape) int { n, d := rows(in[0]); return n + d },
		Kernel:    Both(partial{f, k.I}, bindPartial, bindPartial),
	}
}

type partial struct {
	f func(x, p, q, r float64) float64
	i int
}

func bindPartial[T Float](k partial, a *Args[T]) Run {
	o, dout := broadcastOf(a.In[1:], a.Shapes[1:]), a.In[0]
	n, d := rows(a.Shapes[0])
	sums := a.Work
	switch at := o[k.i]; {
	case at.row > 0 || n == 1 && at.step > 0:
		return a.Rows(func(lo, hi int) {
			var v [block]float64
			for i := lo; i < hi; i++ {
				for j := 0; j < d; j += block {
					end := min(j+block, d)
					for m, y := range terms(&o, dout, i, d, j, end, &v, k.f) {
						a.Out[i*d+j+m] = T(y)
					}
				}
			}
		})
	case at.step > 0:
		return a.Loop(d, block, func(lo, hi int) {
			var v [block]float64
			clear(sums[lo:hi])
			for i := range n {
				for m, y := range terms(&o, dout, i, d, lo, hi, &v, k.f) {
					sums[lo+m] += y
				}
			}
			for j := lo; j < hi; j++ {
				a.Out[j] = T(sums[j])
			}
		})
	}
	parts := a.Rows(func(lo, hi int) {
		var v [block]float64
		for i := lo; i < hi; i++ {
			sum := 0.0
			for j := 0; j < d; j += block {
				for _, y := range terms(&o, dout, i, d, j, min(j+block, d), &v, k.f) {
					sum += y
				}
			}
			sums[i] = sum
		}
	})
	return func() error {
		if err := parts(); err != nil {
			return err
		}
		sum := 0.0
		for _, v := range sums[:n] {
			sum += v
		}
		a.Out[0] = T(sum)
		return nil
	}
}

// terms returns D·f at the elements from lo to hi of row i, in v. It takes no closure,
// through which v would escape to the heap.
func terms[T Float](o *broadcast[T], dout []T, i, d, lo, hi int, v *[block]float64, f func(x, p, q, r float64) float64) []float64 {
	o.store(i, lo, hi, v[:], f)
	for m := range v[:hi-lo] {
		v[m] *= float64(dout[i*d+lo+m])
	}
	return v[:hi-lo]
}
