package conv

import (
	"gorgonia.org/tensor"

	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// mostPatches is how many elements of patches are in memory at a time, or those of
// one image, if they are more.
const mostPatches = 1 << 24

// A plan is a convolution of x (n×c×h×w) to y (n×o×oh×ow), some images at a time.
type plan struct {
	Geometry
	x, w, y []int // w o×c/G×kh×kw
	elem    int   // bytes of an element
}

func (p plan) rows() int   { return p.w[1] * p.w[2] * p.w[3] }
func (p plan) pixels() int { return p.y[2] * p.y[3] }

// chunk is how many images have their patches in memory at a time.
func (p plan) chunk() int {
	return max(1, min(p.x[0], mostPatches/max(1, p.rows()*p.pixels())))
}

// room is the bytes that patches take, and images of y turned.
func (p plan) room(turned bool) int {
	n := p.chunk() * p.rows() * p.pixels()
	if turned {
		n += p.chunk() * p.w[0] / p.Groups * p.pixels()
	}
	return n * p.elem
}

// image is the address of an image of a tensor of that shape.
func (p plan) image(at launch.Ptr, shape []int, i int) launch.Ptr {
	return at + launch.Ptr(i*shape[1]*shape[2]*shape[3]*p.elem)
}

// geometry is the arguments of the kernels for some images of group g.
func (p plan) geometry(images, g, ld, stride int) []launch.Arg {
	var args []launch.Arg
	for _, v := range []int{images, p.x[1], g * p.w[1], p.w[1], p.x[2], p.x[3], p.w[2], p.w[3], p.y[2], p.y[3],
		p.Stride[0], p.Stride[1], p.Pad[0], p.Pad[1], p.Dilation[0], p.Dilation[1], ld, stride} {
		args = append(args, launch.I(v))
	}
	return args
}

// each calls f with every chunk of images and every group.
func (p plan) each(f func(first, images, g int)) {
	for first := 0; first < p.x[0]; first += p.chunk() {
		for g := range p.Groups {
			f(first, min(p.chunk(), p.x[0]-first), g)
		}
	}
}

// filters is the address of the filters of group g, m×K.
func (p plan) filters(at launch.Ptr, g int) launch.Ptr {
	return at + launch.Ptr(g*p.w[0]/p.Groups*p.rows()*p.elem)
}

func planOf(k Geometry, dt tensor.Dtype, x, w, y []int) plan {
	return plan{k, x, w, y, int(dt.Size())}
}

// deviceScratch is for patches.
func (k Conv) deviceScratch(a *op.DeviceArgs) (int, error) {
	y, err := k.shape(a.Shapes)
	return planOf(k.Geometry, a.Dtype, a.Shapes[0], a.Shapes[1], y).room(false), err
}

func (k Conv) device(a *op.DeviceArgs) (op.Run, error) {
	p := planOf(k.Geometry, a.Dtype, a.Shapes[0], a.Shapes[1], a.Shape)
	m, rows, pixels := p.w[0]/k.Groups, p.rows(), p.pixels()
	var s op.Sequence
	p.each(func(first, images, g int) {
		args := append(p.geometry(images, g, pixels, rows*pixels), launch.P(a.Work),
			launch.P(p.image(a.In[0], p.x, first)))
		s.Add(a.Kernel("conv", ptx.Of("conv/conv"), "conv_gather", launch.Elements(images*rows*pixels), args...))
		s.Add(a.Gemm(launch.Gemm{Double: a.Double(), M: m, N: pixels, K: rows, Alpha: 1, A: p.filters(a.In[1], g),
			LDA: rows, B: a.Work, LDB: pixels,
			C: p.image(a.Out, p.y, first) + launch.Ptr(g*m*pixels*p.elem), LDC: pixels, Batch: images,
			StrideB: rows * pixels, StrideC: p.y[1] * pixels}))
	})
	return s.Run()
}

// shapes returns those of a convolution that k is the adjoint of.
func (k Transposed) shapes(y, w []int) (x []int) { return []int{y[0], k.Groups * w[1], k.H, k.W} }

func (k Transposed) device(a *op.DeviceArgs) (op.Run, error) {
	p := planOf(k.Geometry, a.Dtype, a.Shape, a.Shapes[1], a.Shapes[0])
	m, rows, pixels := p.w[0]/k.Groups, p.rows(), p.pixels()
	var s op.Sequence
	p.each(func(first, images, g int) {
		s.Add(a.Gemm(launch.Gemm{Double: a.Double(), TransA: true, M: rows, N: pixels, K: m, Alpha: 1,
			A: p.filters(a.In[1], g), LDA: rows,
			B: p.image(a.In[0], p.y, first) + launch.Ptr(g*m*pixels*p.elem), LDB: pixels, C: a.Work, LDC: pixels,
			Batch: images, StrideB: p.y[1] * pixels, StrideC: rows * pixels}))
		args := append(p.geometry(images, g, pixels, rows*pixels), launch.P(p.image(a.Out, p.x, first)),
			launch.P(a.Work))
		s.Add(a.Kernel("conv", ptx.Of("conv/conv"), "conv_scatter", launch.Elements(images*p.w[1]*p.x[2]*p.x[3]),
			args...))
	})
	return s.Run()
}

// deviceScratch is for patches, and images of D turned.
func (k weightGrad) deviceScratch(a *op.DeviceArgs) (int, error) {
	return planOf(k.Geometry, a.Dtype, a.Shapes[0], k.filters(a.Shapes), a.Shapes[1]).room(true), nil
}

func (k weightGrad) device(a *op.DeviceArgs) (op.Run, error) {
	p := planOf(k.Geometry, a.Dtype, a.Shapes[0], a.Shape, a.Shapes[1])
	m, rows, pixels := p.w[0]/k.Groups, p.rows(), p.pixels()
	turned := a.Work + launch.Ptr(p.chunk()*rows*pixels*p.elem)
	var s op.Sequence
	p.each(func(first, images, g int) {
		q := images * pixels
		args := append(p.geometry(images, g, q, pixels), launch.P(a.Work), launch.P(p.image(a.In[0], p.x, first)))
		s.Add(a.Kernel("conv", ptx.Of("conv/conv"), "conv_gather", launch.Elements(rows*q), args...))
		s.Add(a.Kernel("conv", ptx.Of("conv/conv"), "conv_turn", launch.Elements(m*q), launch.I(images), launch.I(m),
			launch.I(pixels), launch.P(turned), launch.P(p.image(a.In[1], p.y, first)), launch.I(p.y[1]),
			launch.I(g*m)))
		gemm := launch.Gemm{Double: a.Double(), TransB: true, M: m, N: rows, K: q, Alpha: 1, A: turned, LDA: q,
			B: a.Work, LDB: q, C: p.filters(a.Out, g), LDC: rows}
		if first > 0 {
			gemm.Beta = 1
		}
		s.Add(a.Gemm(gemm))
	})
	return s.Run()
}

func (biasGrad) device(a *op.DeviceArgs) (op.Run, error) {
	d := a.Shapes[0]
	return a.Kernel("conv", ptx.Of("conv/conv"), "conv_bias_grad", launch.LongRows(d[1], d[0]*d[2]*d[3]),
		launch.I(d[0]), launch.I(d[1]), launch.I(d[2]*d[3]), a.Y(), a.X(0))
}
