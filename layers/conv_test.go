package layers_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/conv"
)

func newConv(t testing.TB, cfg layers.ConvConfig) *layers.Conv2D {
	t.Helper()
	cfg.Dtype = tensor.Float64
	l, err := layers.NewConv2D(cfg)
	require.NoError(t, err)
	return l
}

func TestConv2DIsItsFormula(t *testing.T) {
	l := newConv(t, layers.ConvConfig{Name: "c", In: 2, Out: 3, Kernel: conv.Pair(3),
		Geometry: conv.Geometry{Padding: conv.Pair(1)}, Seed: 1})
	w, b := l.Params()[0], l.Params()[1]
	require.Equal(t, []string{"c.weight", "c.bias"}, []string{w.Name, b.Name})
	require.Equal(t, tensor.Shape{3, 2, 3, 3}, w.Value.Shape())
	require.True(t, b.NoDecay && !w.NoDecay)
	x := normal(1, 2*2*4*5)
	y := of(t, l, nn.Train, 2, 2, 4, 5).run(t, x)
	at := func(i, c, u, v int) float64 {
		if u < 0 || u > 3 || v < 0 || v > 4 {
			return 0
		}
		return x[((i*2+c)*4+u)*5+v]
	}
	for p, got := range y {
		i, o, u, v := p/60, p/20%3, p/5%4, p%5
		want := b.Value.Float64s()[o]
		for q, tap := range w.Value.Float64s()[o*18 : (o+1)*18] {
			want += tap * at(i, q/9, u+q/3%3-1, v+q%3-1)
		}
		require.InDelta(t, want, got, 1e-13)
	}
}

// Padding by hand and a convolution without padding is a convolution that pads.
func TestConv2DPads(t *testing.T) {
	x := normal(2, 3*2*5*4)
	for _, mode := range []conv.PadMode{conv.PadZeros, conv.PadReflect, conv.PadCircular, conv.PadReplicate} {
		cfg := layers.ConvConfig{Name: "c", In: 2, Out: 2, Kernel: [2]int{3, 5},
			Geometry: conv.Geometry{Padding: [2]int{1, 2}, Stride: [2]int{2, 1}}, PadMode: mode, NoBias: true, Seed: 4}
		got := of(t, newConv(t, cfg), nn.Train, 3, 2, 5, 4).run(t, x)
		padded := padding{mode}
		cfg.Padding, cfg.PadMode = [2]int{}, conv.PadZeros
		want := of(t, layers.Sequential{padded, newConv(t, cfg)}, nn.Train, 3, 2, 5, 4).run(t, x)
		require.InDeltaSlice(t, want, got, 1e-13, mode.String())
	}
}

// padding puts one row and two columns around images.
type padding struct{ mode conv.PadMode }

func (padding) Params() []*nn.Param { return nil }
func (p padding) Forward(_ *nn.Graph, x *gorgonia.Node) (*gorgonia.Node, error) {
	return conv.Pad(x, p.mode, conv.Padding{Top: 1, Bottom: 1, Left: 2, Right: 2})
}

// ⟨convT(γ), x⟩ = ⟨γ, conv(x)⟩ for every stride, padding and number of more pixels.
func TestConvTranspose2DIsTheAdjoint(t *testing.T) {
	for stride := 1; stride <= 3; stride++ {
		for pad := range 3 {
			for more := range stride {
				for _, groups := range []int{1, 2} {
					move := conv.Geometry{Stride: [2]int{stride, 1}, Padding: [2]int{pad, 1}, Groups: groups}
					forward := newConv(t, layers.ConvConfig{Name: "c", In: 2, Out: 4, Kernel: conv.Pair(3),
						Geometry: move, NoBias: true, Seed: 5})
					back, err := layers.NewConvTranspose2D(layers.ConvConfig{Name: "c", In: 4, Out: 2,
						Kernel: conv.Pair(3), Geometry: move, OutputPadding: [2]int{more, 0}, NoBias: true,
						Dtype: tensor.Float64})
					require.NoError(t, err)
					copy(back.Params()[0].Value.Float64s(), forward.Params()[0].Value.Float64s())
					h := 5*stride - 2*pad + 3 + more // of 6 rows
					if h < 1 {
						continue
					}
					x, y := normal(6, 2*2*h*7), normal(7, 2*4*6*7)
					ax := of(t, forward, nn.Train, 2, 2, h, 7).run(t, x)
					aty := of(t, back, nn.Train, 2, 4, 6, 7).run(t, y)
					require.Len(t, ax, len(y))
					require.Len(t, aty, len(x))
					want := floats.Dot(y, ax)
					require.InDelta(t, want, floats.Dot(aty, x), 1e-12*floats.Norm(x, 2)*floats.Norm(y, 2),
						"stride %d, padding %d, %d more", stride, pad, more)
				}
			}
		}
	}
}

func TestConvTranspose2DHasABias(t *testing.T) {
	l, err := layers.NewConvTranspose2D(layers.ConvConfig{Name: "c", In: 2, Out: 3, Kernel: conv.Pair(2),
		Geometry: conv.Geometry{Stride: conv.Pair(2)}, Dtype: tensor.Float64})
	require.NoError(t, err)
	require.Equal(t, tensor.Shape{2, 3, 2, 2}, l.Params()[0].Value.Shape())
	y := of(t, l, nn.Train, 1, 2, 2, 2).run(t, make([]float64, 8))
	for p, v := range y {
		require.Equal(t, l.Params()[1].Value.Float64s()[p/16], v)
	}
}

func TestPoolLayers(t *testing.T) {
	x := []float64{1, 2, 3, 4, 5, 6, 7, 8}
	two := conv.Window{Kernel: conv.Pair(2)}
	require.Equal(t, []float64{6, 8}, of(t, layers.MaxPool{Window: two}, nn.Eval, 1, 1, 2, 4).run(t, x))
	require.Equal(t, []float64{3.5, 5.5}, of(t, layers.AveragePool{Window: two}, nn.Eval, 1, 1, 2, 4).run(t, x))
	all := of(t, layers.GlobalAveragePool{}, nn.Eval, 2, 2, 1, 2)
	require.Equal(t, []float64{1.5, 3.5, 5.5, 7.5}, all.run(t, x))
	require.Equal(t, tensor.Shape{2, 2}, all.y.Shape())
	for _, l := range []layers.Layer{layers.MaxPool{}, layers.AveragePool{}, layers.GlobalAveragePool{}} {
		require.Empty(t, l.Params())
	}
}

func batchNorm(t testing.TB, cfg layers.BatchNormConfig) *layers.BatchNorm {
	t.Helper()
	cfg.Dtype = tensor.Float64
	l, err := layers.NewBatchNorm(cfg)
	require.NoError(t, err)
	return l
}

// channelOf returns the numbers of a channel of n×c×plane.
func channelOf(x []float64, c, channels, plane int) (v []float64) {
	for i, e := range x {
		if i/plane%channels == c {
			v = append(v, e)
		}
	}
	return v
}

// TestBatchNormMovesByATenth where no Momentum is set, and adds 1e-5 where no Eps is, as PyTorch does.
func TestBatchNormMovesByATenth(t *testing.T) {
	l := batchNorm(t, layers.BatchNormConfig{Name: "bn", Channels: 1})
	train := of(t, l, nn.Train, 4, 1)
	y := train.run(t, []float64{1, 2, 3, 6})
	train.program.Commit()
	require.InDelta(t, 0.1*3, l.Params()[2].Value.Float64s()[0], 1e-12)
	require.InDelta(t, 0.9+0.1*14/3, l.Params()[3].Value.Float64s()[0], 1e-12)
	require.InDelta(t, 3/math.Sqrt(14.0/4+1e-5), y[3], 1e-12)
}

// In training the batch's statistics count, and run along once a step; in
// evaluation those that ran along.
func TestBatchNormStatisticsRunAlong(t *testing.T) {
	for name, shape := range map[string][]int{"vectors": {8, 3}, "images": {4, 3, 2, 2}} {
		l := batchNorm(t, layers.BatchNormConfig{Name: "bn", Channels: 3, Momentum: 0.25})
		mean, variance := l.Params()[2], l.Params()[3]
		train, eval := of(t, l, nn.Train, shape...), of(t, l, nn.Eval, shape...)
		size := train.x.Size()
		plane := size / shape[0] / 3
		m, v := 0.0, 1.0 // of channel 1
		for step := range uint64(4) {
			x := normal(step, size)
			for i := range x {
				x[i] = 3*x[i] + 2
			}
			y := channelOf(train.run(t, x), 1, 3, plane)
			require.InDelta(t, 0, stat.Mean(y, nil), 1e-12, name)
			require.InDelta(t, 1, stat.PopVariance(y, nil), 1e-4)
			require.InDelta(t, m, mean.Value.Float64s()[1], 1e-12, "a run alone changes nothing")
			train.program.Commit()
			of := channelOf(x, 1, 3, plane)
			m, v = 0.75*m+0.25*stat.Mean(of, nil), 0.75*v+0.25*stat.Variance(of, nil)
			require.InDelta(t, m, mean.Value.Float64s()[1], 1e-12)
			require.InDelta(t, v, variance.Value.Float64s()[1], 1e-12)
		}
		x := normal(9, size)
		y := eval.run(t, x)
		eval.program.Commit()
		require.InDelta(t, m, mean.Value.Float64s()[1], 1e-12, "an evaluation changes nothing")
		for i, e := range channelOf(y, 1, 3, plane) {
			want := (channelOf(x, 1, 3, plane)[i] - m) / math.Sqrt(v+1e-5)
			require.InDelta(t, want, e, 1e-12)
		}
	}
}

func TestBatchNormNamesItsParameters(t *testing.T) {
	type param struct {
		name           string
		noDecay, fixed bool
		first          float64
	}
	var got []param
	l := batchNorm(t, layers.BatchNormConfig{Name: "bn", Channels: 2})
	for _, p := range l.Params() {
		got = append(got, param{p.Name, p.NoDecay, p.Frozen, p.Value.Float64s()[1]})
	}
	require.Equal(t, []param{{"bn.weight", true, false, 1}, {"bn.bias", true, false, 0},
		{"bn.running_mean", true, true, 0}, {"bn.running_var", true, true, 1}}, got)
	require.Equal(t, 4, nn.Size(l.Params()), "statistics are not counted")
}

// A layer that is applied twice sees two batches.
func TestBatchNormAppliedTwice(t *testing.T) {
	l := batchNorm(t, layers.BatchNormConfig{Name: "bn", Channels: 1, Momentum: 0.5})
	g := of(t, layers.Sequential{l, scale2{}, l}, nn.Train, 4, 1)
	x := []float64{1, 3, 5, 7}
	g.run(t, x)
	g.program.Commit()
	// the mean of the second batch is 0
	require.InDelta(t, 0.5*(0.5*0+0.5*4), l.Params()[2].Value.Float64s()[0], 1e-12)
	second := 4 * 5.0 / (5 + 1e-5) * 4 / 3 // variance of 2·(x−4)/√(5+ε), unbiased
	require.InDelta(t, 0.5*(0.5+0.5*20.0/3)+0.5*second, l.Params()[3].Value.Float64s()[0], 1e-12)
}

type scale2 struct{}

func (scale2) Params() []*nn.Param { return nil }
func (scale2) Forward(_ *nn.Graph, x *gorgonia.Node) (*gorgonia.Node, error) {
	return nn.Scale(x, 2)
}

func TestBadConvolutionLayers(t *testing.T) {
	for want, cfg := range map[string]layers.ConvConfig{
		"layers: Conv2D: no Name": {In: 1, Out: 1, Kernel: conv.Pair(1)},
		`layers: Conv2D "c": 1 channels in, 0 out and filters of [3 3]`: {Name: "c", In: 1, Kernel: conv.Pair(3)},
		`4 channels in and 3 out do not divide into 2 groups`: {Name: "c", In: 4, Out: 3,
			Kernel: conv.Pair(3), Geometry: conv.Geometry{Groups: 2}},
		"OutputPadding is [1 0]": {Name: "c", In: 4, Out: 3,
			Kernel: conv.Pair(3), OutputPadding: [2]int{1, 0}},
	} {
		_, err := layers.NewConv2D(cfg)
		require.ErrorContains(t, err, want)
	}
	_, err := layers.NewConvTranspose2D(layers.ConvConfig{Name: "c", In: 4, Out: 3, Kernel: conv.Pair(3),
		PadMode: conv.PadReflect})
	require.ErrorContains(t, err, `layers: ConvTranspose2D "c": PadMode is reflect`)
	for want, cfg := range map[string]layers.BatchNormConfig{
		"layers: BatchNorm: no Name":           {Channels: 1},
		`layers: BatchNorm "bn": 0 channels`:   {Name: "bn"},
		"momentum 2, want at least 1, 0, and ": {Name: "bn", Channels: 1, Momentum: 2},
	} {
		_, err := layers.NewBatchNorm(cfg)
		require.ErrorContains(t, err, want)
	}

	back, err := layers.NewConvTranspose2D(layers.ConvConfig{Name: "t", In: 2, Out: 3, Kernel: conv.Pair(3),
		Geometry: conv.Geometry{Stride: conv.Pair(2)}, OutputPadding: conv.Pair(2), Dtype: tensor.Float64})
	require.NoError(t, err)
	for _, c := range []struct {
		layer layers.Layer
		shape []int
		want  string
	}{
		{newConv(t, layers.ConvConfig{Name: "c", In: 3, Out: 2, Kernel: conv.Pair(3)}), []int{2, 2, 5, 5},
			`layers: Conv2D "c": conv: x has 2 channels`},
		{newConv(t, layers.ConvConfig{Name: "c", In: 2, Out: 2, Kernel: conv.Pair(3),
			Geometry: conv.Geometry{Padding: conv.Pair(5)}, PadMode: conv.PadReflect}), []int{2, 2, 5, 5},
			"which reflect padding repeats at most once"},
		{back, []int{1, 2, 3, 3},
			`layers: ConvTranspose2D "t": conv: transposed convolution: [2 2] more pixels for stride [2 2]`},
		{batchNorm(t, layers.BatchNormConfig{Name: "bn", Channels: 3}), []int{4, 2},
			`layers: BatchNorm "bn": batch norm: x is (4, 2)`},
		{batchNorm(t, layers.BatchNormConfig{Name: "bn", Channels: 3}), []int{1, 3},
			"one number a channel has no variance"},
		{batchNorm(t, layers.BatchNormConfig{Name: "bn", Channels: 3}), []int{1, 3, 2}, "want x n×c or n×c×h×w"},
		{layers.MaxPool{}, []int{1, 1, 2, 2}, "layers: MaxPool: pool: size [0 0]"},
		{layers.GlobalAveragePool{}, []int{2, 2}, "layers: GlobalAveragePool: "},
	} {
		_, err := apply(c.layer, nn.Train, tensor.Float64, c.shape...)
		require.ErrorContains(t, err, c.want, "%v", c.want)
	}
}
