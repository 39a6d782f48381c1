// Package conv is the two-dimensional convolution of images, and its adjoint.
//
//	y[i,o,u,v] = Σ_{c,r,s} x[i, c, u·S + r·D − P, v·S + s·D − P] · w[o,c,r,s]
//
// with zeros outside of x: what is called convolution in the field and
// cross-correlation in mathematics. S is the stride, P the padding, D the
// dilation, each for the rows and for the columns. With G groups, output channel o
// sees the c/G input channels of its own group only.
//
// # Method
//
// A convolution is the product of the o×K matrix w, K = (c/G)·kh·kw, and a K×Q
// matrix of patches of x, Q = n·oh·ow. That matrix is never made: the workers take
// blocks of its columns as wide as a tile of the product (see simd.Tile), copy
// the patches of some hundred rows at a time into a panel that stays in the cache,
// and multiply it by panels of w, which are packed once a run.
//
// Where a filter leaves out pixels, those that it takes of one channel are no vectors.
// From 16 channels on images are turned, so that all channels of a pixel lie side by
// side, patches are copied as rows, block by block of pixels, and multiplied by packed
// filters; the sums are turned back.
//
// 3×3 filters of stride 1 between 16 channels or more go another way, that of
// Winograd in tiles of 4×4 outputs (see simd.WinogradInput): transformed inputs and
// filters are 36 matrices each, tiles×channels and channels×outputs, and so a quarter
// of the multiplications is left. A task transforms the filters of some outputs, and
// then, block by block of tiles, inputs; multiplies; and transforms back. Blocks are
// of a size that stays in the cache; images are turned so that the channels of a
// pixel lie side by side, which makes vectors of them. The gradients are the
// transposed maps, with the same 36 products.
//
// # Gradient
//
// With D = ∂L/∂y,
//
//	∂L/∂x[i,c,a,b] = Σ_{o,r,s} D[i, o, (a + P − r·D)/S, (b + P − s·D)/S] · w[o,c,r,s]
//
// over the (r, s) whose quotients are integers. The pixels (a, b) with one residue
// modulo S share their (r, s), so there are S² products like that of the forward
// pass, and no zero of a dilated D is multiplied. And
//
//	∂L/∂w[o,c,r,s] = Σ_{i,u,v} D[i,o,u,v] · x[i, c, u·S + r·D − P, v·S + s·D − P]
//
// is the product of D, as an o×Q matrix, and the transposed patches.
//
// The first is the adjoint of the convolution in x, which is an op of its own:
// Transposed.
//
// # Numerics
//
// 2·n·oh·ow·o·K flops in the graph's dtype, each output one sum in the order of
// the K rows: bound by arithmetic from about 32 output channels on; with fewer the
// copying shows. Winograd's method takes a quarter of the flops and more memory
// traffic: 36/9 numbers for each weight, 36/16 for each input and output. Its error
// is some two times that of the sum in order, 0.5 to 2·10⁻⁶ of the output's size in
// float32 for 16 to 512 channels, since the points of its interpolation are near 1
// (TestTheErrorOfWinograd). A NaN or an infinity makes all 16 outputs of its tiles
// NaN.
//
// # References
//
// Chellapilla, Puri, Simard. High performance convolutional neural networks for
// document processing. IWFHR 2006, for the matrix of patches; Chetlur et al.
// cuDNN: efficient primitives for deep learning. 2014, sec. 3, for not making it.
// Lavin, Gray. Fast algorithms for convolutional neural networks. CVPR 2016;
// Winograd. Arithmetic complexity of computations. 1980.
// Dumoulin, Visin. A guide to convolution arithmetic for deep learning. 2016.
package conv

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/sizes"
	"github.com/whitebox-nn/whitebox/op"
)

// Geometry says how the filter moves, down and across.
type Geometry struct {
	Stride, Pad, Dilation [2]int // at least 1, 0 and 1
	Groups                int    // at least 1
}

// Conv is the op of the convolution: inputs x (n×c×h×w) and w (o×c/G×kh×kw),
// output n×o×oh×ow.
type Conv struct{ Geometry }

// Transposed is the op of its adjoint in x: inputs y (n×o×oh×ow) and w
// (o×c/G×kh×kw), output n×c×H×W. It is also called deconvolution.
type Transposed struct {
	Geometry
	H, W int
}

// weightGrad is the op of ∂L/∂w: inputs x (n×c×h×w) and D (n×o×oh×ow), output
// o×c/G×KH×KW.
type weightGrad struct {
	Geometry
	KH, KW int
}

// Spec implements op.Op.
func (k Conv) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{4, 4},
		Kernel: op.Both(k, bindConv, bindConv),
		Shape:  k.shape,
		Grad: func(in gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
			x, w := in[0], in[1]
			dx := op.Must(op.Apply(Transposed{k.Geometry, x.Shape()[2], x.Shape()[3]}, dout, w))
			return gorgonia.Nodes{dx, op.Must(op.Apply(weightGrad{k.Geometry, w.Shape()[2], w.Shape()[3]}, x, dout))}
		},
		Scratch:       k.scratch,
		FLOPs:         k.flops,
		Device:        k.device,
		DeviceScratch: k.deviceScratch,
	}
}

// Spec implements op.Op.
func (k Transposed) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{4, 4},
		Kernel: op.Both(k, bindTransposed, bindTransposed),
		Shape:  k.shape,
		Grad: func(in gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
			w := in[1]
			dy := op.Must(op.Apply(Conv{k.Geometry}, dout, w))
			return gorgonia.Nodes{dy, op.Must(op.Apply(weightGrad{k.Geometry, w.Shape()[2], w.Shape()[3]}, dout,
				in[0]))}
		},
		Scratch: k.scratch,
		FLOPs:   func(in []tensor.Shape) int64 { return flops(in[0][0]*in[0][2]*in[0][3], in[1]) },
		Device:  k.device,
		DeviceScratch: func(a *op.DeviceArgs) (int, error) {
			return planOf(k.Geometry, a.Dtype, k.shapes(a.Shapes[0], a.Shapes[1]), a.Shapes[1],
				a.Shapes[0]).room(false), nil
		},
	}
}

func (k weightGrad) Spec() op.Spec {
	return op.Spec{
		In:            []op.Input{4, 4},
		Kernel:        op.Both(k, bindWeightGrad, bindWeightGrad),
		Shape:         func(in []tensor.Shape) (tensor.Shape, error) { return k.filters(in), nil },
		Scratch:       k.scratch,
		FLOPs:         func(in []tensor.Shape) int64 { return flops(in[1][0]*in[1][2]*in[1][3], k.filters(in)) },
		Device:        k.device,
		DeviceScratch: k.deviceScratch,
	}
}

// filters returns the shape of the filters.
func (k weightGrad) filters(in []tensor.Shape) tensor.Shape {
	return tensor.Shape{in[1][1], in[0][1] / k.Groups, k.KH, k.KW}
}

func (k Conv) shape(in []tensor.Shape) (tensor.Shape, error) {
	x, w := in[0], in[1]
	if err := k.check(w); err != nil {
		return nil, err
	}
	if x[1] != k.Groups*w[1] {
		return nil, op.Errorf("conv: x has %d channels but the filters %v take %d in %d groups", x[1], w, k.Groups*w[1],
			k.Groups)
	}
	out, err := k.outSize(x[2], x[3], w)
	return tensor.Shape{x[0], w[0], out[0], out[1]}, err
}

func (k Transposed) shape(in []tensor.Shape) (tensor.Shape, error) {
	y, w := in[0], in[1]
	if err := k.check(w); err != nil {
		return nil, err
	}
	if y[1] != w[0] {
		return nil, op.Errorf("transposed conv: y has %d channels but there are %d filters", y[1], w[0])
	}
	out, err := k.outSize(k.H, k.W, w)
	if err != nil {
		return nil, err
	}
	if out[0] != y[2] || out[1] != y[3] {
		return nil, op.Errorf("transposed conv: y is %d×%d but a convolution takes %d×%d to %d×%d", y[2], y[3], k.H,
			k.W, out[0], out[1])
	}
	return tensor.Shape{y[0], k.Groups * w[1], k.H, k.W}, nil
}

// check reports settings out of range, and filters that do not divide into groups.
func (k Geometry) check(w tensor.Shape) error {
	for i := range 2 {
		if k.Stride[i] < 1 || k.Pad[i] < 0 || k.Dilation[i] < 1 || k.Groups < 1 {
			return op.Errorf("conv: stride %v, padding %v, dilation %v, groups %d, want at least 1, 0, 1 and 1",
				k.Stride, k.Pad, k.Dilation, k.Groups)
		}
	}
	if max(k.Stride[0], k.Stride[1], k.Pad[0], k.Pad[1], k.Dilation[0], k.Dilation[1]) > sizes.Most {
		return op.Errorf("conv: stride %v, padding %v, dilation %v, want at most %d", k.Stride, k.Pad, k.Dilation,
			sizes.Most)
	}
	if w[0]%k.Groups != 0 {
		return op.Errorf("conv: %d filters do not divide into %d groups", w[0], k.Groups)
	}
	return nil
}

// outSize returns oh and ow for an image of h×w.
func (k Geometry) outSize(h, w int, filters tensor.Shape) (out [2]int, err error) {
	for i, size := range [2]int{h, w} {
		reach := k.Dilation[i]*(filters[2+i]-1) + 1
		room := size + 2*k.Pad[i] - reach
		if room < 0 {
			return out, op.Errorf("conv: a filter that reaches over %d pixels does not fit into %d with padding %d",
				reach, size, k.Pad[i])
		}
		out[i] = room/k.Stride[i] + 1
	}
	return out, nil
}

func (k Conv) flops(in []tensor.Shape) int64 {
	out, err := k.outSize(in[0][2], in[0][3], in[1])
	if err != nil {
		return 0
	}
	return flops(in[0][0]*out[0]*out[1], in[1])
}

func flops(pixels int, w tensor.Shape) int64 { return 2 * int64(pixels) * int64(w.TotalSize()) }

// scratch is for w, packed.
func (k Conv) scratch(in []tensor.Shape) int {
	out, err := k.outSize(in[0][2], in[0][3], in[1])
	if err != nil {
		return 0
	}
	w := in[1]
	if k.fits(w, w[1], out[0], out[1]) {
		return sharedFilters(in[0][0], out[0], out[1], w[1], w[0]/k.Groups)
	}
	if k.byRows(w) {
		return rowFiltersSize(w[1], w[0]/k.Groups, w[2]*w[3])
	}
	return packedSize(k.Groups, w)
}

// scratch is for w, packed: each phase of the pixels has its own taps of it.
func (k Transposed) scratch(in []tensor.Shape) int {
	w := in[1]
	if k.fits(w, w[0]/k.Groups, k.H, k.W) {
		return sharedFilters(in[0][0], k.H, k.W, w[0]/k.Groups, w[1])
	}
	if k.byRows(w) {
		return rowFiltersSize(w[0]/k.Groups, w[1], w[2]*w[3])
	}
	return k.Groups * padded(w[1]) * (w[0] / k.Groups) * w[2] * w[3]
}
