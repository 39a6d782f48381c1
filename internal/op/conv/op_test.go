package conv_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/conv"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

type build = func(in ...*gorgonia.Node) (*gorgonia.Node, error)

func forward(k conv.Geometry) build {
	return func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(conv.Conv{Geometry: k}, in...) }
}

func backward(k conv.Geometry, h, w int) build {
	return func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
		return op.Apply(conv.Transposed{Geometry: k, H: h, W: w}, in...)
	}
}

// visit calls f for every product of the definition: indices into x, w and y.
func visit(k conv.Geometry, x, w, y []int, f func(ix, iw, iy int)) {
	cg, og := w[1], w[0]/k.Groups
	for i := range x[0] {
		for o := range w[0] {
			for u := range y[2] {
				for v := range y[3] {
					for c := range cg {
						for r := range w[2] {
							for s := range w[3] {
								a, b := u*k.Stride[0]+r*k.Dilation[0]-k.Pad[0], v*k.Stride[1]+s*k.Dilation[1]-k.Pad[1]
								if a < 0 || a >= x[2] || b < 0 || b >= x[3] {
									continue
								}
								f(((i*x[1]+o/og*cg+c)*x[2]+a)*x[3]+b, ((o*cg+c)*w[2]+r)*w[3]+s,
									((i*w[0]+o)*y[2]+u)*y[3]+v)
							}
						}
					}
				}
			}
		}
	}
}

func forwardRef(k conv.Geometry, y []int) func(in ...optest.Array) []float64 {
	return func(in ...optest.Array) []float64 {
		out := optest.Zeros(y...)
		visit(k, in[0].Shape, in[1].Shape, y, func(ix, iw, iy int) { out.Data[iy] += in[0].Data[ix] * in[1].Data[iw] })
		return out.Data
	}
}

func backwardRef(k conv.Geometry, x []int) func(in ...optest.Array) []float64 {
	return func(in ...optest.Array) []float64 {
		out := optest.Zeros(x...)
		visit(k, x, in[1].Shape, in[0].Shape, func(ix, iw, iy int) { out.Data[ix] += in[0].Data[iy] * in[1].Data[iw] })
		return out.Data
	}
}

// shapes are settings with the shapes of x, w and y.
var shapes = []struct {
	name    string
	k       conv.Geometry
	x, w, y []int
}{
	{"3×3", conv.Geometry{Stride: [2]int{1, 1}, Pad: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 1},
		[]int{2, 3, 7, 7}, []int{4, 3, 3, 3}, []int{2, 4, 7, 7}},
	{"no padding", conv.Geometry{Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 1}, []int{1, 1, 5, 6},
		[]int{1, 1, 3, 2}, []int{1, 1, 3, 5}},
	{"stride 2", conv.Geometry{Stride: [2]int{2, 2}, Pad: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 1},
		[]int{2, 2, 8, 6}, []int{3, 2, 3, 3}, []int{2, 3, 4, 3}},
	{"stride 2, odd", conv.Geometry{Stride: [2]int{2, 2}, Pad: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 1},
		[]int{1, 2, 7, 9}, []int{2, 2, 3, 3}, []int{1, 2, 4, 5}},
	{"1×1", conv.Geometry{Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 1}, []int{3, 5, 4, 3},
		[]int{2, 5, 1, 1}, []int{3, 2, 4, 3}},
	{"1×1, stride 2", conv.Geometry{Stride: [2]int{2, 2}, Dilation: [2]int{1, 1}, Groups: 1}, []int{2, 4, 5, 5},
		[]int{2, 4, 1, 1}, []int{2, 2, 3, 3}},
	{"stride beyond the filter", conv.Geometry{Stride: [2]int{3, 4}, Dilation: [2]int{1, 1}, Groups: 1},
		[]int{1, 2, 8, 9}, []int{2, 2, 2, 2}, []int{1, 2, 3, 2}},
	{"dilation", conv.Geometry{Stride: [2]int{1, 1}, Pad: [2]int{2, 1}, Dilation: [2]int{2, 3}, Groups: 1},
		[]int{1, 2, 7, 9}, []int{2, 2, 3, 2}, []int{1, 2, 7, 8}},
	{"dilation and stride", conv.Geometry{Stride: [2]int{2, 3}, Pad: [2]int{2, 3}, Dilation: [2]int{3, 2}, Groups: 1},
		[]int{2, 1, 9, 8}, []int{3, 1, 2, 3}, []int{2, 3, 5, 4}},
	{"wide padding", conv.Geometry{Stride: [2]int{1, 1}, Pad: [2]int{2, 2}, Dilation: [2]int{1, 1}, Groups: 1},
		[]int{1, 2, 9, 9}, []int{2, 2, 5, 3}, []int{1, 2, 9, 11}},
	{"groups", conv.Geometry{Stride: [2]int{1, 1}, Pad: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 2},
		[]int{2, 4, 4, 5}, []int{6, 2, 3, 3}, []int{2, 6, 4, 5}},
	{"depthwise, stride 2", conv.Geometry{Stride: [2]int{2, 2}, Pad: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 3},
		[]int{2, 3, 5, 5}, []int{3, 1, 3, 3}, []int{2, 3, 3, 3}},
	{"filter as large as the image", conv.Geometry{Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 1},
		[]int{3, 2, 4, 4}, []int{5, 2, 4, 4}, []int{3, 5, 1, 1}},
	{"one row", conv.Geometry{Stride: [2]int{1, 2}, Pad: [2]int{0, 1}, Dilation: [2]int{1, 1}, Groups: 1},
		[]int{2, 2, 1, 11}, []int{3, 2, 1, 3}, []int{2, 3, 1, 6}},
	{"many panels", conv.Geometry{Stride: [2]int{1, 1}, Pad: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 1},
		[]int{3, 40, 9, 8}, []int{19, 40, 3, 3}, []int{3, 19, 9, 8}},
}

func TestConv(t *testing.T) {
	var cases []optest.Case
	for _, s := range shapes {
		cases = append(cases, optest.Case{Name: s.name, Build: forward(s.k), Ref: forwardRef(s.k, s.y),
			In: []optest.Array{optest.Normal(1, 1, s.x...), optest.Normal(2, 1, s.w...)}})
	}
	optest.Run(t, cases)
}

// wide are shapes that Winograd's method does: odd sizes, small and large padding,
// groups, more tiles than a block, channels that fill no vector.
var wide = []struct {
	name    string
	pad     [2]int
	groups  int
	x, w, y []int
}{
	{"4×4", [2]int{1, 1}, 1, []int{2, 16, 4, 4}, []int{17, 16, 3, 3}, []int{2, 17, 4, 4}},
	{"7×7", [2]int{1, 1}, 1, []int{3, 18, 7, 7}, []int{16, 18, 3, 3}, []int{3, 16, 7, 7}},
	{"no padding", [2]int{}, 1, []int{1, 16, 9, 10}, []int{16, 16, 3, 3}, []int{1, 16, 7, 8}},
	{"wide padding", [2]int{2, 1}, 1, []int{1, 20, 6, 8}, []int{16, 20, 3, 3}, []int{1, 16, 8, 8}},
	{"groups", [2]int{1, 1}, 2, []int{2, 32, 8, 3}, []int{34, 16, 3, 3}, []int{2, 34, 8, 3}},
	{"many blocks", [2]int{1, 1}, 1, []int{5, 16, 12, 26}, []int{16, 16, 3, 3}, []int{5, 16, 12, 26}},
	{"a row of many tiles", [2]int{1, 1}, 1, []int{1, 16, 4, 140}, []int{16, 16, 3, 3}, []int{1, 16, 4, 140}},
}

// strided are shapes whose patches are copied as rows: odd sizes, groups, channels that
// fill no vector, several images in a block, pixels that no filter sees, rows of filters
// that are no neighbours.
var strided = []struct {
	name    string
	k       conv.Geometry
	x, w, y []int
}{
	{"3×3", conv.Geometry{Stride: [2]int{2, 2}, Pad: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 1},
		[]int{2, 16, 16, 16}, []int{18, 16, 3, 3}, []int{2, 18, 8, 8}},
	{"small images", conv.Geometry{Stride: [2]int{2, 2}, Pad: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 1},
		[]int{19, 33, 4, 4}, []int{50, 33, 3, 3}, []int{19, 50, 2, 2}},
	{"odd sizes", conv.Geometry{Stride: [2]int{2, 2}, Pad: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 1},
		[]int{3, 20, 7, 9}, []int{16, 20, 3, 3}, []int{3, 16, 4, 5}},
	{"groups", conv.Geometry{Stride: [2]int{2, 2}, Pad: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 2},
		[]int{2, 34, 6, 8}, []int{32, 17, 3, 3}, []int{2, 32, 3, 4}},
	{"1×1", conv.Geometry{Stride: [2]int{2, 2}, Dilation: [2]int{1, 1}, Groups: 1},
		[]int{2, 16, 5, 8}, []int{16, 16, 1, 1}, []int{2, 16, 3, 4}},
	{"stride beyond the filter", conv.Geometry{Stride: [2]int{3, 4}, Dilation: [2]int{1, 1}, Groups: 1},
		[]int{1, 16, 8, 9}, []int{17, 16, 2, 2}, []int{1, 17, 3, 2}},
	{"dilation", conv.Geometry{Stride: [2]int{2, 3}, Pad: [2]int{2, 3}, Dilation: [2]int{3, 2}, Groups: 1},
		[]int{2, 16, 9, 8}, []int{16, 16, 2, 3}, []int{2, 16, 5, 4}},
	{"one stride", conv.Geometry{Stride: [2]int{1, 2}, Pad: [2]int{0, 1}, Dilation: [2]int{1, 1}, Groups: 1},
		[]int{2, 16, 3, 11}, []int{16, 16, 2, 3}, []int{2, 16, 2, 6}},
	{"one pixel", conv.Geometry{Stride: [2]int{3, 3}, Pad: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 1},
		[]int{2, 16, 1, 1}, []int{16, 16, 3, 3}, []int{2, 16, 1, 1}},
	{"padding alone is seen", conv.Geometry{Stride: [2]int{4, 4}, Pad: [2]int{2, 2}, Dilation: [2]int{1, 1}, Groups: 1},
		[]int{1, 16, 2, 2}, []int{16, 16, 2, 2}, []int{1, 16, 2, 2}},
	{"several blocks", conv.Geometry{Stride: [2]int{2, 2}, Pad: [2]int{3, 3}, Dilation: [2]int{1, 1}, Groups: 1},
		[]int{2, 16, 30, 32}, []int{16, 16, 7, 7}, []int{2, 16, 15, 16}},
	{"more blocks than sums", conv.Geometry{Stride: [2]int{2, 2}, Dilation: [2]int{1, 1}, Groups: 1},
		[]int{5, 16, 32, 64}, []int{16, 16, 1, 1}, []int{5, 16, 16, 32}},
}

func TestStridesByRowsAreConvolutions(t *testing.T) {
	var cases []optest.Case
	for _, s := range strided {
		x, w, y := optest.Normal(1, 1, s.x...), optest.Normal(2, 1, s.w...), optest.Normal(3, 1, s.y...)
		cases = append(cases,
			optest.Case{Name: s.name, Build: forward(s.k), Ref: forwardRef(s.k, s.y), In: []optest.Array{x, w}},
			optest.Case{Name: s.name + ", adjoint", Build: backward(s.k, s.x[2], s.x[3]), Ref: backwardRef(s.k, s.x),
				In: []optest.Array{y, w}})
	}
	optest.Run(t, cases)
}

func TestWinogradIsAConvolution(t *testing.T) {
	var cases []optest.Case
	for _, s := range wide {
		k := conv.Geometry{Stride: [2]int{1, 1}, Pad: s.pad, Dilation: [2]int{1, 1}, Groups: s.groups}
		x, w, y := optest.Normal(1, 1, s.x...), optest.Normal(2, 1, s.w...), optest.Normal(3, 1, s.y...)
		cases = append(cases,
			optest.Case{Name: s.name, Build: forward(k), Ref: forwardRef(k, s.y), In: []optest.Array{x, w}},
			optest.Case{Name: s.name + ", adjoint", Build: backward(k, s.x[2], s.x[3]), Ref: backwardRef(k, s.x),
				In: []optest.Array{y, w}})
	}
	optest.Run(t, cases)
}

// The error of the doc, in float32, against float64: about twice that of a sum in
// float32, whatever the channels.
func TestTheErrorOfWinograd(t *testing.T) {
	for _, channels := range []int{16, 256} {
		k := conv.Geometry{Stride: [2]int{1, 1}, Pad: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 1}
		x, w := optest.Normal(1, 1, 1, channels, 8, 8), optest.Normal(2, 1, 16, channels, 3, 3)
		y, err := optest.Eval(tensor.Float32, forward(k), x, w)
		require.NoError(t, err)
		exact, err := optest.Eval(tensor.Float64, forward(k), x, w)
		require.NoError(t, err)
		var off, all, inOrder float64
		for i, v := range exact {
			off += (y[i] - v) * (y[i] - v)
			all += v * v
		}
		naive := make([]float32, len(exact))
		visit(k, x.Shape, w.Shape, []int{1, 16, 8, 8},
			func(ix, iw, iy int) { naive[iy] += float32(x.Data[ix]) * float32(w.Data[iw]) })
		for i, v := range exact {
			inOrder += (float64(naive[i]) - v) * (float64(naive[i]) - v)
		}
		t.Logf("%d channels: %.2g, in order %.2g", channels, math.Sqrt(off/all), math.Sqrt(inOrder/all))
		require.Less(t, math.Sqrt(off/all), 3e-6)
		require.Less(t, off, 9*inOrder)
	}
}

func TestWinogradKeepsNaN(t *testing.T) {
	k := conv.Geometry{Stride: [2]int{1, 1}, Pad: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 1}
	x := optest.Normal(1, 1, 2, 16, 8, 8)
	x.Data[5*64+27] = math.NaN() // channel 5, row 3, column 3 of the first image
	y, err := optest.Eval(tensor.Float32, forward(k), x, optest.Normal(2, 1, 16, 16, 3, 3))
	require.NoError(t, err)
	for o := range 16 {
		require.True(t, math.IsNaN(y[o*64+27]))
	}
	for _, v := range y[16*64:] {
		require.False(t, math.IsNaN(v), "another image")
	}
}

func TestTransposed(t *testing.T) {
	var cases []optest.Case
	for _, s := range shapes {
		cases = append(cases, optest.Case{Name: s.name, Build: backward(s.k, s.x[2], s.x[3]),
			Ref: backwardRef(s.k, s.x), In: []optest.Array{optest.Normal(1, 1, s.y...), optest.Normal(2, 1, s.w...)}})
	}
	optest.Run(t, cases)
}

// ⟨conv(x), y⟩ = ⟨x, transposed(y)⟩.
func TestTransposedIsTheAdjoint(t *testing.T) {
	for _, s := range shapes {
		x, y, w := optest.Normal(3, 1, s.x...), optest.Normal(4, 1, s.y...), optest.Normal(5, 1, s.w...)
		ax, err := optest.Eval(tensor.Float64, forward(s.k), x, w)
		require.NoError(t, err)
		aty, err := optest.Eval(tensor.Float64, backward(s.k, s.x[2], s.x[3]), y, w)
		require.NoError(t, err)
		require.InDelta(t, dot(ax, y.Data), dot(x.Data, aty), 1e-10, s.name)
	}
}

func TestBias(t *testing.T) {
	build := func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(conv.Bias{}, in...) }
	ref := func(in ...optest.Array) []float64 {
		y, size := in[0].Map(func(v float64) float64 { return v }), in[0].Shape[2]*in[0].Shape[3]
		for i := range y.Data {
			y.Data[i] += in[1].Data[i/size%len(in[1].Data)]
		}
		return y.Data
	}
	optest.Run(t, []optest.Case{
		{Name: "3×4×5×6", Build: build, Ref: ref, In: []optest.Array{optest.Normal(1, 1, 3, 4, 5, 6),
			optest.Normal(2, 1, 4)}},
		{Name: "one pixel", Build: build, Ref: ref, In: []optest.Array{optest.Normal(1, 1, 2, 40, 1, 1),
			optest.Normal(2, 1, 40)}},
	})
	_, err := optest.Eval(tensor.Float32, build, optest.Zeros(1, 2, 3, 3), optest.Zeros(3))
	require.ErrorContains(t, err, "conv: 2 channels but a bias of length 3")
}

func dot(a, b []float64) (s float64) {
	for i, v := range a {
		s += v * b[i]
	}
	return s
}

func TestBadConvolutions(t *testing.T) {
	one := conv.Geometry{Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 1}
	with := func(change func(*conv.Geometry)) conv.Geometry {
		k := one
		change(&k)
		return k
	}
	for _, c := range []struct {
		build build
		x, w  []int
		want  string
	}{
		{forward(one), []int{1, 2, 4, 4}, []int{3, 3, 3, 3},
			"x has 2 channels but the filters (3, 3, 3, 3) take 3 in 1 groups"},
		{forward(one), []int{1, 2, 2, 4}, []int{3, 2, 3, 3},
			"a filter that reaches over 3 pixels does not fit into 2 with padding 0"},
		{forward(with(func(k *conv.Geometry) { k.Dilation[1] = 2 })), []int{1, 2, 4, 4}, []int{3, 2, 3, 3},
			"reaches over 5 pixels does not fit into 4"},
		{forward(with(func(k *conv.Geometry) { k.Stride[0] = 0 })), []int{1, 2, 4, 4}, []int{3, 2, 3, 3},
			"stride [0 1]"},
		{forward(with(func(k *conv.Geometry) { k.Pad[0] = -1 })), []int{1, 2, 4, 4}, []int{3, 2, 3, 3},
			"padding [-1 0]"},
		{forward(with(func(k *conv.Geometry) { k.Groups = 2 })), []int{1, 4, 4, 4}, []int{3, 2, 3, 3},
			"3 filters do not divide into 2 groups"},
		{backward(one, 4, 4), []int{1, 2, 2, 2}, []int{3, 2, 3, 3}, "y has 2 channels but there are 3 filters"},
		{backward(one, 4, 5), []int{1, 3, 2, 2}, []int{3, 2, 3, 3}, "y is 2×2 but a convolution takes 4×5 to 2×3"},
	} {
		_, err := optest.Eval(tensor.Float32, c.build, optest.Zeros(c.x...), optest.Zeros(c.w...))
		require.ErrorIs(t, err, op.ErrInput)
		require.ErrorContains(t, err, c.want)
	}
}

func BenchmarkConv(b *testing.B) {
	one := conv.Geometry{Stride: [2]int{1, 1}, Pad: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 1}
	two := one
	two.Stride = [2]int{2, 2}
	var cases []optest.Case
	for _, s := range []struct {
		c, o, size int
		k          conv.Geometry
	}{{3, 64, 32, one}, {64, 64, 32, one}, {128, 128, 16, one}, {256, 256, 8, one}, {512, 512, 4, one},
		{64, 128, 32, two}} {
		cases = append(cases, optest.Case{
			Name:  fmt.Sprintf("32x%dx%dx%d to %d, stride %d", s.c, s.size, s.size, s.o, s.k.Stride[0]),
			Build: forward(s.k),
			In:    []optest.Array{optest.Normal(1, 1, 32, s.c, s.size, s.size), optest.Normal(2, 0.1, s.o, s.c, 3, 3)},
		})
	}
	optest.Bench(b, cases)
}
