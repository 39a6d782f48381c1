// Package optest is the old name of op/optest.
package optest

import (
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/op/optest"
)

// What op/optest has now.
type (
	Case   = optest.Case
	Array  = optest.Array
	Runner = optest.Runner
)

// Normal, Zeros, Labels and Of make arrays.
func Normal(seed uint64, sd float64, shape ...int) Array { return optest.Normal(seed, sd, shape...) }
func Zeros(shape ...int) Array                           { return optest.Zeros(shape...) }
func Labels(seed uint64, n, k int) Array                 { return optest.Labels(seed, n, k) }
func Of(data []float64, shape ...int) Array              { return optest.Of(data, shape...) }

// Run runs every check on every case.
func Run(t *testing.T, cases []Case) { t.Helper(); optest.Run(t, cases) }

// Bench times each case.
func Bench(b *testing.B, cases []Case) { optest.Bench(b, cases) }

// Eval builds an op on in and runs it once.
func Eval(dt tensor.Dtype, build func(in ...*gorgonia.Node) (*gorgonia.Node, error), in ...Array) ([]float64, error) {
	return optest.Eval(dt, build, in...)
}

// Scalar is Eval of an op with a scalar output.
func Scalar(dt tensor.Dtype, build func(in ...*gorgonia.Node) (*gorgonia.Node, error), in ...Array) (float64, error) {
	return optest.Scalar(dt, build, in...)
}

// Places calls test with a Runner of c on the host, and on a device.
func Places(t *testing.T, c Case, dt tensor.Dtype, test func(t *testing.T, run Runner)) {
	t.Helper()
	optest.Places(t, c, dt, test)
}

// Weights are the upstream gradient of a Runner.
func Weights(n int) []float64 { return optest.Weights(n) }
