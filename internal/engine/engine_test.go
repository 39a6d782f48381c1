package engine_test

import (
	"math"
	"strings"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/engine"
	"github.com/whitebox-nn/whitebox/op"
)

func compile(t testing.TB, outputs ...*gorgonia.Node) *engine.Program {
	t.Helper()
	p, err := engine.Compile(outputs, engine.Config{Workers: 1, Profile: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, p.Close()) })
	return p
}

func value(t testing.TB, p *engine.Program, n *gorgonia.Node) []float64 {
	t.Helper()
	v, err := p.Value(n)
	require.NoError(t, err)
	return v.Float64s()
}

func TestProgramReadsItsInputsAtEveryRun(t *testing.T) {
	g := gorgonia.NewGraph()
	x := vector(g, "x", 1, 2)
	y := apply(t, axpb{A: 2, B: 1}, x)
	p := compile(t, y)
	require.NoError(t, p.Run())
	require.Equal(t, []float64{3, 5}, value(t, p, y))
	copy(x.Value().Data().([]float64), []float64{10, 20})
	require.NoError(t, p.RunAll())
	require.Equal(t, []float64{21, 41}, value(t, p, y))
}

func TestProgramLeavesOutWhatNobodyAskedFor(t *testing.T) {
	g := gorgonia.NewGraph()
	x := vector(g, "x", 1, 2)
	y := apply(t, axpb{A: 2}, x)
	apply(t, broken{Panics: true}, y) // would end the test if it ran
	p := compile(t, y)
	require.NoError(t, p.Run())
	require.Len(t, p.Profile().Ops, 1)
}

func TestPinnedOutputsAreNotOverwritten(t *testing.T) {
	g := gorgonia.NewGraph()
	x := vector(g, "x", 1, 1, 1)
	early := chain(t, x, 3)
	late := chain(t, early, 5)
	want := compile(t, early)
	require.NoError(t, want.Run())
	p := compile(t, early, late)
	require.NoError(t, p.Run())
	require.Equal(t, value(t, want, early), value(t, p, early))
}

func TestAChainRunsInPlaceInOneBuffer(t *testing.T) {
	g := gorgonia.NewGraph()
	y := chain(t, vector(g, "x", make([]float64, 1024)...), 20)
	plan := compile(t, y).Memory()
	require.Len(t, plan.Buffers, 1)
	require.Equal(t, 19, plan.Buffers[0].Shared)
	require.Equal(t, 8192, plan.Arena)
	require.Equal(t, 20*8192, plan.Naive)
}

func TestInPlaceSparesWhatIsReadLater(t *testing.T) {
	g := gorgonia.NewGraph()
	x := vector(g, "x", 1, 2)
	a := apply(t, axpb{A: 1, B: 1}, x) // read by b and by the sum
	b := apply(t, axpb{A: 3}, a)
	sum := gorgonia.Must(gorgonia.Add(b, a))
	p := compile(t, sum)
	require.NoError(t, p.Run())
	require.Equal(t, []float64{8, 12}, value(t, p, sum))
	require.Equal(t, []float64{1, 2}, x.Value().Data(), "the input was overwritten")
}

func TestAddOfANodeToItselfIsRight(t *testing.T) {
	g := gorgonia.NewGraph()
	a := apply(t, axpb{A: 2}, vector(g, "x", 1, 2))
	sum := gorgonia.Must(gorgonia.Add(a, a))
	p := compile(t, sum)
	require.NoError(t, p.Run())
	require.Equal(t, []float64{4, 8}, value(t, p, sum))
}

// TestGradientsAreTheTapeMachines runs a graph in which gradients meet, through
// scratch memory, on both machines.
func TestGradientsAreTheTapeMachines(t *testing.T) {
	build := func() (x, loss *gorgonia.Node, grads gorgonia.Nodes) {
		g := gorgonia.NewGraph()
		x = vector(g, "x", 1, -2, 3)
		a := chain(t, x, 2)
		loss = apply(t, total{}, gorgonia.Must(gorgonia.Add(chain(t, a, 3), a)))
		grads, err := gorgonia.Backpropagate(gorgonia.Nodes{loss}, gorgonia.Nodes{g.Constant(gorgonia.NewF64(1))},
			gorgonia.Nodes{x})
		require.NoError(t, err)
		return x, loss, grads
	}
	_, loss, grads := build()
	p := compile(t, loss, grads[0])
	require.NoError(t, p.Run())

	x, tapeLoss, _ := build()
	vm := gorgonia.NewTapeMachine(x.Graph(), gorgonia.BindDualValues(x))
	defer vm.Close()
	require.NoError(t, vm.RunAll())
	require.Equal(t, tapeLoss.Value().Data(), value(t, p, loss)[0])
	want, err := x.Grad()
	require.NoError(t, err)
	require.Equal(t, want.Data(), value(t, p, grads[0]))
}

// TestStockOpsRunOnCopies runs Gorgonia ops that the engine has no kernel for,
// among them Reshape, which would change the shape of its input's value.
func TestStockOpsRunOnCopies(t *testing.T) {
	g := gorgonia.NewGraph()
	x := vector(g, "x", 1, 4, 9, 16)
	y := apply(t, axpb{A: 4}, x)
	root := gorgonia.Must(gorgonia.Sqrt(y))
	m := gorgonia.Must(gorgonia.Reshape(root, tensor.Shape{2, 2}))
	sum := gorgonia.Must(gorgonia.Sum(m))
	p := compile(t, y, root, m, sum)
	for range 2 {
		require.NoError(t, p.Run())
		require.Equal(t, []float64{4, 16, 36, 64}, value(t, p, y))
		require.Equal(t, []float64{2, 4, 6, 8}, value(t, p, root))
		require.Equal(t, []float64{20}, value(t, p, sum))
	}
	v, err := p.Value(m)
	require.NoError(t, err)
	require.Equal(t, tensor.Shape{2, 2}, v.Shape())
}

func TestRunAllocatesNothing(t *testing.T) {
	g := gorgonia.NewGraph()
	x := vector(g, "x", make([]float64, 3000)...)
	a := chain(t, x, 4)
	loss := apply(t, total{}, gorgonia.Must(gorgonia.Add(a, x)))
	p, err := engine.Compile(gorgonia.Nodes{loss}, engine.Config{Workers: 2})
	require.NoError(t, err)
	defer p.Close()
	run := func() {
		if err := p.Run(); err != nil {
			t.Fatal(err)
		}
	}
	require.Zero(t, testing.AllocsPerRun(100, run))
}

func TestErrorsNameTheOp(t *testing.T) {
	g := gorgonia.NewGraph()
	p := compile(t, apply(t, broken{}, apply(t, axpb{A: 2}, vector(g, "x", 1))))
	err := p.Run()
	require.True(t, errors.Is(err, op.ErrInput), "%v", err)
	require.ErrorContains(t, err, "engine_test.broken (op 2 of 2)")
}

func TestDoTurnsAPanicIntoAnError(t *testing.T) {
	_, err := op.Bare(broken{Panics: true}).Do(tensor.New(tensor.WithBacking([]float64{1})))
	require.ErrorContains(t, err, "a kernel's mistake")
}

func TestCompileRefusesWhatItCannotRun(t *testing.T) {
	g := gorgonia.NewGraph()
	x := vector(g, "x", 1, 2)
	unbound := gorgonia.NewVector(g, tensor.Float64, gorgonia.WithName("unbound"), gorgonia.WithShape(2))
	view, err := tensor.New(tensor.WithShape(2, 2), tensor.WithBacking([]float64{1, 2, 3, 4})).Slice(nil, gorgonia.S(0))
	require.NoError(t, err)
	sliced := gorgonia.NewVector(g, tensor.Float64, gorgonia.WithName("sliced"), gorgonia.WithShape(2),
		gorgonia.WithValue(view))
	other := vector(gorgonia.NewGraph(), "x", 1, 2)
	whole := gorgonia.NewVector(g, tensor.Int, gorgonia.WithName("whole"), gorgonia.WithShape(2),
		gorgonia.WithValue(tensor.New(tensor.WithBacking([]int{1, 2}))))
	for _, c := range []struct {
		outputs gorgonia.Nodes
		want    string
	}{
		{nil, "no outputs"},
		{gorgonia.Nodes{nil}, "output is nil"},
		{gorgonia.Nodes{x, other}, "two graphs"},
		{gorgonia.Nodes{apply(t, axpb{}, unbound)}, `"unbound" has no value`},
		{gorgonia.Nodes{apply(t, axpb{}, sliced)}, `"sliced" is a view`},
		{gorgonia.Nodes{whole}, `input "whole"`},
	} {
		_, err := engine.Compile(c.outputs, engine.Config{Workers: 1})
		require.ErrorContains(t, err, c.want)
	}
}

// TestCompileRefusesTwoInputsOfOneName: Gorgonia keeps them apart only because
// their shapes differ.
func TestCompileRefusesTwoInputsOfOneName(t *testing.T) {
	g := gorgonia.NewGraph()
	a, b := vector(g, "w", 1, 2), vector(g, "w", 1, 2, 3)
	if a == b {
		t.Fatal("gorgonia merged inputs of two shapes")
	}
	_, err := engine.Compile(gorgonia.Nodes{apply(t, total{}, a), apply(t, total{}, b)}, engine.Config{Workers: 1})
	require.ErrorContains(t, err, `named "w"`)
}

func TestValueOfAnIntermediateIsRefused(t *testing.T) {
	g := gorgonia.NewGraph()
	a := chain(t, vector(g, "x", 1), 1)
	p := compile(t, chain(t, a, 2))
	_, err := p.Value(a)
	require.ErrorContains(t, err, "add it to the outputs")
}

func TestAClosedProgramDoesNotRun(t *testing.T) {
	p, err := engine.Compile(gorgonia.Nodes{chain(t, vector(gorgonia.NewGraph(), "x", 1), 1)},
		engine.Config{Workers: 2})
	require.NoError(t, err)
	require.NoError(t, p.Close())
	require.NoError(t, p.Close())
	require.ErrorContains(t, p.Run(), "closed")
}

func TestTablesAndDOTShowEveryOp(t *testing.T) {
	g := gorgonia.NewGraph()
	p := compile(t, apply(t, total{}, chain(t, vector(g, "x", 1, 2), 2)))
	require.NoError(t, p.Run())
	prof := p.Profile()
	require.Equal(t, 1, prof.Runs)
	flops := int64(0)
	for _, o := range prof.Ops {
		flops += o.FLOPs
	}
	require.EqualValues(t, 2*2*2, flops, "two ops of two flops on two elements")
	for _, s := range []string{prof.String(), p.Memory().String(), p.DOT()} {
		require.Contains(t, s, "total")
	}
	require.Contains(t, prof.String(), "axpb")
	require.Contains(t, p.Memory().String(), "scratch")
	require.Contains(t, p.DOT(), `label="x\n(2)"`)
	require.Equal(t, 3, strings.Count(p.DOT(), "->"))
}

func TestPoisonFillsIntermediatesWithNaN(t *testing.T) {
	y := chain(t, vector(gorgonia.NewGraph(), "x", 1), 1)
	p := compile(t, y)
	require.NoError(t, p.Run())
	require.NoError(t, p.Poison())
	require.True(t, math.IsNaN(value(t, p, y)[0]))
}

func TestCompileRefusesAnInstructionSetThatIsNotThere(t *testing.T) {
	t.Setenv("WHITEBOX_SIMD", "sse9")
	_, err := engine.Compile(gorgonia.Nodes{chain(t, vector(gorgonia.NewGraph(), "x", 1), 1)},
		engine.Config{Workers: 1})
	require.ErrorContains(t, err, `WHITEBOX_SIMD is "sse9", want one of generic, avx2, avx512`)
}
