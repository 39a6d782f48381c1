package conformance

import (
	"context"
	"encoding/json"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/coding"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/codingrate"
)

// least stands for a setting of 0 where that is the word for a default.
const least = 5e-324

// positive returns a number of the case, with 0 as least.
func (b *bench) positive(def float64, names ...string) float64 {
	if v := b.number(def, names...); v != 0 {
		return v
	}
	return least
}

// eps2 returns ε², which the authors' code calls eps.
func (b *bench) eps2() float64 { return b.number(0.5, "eps_squared", "eps2", "eps_sq", "eps") }

// memberships adds Pi or the labels of the case, and counts the classes.
func (b *bench) memberships() (target *gorgonia.Node, classes int) {
	if b.has("labels") == "" {
		target = b.in("Pi")
		return target, target.Shape()[1]
	}
	return b.given("labels"), b.whole(int(slices.Max(b.tensor("labels").Data))+1, "num_classes", "classes", "k")
}

// classRate is Rᶜ for labels or for memberships.
func classRate(z, target *gorgonia.Node, classes int, eps2 float64) *gorgonia.Node {
	if target.Dims() == 2 {
		return must(codingrate.SoftClassRate(z, target, eps2))
	}
	return must(codingrate.ClassRate(z, target, classes, eps2))
}

// mcr2 is the authors' loss: its value, its parts and its gradients, for labels or
// for memberships. Their empirical rate scales the covariance by γ1.
func mcr2(b *bench) {
	l := losses.MCR2{Eps2: b.eps2(), Gamma1: b.positive(1, "gamma1", "gam1"), Gamma2: b.positive(1, "gamma2", "gam2"),
		Lambda: b.number(0, "lambda", "lam")}
	z := b.in("Z")
	target, classes := b.memberships()
	l.Classes = classes
	loss, parts := must(l.Loss(b.g, z, target)), classRate(z, target, classes, l.Eps2)
	rate, scaled := must(codingrate.Rate(z, l.Eps2)), must(codingrate.Rate(z, l.Eps2/l.Gamma1))
	b.compare(loss, "grad_", want{loss, "loss"}, want{rate, "R"}, want{scaled, "R_empirical"}, want{parts, "Rc"},
		want{parts, "Rc_empirical"}, want{must(nn.Sub(rate, parts)), "delta_R"})
}

// rateReduction is ΔR: its parts, and its gradients by features and memberships, or
// by features alone for labels.
func rateReduction(b *bench) {
	z := b.in("Z")
	target, classes := b.memberships()
	rate, parts := must(codingrate.Rate(z, b.eps2())), classRate(z, target, classes, b.eps2())
	delta := must(nn.Sub(rate, parts))
	b.compare(delta, "dDelta_d", want{rate, "R"}, want{parts, "Rc"}, want{delta, "delta_R"}, want{delta, "Delta"})
}

// goldenRates is a case of coding rates with samples as columns: all of it by
// package coding, R, Rᶜ, ΔR and its gradient also by the graph.
func goldenRates(b *bench) {
	z, y, eps2 := transposed(b.matrix("Z")), ints(b.tensor("y").Data), b.number(0, "eps2")
	k := slices.Max(y) + 1
	b.expect("R_nats", must(coding.Rate(z, eps2)))
	b.expect("Rc_nats", must(coding.ClassRate(z, y, k, eps2)))
	b.expect("dR_nats", must(coding.Reduction(z, y, k, eps2)))
	b.expect("L_bits", must(coding.Length(z, eps2)))
	if b.has("Pi_soft") != "" {
		b.equal("Rc_soft_nats", must(coding.SoftClassRate(z, transposed(b.matrix("Pi_soft")), eps2)))
	}
	if b.has("grad") == "" {
		return
	}
	grad := elements(transposed(b.matrix("grad")))
	b.found = append(b.found, comparison{"grad", elements(must(coding.ReductionGrad(z, y, k, eps2))), grad})
	minus := make([]float64, len(grad))
	for i, v := range grad {
		minus[i] = -v
	}
	rate, parts := b.tensor("R_nats"), b.tensor("Rc_nats")
	n, d := z.Dims()
	settings := map[string]json.RawMessage{"eps2": b.Params["eps2"]}
	loss := newBench(&Reference{Params: settings, Tensors: map[string]Tensor{
		"Z": {Shape: []int{n, d}, Data: elements(z)}, "labels": {Shape: []int{n}, Data: floats(y)},
		"R": rate, "R_empirical": rate, "Rc": parts, "Rc_empirical": parts,
		"loss": {Data: []float64{parts.Data[0] - rate.Data[0]}}, "grad_Z": {Shape: []int{n, d}, Data: minus},
	}}, b.dt)
	mcr2(loss)
	b.found = append(b.found, loss.found...)
}

// goldenNeumann is E Z and its first-order form for features that are not given, with
// samples as columns. A singular value σ of Z is ασ/(1+ασ²) in E Z, which tells σ
// where it is below 1/√α, as it is where the first-order form means something.
func goldenNeumann(b *bench) {
	alpha, eps2 := b.number(0, "alpha"), b.number(0, "eps2")
	z := unexpanded(transposed(b.matrix("EZ")), alpha)
	n, d := z.Dims()
	got, _ := b.run(nil, must(codingrate.FirstOrderExpansion(b.fixed("z", elements(z), n, d), eps2)))
	b.equal("alpha", float64(d)/(float64(n)*eps2))
	b.found = append(b.found, comparison{"approx", got[0], elements(transposed(b.matrix("approx")))})
}

// unexpanded returns Z of E Z.
func unexpanded(ez *mat.Dense, alpha float64) *mat.Dense {
	var svd mat.SVD
	if !svd.Factorize(ez, mat.SVDThin) {
		fail("no singular values of EZ")
	}
	sigma := svd.Values(nil)
	for i, e := range sigma {
		root := 1 - 4*e*e/alpha
		if !(root > 0) {
			fail("a singular value of EZ is %v, want it below √α/2 = %v", e, math.Sqrt(alpha)/2)
		}
		sigma[i] = 2 * e / alpha / (1 + math.Sqrt(root))
	}
	var u, v, z mat.Dense
	svd.UTo(&u)
	svd.VTo(&v)
	z.Mul(&u, mat.NewDiagDense(len(sigma), sigma))
	z.Mul(&z, v.T())
	return &z
}

// goldenOptimum is the landscape of the regularised rate reduction, with λ/2, and the
// largest objective for the ranks that keys F_at_ranks_3_3 name.
func goldenOptimum(b *bench) {
	d, sizes, eps2 := b.whole(0, "d"), ints(b.tensor("Nk").Data), b.number(0, "eps2")
	o := must(coding.RegularizedOptimum(d, sizes, eps2, b.number(0, "lambda_half_convention")))
	b.equal("lambda_max", must(coding.MaxLambda(d, sizes, eps2)))
	b.equal("F_global", o.Max)
	b.equal("sigma", o.Sigma...)
	b.equal("contrib", o.Gain...)
	for key := range b.Params {
		if list, ok := strings.CutPrefix(key, "F_at_ranks_"); ok {
			var ranks []int
			if json.Unmarshal([]byte("["+strings.ReplaceAll(list, "_", ",")+"]"), &ranks) == nil {
				b.equal(key, must(o.Value(ranks)))
			}
		}
	}
}

// goldenLossy is a clustering by lossy compression with samples as columns: its
// labels, its bits, and every merge on the way.
func goldenLossy(b *bench) {
	eps := b.number(0, "eps")
	found := must(coding.Clustering{Eps2: eps * eps}.Fit(context.Background(), transposed(b.matrix("W"))))
	b.found = append(b.found, comparison{"labels", floats(found.Labels), inOrder(b.tensor("labels").Data)})
	b.equal("total_bits", found.Bits)
	var steps []float64
	for _, h := range found.History {
		steps = append(steps, float64(h.Groups), h.Bits)
	}
	b.expect("history", steps...)
}

// inOrder returns labels with the same groups, numbered in the order of their
// first sample, for the numbers of groups mean nothing.
func inOrder(labels []float64) []float64 {
	number := map[float64]float64{}
	out := make([]float64, len(labels))
	for i, y := range labels {
		if _, known := number[y]; !known {
			number[y] = float64(len(number))
		}
		out[i] = number[y]
	}
	return out
}
