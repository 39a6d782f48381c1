package codingrate

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/sizes"
	"github.com/whitebox-nn/whitebox/op"
)

// ClassFactor is the op of the Cholesky factors of all classes: inputs Z
// (n×d) and the labels y (n), integers from 0 to k−1, output a wide vector.
//
// Class j with nⱼ samples takes sⱼ(sⱼ+1)/2 of it, sⱼ = min(nⱼ, d): the rows of the
// factor up to the diagonal, one after the other. The sizes are known only when the
// labels are; the vector has room for the worst of them, half of d·min(n, k·d), and
// the rest is not written.
type ClassFactor struct {
	Eps2    float64 // ε², above 0
	Classes int     // k, at least 1
}

// Spec implements op.Op.
func (k ClassFactor) Spec() op.Spec {
	return op.Spec{
		In:            []op.Input{2, 1},
		WideOut:       true,
		Kernel:        op.Both(k, bindClassFactor, bindClassFactor),
		Shape:         k.shape,
		FLOPs:         func(in []tensor.Shape) int64 { return k.balanced(in, factorFLOPs) },
		Device:        k.device,
		DeviceScratch: k.deviceScratch,
		Explain:       k.explain,
	}
}

func (k ClassFactor) shape(in []tensor.Shape) (tensor.Shape, error) {
	if err := checkEps2(k.Eps2); err != nil {
		return nil, err
	}
	if err := sizes.CheckClasses(k.Classes); err != nil {
		return nil, op.Errorf("class coding rate: %v", err)
	}
	n, d := in[0][0], in[0][1]
	if in[1][0] != n {
		return nil, op.Errorf("class coding rate: %d samples but %d labels", n, in[1][0])
	}
	return tensor.Shape{classRoom(n, d, k.Classes)}, nil
}

// classRoom is no less than Σⱼ sⱼ(sⱼ+1)/2 for any nⱼ with Σⱼ nⱼ = n: no sⱼ is above
// min(n, d).
func classRoom(n, d, k int) int { return (min(n, k*d)*(min(n, d)+1) + 1) / 2 }

// balanced returns the flops of all classes if they were of one size.
func (k ClassFactor) balanced(in []tensor.Shape, flops func(n, d int) int64) int64 {
	return int64(k.Classes) * flops(max(1, in[0][0]/k.Classes), in[0][1])
}

// ClassRate is the op of Rᶜ(Z, y): inputs Z (n×d), the labels y (n) and
// their ClassFactor, output a scalar. It is not differentiable in y.
type ClassRate struct{ Of ClassFactor }

// Spec implements op.Op.
func (k ClassRate) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{2, 1, op.Wide(1)},
		Kernel: op.Both(k, bindClassRate, bindClassRate),
		Shape:  k.shape,
		Grad: func(in gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
			return gorgonia.Nodes{op.Must(op.Apply(classRateGrad{k}, in[0], in[1], in[2], dout)), nil, nil}
		},
		Wrt:           []bool{true, false, false},
		Device:        k.device,
		DeviceScratch: func(a *op.DeviceArgs) (int, error) { return groupsRoom(a.Shapes[0][0], k.Of.Classes), nil },
		Explain:       func(f op.Report) error { return k.Of.explain(f) },
	}
}

func (k ClassRate) shape(in []tensor.Shape) (tensor.Shape, error) {
	if room := classRoom(in[0][0], in[0][1], k.Of.Classes); in[2][0] != room || in[1][0] != in[0][0] {
		return nil, op.Errorf("class coding rate: z is %v, labels %v, factor %v, want a factor of length %d", in[0],
			in[1], in[2], room)
	}
	return tensor.ScalarShape(), nil
}

// classRateGrad is the op of dR · ∂Rᶜ/∂Z: inputs Z (n×d), y (n), their
// ClassFactor and the scalar dR, output n×d.
type classRateGrad struct{ Of ClassRate }

func (k classRateGrad) Spec() op.Spec {
	return op.Spec{
		In:            []op.Input{2, 1, op.Wide(1), 0},
		Kernel:        op.Both(k, bindClassRateGrad, bindClassRateGrad),
		FLOPs:         func(in []tensor.Shape) int64 { return k.Of.Of.balanced(in, gradFLOPs) },
		Device:        k.device,
		DeviceScratch: k.deviceScratch,
		Explain:       func(f op.Report) error { return k.Of.Of.explain(f) },
	}
}
