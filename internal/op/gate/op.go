// Package gate is multiplication by learned numbers, and the gates of gated LISTA.
//
//	MulScalar      α·x                                 α one number
//	Gate       x ⊙ (1 + μ·exp(−κ|x|))              μ, κ one number each
//	Overshoot  y + a·(y − x) / (|y − x| + ε)       a one number
//
// Gate is the gain gate of GLISTA in its exponential form: soft thresholding makes
// codes too small by about θ, and a gain above 1, the larger the smaller the code,
// undoes it. Overshoot moves on from x to y by a more, in each element.
//
// # Gradient
//
// With e = exp(−κ|x|), r = y − x and D = ∂L/∂out,
//
//	MulScalar      ∂x = α D                        ∂α = Σ D x
//	Gate       ∂x = D (1 + μ e (1 − κ|x|))     ∂μ = Σ D x e      ∂κ = −μ Σ D x |x| e
//	Overshoot  ∂r = a ε D / (|r| + ε)²         ∂a = Σ D r / (|r| + ε)
//	           ∂y = D + ∂r                     ∂x = −∂r
//
// # Numerics
//
// Exponentials and sums run in float64.
//
// # References
//
// Wu, Guo, Li, Zhang. Sparse coding with gated learned ISTA. ICLR 2020, sec. 3.
package gate

import (
	"math"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// Gate is the op x ⊙ (1 + μ·exp(−κ|x|)): inputs x of any rank, μ and κ, one number
// each, or of each column, or as x.
type Gate struct{}

// Spec implements op.Op.
func (k Gate) Spec() op.Spec {
	e := func(x, kappa float64) float64 { return math.Exp(-kappa * math.Abs(x)) }
	s := op.Elementwise(k, op.Formula{
		Value: func(x, mu, kappa, _ float64) float64 { return x * (1 + mu*e(x, kappa)) },
		Partials: []func(x, mu, kappa, _ float64) float64{
			func(x, mu, kappa, _ float64) float64 { return 1 + mu*e(x, kappa)*(1-kappa*math.Abs(x)) },
			func(x, _, kappa, _ float64) float64 { return x * e(x, kappa) },
			func(x, mu, kappa, _ float64) float64 { return -mu * x * math.Abs(x) * e(x, kappa) },
		},
		Name: "gate", PTX: ptx.Of("gate/gate"), FLOPs: 5,
	})
	s.Grad = func(in gorgonia.Nodes, _, dout *gorgonia.Node) (grads gorgonia.Nodes) {
		for i := range in {
			var by op.Op = op.Partial{Of: k, I: i}
			if i > 0 && in[1].Shape().Eq(tensor.Shape{1}) && in[2].Shape().Eq(tensor.Shape{1}) {
				by = gateGrad{I: i}
			}
			grads = append(grads, op.Must(op.Apply(by, dout, in[0], in[1], in[2])))
		}
		return grads
	}
	return s
}

// gateGrad is the op of the gradient of a Gate by μ (I is 1) or κ (2), one number each:
// op.Partial, but that D is multiplied first, as in overshootGrad.
type gateGrad struct{ I int }

func (k gateGrad) Spec() op.Spec {
	s := op.Partial{Of: Gate{}, I: k.I}.Spec()
	s.Kernel = op.Both(k, bindGateGrad, bindGateGrad)
	return s
}

func bindGateGrad[T op.Float](k gateGrad, a *op.Args[T]) op.Run {
	dout, x, mu, kappa, sums := a.In[0], a.In[1], a.In[2], a.In[3], a.Work
	parts := a.Loop(len(x), grain, func(lo, hi int) {
		sum := 0.0
		for i := lo; i < hi; i++ {
			x := float64(x[i])
			by := float64(dout[i]) * x * math.Exp(-float64(kappa[0])*math.Abs(x))
			if k.I == 2 {
				by *= -float64(mu[0]) * math.Abs(x)
			}
			sum += by
		}
		sums[lo/grain] = sum
	})
	return added(a, parts)
}

// added returns the run of parts, and of the sum of the sums of chunks that they leave.
func added[T op.Float](a *op.Args[T], parts op.Run) op.Run {
	n := chunks(len(a.In[0]))
	return func() error {
		if err := parts(); err != nil {
			return err
		}
		sum := 0.0
		for _, v := range a.Work[:n] {
			sum += v
		}
		a.Out[0] = T(sum)
		return nil
	}
}

// Overshoot is the op y + a·(y − x)/(|y − x| + ε): inputs y and x of one shape and a (1).
type Overshoot struct {
	Eps float64 // ε, above 0
}

// Spec implements op.Op.
func (k Overshoot) Spec() op.Spec {
	over := func(y, x float64) float64 { return (y - x) / (math.Abs(y-x) + k.Eps) }
	slope := func(y, x, a float64) float64 {
		m := math.Abs(y-x) + k.Eps
		return a * k.Eps / (m * m)
	}
	s := op.Elementwise(k, op.Formula{
		Value: func(y, x, a, _ float64) float64 { return y + a*(y-x)/(math.Abs(y-x)+k.Eps) },
		Partials: []func(y, x, a, _ float64) float64{
			func(y, x, a, _ float64) float64 { return 1 + slope(y, x, a) },
			func(y, x, a, _ float64) float64 { return -slope(y, x, a) },
			func(y, x, _, _ float64) float64 { return over(y, x) },
		},
		Name: "overshoot", PTX: ptx.Of("gate/overshoot"), Numbers: []float64{k.Eps}, FLOPs: 5,
	})
	s.Shape = func(in []tensor.Shape) (tensor.Shape, error) {
		if !in[0].Eq(in[1]) || !(k.Eps > 0) {
			return nil, op.Errorf("gain: overshoot from %v to %v, ε %v, want one shape and ε above 0", in[1], in[0],
				k.Eps)
		}
		if !in[2].Eq(tensor.Shape{1}) {
			return nil, op.Errorf("gain: a factor of shape %v, want (1)", in[2])
		}
		return in[0].Clone(), nil
	}
	s.Grad = func(in gorgonia.Nodes, _, dout *gorgonia.Node) (grads gorgonia.Nodes) {
		for i := range in {
			grads = append(grads, op.Must(op.Apply(overshootGrad{k, i}, dout, in[0], in[1], in[2])))
		}
		return grads
	}
	return s
}

// overshootGrad is the op of the gradient of an Overshoot by operand I: inputs D and the
// operands. It is op.Partial, but that D is multiplied first: other bits, which weights
// of before depend on.
type overshootGrad struct {
	Of Overshoot
	I  int
}

func (k overshootGrad) Spec() op.Spec {
	s := op.Partial{Of: k.Of, I: k.I}.Spec()
	s.Kernel = op.Both(k, bindOvershootGrad, bindOvershootGrad)
	return s
}

func bindOvershootGrad[T op.Float](k overshootGrad, a *op.Args[T]) op.Run {
	dout, y, x, by, sums, eps := a.In[0], a.In[1], a.In[2], a.In[3], a.Work, k.Of.Eps
	parts := a.Loop(len(y), grain, func(lo, hi int) {
		sum := 0.0
		for i := lo; i < hi; i++ {
			d, r := float64(dout[i]), float64(y[i])-float64(x[i])
			m := math.Abs(r) + eps
			dr := d * float64(by[0]) * eps / (m * m)
			switch k.I {
			case 0:
				a.Out[i] = T(d + dr)
			case 1:
				a.Out[i] = T(-dr)
			default:
				sum += d * r / m
			}
		}
		if k.I == 2 {
			sums[lo/grain] = sum
		}
	})
	if k.I < 2 {
		return parts
	}
	return added(a, parts)
}

// MulScalar is the op α·x: inputs x of any rank and α (1).
type MulScalar struct{}

// Spec implements op.Op.
func (k MulScalar) Spec() op.Spec {
	return op.Spec{
		In: []op.Input{op.Any, 1}, FLOPs: op.Elements, Kernel: op.Both(k, bindMulScalar, bindMulScalar),
		Shape: func(in []tensor.Shape) (tensor.Shape, error) {
			if n := in[1][0]; n != 1 {
				return nil, op.Errorf("gain: a factor of length %d, want 1", n)
			}
			return in[0].Clone(), nil
		},
		Grad: func(in gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
			return gorgonia.Nodes{op.Must(op.Apply(k, dout, in[1])), op.Must(op.Apply(inner{}, dout, in[0]))}
		},
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			return kernel(a, "mul", launch.Elements(a.N()), launch.I(a.N()), a.Y(), a.X(0), a.X(1))
		},
	}
}

func bindMulScalar[T op.Float](_ MulScalar, a *op.Args[T]) op.Run {
	return a.Each(func(lo, hi int) { simd.Affine(a.Out[lo:hi], a.In[1][0], a.In[0][lo:hi], 0) })
}

// inner is the op ⟨x, y⟩ of tensors of one shape, as a vector of length 1.
type inner struct{}

func (k inner) Spec() op.Spec {
	return op.Spec{
		In: []op.Input{op.Any, op.Any}, FLOPs: op.Elements, Kernel: op.Both(k, bindInner, bindInner),
		Shape:     func([]tensor.Shape) (tensor.Shape, error) { return tensor.Shape{1}, nil },
		Workspace: func(in []tensor.Shape) int { return chunks(blocks(int(op.Elements(in)))) },
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			n := int(op.Elements(a.Shapes))
			return kernel(a, "inner", launch.LongRows(1, n), launch.I(n), a.Y(), a.X(0), a.X(1))
		},
	}
}

func kernel(a *op.DeviceArgs, name string, shape launch.Shape, args ...launch.Arg) (op.Run, error) {
	return a.Kernel("gate", ptx.Of("gate/scalar"), "scalar_"+name, shape, args...)
}

const (
	block = 256     // numbers whose product is summed in the graph's dtype
	grain = 1 << 13 // blocks, or numbers, whose sum is taken before it meets the others
)

func blocks(n int) int { return (n + block - 1) / block }
func chunks(n int) int { return (n + grain - 1) / grain }

// bindInner sums the products of blocks in float64, in a fixed order.
func bindInner[T op.Float](_ inner, a *op.Args[T]) op.Run {
	x, y, sums := a.In[0], a.In[1], a.Work
	n := blocks(len(x))
	parts := a.Loop(n, grain, func(lo, hi int) {
		sum := 0.0
		for i := lo; i < hi; i++ {
			lo, hi := i*block, min((i+1)*block, len(x))
			sum += float64(simd.Dot(x[lo:hi], y[lo:hi]))
		}
		sums[lo/grain] = sum
	})
	return func() error {
		if err := parts(); err != nil {
			return err
		}
		sum := 0.0
		for _, v := range sums[:chunks(n)] {
			sum += v
		}
		a.Out[0] = T(sum)
		return nil
	}
}
