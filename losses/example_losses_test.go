package losses_test

import (
	"fmt"

	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/nn"
)

// value returns a loss of an output and a target, which are vectors or matrices of n rows.
func value(l losses.Loss, n int, out, target []float64) (float64, error) {
	array := func(x []float64) *tensor.Dense {
		if len(x) == n {
			return tensor.New(tensor.WithBacking(x))
		}
		return tensor.New(tensor.WithShape(n, len(x)/n), tensor.WithBacking(x))
	}
	g := nn.NewGraph(nn.Eval)
	o, err := g.Input("out", array(out))
	if err != nil {
		return 0, err
	}
	t, err := g.Input("target", array(target))
	if err != nil {
		return 0, err
	}
	loss, err := l.Loss(g, o, t)
	if err != nil {
		return 0, err
	}
	p, err := nn.Compile(g, nn.Outputs{Loss: loss})
	if err != nil {
		return 0, err
	}
	defer p.Close()
	if err := p.Run(); err != nil {
		return 0, err
	}
	return p.Loss(), nil
}

// Logits that say nothing cost log k, here of two classes.
func ExampleCrossEntropy() {
	v, err := value(losses.CrossEntropy{}, 2, []float64{0, 0, 5, 5}, []float64{0, 1})
	fmt.Printf("%.4f %v\n", v, err)
	// Output: 0.6931 <nil>
}

// The mean over all elements of the squared difference.
func ExampleMSE() {
	v, err := value(losses.MSE{}, 2, []float64{1, 2, 3, 4}, []float64{1, 2, 3, 6})
	fmt.Printf("%.1f %v\n", v, err)
	// Output: 1.0 <nil>
}

// A sum of losses with weights: each has a name for its probe.
func ExampleSum() {
	l := losses.Sum{{Weight: 1, Loss: losses.MSE{Name: "a."}}, {Weight: 0.5, Loss: losses.MSE{Name: "b."}}}
	v, err := value(l, 2, []float64{1, 2, 3, 4}, []float64{1, 2, 3, 6})
	fmt.Printf("%.1f %v\n", v, err)
	// Output: 1.5 <nil>
}

// The objective of sparse coding, ½‖x − Az‖² + λ‖z‖₁, of a code of one sample, with A the identity.
func ExampleLASSO() {
	a := &nn.Param{Name: "A", Value: tensor.New(tensor.WithShape(2, 2), tensor.WithBacking([]float64{1, 0, 0, 1}))}
	v, err := value(losses.LASSO{A: a, Lambda: 0.1}, 1, []float64{2, 0}, []float64{3, 1})
	fmt.Printf("%.1f %v\n", v, err) // ½(1 + 1) + 0.1·2
	// Output: 1.2 <nil>
}
