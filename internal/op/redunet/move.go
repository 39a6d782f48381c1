package redunet

import (
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/op"
)

// Move is the op of a whole layer, without a gradient: inputs z (n×d), E (d×d), C
// (k×d×d) and γ (k), or of spectra z (f×n×2c), E (f×2×c×c), C (k×f×2×c×c) and γ; output
// P(z⁺) as z, with P the projection on the unit sphere.
//
// Of the maps it stores none but those that the step takes, which are those of one or
// two classes a sample: softmax(−λ‖Cⱼz‖) is 0, in the dtype, for a class whose ‖Cⱼz‖
// exceeds another one's by underflow/λ. For vectors this is known, mostly, from a few
// rows of Cⱼ, for ‖Cⱼz‖ is at least as long as a part of it: the maps of a candidate, the
// shortest by this bound, are computed, and those of all classes that the bound does
// not exclude. The result is that of Maps, Membership and Step, to the bit for vectors,
// as long as all is finite.
//
// Cost: between 2nd²·2 + 2nd·k·s flops, of which s is the rows of the bound, and those and
// 2nd²k.
type Move struct {
	Eta    float64 // η
	Lambda float64 // λ, at least 0
}

// Spec implements op.Op.
func (k Move) Spec() op.Spec {
	return op.Spec{
		In:      []op.Input{op.Any, op.Any, op.Any, 1},
		Kernel:  op.Both(k, bindMove, bindMove),
		Shape:   k.shape,
		Scratch: k.scratch,
		FLOPs: func(in []tensor.Shape) int64 {
			return 2 * int64(samplesOf(in)) * int64(in[1].TotalSize()+in[2].TotalSize()) * int64(len(in[0])-1)
		},
		Device:        k.device,
		DeviceScratch: k.deviceScratch,
		Explain: func(f op.Report) error {
			return noDirection(f.Number, samplesOf(f.Shapes),
				float64(f.Value))
		},
	}
}

// spectral reports whether z is of spectra.
func spectral(in []tensor.Shape) bool { return len(in[0]) == 3 }

// samplesOf returns n.
func samplesOf(in []tensor.Shape) int { return in[0][len(in[0])-2] }

// checkRanks reports inputs that are neither those of vectors nor those of spectra.
func checkRanks(in []tensor.Shape) error {
	want := [3]int{2, 2, 3}
	if spectral(in) {
		want = [3]int{3, 4, 5}
	}
	for i, rank := range want {
		if len(in[i]) != rank {
			return op.Errorf("redunet: move: input %d has shape %v, want rank %d where z is %v", i, in[i], rank, in[0])
		}
	}
	return nil
}

func (k Move) shape(in []tensor.Shape) (tensor.Shape, error) {
	err := checkRanks(in)
	if err != nil {
		return nil, err
	}
	if spectral(in) {
		_, err = SpectralMaps{}.shape(in[:3])
	} else {
		_, err = Maps{}.shape(in[:3])
	}
	switch {
	case err != nil:
		return nil, err
	case in[3][0] != in[2][0]:
		return nil, op.Errorf("redunet: move: C is of %d classes and γ of %d", in[2][0], in[3][0])
	case k.Eta-k.Eta != 0 || !(k.Lambda >= 0) || k.Lambda > 1e300:
		return nil, op.Errorf("redunet: move: η is %v and λ %v, want them finite, and λ at least 0", k.Eta, k.Lambda)
	}
	return in[0].Clone(), nil
}

// scratch is the bounds and the maps of all classes of vectors, if none is excluded.
func (k Move) scratch(in []tensor.Shape) int {
	if spectral(in) {
		return 0
	}
	n, d, classes := in[0][0], in[0][1], in[2][0]
	s := boundRows(d)
	return n*classes*s + classes*s*d + n*classes*d
}

func bindMove[T op.Float](k Move, a *op.Args[T]) op.Run {
	if spectral(a.Shapes) {
		return newSpectralMove(k, a).run
	}
	return newVectorMove(k, a).run
}
