package conv

import (
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/internal/op/pad"
	"github.com/whitebox-nn/whitebox/op"
)

// PadMode says with what an image is padded.
type PadMode int

// The modes of padding.
const (
	PadZeros     = PadMode(pad.Zeros)     // 0
	PadReflect   = PadMode(pad.Reflect)   // a mirror at the first and the last pixel, which are not repeated
	PadCircular  = PadMode(pad.Circular)  // the image, repeated
	PadReplicate = PadMode(pad.Replicate) // the nearest pixel
)

// String names the mode, as in "reflect".
func (m PadMode) String() string { return pad.Mode(m).String() }

// Padding is the number of rows and columns around an image, 0 or above.
type Padding struct{ Top, Bottom, Left, Right int }

// Pad surrounds images with more pixels. Shapes: x n×c×h×w, out
// n×c×(Top+h+Bottom)×(Left+w+Right). Differentiable. Errors: padding below 0, or
// wider than reflect and circular padding can take from the image (op.ErrInput). See
// package pad.
func Pad(x *gorgonia.Node, mode PadMode, p Padding) (*gorgonia.Node, error) {
	return op.Apply(pad.Pad{Mode: pad.Mode(mode), Top: p.Top, Bottom: p.Bottom, Left: p.Left, Right: p.Right}, x)
}
