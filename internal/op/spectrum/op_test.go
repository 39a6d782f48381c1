package spectrum_test

import (
	"fmt"
	"math"
	"math/cmplx"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/spectrum"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

type build = func(in ...*gorgonia.Node) (*gorgonia.Node, error)

func of(k op.Op) build {
	return func(in ...*gorgonia.Node) (*gorgonia.Node, error) { return op.Apply(k, in...) }
}

// forwardRef is the definition, number by number.
func forwardRef(in ...optest.Array) []float64 {
	s := append(append([]int{}, in[0].Shape...), 1)
	n, c, h, w := s[0], s[1], s[2], s[3]
	f := (h/2 + 1) * w
	out := make([]float64, f*n*2*c)
	for p := range f {
		u, v := p/w, p%w
		weight := math.Sqrt(2 / float64(h*w))
		if u == 0 || 2*u == h {
			weight = 1 / math.Sqrt(float64(h*w))
		}
		for i := range n {
			for k := range c {
				sum := 0i
				for a := range h {
					for b := range w {
						angle := -2 * math.Pi * (float64(u*a)/float64(h) + float64(v*b)/float64(w))
						sum += complex(in[0].Data[((i*c+k)*h+a)*w+b], 0) * cmplx.Exp(complex(0, angle))
					}
				}
				at := (p*n + i) * 2 * c
				out[at+k], out[at+c+k] = weight*real(sum), weight*imag(sum)
			}
		}
	}
	return out
}

// inverseRef is the transpose of forwardRef, by unit vectors.
func inverseRef(shape ...int) func(in ...optest.Array) []float64 {
	return func(in ...optest.Array) []float64 {
		x := optest.Zeros(shape...)
		out := make([]float64, len(x.Data))
		for i := range out {
			x.Data[i] = 1
			for j, v := range forwardRef(x) {
				out[i] += v * in[0].Data[j]
			}
			x.Data[i] = 0
		}
		return out
	}
}

func shapes() [][]int {
	return [][]int{{3, 2, 8}, {2, 3, 7}, {1, 1, 1}, {2, 1, 2}, {2, 3, 28}, {2, 2, 4, 6}, {2, 3, 5, 3}, {1, 2, 3, 4},
		{1, 1, 1, 2}, {2, 1, 6, 1},
		// of which a device takes the last ones by cuFFT
		{1, 2, 17}, {2, 1, 4, 18}, {1, 2, 18, 3}, {2, 1, 3, 17}, {1, 1, 17, 17}, {1, 1, 1, 18}, {1, 1, 18, 1}}
}

func TestForward(t *testing.T) {
	var cases []optest.Case
	for _, s := range shapes() {
		cases = append(cases, optest.Case{Name: fmt.Sprint(s), Build: of(spectrum.Forward{Axes: len(s) - 2}),
			Ref: forwardRef, In: []optest.Array{optest.Normal(1, 1, s...)}})
	}
	optest.Run(t, cases)
}

func TestInverse(t *testing.T) {
	var cases []optest.Case
	for _, s := range shapes() {
		k, w := spectrum.Inverse{H: s[2]}, 1
		if len(s) == 4 {
			k.W, w = s[3], s[3]
		}
		cases = append(cases, optest.Case{Name: fmt.Sprint(s), Build: of(k), Ref: inverseRef(s...),
			In: []optest.Array{optest.Normal(1, 1, (s[2]/2+1)*w, s[0], 2*s[1])}})
	}
	optest.Run(t, cases)
}

// TestItIsAnIsometry checks that the inverse of the spectrum is the signal, and
// that the spectrum is as long.
func TestItIsAnIsometry(t *testing.T) {
	for _, s := range [][]int{{2, 2, 200}, {2, 3, 9, 28}} {
		x := optest.Normal(1, 1, s...)
		square := 0.0
		for _, v := range x.Data {
			square += v * v
		}
		there := of(spectrum.Forward{Axes: len(s) - 2})
		k := spectrum.Inverse{H: s[2]}
		if len(s) == 4 {
			k.W = s[3]
		}
		optest.Run(t, []optest.Case{{
			Name: fmt.Sprint("there and back ", s), In: []optest.Array{x},
			Build: func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
				z, err := there(in...)
				if err != nil {
					return nil, err
				}
				return op.Apply(k, z)
			},
			Ref: func(in ...optest.Array) []float64 { return in[0].Data },
		}})
		length := 0.0
		for _, v := range forwardRef(x) {
			length += v * v
		}
		require.InEpsilon(t, square, length, 1e-12)
	}
}

func TestShapesThatDoNotFit(t *testing.T) {
	for name, c := range map[string]struct {
		k  op.Op
		in optest.Array
	}{
		"no axes":             {spectrum.Forward{}, optest.Zeros(2, 2)},
		"half a complex":      {spectrum.Inverse{H: 4}, optest.Zeros(3, 2, 3)},
		"other frequencies":   {spectrum.Inverse{H: 6}, optest.Zeros(3, 2, 2)},
		"other frequencies 2": {spectrum.Inverse{H: 4, W: 3}, optest.Zeros(10, 2, 2)},
		"no length":           {spectrum.Inverse{}, optest.Zeros(1, 2, 2)},
	} {
		_, err := optest.Scalar(tensor.Float32, of(c.k), c.in)
		require.True(t, errors.Is(err, op.ErrInput), "%s: error %v", name, err)
	}
}
