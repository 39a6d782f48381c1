package redunet_test

import (
	"math"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/op/redunet"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/optest"
)

// spectralRef is u by complex numbers.
func spectralRef(in ...optest.Array) []float64 {
	z, e, cs := in[0], in[1], in[2]
	f, n, c, k := z.Shape[0], z.Shape[1], z.Shape[2]/2, cs.Shape[0]
	out := make([]float64, f*n*(k+1)*2*c)
	for p := range f {
		for i := range n {
			for j := range k + 1 {
				m := e.Data[p*2*c*c:]
				if j > 0 {
					m = cs.Data[((j-1)*f+p)*2*c*c:]
				}
				for r := range c {
					sum := 0i
					for s := range c {
						v := complex(z.Data[(p*n+i)*2*c+s], z.Data[(p*n+i)*2*c+c+s])
						sum += complex(m[r*c+s], m[c*c+r*c+s]) * v
					}
					at := ((p*n+i)*(k+1) + j) * 2 * c
					out[at+r], out[at+c+r] = real(sum), imag(sum)
				}
			}
		}
	}
	return out
}

func TestSpectralMaps(t *testing.T) {
	case_ := func(name string, f, n, c, k int) optest.Case {
		return optest.Case{Name: name, Build: of(redunet.SpectralMaps{}), Ref: spectralRef,
			In: []optest.Array{optest.Normal(1, 1, f, n, 2*c), optest.Normal(2, 1, f, 2, c, c),
				optest.Normal(3, 1, k, f, 2, c, c)}}
	}
	optest.Run(t, []optest.Case{
		case_("some of each", 5, 4, 3, 2), case_("one of each", 1, 1, 1, 1), case_("more channels", 2, 7, 9, 3),
	})
}

func TestSphere(t *testing.T) {
	ref := func(in ...optest.Array) []float64 {
		s := in[0].Shape
		out := make([]float64, len(in[0].Data))
		for i := range s[1] {
			norm := 0.0
			for p := range s[0] {
				for c := range s[2] {
					norm += in[0].Data[(p*s[1]+i)*s[2]+c] * in[0].Data[(p*s[1]+i)*s[2]+c]
				}
			}
			for p := range s[0] {
				for c := range s[2] {
					at := (p*s[1]+i)*s[2] + c
					out[at] = in[0].Data[at] / math.Sqrt(norm)
				}
			}
		}
		return out
	}
	optest.Run(t, []optest.Case{
		{Name: "some", Build: of(redunet.Sphere{}), Ref: ref, In: []optest.Array{optest.Normal(1, 1, 3, 4, 5)}},
		{Name: "one number", Build: of(redunet.Sphere{}), Ref: ref, In: []optest.Array{optest.Normal(1, 1, 1, 1, 1)}},
	})
}

func TestSpectralShapesThatDoNotFit(t *testing.T) {
	for name, c := range map[string]struct {
		k  op.Op
		in []optest.Array
	}{
		"half a complex": {redunet.SpectralMaps{}, []optest.Array{optest.Zeros(2, 1, 3), optest.Zeros(2, 2, 1, 1),
			optest.Zeros(1, 2, 2, 1, 1)}},
		"other frequencies": {redunet.SpectralMaps{}, []optest.Array{optest.Zeros(2, 1, 2), optest.Zeros(3, 2, 1, 1),
			optest.Zeros(1, 2, 2, 1, 1)}},
		"other channels": {redunet.SpectralMaps{}, []optest.Array{optest.Zeros(2, 1, 2), optest.Zeros(2, 2, 1, 1),
			optest.Zeros(1, 2, 2, 2, 2)}},
	} {
		_, err := optest.Scalar(tensor.Float32, of(c.k), c.in...)
		require.True(t, errors.Is(err, op.ErrInput), "%s: error %v", name, err)
	}
}
