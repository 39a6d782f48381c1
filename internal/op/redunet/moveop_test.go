package redunet_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/whitebox-nn/whitebox/internal/op/redunet"
	"github.com/whitebox-nn/whitebox/op/optest"
)

// moveRef is a layer sample by sample, from the maps of complex matrices: of vectors
// too, with imaginary parts of 0 at one frequency.
func moveRef(k redunet.Move, spectra bool) func(in ...optest.Array) []float64 {
	return func(in ...optest.Array) []float64 {
		z, e, cs, gamma := in[0], in[1], in[2], in[3]
		if !spectra {
			z, e, cs = asSpectra(z, e, cs)
		}
		f, n, d, classes := z.Shape[0], z.Shape[1], z.Shape[2], len(gamma.Data)
		u := spectralRef(z, e, cs)
		at := func(p, i, j, t int) float64 { return u[((p*n+i)*(classes+1)+j)*d+t] }
		out := make([]float64, len(z.Data))
		for i := range n {
			norms, pi := make([]float64, classes), make([]float64, classes)
			for j := range norms {
				for p := range f {
					for t := range d {
						norms[j] = math.Hypot(norms[j], at(p, i, j+1, t))
					}
				}
			}
			for j := range pi {
				sum := 0.0
				for _, other := range norms {
					sum += math.Exp(k.Lambda * (norms[j] - other))
				}
				pi[j] = 1 / sum
			}
			length := 0.0
			for p := range f {
				for t := range d {
					v := at(p, i, 0, t)
					for j := range classes {
						v -= gamma.Data[j] * pi[j] * at(p, i, j+1, t)
					}
					to := (p*n+i)*d + t
					out[to] = z.Data[to] + k.Eta*v
					length = math.Hypot(length, out[to])
				}
			}
			for p := range f {
				for t := range d {
					out[(p*n+i)*d+t] /= length
				}
			}
		}
		if !spectra {
			return realParts(out, d/2)
		}
		return out
	}
}

// asSpectra returns vectors and their matrices as complex ones at one frequency.
func asSpectra(z, e, cs optest.Array) (sz, se, scs optest.Array) {
	n, d, k := z.Shape[0], z.Shape[1], cs.Shape[0]
	pad := func(x []float64, part int, shape ...int) optest.Array {
		a := optest.Zeros(shape...)
		for i := 0; i*part < len(x); i++ {
			copy(a.Data[2*i*part:], x[i*part:(i+1)*part])
		}
		return a
	}
	return pad(z.Data, d, 1, n, 2*d), pad(e.Data, d*d, 1, 2, d, d), pad(cs.Data, d*d, k, 1, 2, d, d)
}

func realParts(x []float64, d int) (re []float64) {
	for i := 0; i < len(x); i += 2 * d {
		re = append(re, x[i:i+d]...)
	}
	return re
}

func TestMove(t *testing.T) {
	fixed := func(seed uint64, sd float64, shape ...int) optest.Array {
		a := optest.Normal(seed, sd, shape...)
		a.Const = true
		return a
	}
	var cases []optest.Case
	for _, c := range []struct {
		lambda        float64
		f, n, d, k    int // f is 0 for vectors
		magnification float64
	}{
		{2, 0, 6, 5, 3, 1}, {0, 0, 1, 1, 1, 1}, {80, 0, 33, 40, 4, 0.2}, {2, 4, 6, 6, 3, 1}, {2, 1, 1, 2, 1, 1},
		{80, 9, 40, 8, 4, 0.2},
	} {
		k := redunet.Move{Eta: 0.5, Lambda: c.lambda}
		in := []optest.Array{fixed(1, 1, c.n, c.d), fixed(2, 1, c.d, c.d), fixed(3, c.magnification, c.k, c.d, c.d),
			fixed(4, 1, c.k)}
		if c.f > 0 {
			in = []optest.Array{fixed(1, 1, c.f, c.n, c.d), fixed(2, 1, c.f, 2, c.d/2, c.d/2),
				fixed(3, c.magnification, c.k, c.f, 2, c.d/2, c.d/2), fixed(4, 1, c.k)}
		}
		cases = append(cases, optest.Case{
			Name: fmt.Sprintf("λ %v of %v, %d classes", c.lambda, in[0].Shape, c.k), Build: of(k),
			Ref: moveRef(k, c.f > 0), In: in,
			Tol: 1e-11, Tol32: 5e-5, // memberships multiply rounding by λ
		})
	}
	optest.Run(t, cases)
}
