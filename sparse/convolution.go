package sparse

import (
	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/internal/sizes"
)

// A Convolution is the dictionary of all shifts of some filters: an image is a
// sum of filters that lie where the code says,
//
//	x[c, i, j] = Σ_k Σ_{u,v} z[k, u, v] · d[k, c, i − u·Stride, j − v·Stride]
//
// for i − u·Stride in [0, Size). Its Adjoint is the strided correlation that
// convolutional networks call a convolution. Images are c×h×w and codes
// k×⌊(h − Size)/Stride + 1⌋×⌊(w − Size)/Stride + 1⌋, row-major; no filter reaches
// beyond the border.
//
// Cost: 2·(numbers of a code)·c·Size² flops a row, without a fast transform.
type Convolution struct {
	filters            []float64 // k×c×size×size
	k, c, h, w         int
	size, stride       int
	codeRows, codeCols int
}

// NewConvolution returns the dictionary of the filters, of which each row is one,
// c×size×size row-major, for images of c×h×w. Errors: ErrInput for shapes that do
// not fit, or a filter of zeros.
func NewConvolution(filters *mat.Dense, c, h, w, size, stride int) (*Convolution, error) {
	if c < 1 || size < 1 || stride < 1 || h < size || w < size {
		return nil, errors.Wrapf(ErrInput,
			"sparse: convolution: filters of size %d and stride %d on images of %d×%d×%d", size, stride, c, h, w)
	}
	if err := sizes.Check("sparse: convolution: an image", c, h, w); err != nil {
		return nil, errors.Wrap(ErrInput, err.Error())
	}
	if err := checkRows("the filters", filters, c*size*size); err != nil {
		return nil, errors.WithMessage(err, "sparse: convolution")
	}
	k, _ := filters.Dims()
	for i := range k {
		if norm(filters.RawRowView(i)) == 0 {
			return nil, errors.Wrapf(ErrInput, "sparse: convolution: filter %d of %d is 0; leave it out", i, k)
		}
	}
	return &Convolution{
		filters: flat(filters), k: k, c: c, h: h, w: w, size: size, stride: stride,
		codeRows: (h-size)/stride + 1, codeCols: (w-size)/stride + 1,
	}, nil
}

// Dims implements Operator.
func (a *Convolution) Dims() (m, n int) {
	if a == nil {
		return 0, 0
	}
	return a.c * a.h * a.w, a.k * a.codeRows * a.codeCols
}

// CodeShape returns the shape of a code: filters, rows, columns.
func (a *Convolution) CodeShape() (k, rows, cols int) {
	if a == nil {
		return 0, 0, 0
	}
	return a.k, a.codeRows, a.codeCols
}

// Apply implements Operator.
func (a *Convolution) Apply(x, z []float64, rows int) { a.apply(nil, x, z, rows) }

// Adjoint implements Operator.
func (a *Convolution) Adjoint(z, x []float64, rows int) { a.adjoint(nil, z, x, rows) }

func (a *Convolution) apply(p *par.Pool, x, z []float64, rows int) {
	if m, n := a.Dims(); !batched(x, m, z, n, rows) {
		return
	}
	p.Run(&convolving{a, x, z, false}, rows, 1)
}

func (a *Convolution) adjoint(p *par.Pool, z, x []float64, rows int) {
	if m, n := a.Dims(); !batched(z, n, x, m, rows) {
		return
	}
	p.Run(&convolving{a, x, z, true}, rows, 1)
}

// convolving is the loop over the rows of a batch.
type convolving struct {
	a       *Convolution
	x, z    []float64
	adjoint bool
}

func (q *convolving) Range(_, lo, hi int) {
	m, n := q.a.Dims()
	for i := lo; i < hi; i++ {
		x, z := q.x[i*m:(i+1)*m], q.z[i*n:(i+1)*n]
		if q.adjoint {
			q.a.correlate(z, x)
		} else {
			q.a.place(x, z)
		}
	}
}

// place is Apply for one row. Coefficients that are 0 cost nothing.
func (a *Convolution) place(x, z []float64) {
	clear(x)
	a.each(func(at, k, corner int) {
		if z[at] == 0 {
			return
		}
		a.overlap(k, corner, func(f, lo int) {
			simd.Axpy(x[lo:lo+a.size], z[at], a.filters[f:f+a.size])
		})
	})
}

// correlate is Adjoint for one row.
func (a *Convolution) correlate(z, x []float64) {
	a.each(func(at, k, corner int) {
		sum := 0.0
		a.overlap(k, corner, func(f, lo int) {
			for j, v := range a.filters[f : f+a.size] {
				sum += v * x[lo+j]
			}
		})
		z[at] = sum
	})
}

// each calls f with the index of every number of a code, its filter, and where
// the filter's corner lies in a channel.
func (a *Convolution) each(f func(at, k, corner int)) {
	at := 0
	for k := range a.k {
		for u := range a.codeRows {
			for v := range a.codeCols {
				f(at, k, u*a.stride*a.w+v*a.stride)
				at++
			}
		}
	}
}

// overlap calls f with where each row of filter k begins, and the pixels under it.
func (a *Convolution) overlap(k, corner int, f func(filter, pixel int)) {
	for c := range a.c {
		for i := range a.size {
			f(((k*a.c+c)*a.size+i)*a.size, (c*a.h+i)*a.w+corner)
		}
	}
}
