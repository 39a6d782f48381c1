package conv

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	ptx "github.com/whitebox-nn/whitebox/internal/op"
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// Bias is the op of y + b, a number a channel: inputs y (n×o×h×w) and b (o),
// output as y. Its gradient by b is the sum of D over all but the channels.
type Bias struct{}

// biasGrad is the op of that sum, in float64: input D, output o.
type biasGrad struct{}

// Spec implements op.Op.
func (k Bias) Spec() op.Spec {
	return op.Spec{
		In:      []op.Input{4, 1},
		InPlace: op.Take(0),
		Kernel:  op.Both(k, bindBias, bindBias),
		Shape:   k.shape,
		Grad: func(_ gorgonia.Nodes, _, dout *gorgonia.Node) gorgonia.Nodes {
			return gorgonia.Nodes{dout, op.Must(op.Apply(biasGrad{}, dout))}
		},
		Device: func(a *op.DeviceArgs) (op.Run, error) {
			return a.Kernel("conv", ptx.Of("conv/conv"), "conv_bias", launch.Elements(a.N()), launch.I(a.N()),
				launch.I(a.Shape[1]), launch.I(a.Shape[2]*a.Shape[3]), a.Y(), a.X(0), a.X(1))
		},
	}
}

func (k biasGrad) Spec() op.Spec {
	return op.Spec{
		In:     []op.Input{4},
		Kernel: op.Both(k, bindBiasGrad, bindBiasGrad),
		Shape:  func(in []tensor.Shape) (tensor.Shape, error) { return tensor.Shape{in[0][1]}, nil },
		Device: k.device,
	}
}

func (Bias) shape(in []tensor.Shape) (tensor.Shape, error) {
	if in[0][1] != in[1][0] {
		return nil, op.Errorf("conv: %d channels but a bias of length %d", in[0][1], in[1][0])
	}
	return in[0].Clone(), nil
}

func bindBias[T float](_ Bias, a *op.Args[T]) op.Run {
	channels, size := a.Shape[1], a.Shape[2]*a.Shape[3]
	loop := a.Pool.Loop(a.Shape[0]*channels, max(1, 1<<13/size), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			simd.Affine(a.Out[i*size:(i+1)*size], 1, a.In[0][i*size:(i+1)*size], a.In[1][i%channels])
		}
	})
	return loop.Run
}

func bindBiasGrad[T float](_ biasGrad, a *op.Args[T]) op.Run {
	d := a.Shapes[0]
	size := d[2] * d[3]
	loop := a.Pool.Loop(d[1], max(1, 1<<13/(d[0]*size)), func(lo, hi int) {
		for c := lo; c < hi; c++ {
			sum := 0.0
			for i := range d[0] {
				at := (i*d[1] + c) * size
				s, _ := simd.Moments(a.In[0][at:at+size], 0)
				sum += s
			}
			a.Out[c] = T(sum)
		}
	})
	return loop.Run
}
