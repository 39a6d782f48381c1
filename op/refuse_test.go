package op_test

import (
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
	"github.com/whitebox-nn/whitebox/op/optest"
)

// operand is zeroed memory with another dtype, shape or length than it was made of.
func operand(dt tensor.Dtype, change func(*op.Operand), shape ...int) op.Operand {
	x := op.NewOperand(dt, shape)
	if change != nil {
		change(&x)
	}
	return x
}

// TestBindRefusesOperandsThatAreNotDeclared: a kernel indexes its operands unchecked.
func TestBindRefusesOperandsThatAreNotDeclared(t *testing.T) {
	for _, dt := range []tensor.Dtype{tensor.Float64, tensor.Float32} {
		good := func() (op.Operand, []op.Operand) {
			return operand(dt, nil, 3, 4), []op.Operand{operand(dt, nil, 3, 4), operand(dt, nil, 3, 4)}
		}
		other := tensor.Float32
		if dt == other {
			other = tensor.Float64
		}
		s := op.Slope{Of: square{}}.Spec()
		out, in := good()
		run, err := s.Bind(out, in, op.Host{})
		require.NoError(t, err)
		require.NoError(t, run())
		for name, change := range map[string]func(out *op.Operand, in []op.Operand) []op.Operand{
			"an input too few":  func(_ *op.Operand, in []op.Operand) []op.Operand { return in[:1] },
			"an input too many": func(_ *op.Operand, in []op.Operand) []op.Operand { return append(in, in[0]) },
			"short memory": func(_ *op.Operand, in []op.Operand) []op.Operand {
				in[1].Bytes = in[1].Bytes[1:]
				return in
			},
			"no memory": func(_ *op.Operand, in []op.Operand) []op.Operand { in[1].Bytes = nil; return in },
			"another dtype": func(_ *op.Operand, in []op.Operand) []op.Operand {
				in[1] = operand(other, nil, 3, 4)
				return in
			},
			"the zero value": func(_ *op.Operand, in []op.Operand) []op.Operand { in[0] = op.Operand{}; return in },
			"a negative side": func(_ *op.Operand, in []op.Operand) []op.Operand {
				in[0].Shape = tensor.Shape{-3, -4}
				return in
			},
			"a product that wraps": func(_ *op.Operand, in []op.Operand) []op.Operand {
				in[0].Shape = tensor.Shape{1 << 32, 1 << 32}
				return in
			},
			"an output of ints": func(out *op.Operand, in []op.Operand) []op.Operand {
				out.Dtype = tensor.Int
				return in
			},
			"a short output": func(out *op.Operand, in []op.Operand) []op.Operand {
				out.Bytes = out.Bytes[:8]
				return in
			},
			"an output of that dtype": func(out *op.Operand, in []op.Operand) []op.Operand {
				*out = operand(other, nil, 3, 4)
				return in
			},
		} {
			out, in := good()
			in = change(&out, in)
			_, err := s.Bind(out, in, op.Host{})
			require.ErrorIs(t, err, op.ErrInput, "%v: %s", dt, name)
		}
	}
}

// TestBindRefusesTooLittleScratch takes the sum over columns, which needs some.
func TestBindRefusesTooLittleScratch(t *testing.T) {
	s := op.Partial{Of: bend{2}, I: 1}.Spec()
	in := []op.Operand{operand(tensor.Float64, nil, 3, 4), operand(tensor.Float64, nil, 3, 4),
		operand(tensor.Float64, nil, 4)}
	_, err := s.Bind(operand(tensor.Float64, nil, 4), in, op.Host{Work: make([]float64, 3)})
	require.ErrorIs(t, err, op.ErrInput)
	require.ErrorContains(t, err, "scratch of 3 numbers, want 4")
	_, err = s.Bind(operand(tensor.Float64, nil, 4), in, op.Host{Work: make([]float64, 4)})
	require.NoError(t, err)
}

// TestBindTurnsAPanicOfAKernelIntoAnError: another kernel than the inputs are for.
func TestBindTurnsAPanicOfAKernelIntoAnError(t *testing.T) {
	s := op.Spec{In: []op.Input{op.Any}, Kernel: op.Slope{Of: square{}}.Spec().Kernel}
	x := operand(tensor.Float64, nil, 2)
	_, err := s.Bind(x, []op.Operand{x}, op.Host{})
	require.ErrorContains(t, err, "panic")
	s.Kernel = op.Kernel{}
	_, err = s.Bind(x, []op.Operand{x}, op.Host{})
	require.ErrorContains(t, err, "no kernel")
}

// TestBindDeviceRefusesWhatItIsNotFor needs no device: what it gets comes before.
func TestBindDeviceRefusesWhatItIsNotFor(t *testing.T) {
	x := operand(tensor.Float32, nil, 2)
	one := []op.Operand{x}
	s := square{}.Spec()
	_, err := s.BindDevice(square{}, x, one, &op.DeviceArgs{In: []launch.Ptr{1}})
	require.ErrorContains(t, err, "declares no device")
	s.Device = func(a *op.DeviceArgs) (op.Run, error) { return a.Kernel("m", "p", "k", launch.One(), a.X(7)) }
	for name, a := range map[string]*op.DeviceArgs{"nil": nil, "without addresses": {},
		"with two": {In: make([]launch.Ptr, 2)}} {
		_, err := s.BindDevice(square{}, x, one, a)
		require.ErrorIs(t, err, op.ErrInput, name)
	}
	_, err = s.BindDevice(square{}, x, []op.Operand{{Shape: tensor.Shape{1 << 31}}},
		&op.DeviceArgs{In: []launch.Ptr{1}})
	require.ErrorIs(t, err, op.ErrInput)
	_, err = s.BindDevice(square{}, x, one, &op.DeviceArgs{In: []launch.Ptr{1}})
	require.Error(t, err, "there is no stream")
}

// TestGradientsRefuseOperandsOfOtherShapes: what Apply makes of them is not run.
func TestGradientsRefuseOperandsOfOtherShapes(t *testing.T) {
	for _, dt := range []tensor.Dtype{tensor.Float64, tensor.Float32} {
		for name, build := range map[string]func(in ...*gorgonia.Node) (*gorgonia.Node, error){
			"slope": of(op.Slope{Of: square{}}),
			"partial": func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
				return op.Apply(op.Partial{Of: bend{2}, I: 1}, in[0], in[1], in[1])
			},
			"operand": func(in ...*gorgonia.Node) (*gorgonia.Node, error) {
				return op.Apply(op.Partial{Of: bend{2}, I: 1}, in[0], in[0], in[1])
			},
		} {
			for _, shape := range [][]int{{3, 3}, {2, 4}, {4, 3}} {
				_, err := optest.Eval(dt, build, optest.Normal(1, 1, 3, 4), optest.Normal(2, 1, shape...))
				require.ErrorIs(t, err, op.ErrInput, "%s of %v in %v", name, shape, dt)
			}
		}
	}
}

// TestGemmRefusesSlicesThatEnd compares the refusals with what indexing the last
// elements would do.
func TestGemmRefusesSlicesThatEnd(t *testing.T) {
	t.Run("float64", gemmRefuses[float64])
	t.Run("float32", gemmRefuses[float32])
}

func gemmRefuses[T op.Float](t *testing.T) {
	a := &op.Args[T]{}
	const m, n, k = 2, 3, 4
	x, y, c := make([]T, m*k), make([]T, k*n), make([]T, m*n)
	for i := range x {
		x[i] = T(i)
	}
	for i := range y {
		y[i] = T(i * i)
	}
	for _, trans := range []bool{false, true} {
		lda, ldb := k, n
		if trans {
			lda, ldb = m, k
		}
		require.NoError(t, a.Gemm(trans, trans, m, n, k, 1, x, lda, y, ldb, 0, c, n))
		for i := range m {
			for j := range n {
				var want T
				for l := range k {
					if trans {
						want += x[l*m+i] * y[j*k+l]
					} else {
						want += x[i*k+l] * y[l*n+j]
					}
				}
				require.Equal(t, want, c[i*n+j])
			}
		}
		require.ErrorIs(t, a.Gemm(trans, trans, m, n, k, 1, x[1:], lda, y, ldb, 0, c, n), op.ErrInput)
		require.ErrorIs(t, a.Gemm(trans, trans, m, n, k, 1, x, lda, y[1:], ldb, 0, c, n), op.ErrInput)
		require.ErrorIs(t, a.Gemm(trans, trans, m, n, k, 1, x, lda, y, ldb, 0, c[1:], n), op.ErrInput)
		require.ErrorIs(t, a.Gemm(trans, trans, m, n, k, 1, x, lda, y, ldb, 0, c, n-1), op.ErrInput, "rows overlap")
		require.ErrorIs(t, a.Gemm(trans, trans, -m, n, k, 1, x, lda, y, ldb, 0, c, n), op.ErrInput)
		require.ErrorIs(t, a.Gemm(trans, trans, m, n, k, 1, x, math.MaxInt, y, ldb, 0, c, n), op.ErrInput)
	}
	require.NoError(t, a.Gemm(false, false, 0, n, k, 1, nil, k, y, n, 0, nil, n), "nothing to do")
	require.Error(t, (*op.Args[T])(nil).Gemm(false, false, m, n, k, 1, x, k, y, n, 0, c, n))
}

// TestLoopsWithoutOperandsAreErrors: also over rows of no elements, of which there are none.
func TestLoopsWithoutOperandsAreErrors(t *testing.T) {
	never := func(lo, hi int) { t.Errorf("called for [%d, %d)", lo, hi) }
	var none *op.Args[float32]
	require.Error(t, none.Each(never)())
	require.Error(t, none.Rows(never)())
	require.Error(t, none.Loop(3, 1, never)())
	a := &op.Args[float32]{}
	require.Error(t, a.Rows(never)())
	require.Error(t, a.Each(nil)())
	a.Shapes = []tensor.Shape{{3, 0}}
	require.NoError(t, a.Rows(never)())
}

// TestOperandsWithoutMemoryAreNil: a shape that overflows, a dtype of no kernel.
func TestOperandsWithoutMemoryAreNil(t *testing.T) {
	for _, x := range []op.Operand{
		{}, {Dtype: tensor.Float64, Shape: tensor.Shape{2}}, op.NewOperand(tensor.Int, tensor.Shape{2}),
		op.NewOperand(tensor.Float32, tensor.Shape{1 << 40}), op.NewOperand(tensor.Float64, tensor.Shape{-1}),
		op.NewOperand(tensor.Float64, tensor.Shape{1 << 32, 1 << 32}),
	} {
		require.Nil(t, x.Value(), "%v of %v", x.Shape, x.Dtype)
		require.Nil(t, x.Dense(), "%v of %v", x.Shape, x.Dtype)
	}
	require.Len(t, op.NewOperand(tensor.Float32, tensor.Shape{3, 2}).Bytes, 24)
	require.Len(t, op.NewOperand(tensor.Float64, tensor.Shape{3, 2}).Bytes, 48)
}

func TestASequenceKeepsItsFirstError(t *testing.T) {
	first := errors.New("first")
	var s op.Sequence
	var ran int
	s.Add(func() error { ran++; return nil }, nil)
	run, err := s.Run()
	require.NoError(t, err)
	require.NoError(t, run())
	require.Equal(t, 1, ran)
	s.Add(nil, nil)
	_, err = s.Run()
	require.ErrorContains(t, err, "a nil one")
	s = op.Sequence{}
	s.Add(nil, first)
	s.Add(nil, errors.New("second"))
	_, err = s.Run()
	require.ErrorIs(t, err, first)
}

// TestDoTakesAScalarForAVectorOfOne: Gorgonia makes the one of the other.
func TestDoTakesAScalarForAVectorOfOne(t *testing.T) {
	v, err := op.Bare(column{}).Do(tensor.New(tensor.WithBacking([]float64{3})))
	require.NoError(t, err)
	require.Equal(t, tensor.Shape{1}, v.Shape())
	require.Equal(t, []float64{9}, v.Data())
}

// square is a function, and column the same of vectors alone.
type square struct{}

func (k square) Spec() op.Spec {
	return op.Pointwise(k, op.Function{Value: func(x float64) float64 { return x * x },
		Slope: func(x float64) float64 { return 2 * x }})
}

type column struct{}

func (k column) Spec() op.Spec {
	s := square{}.Spec()
	s.In = []op.Input{1}
	return s
}
