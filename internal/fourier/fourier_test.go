package fourier_test

import (
	"math"
	"math/cmplx"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/whitebox-nn/whitebox/internal/fourier"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// onEachLevel runs f on each instruction set of the machine.
func onEachLevel(t *testing.T, f func(t *testing.T)) {
	was := simd.Active()
	defer func() { require.NoError(t, simd.Use(was)) }()
	for _, l := range simd.Levels() {
		require.NoError(t, simd.Use(l))
		t.Run(l.String(), f)
	}
}

func normal[T simd.Float](r *rand.Rand, n int) []T {
	x := make([]T, n)
	for i := range x {
		x[i] = T(r.NormFloat64())
	}
	return x
}

// dft is the definition, of one lane.
func dft(x []complex128) []complex128 {
	n := len(x)
	out := make([]complex128, n)
	for p := range out {
		for t, v := range x {
			out[p] += v * cmplx.Exp(complex(0, -2*math.Pi*float64(p*t%n)/float64(n)))
		}
	}
	return out
}

// lengths have every radix, several of each, primes, and what only a convolution does.
func lengths() []int {
	var ns []int
	for n := 1; n <= 70; n++ {
		ns = append(ns, n)
	}
	return append(ns, 96, 100, 121, 125, 127, 128, 134, 143, 196, 199, 200, 224, 240, 243, 256, 289, 402, 1009)
}

func TestTransformIsItsDefinition(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		t.Run("float32", func(t *testing.T) { transform[float32](t, 0x1p-24) })
		t.Run("float64", func(t *testing.T) { transform[float64](t, 0x1p-53) })
	})
}

func transform[T simd.Float](t *testing.T, unit float64) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range lengths() {
		const lanes, ld = 3, 5
		plan := fourier.NewPlan[T](n)
		re, im := normal[T](r, n*ld), normal[T](r, n*ld)
		out := fourier.NewPlanes(make([]T, 2*n*lanes), n, lanes)
		plan.Transform(out, fourier.Planes[T]{Re: re, Im: im, LdRe: ld, LdIm: ld}, lanes, make([]T, plan.Work(lanes)))
		for l := range lanes {
			x := make([]complex128, n)
			length := 0.0
			for t := range x {
				x[t] = complex(float64(re[t*ld+l]), float64(im[t*ld+l]))
				length += real(x[t])*real(x[t]) + imag(x[t])*imag(x[t])
			}
			tol := 40 * unit * math.Sqrt(length) * math.Sqrt(float64(n)) // of ‖X‖ = √n ‖x‖
			for p, want := range dft(x) {
				got := complex(float64(out.Re[p*lanes+l]), float64(out.Im[p*lanes+l]))
				require.InDelta(t, 0, cmplx.Abs(got-want), tol, "length %d, frequency %d", n, p)
			}
		}
	}
}

// realDFT is the definition, of one signal: real parts, then imaginary ones.
func realDFT(x []float64) []float64 {
	n := len(x)
	f := n/2 + 1
	out := make([]float64, 2*f)
	z := make([]complex128, n)
	for t, v := range x {
		z[t] = complex(v, 0)
	}
	for p, v := range dft(z)[:f] {
		w := math.Sqrt(2 / float64(n))
		if p == 0 || 2*p == n {
			w = 1 / math.Sqrt(float64(n))
		}
		out[p], out[f+p] = w*real(v), w*imag(v)
	}
	return out
}

// one transforms one signal among lanes of others.
func one(x *fourier.Real[float64], n, lanes, lane int, signal []float64, others *rand.Rand) []float64 {
	in := normal[float64](others, n*lanes)
	for t, v := range signal {
		in[t*lanes+lane] = v
	}
	out := make([]float64, 2*x.Freqs()*lanes)
	x.Forward(out, in, lanes, lanes, make([]float64, x.Work(lanes)))
	return laneOf(out, lanes, lane)
}

func laneOf(rows []float64, lanes, lane int) []float64 {
	var x []float64
	for i := lane; i < len(rows); i += lanes {
		x = append(x, rows[i])
	}
	return x
}

func dot(x, y []float64) (s float64) {
	for i, v := range x {
		s += v * y[i]
	}
	return s
}

func TestRealIsItsDefinition(t *testing.T) {
	onEachLevel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(3, 4))
		for _, n := range lengths() {
			x := normal[float64](r, n)
			got := one(fourier.NewReal[float64](n), n, 4, 2, x, r)
			tol := 1e-13 * math.Sqrt(dot(x, x))
			for p, want := range realDFT(x) {
				require.InDelta(t, want, got[p], tol, "length %d, number %d", n, p)
			}
		}
	})
}

// TestTheoremsOfTheRealTransform draws lengths and signals: Parseval, the shift
// theorem, the adjoint, and that the adjoint of the spectrum is the signal.
func TestTheoremsOfTheRealTransform(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, lanes := rapid.IntRange(1, 300).Draw(t, "n"), rapid.IntRange(1, 40).Draw(t, "lanes")
		theorems(t, n, lanes, rapid.IntRange(0, lanes-1).Draw(t, "lane"), rapid.IntRange(0, n-1).Draw(t, "shift"),
			rapid.Uint64().Draw(t, "seed"))
	})
}

func theorems(t require.TestingT, n, lanes, lane, shift int, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 0))
	x := fourier.NewReal[float64](n)
	signal := normal[float64](r, n)
	spectrum := one(x, n, lanes, lane, signal, r)
	f := x.Freqs()
	scale := math.Sqrt(dot(signal, signal))
	require.InDelta(t, dot(signal, signal), dot(spectrum, spectrum), 1e-12*scale*scale, "Parseval")

	moved := append(append([]float64(nil), signal[shift:]...), signal[:shift]...)
	for p, re := range one(x, n, lanes, lane, moved, r)[:f] {
		want := complex(spectrum[p], spectrum[f+p]) * cmplx.Exp(complex(0, 2*math.Pi*float64(p*shift%n)/float64(n)))
		require.InDelta(t, real(want), re, 1e-12*scale, "shift theorem")
	}

	in := normal[float64](r, 2*f*lanes)
	any := laneOf(in, lanes, lane) // not of a real signal
	out := make([]float64, n*lanes)
	x.Adjoint(out, in, lanes, make([]float64, x.Work(lanes)))
	require.InDelta(t, dot(spectrum, any), dot(signal, laneOf(out, lanes, lane)), 1e-12*scale*math.Sqrt(dot(any, any)),
		"adjoint")

	for i, v := range spectrum {
		in[i*lanes+lane] = v
	}
	x.Adjoint(out, in, lanes, make([]float64, x.Work(lanes)))
	for i, v := range laneOf(out, lanes, lane) {
		require.InDelta(t, signal[i], v, 1e-12*scale, "inverse")
	}
}

func FuzzReal(f *testing.F) {
	f.Add(uint16(200), uint8(3), uint64(1))
	f.Add(uint16(61), uint8(1), uint64(2))
	f.Add(uint16(67), uint8(17), uint64(3))
	f.Fuzz(func(t *testing.T, n uint16, lanes uint8, seed uint64) {
		theorems(t, int(n)%1500+1, int(lanes)%20+1, 0, int(n)/3%(int(n)%1500+1), seed)
	})
}

// TestLanesDoNotSeeEachOther: a NaN stays in its signal, and no bit of a signal depends
// on its neighbours.
func TestLanesDoNotSeeEachOther(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, n := range []int{7, 60, 67, 200} {
		const lanes = 5
		x := fourier.NewReal[float64](n)
		signal, in := normal[float64](r, n), make([]float64, n*lanes)
		for i := range in {
			in[i] = math.NaN()
		}
		for t, v := range signal {
			in[t*lanes+3] = v
		}
		out := make([]float64, 2*x.Freqs()*lanes)
		x.Forward(out, in, lanes, lanes, make([]float64, x.Work(lanes)))
		require.Equal(t, one(x, n, lanes, 3, signal, r), laneOf(out, lanes, 3))
	}
}

func TestTransformsAllocateNothing(t *testing.T) {
	for _, n := range []int{75, 67, 200} {
		const lanes = 8
		x := fourier.NewReal[float32](n)
		in, out, work := make([]float32, n*lanes), make([]float32, 2*x.Freqs()*lanes), make([]float32, x.Work(lanes))
		require.Zero(t, testing.AllocsPerRun(10, func() {
			x.Forward(out, in, lanes, lanes, work)
			x.Adjoint(in, out, lanes, work)
		}), "length %d", n)
	}
}
