package losses

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/nn"
)

// CrossEntropy is the mean cross-entropy of a softmax over logits,
//
//	−(1/n) Σᵢ Σⱼ qᵢⱼ log softmax(xᵢ)ⱼ        qᵢⱼ = (1 − s)·[yᵢ = j] + s/k
//
// or, for targets pᵢⱼ that are shared between classes, with pᵢⱼ in place of [yᵢ = j].
//
// With weights wⱼ of classes, as of those that are rare, and rᵢ of samples (data.Set.WithWeights), it is
// the weighted mean
//
//	−Σᵢ rᵢ Σⱼ wⱼ qᵢⱼ log softmax(xᵢ)ⱼ / Σᵢ rᵢ Σⱼ wⱼ pᵢⱼ
//
// which is PyTorch's for labels. For shares PyTorch divides by n, so that there a target with all of its share in one
// class gives another loss than the label of that class; here both give the same.
//
// Shapes: out is the logits, n×k; target the labels, n, integers from 0 to k−1, or
// the shares, n×k.
// Probe: cross_entropy. Errors: a smoothing outside [0, 1); another number of weights than
// k, one below 0 or not finite, or none above 0; at the run, a label out of range. A batch all of whose
// weights are 0 has no loss: NaN.
//
// Reference: Szegedy et al. Rethinking the Inception architecture. CVPR 2016,
// §7, for the smoothing.
type CrossEntropy struct {
	LabelSmoothing float64   // s, the mass spread over all classes; from 0 to 1, 1 excluded
	ClassWeights   []float64 // wⱼ, k of them; nil is 1 each
	Name           string    // prefix of the probe
}

var _ Weigher = CrossEntropy{}

// Loss implements Loss.
func (l CrossEntropy) Loss(g *nn.Graph, out, target *gorgonia.Node) (loss *gorgonia.Node, err error) {
	defer build.Catch(&err, "losses: CrossEntropy")
	if !(l.LabelSmoothing >= 0 && l.LabelSmoothing < 1) {
		return nil, errors.Errorf("LabelSmoothing is %v, want it from 0 to 1, 1 excluded", l.LabelSmoothing)
	}
	if l.ClassWeights != nil {
		return l.weighed(g, out, target, nil)
	}
	if build.Rank(target) == 2 {
		loss = build.Must(nn.SoftCrossEntropy(out, target, l.LabelSmoothing))
	} else {
		loss = build.Must(nn.CrossEntropy(out, target, l.LabelSmoothing))
	}
	return loss, g.Probe(named(l.Name, "cross_entropy"), loss)
}
