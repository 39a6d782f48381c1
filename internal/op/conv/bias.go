package conv

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/opkit"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// Bias is the kernel of y + b, a number a channel: inputs y (n×o×h×w) and b (o),
// output as y. Its gradient by b is the sum of D over all but the channels.
type Bias struct{}

// biasGrad is the kernel of that sum, in float64: input D, output o.
type biasGrad struct{}

var _ opkit.Differentiable = Bias{}

func (Bias) Ranks() (in []int, out int)     { return []int{4, 1}, 4 }
func (biasGrad) Ranks() (in []int, out int) { return []int{4}, 1 }
func (Bias) Wrt() []bool                    { return []bool{true, true} }
func (Bias) InPlace() int                   { return 0 }

func (Bias) Shape(in []tensor.Shape) (tensor.Shape, error) {
	if in[0][1] != in[1][0] {
		return nil, errors.Wrapf(opkit.ErrInput, "conv: %d channels but a bias of length %d", in[0][1], in[1][0])
	}
	return in[0].Clone(), nil
}

func (biasGrad) Shape(in []tensor.Shape) (tensor.Shape, error) { return tensor.Shape{in[0][1]}, nil }

func (Bias) Grad(_ gorgonia.Nodes, _, dout *gorgonia.Node) (gorgonia.Nodes, error) {
	db, err := opkit.Apply(biasGrad{}, dout)
	return gorgonia.Nodes{dout, db}, err
}

func (k Bias) Bind32(a *opkit.Args[float32]) opkit.Run     { return bindBias(a) }
func (k Bias) Bind64(a *opkit.Args[float64]) opkit.Run     { return bindBias(a) }
func (k biasGrad) Bind32(a *opkit.Args[float32]) opkit.Run { return bindBiasGrad(a) }
func (k biasGrad) Bind64(a *opkit.Args[float64]) opkit.Run { return bindBiasGrad(a) }

func bindBias[T float](a *opkit.Args[T]) opkit.Run {
	channels, size := a.Shape[1], a.Shape[2]*a.Shape[3]
	loop := a.Pool.Loop(a.Shape[0]*channels, max(1, 1<<13/size), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			simd.Affine(a.Out[i*size:(i+1)*size], 1, a.In[0][i*size:(i+1)*size], a.In[1][i%channels])
		}
	})
	return func() error { loop.Do(); return nil }
}

func bindBiasGrad[T float](a *opkit.Args[T]) opkit.Run {
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
	return func() error { loop.Do(); return nil }
}
