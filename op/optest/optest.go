// Package optest checks everything that an op has to guarantee, so that an op's own test is a table.
//
// For each Case, in float64 and float32, Run checks
//
//   - the value against the reference, computed by another method;
//   - ⟨∇L, v⟩ against central differences along random directions;
//   - that inputs are left alone;
//   - that a second run repeats the first bit for bit, also when all memory held
//     NaNs before, and that a run on new data is right;
//   - that the engine gives the same bits with 1, 2 and 8 workers, and
//     Gorgonia's tape machine the same as the engine;
//   - with the build tag whitebox_cuda, that a device agrees with the host.
package optest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/sizes"
	"github.com/whitebox-nn/whitebox/op"
)

// A Case is one op at one set of shapes.
type Case struct {
	Name string

	// Build adds the op to a graph, as a user would.
	Build func(in ...*gorgonia.Node) (*gorgonia.Node, error)

	// Ref computes the output the slow and obvious way, not the same code again.
	Ref func(in ...Array) []float64

	In []Array // the inputs, in float64

	// Smooth, if not nil, reports that the op is smooth around in, so that a
	// finite difference means something. Run fails a case that is not.
	Smooth func(in ...Array) bool

	HostOnly bool // the op has no CUDA kernel

	Tol   float64 // of the value, relative to the largest magnitude; 0 is 1e-12
	Tol32 float64 // the same in float32; 0 is 1e-5
	Step  float64 // h of the central differences; 0 is 1e-5
}

// An Array is a dense row-major tensor of float64.
type Array struct {
	Shape []int
	Data  []float64
	Const bool // not differentiated by: labels, masks
	Wide  bool // float64 in every graph
}

// Normal returns an array of N(0, sd²) draws. Equal seeds give equal arrays.
func Normal(seed uint64, sd float64, shape ...int) Array {
	a := Zeros(shape...)
	r := rand.New(rand.NewPCG(seed, 0))
	for i := range a.Data {
		a.Data[i] = sd * r.NormFloat64()
	}
	return a
}

// Zeros returns an array of zeros; one without data, which is refused, if sides are
// below 0 or there are more than 2³⁰ elements.
func Zeros(shape ...int) Array {
	n, ok := sizes.Product(shape...)
	if !ok {
		return Array{Shape: shape}
	}
	return Array{Shape: shape, Data: make([]float64, n)}
}

// check reports an array whose data are not of its shape.
func (a Array) check() error {
	if n, ok := sizes.Product(a.Shape...); !ok || n == 0 || n != len(a.Data) {
		return op.Errorf("optest: an array of shape %v with %d elements", a.Shape, len(a.Data))
	}
	return nil
}

// Labels returns a vector of n class labels below k that is not differentiated
// by. Every class that fits has a sample, and with k below 1 each sample has a class of
// its own; equal seeds give equal labels.
func Labels(seed uint64, n, k int) Array {
	a := Zeros(n)
	r := rand.New(rand.NewPCG(seed, 1))
	for i := range a.Data {
		if a.Data[i] = float64(i); i >= k && k > 0 {
			a.Data[i] = float64(r.IntN(k))
		}
	}
	r.Shuffle(len(a.Data), func(i, j int) { a.Data[i], a.Data[j] = a.Data[j], a.Data[i] })
	a.Const = true
	return a
}

// Of returns an array of the given elements.
func Of(data []float64, shape ...int) Array { return Array{Shape: shape, Data: data} }

// Map returns a with f applied to every element, and a itself for no f.
func (a Array) Map(f func(float64) float64) Array {
	if f == nil {
		return a
	}
	a.Data = slices.Clone(a.Data)
	for i, v := range a.Data {
		a.Data[i] = f(v)
	}
	return a
}

// Run runs every check on every case.
func Run(t *testing.T, cases []Case) {
	t.Helper()
	for _, c := range cases {
		c = c.withDefaults()
		for _, dt := range []tensor.Dtype{tensor.Float64, tensor.Float32} {
			t.Run(fmt.Sprintf("%s/%v", c.Name, dt), func(t *testing.T) {
				m := newMachine(t, c, dt, 1)
				defer m.close()
				checkValue(t, c, dt, m)
				checkRepeats(t, c, m)
				checkAllocations(t, m)
				checkWorkers(t, c, dt, m)
				checkTapeMachine(t, c, dt, m)
				if !c.HostOnly {
					checkDevice(t, c, dt, m)
				}
				if dt == tensor.Float64 {
					checkGradient(t, c, m)
				} else {
					checkGradient32(t, c, m)
				}
			})
		}
	}
}

func (c Case) withDefaults() Case {
	if c.Tol == 0 {
		c.Tol = 1e-12
	}
	if c.Tol32 == 0 {
		c.Tol32 = 1e-5
	}
	if c.Step == 0 {
		c.Step = 1e-5
	}
	return c
}
