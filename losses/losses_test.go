package losses_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"
	"pgregory.net/rapid"

	"github.com/whitebox-nn/whitebox/coding"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/metrics"
	"github.com/whitebox-nn/whitebox/nn"
)

// A measured is the value of a loss of a matrix, its gradient and its probes.
type measured struct {
	loss   float64
	grad   *mat.Dense
	probes map[string]float64
}

// measure runs a loss on a graph. target is a vector if it has one row.
func measure(l losses.Loss, dt tensor.Dtype, z, target *mat.Dense) (m measured, err error) {
	g := nn.NewGraph(nn.Train)
	n, d := z.Dims()
	p, err := nn.NewParam("z", dt, n, d)
	if err != nil {
		return m, err
	}
	if err := nn.SetFloats(p.Value, z.RawMatrix().Data); err != nil {
		return m, err
	}
	out, err := g.Bind(p)
	if err != nil {
		return m, err
	}
	rows, cols := target.Dims()
	shape := []int{rows, cols}
	if rows == 1 && n != 1 {
		shape = []int{cols}
	}
	v := tensor.New(tensor.WithShape(shape...), tensor.Of(dt))
	if err := nn.SetFloats(v, target.RawMatrix().Data); err != nil {
		return m, err
	}
	y, err := g.Input("y", v)
	if err != nil {
		return m, err
	}
	loss, err := l.Loss(g, out, y)
	if err != nil {
		return m, err
	}
	prog, err := nn.Compile(g, nn.Outputs{Loss: loss, Wrt: []*nn.Param{p}})
	if err != nil {
		return m, err
	}
	defer prog.Close()
	if err := prog.Run(); err != nil {
		return m, err
	}
	m.loss, m.probes = prog.Loss(), make(map[string]float64)
	for _, name := range prog.Probes() {
		m.probes[name] = prog.Scalar(name)
	}
	grad, err := nn.Floats(nil, prog.Grads()[0])
	m.grad = mat.NewDense(n, d, grad)
	return m, err
}

func must(t require.TestingT, l losses.Loss, z, target *mat.Dense) measured {
	m, err := measure(l, tensor.Float64, z, target)
	require.NoError(t, err)
	return m
}

// sphere returns n random rows of norm 1.
func sphere(seed uint64, n, d int) *mat.Dense {
	rng := rand.New(rand.NewPCG(seed, 1))
	z := mat.NewDense(n, d, nil)
	for i := range n {
		row := z.RawRowView(i)
		for j := range row {
			row[j] = rng.NormFloat64()
		}
		norm := mat.Norm(mat.NewVecDense(d, row), 2)
		for j := range row {
			row[j] /= norm
		}
	}
	return z
}

// around returns the labels 0, 1, …, k−1, 0, …, and the same as a vector.
func around(n, k int) ([]int, *mat.Dense) {
	y, v := make([]int, n), mat.NewDense(1, n, nil)
	for i := range y {
		y[i] = i % k
		v.Set(0, i, float64(y[i]))
	}
	return y, v
}

// oneHot returns the memberships of labels.
func oneHot(y []int, k int) *mat.Dense {
	pi := mat.NewDense(len(y), k, nil)
	for i, j := range y {
		pi.Set(i, j, 1)
	}
	return pi
}

func number(t testing.TB) func(v float64, err error) float64 {
	return func(v float64, err error) float64 {
		t.Helper()
		require.NoError(t, err)
		return v
	}
}

// The loss, its gradient and its probes are those of the plain loops of package
// coding, for every setting, with labels and with memberships.
func TestMCR2IsWhatPackageCodingComputes(t *testing.T) {
	const k = 3
	for _, l := range []losses.MCR2{
		{}, {Eps2: 0.01}, {Gamma1: 0.7}, {Gamma2: 1.9}, {Gamma1: 2}, {Gamma2: 2}, {Lambda: 0.3}, {Lambda: 1},
		{Eps2: 2, Gamma1: 3, Gamma2: 0.25, Lambda: 0.01},
	} {
		l.Classes = k
		eps2, gamma1, gamma2 := l.Eps2, l.Gamma1, l.Gamma2
		for p, def := range map[*float64]float64{&eps2: 0.5, &gamma1: 1, &gamma2: 1} {
			if *p == 0 {
				*p = def
			}
		}
		for _, shape := range [][2]int{{12, 5}, {5, 12}, {30, 30}} {
			z := sphere(1, shape[0], shape[1])
			z.Scale(1.3, z)
			y, labels := around(shape[0], k)
			whole, parts := number(t)(coding.Rate(z, eps2)), number(t)(coding.ClassRate(z, y, k, eps2))
			norm := mat.Norm(z, 2)
			want := parts - gamma2*number(t)(coding.Rate(z, eps2/gamma1)) + l.Lambda*norm*norm

			grad, err := coding.ClassRateGrad(z, y, k, eps2)
			require.NoError(t, err)
			expand, err := coding.RateGrad(z, eps2/gamma1)
			require.NoError(t, err)
			expand.Scale(-gamma2, expand)
			grad.Add(grad, expand)
			var pull mat.Dense
			pull.Scale(2*l.Lambda, z)
			grad.Add(grad, &pull)

			for name, target := range map[string]*mat.Dense{"labels": labels, "memberships": oneHot(y, k)} {
				got := must(t, l, z, target)
				require.InEpsilon(t, want, got.loss, 1e-11, "%s %+v", name, l)
				require.True(t, mat.EqualApprox(grad, got.grad, 1e-11), "%s %+v", name, l)
				require.InEpsilon(t, whole, got.probes["R"], 1e-11)
				require.InEpsilon(t, parts, got.probes["Rc"], 1e-11)
				require.InDelta(t, whole-parts, got.probes["delta_R"], 1e-10)
				require.Len(t, got.probes, 3)

				single, err := measure(l, tensor.Float32, z, target)
				require.NoError(t, err)
				require.InEpsilon(t, want, single.loss, 1e-4, "float32, %s %+v", name, l)
			}
		}
	}
}

// Coding the classes apart never costs more: log det is concave.
func TestDeltaRIsNotNegative(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, d, k := rapid.IntRange(2, 20).Draw(t, "n"), rapid.IntRange(1, 10).Draw(t, "d"),
			rapid.IntRange(1, 4).Draw(t, "k")
		_, labels := around(n, k)
		l := losses.MCR2{Classes: k, Eps2: rapid.Float64Range(1e-3, 10).Draw(t, "eps2")}
		got := must(t, l, sphere(rapid.Uint64().Draw(t, "seed"), n, d), labels)
		require.GreaterOrEqual(t, got.probes["delta_R"], -1e-9)
		require.LessOrEqual(t, got.loss, 1e-9)
	})
}

// Classes in orthogonal subspaces, each of full rank within its own, have the
// largest ΔR: any tilt of one into another lowers it (theorem 2.1 of the paper).
func TestOrthogonalSubspacesAreTheBest(t *testing.T) {
	_, labels := around(8, 2)
	at := func(angle float64) *mat.Dense {
		z := mat.NewDense(8, 4, nil)
		for i := range 8 {
			class, which := i%2, i/2%2
			if class == 0 {
				z.Set(i, which, 1)
			} else {
				z.Set(i, 2+which, math.Cos(angle))
				z.Set(i, which, math.Sin(angle))
			}
		}
		return z
	}
	l := losses.MCR2{Classes: 2}
	best := must(t, l, at(0), labels)
	for _, angle := range []float64{0.01, 0.3, -0.3, 1, math.Pi / 2} {
		require.Less(t, best.loss, must(t, l, at(angle), labels).loss, "%v", angle)
	}
	// The maximum over the sphere: the gradient is along the samples themselves.
	z := at(0)
	for i := range 8 {
		g, x := mat.NewVecDense(4, best.grad.RawRowView(i)), mat.NewVecDense(4, z.RawRowView(i))
		var tangent mat.VecDense
		tangent.AddScaledVec(g, -mat.Dot(g, x), x)
		require.InDelta(t, 0, mat.Norm(&tangent, 2), 1e-12)
	}
}

func TestMCR2IsInvariantUnderRotation(t *testing.T) {
	z, l := sphere(2, 15, 6), losses.MCR2{Classes: 3, Gamma1: 2, Lambda: 0.1}
	_, labels := around(15, 3)
	var qr mat.QR
	qr.Factorize(sphere(3, 6, 6))
	var q, zq, gq mat.Dense
	qr.QTo(&q)
	zq.Mul(z, &q)
	a, b := must(t, l, z, labels), must(t, l, &zq, labels)
	require.InEpsilon(t, a.loss, b.loss, 1e-12)
	gq.Mul(a.grad, &q)
	require.True(t, mat.EqualApprox(&gq, b.grad, 1e-12), "the gradient turns along")
}

func TestCrossEntropyIsTheLogLoss(t *testing.T) {
	const k = 4
	x := sphere(4, 9, k)
	x.Scale(5, x)
	y, labels := around(9, k)
	got := must(t, losses.CrossEntropy{}, x, labels)
	require.InEpsilon(t, number(t)(metrics.LogLoss(x, y)), got.loss, 1e-13)
	require.Equal(t, map[string]float64{"cross_entropy": got.loss}, got.probes)

	// Label smoothing mixes the loss with its mean over all labels.
	const s = 0.3
	mean := 0.0
	for j := range k {
		all := make([]int, len(y))
		for i := range all {
			all[i] = j
		}
		mean += number(t)(metrics.LogLoss(x, all)) / k
	}
	require.InEpsilon(t, (1-s)*got.loss+s*mean, must(t, losses.CrossEntropy{LabelSmoothing: s}, x, labels).loss, 1e-13)

	shared := must(t, losses.CrossEntropy{LabelSmoothing: s}, x, oneHot(y, k))
	hard := must(t, losses.CrossEntropy{LabelSmoothing: s}, x, labels)
	require.InEpsilon(t, hard.loss, shared.loss, 1e-13)
	require.True(t, mat.EqualApprox(hard.grad, shared.grad, 1e-13), "targets that are sure are labels")
}

func TestMSEIsTheMeanOfSquares(t *testing.T) {
	x, y := sphere(5, 6, 3), sphere(6, 6, 3)
	var diff mat.Dense
	diff.Sub(x, y)
	norm := mat.Norm(&diff, 2)
	got := must(t, losses.MSE{Name: "fit"}, x, y)
	require.InEpsilon(t, norm*norm/18, got.loss, 1e-14)
	diff.Scale(2.0/18, &diff)
	require.True(t, mat.EqualApprox(&diff, got.grad, 1e-15))
	require.Contains(t, got.probes, "fit.mse")
}

func TestSumAddsLossesAndGradients(t *testing.T) {
	z := sphere(7, 12, 3)
	_, labels := around(12, 3)
	a, b := losses.MCR2{Classes: 3, Name: "rates"}, losses.CrossEntropy{Name: "head"}
	got := must(t, losses.Sum{{2, a}, {1, b}, {-0.5, losses.CrossEntropy{LabelSmoothing: 0.5}}}, z, labels)
	parts := []measured{must(t, a, z, labels), must(t, b, z, labels), must(t, losses.CrossEntropy{LabelSmoothing: 0.5},
		z, labels)}
	var want mat.Dense
	loss := 0.0
	for i, w := range []float64{2, 1, -0.5} {
		loss += w * parts[i].loss
		var g mat.Dense
		g.Scale(w, parts[i].grad)
		if i == 0 {
			want.CloneFrom(&g)
		} else {
			want.Add(&want, &g)
		}
	}
	require.InEpsilon(t, loss, got.loss, 1e-13)
	require.True(t, mat.EqualApprox(&want, got.grad, 1e-13))
	for _, name := range []string{"rates.R", "rates.Rc", "rates.delta_R", "head.cross_entropy", "cross_entropy"} {
		require.Contains(t, got.probes, name)
	}
	require.Equal(t, parts[1].loss, got.probes["head.cross_entropy"], "a probe has no weight")
}

func TestBadLosses(t *testing.T) {
	z := sphere(8, 6, 3)
	_, labels := around(6, 3)
	nan := math.NaN()
	for _, c := range []struct {
		loss   losses.Loss
		target *mat.Dense
		want   string
	}{
		{losses.MCR2{}, labels, "losses: MCR2: 0 Classes for hard labels"},
		{losses.MCR2{Classes: 3, Eps2: -1}, labels, "losses: MCR2: Eps2 is -1, want it above 0"},
		{losses.MCR2{Classes: 3, Gamma1: nan}, labels, "losses: MCR2: Gamma1 is NaN"},
		{losses.MCR2{Classes: 3, Gamma2: math.Inf(1)}, labels, "losses: MCR2: Gamma2 is +Inf"},
		{losses.MCR2{Classes: 3, Lambda: -0.1}, labels, "losses: MCR2: Lambda is -0.1, want it 0 or above"},
		{losses.MCR2{Classes: 2}, labels, "the label of sample 2 is 2, want an integer from 0 to 1"},
		{losses.MCR2{Classes: 3}, mat.NewDense(1, 5, nil), "5"},
		{losses.MCR2{}, mat.NewDense(5, 3, nil), "5"},
		{losses.CrossEntropy{LabelSmoothing: 1}, labels, "losses: CrossEntropy: LabelSmoothing is 1"},
		{losses.CrossEntropy{LabelSmoothing: nan}, labels, "losses: CrossEntropy: LabelSmoothing is NaN"},
		{losses.CrossEntropy{}, mat.NewDense(1, 6, []float64{0, 1, 2, 3, 0, 1}), "the label of sample 3 is 3"},
		{losses.CrossEntropy{}, mat.NewDense(1, 6, []float64{0, 1, 0.5, 0, 0, 1}), "the label of sample 2 is 0.5"},
		{losses.MSE{}, mat.NewDense(6, 2, nil), "losses: MSE"},
		{losses.Sum{}, labels, "losses: Sum: no terms"},
		{losses.Sum{{1, nil}}, labels, "losses: Sum: term 0"},
		{losses.Sum{{nan, losses.MSE{}}}, labels, "losses: Sum: term 0 is NaN"},
		{losses.Sum{{1, losses.CrossEntropy{}}, {1, losses.CrossEntropy{}}}, labels, `"cross_entropy"`},
	} {
		_, err := measure(c.loss, tensor.Float64, z, c.target)
		require.ErrorContains(t, err, c.want, fmt.Sprintf("%+v", c.loss))
	}
	_, err := losses.MCR2{Classes: 2}.Loss(nn.NewGraph(nn.Train), nil, nil)
	require.ErrorContains(t, err, "no target")
}

// TestMCR2OfManyClassesPlansTwiceTheFeatures counts the two gradients that are added, and
// the factors of the classes where the second of these will be, in both types.
func TestMCR2OfManyClassesPlansTwiceTheFeatures(t *testing.T) {
	const n, d, k = 5000, 64, 100
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		g := nn.NewGraph(nn.Train)
		z, err := nn.NewParam("z", dt, n, d)
		require.NoError(t, err)
		bound, err := g.Bind(z)
		require.NoError(t, err)
		y, err := g.Input("y", tensor.New(tensor.WithShape(n), tensor.Of(dt)))
		require.NoError(t, err)
		loss, err := losses.MCR2{Classes: k}.Loss(g, bound, y)
		require.NoError(t, err)
		p, err := nn.Compile(g, nn.Outputs{Loss: loss, Wrt: []*nn.Param{z}}, nn.Options{Workers: 1})
		require.NoError(t, err)
		require.Less(t, float64(p.Memory().Arena), 2.2*float64(n*d*int(dt.Size())), "%v", dt)
		require.NoError(t, p.Close())
	}
}
