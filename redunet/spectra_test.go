package redunet_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/redunet"
)

// rolled returns sample i of a set of shape c×h×w, or c×w, shifted by r rows and s
// columns.
func rolled(t *testing.T, set *data.Set, i, r, s int) []float64 {
	t.Helper()
	x, err := set.Row(nil, i)
	require.NoError(t, err)
	shape := set.Shape()
	h, w := 1, shape[len(shape)-1]
	if len(shape) == 3 {
		h = shape[1]
	}
	out := make([]float64, len(x))
	for at, v := range x {
		c, a, b := at/(h*w), at/w%h, at%w
		out[(c*h+(a+r)%h)*w+(b+s)%w] = v
	}
	return out
}

// shifts returns all shifts of all samples, those of one sample after the other, the
// sample itself first.
func shifts(t *testing.T, set *data.Set) *data.Set {
	t.Helper()
	shape := set.Shape()
	h, w := 1, shape[len(shape)-1]
	if len(shape) == 3 {
		h = shape[1]
	}
	var x []float64
	var labels []int
	for i, y := range set.Labels() {
		for r := range h {
			for s := range w {
				x, labels = append(x, rolled(t, set, i, r, s)...), append(labels, y)
			}
		}
	}
	all, err := data.New(x, 1, shape, labels, set.Classes())
	require.NoError(t, err)
	return all
}

func sides(shape []int) (n int) {
	n = 1
	for _, s := range shape[1:] {
		n *= s
	}
	return n
}

// The layers in the Fourier domain are those that the vectors of all shifts make, a
// dense circulant matrix: with distortions of ε² there and Tε² here, for the unitary
// transform has its energy in one sample and not in T of them, and with steps of η
// and Tη. That is, by TestALayerIsAStepOfGradientAscent, gradient ascent.
func TestTheFourierFormIsTheCirculantForm(t *testing.T) {
	for _, shape := range [][]int{{2, 6}, {3, 5}, {1, 4}, {2, 1}, {2, 4, 3}, {2, 3, 4}, {1, 2, 2}} {
		t.Run(fmt.Sprint(shape), func(t *testing.T) {
			const classes, depth, eps2, eta = 2, 3, 0.2, 0.3
			set, period := blobs(t, 4, classes, 4, shape...), float64(sides(shape))
			cfg := redunet.Config{Net: double(depth), Eps2: eps2, Labels: true}
			cfg.Net.Eta, cfg.Net.Shape = eta, shape
			net, rates := buildNet(t, set, cfg)

			all := shifts(t, set)
			dense := redunet.Config{Net: double(depth), Eps2: eps2 * period, Labels: true}
			dense.Net.Eta = eta * period
			circulant, want := buildNet(t, all, dense)
			for l := range rates {
				require.InDelta(t, want[l].R, period*rates[l].R, 1e-10)
				require.InDelta(t, want[l].Rc, period*rates[l].Rc, 1e-10)
			}
			got := collect(t, labelled{net, memberships(all)}, all, all.Len())
			requireClose(t, collect(t, labelled{circulant, memberships(all)}, all, all.Len()), got, 1e-12, "features")
		})
	}
}

func memberships(set *data.Set) *mat.Dense {
	pi := mat.NewDense(set.Len(), set.Classes(), nil)
	for i, y := range set.Labels() {
		pi.Set(i, y, 1)
	}
	return pi
}

// A shift of the samples is a shift of the features and no change of the
// memberships, with estimated memberships and filters, exactly; and all shifts of all
// samples have the rates of the samples.
func TestShiftsGoThrough(t *testing.T) {
	for _, shape := range [][]int{{2, 8}, {1, 7}, {1, 4, 5}, {2, 5, 4}} {
		t.Run(fmt.Sprint(shape), func(t *testing.T) {
			const classes = 3
			set := blobs(t, 5, classes, 6, shape...)
			cfg := redunet.Config{Net: double(4), Eps2: 0.1}
			cfg.Net.Lambda, cfg.Net.Shape, cfg.Net.Channels, cfg.Net.Kernel = 5, shape, 4, 3
			net, rates := buildNet(t, set, cfg)
			all := shifts(t, set)
			z, pi := classify(t, net, all)
			period := sides(shape)
			h, w := period/shape[len(shape)-1], shape[len(shape)-1]
			for i := range all.Len() {
				first, r, s := i-i%period, i%period/w, i%w
				for j := range classes {
					require.InDelta(t, pi.At(first, j), pi.At(i, j), 1e-12, "membership")
				}
				for at := range 4 * period {
					c, a, b := at/period, at/w%h, at%w
					require.InDelta(t, z.At(first, at), z.At(i, c*period+(a+r)%h*w+(b+s)%w), 1e-12, "feature")
				}
			}
			_, again := buildNet(t, all, cfg) // n and the sums are T times as large
			require.InDelta(t, rates[0].R, again[0].R, 1e-10)
			require.InDelta(t, rates[0].Rc, again[0].Rc, 1e-10)
		})
	}
}

// In float32, which examples use, to its precision.
func TestShiftsGoThroughInFloat32(t *testing.T) {
	set := blobs(t, 6, 2, 5, 1, 6, 6)
	cfg := redunet.Config{Net: models.ReduNetConfig{Layers: 3, Shape: []int{1, 6, 6}, Channels: 3, Kernel: 3}}
	_, rates := buildNet(t, set, cfg)
	cfg.Net.Dtype = tensor.Float64
	_, want := buildNet(t, set, cfg)
	for l := range rates {
		require.InEpsilon(t, want[l].DeltaR, rates[l].DeltaR, 1e-3)
		require.False(t, math.IsNaN(rates[l].R))
	}
}
