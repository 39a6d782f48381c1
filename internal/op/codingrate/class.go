package codingrate

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/opkit"
	"github.com/whitebox-nn/whitebox/internal/sizes"
)

// ClassFactor is the kernel of the Cholesky factors of all classes: inputs Z
// (n×d) and the labels y (n), integers from 0 to k−1, output a wide vector.
//
// Class j with nⱼ samples takes sⱼ² of it, sⱼ = min(nⱼ, d), row-major, one class
// after the other. The sizes are known only when the labels are; the vector has
// room for the worst of them, d·min(n, k·d), and the rest is not written.
type ClassFactor struct {
	Eps2    float64 // ε², above 0
	Classes int     // k, at least 1
}

var _ opkit.Wide = ClassFactor{}

func (ClassFactor) Ranks() (in []int, out int)  { return []int{2, 1}, 1 }
func (ClassFactor) Wide() (in []bool, out bool) { return []bool{false, false}, true }

func (k ClassFactor) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := checkEps2(k.Eps2); err != nil {
		return nil, err
	}
	if err := sizes.CheckClasses(k.Classes); err != nil {
		return nil, errors.Wrapf(opkit.ErrInput, "class coding rate: %v", err)
	}
	n, d := in[0][0], in[0][1]
	if in[1][0] != n {
		return nil, errors.Wrapf(opkit.ErrInput, "class coding rate: %d samples but %d labels", n, in[1][0])
	}
	return tensor.Shape{classRoom(n, d, k.Classes)}, nil
}

// classRoom is the most that Σⱼ min(nⱼ, d)² can be with Σⱼ nⱼ = n.
func classRoom(n, d, k int) int { return min(d*min(n, k*d), n*n) }

func (ClassFactor) Workspace(in []tensor.Shape) int { return in[0][0] * in[0][1] }

func (k ClassFactor) FLOPs(in []tensor.Shape) int64 { return k.balanced(in, factorFLOPs) }

// balanced returns the flops of all classes if they were of one size.
func (k ClassFactor) balanced(in []tensor.Shape, flops func(n, d int) int64) int64 {
	return int64(k.Classes) * flops(max(1, in[0][0]/k.Classes), in[0][1])
}

func (k ClassFactor) Bind32(a *opkit.Args[float32]) opkit.Run { return bindClassFactor(k, a) }
func (k ClassFactor) Bind64(a *opkit.Args[float64]) opkit.Run { return bindClassFactor(k, a) }

// ClassRate is the kernel of Rᶜ(Z, y): inputs Z (n×d), the labels y (n) and
// their ClassFactor, output a scalar. It is not differentiable in y.
type ClassRate struct{ Of ClassFactor }

var _ opkit.Differentiable = ClassRate{}

func (ClassRate) Ranks() (in []int, out int)  { return []int{2, 1, 1}, 0 }
func (ClassRate) Wide() (in []bool, out bool) { return []bool{false, false, true}, false }
func (ClassRate) Wrt() []bool                 { return []bool{true, false, false} }

func (k ClassRate) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if room := classRoom(in[0][0], in[0][1], k.Of.Classes); in[2][0] != room || in[1][0] != in[0][0] {
		return nil, errors.Wrapf(opkit.ErrInput, "class coding rate: z is %v, labels %v, factor %v, want a factor of length %d", in[0], in[1], in[2], room)
	}
	return tensor.ScalarShape(), nil
}

func (k ClassRate) Grad(in gorgonia.Nodes, _, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	dz, err := opkit.Apply(classRateGrad{k}, in[0], in[1], in[2], dout)
	return gorgonia.Nodes{dz, nil, nil}, err
}

func (k ClassRate) Bind32(a *opkit.Args[float32]) opkit.Run { return bindClassRate(k, a) }
func (k ClassRate) Bind64(a *opkit.Args[float64]) opkit.Run { return bindClassRate(k, a) }

// classRateGrad is the kernel of dR · ∂Rᶜ/∂Z: inputs Z (n×d), y (n), their
// ClassFactor and the scalar dR, output n×d.
type classRateGrad struct{ Of ClassRate }

func (classRateGrad) Ranks() (in []int, out int) { return []int{2, 1, 1, 0}, 2 }

func (classRateGrad) Wide() (in []bool, out bool) {
	return []bool{false, false, true, false}, false
}

func (classRateGrad) Shape(in []tensor.Shape) (tensor.Shape, error) { return in[0].Clone(), nil }

// Workspace is the samples and their gradients in the order of the classes, and
// for each class an inverse in float64 and in T.
func (k classRateGrad) Workspace(in []tensor.Shape) int {
	n, d := in[0][0], in[0][1]
	return 2*n*d + 2*classRoom(n, d, k.Of.Of.Classes)
}

func (k classRateGrad) FLOPs(in []tensor.Shape) int64 { return k.Of.Of.balanced(in, gradFLOPs) }

func (k classRateGrad) Bind32(a *opkit.Args[float32]) opkit.Run { return bindClassRateGrad(k, a) }
func (k classRateGrad) Bind64(a *opkit.Args[float64]) opkit.Run { return bindClassRateGrad(k, a) }
