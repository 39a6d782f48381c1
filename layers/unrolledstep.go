package layers

import (
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/prox"
	"github.com/whitebox-nn/whitebox/nn/unroll"
)

// residual returns x − z Aᵀ, which is x where z is nil, the code 0.
func (u *unrolled) residual(g *nn.Graph, x, z *gorgonia.Node) (*gorgonia.Node, error) {
	if z == nil {
		return x, nil
	}
	a, err := g.Bind(u.a)
	if err != nil {
		return nil, err
	}
	return nn.AddLinear(x, z, a, -1)
}

// shrunk returns the threshold of b + v Wᵀ, where a nil b counts as 0, and q percent of the elements are selected.
func shrunk(b, v, w, theta *gorgonia.Node, q float64) (z *gorgonia.Node, err error) {
	defer build.Catch(&err, "threshold")
	if b != nil && q == 0 {
		return build.Must(unroll.ThresholdStep(b, v, w, theta, 1)), nil
	}
	var s *gorgonia.Node
	if b == nil {
		s = build.Must(nn.Linear(v, w, nil))
	} else {
		s = build.Must(nn.AddLinear(b, v, w, 1))
	}
	return build.Must(thresholded(s, theta, q)), nil
}

// thresholded returns u after soft thresholding, with q percent of its elements selected.
func thresholded(u, theta *gorgonia.Node, q float64) (*gorgonia.Node, error) {
	if q == 0 {
		return nn.SoftThreshold(u, theta)
	}
	return prox.Select(u, theta, q)
}
