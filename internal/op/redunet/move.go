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
	Rank   int     // of z, 2 or 3
}

// Spec implements op.Op.
func (k Move) Spec() op.Spec {
	return op.Spec{
		In:      k.inputs(),
		Kernel:  op.Both(k, bindMove, bindMove),
		Shape:   k.shape,
		Scratch: k.scratch,
		FLOPs: func(in []tensor.Shape) int64 {
			return 2 * int64(in[0][in[0].Dims()-2]) * int64(in[1].TotalSize()+in[2].TotalSize()) * int64(k.Rank-1)
		},
		Device:        k.device,
		DeviceScratch: k.deviceScratch,
		Explain: func(f op.Finding) error {
			return noDirection(f.Number, f.Shapes[0][k.Rank-2],
				float64(f.Value))
		},
	}
}

// inputs returns z, E, C and γ.
func (k Move) inputs() []op.Input {
	if k.Rank == 3 {
		return []op.Input{3, 4, 5, 1}
	}
	return []op.Input{2, 2, 3, 1}
}

func (k Move) shape(in []tensor.Shape) (tensor.Shape, error) {
	var err error
	if k.Rank == 3 {
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
	if k.Rank == 3 {
		return 0
	}
	n, d, classes := in[0][0], in[0][1], in[2][0]
	s := boundRows(d)
	return n*classes*s + classes*s*d + n*classes*d
}

func bindMove[T op.Float](k Move, a *op.Args[T]) op.Run {
	if k.Rank == 3 {
		return newSpectralMove(k, a).run
	}
	return newVectorMove(k, a).run
}
