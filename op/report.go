package op

import (
	"math"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// A Report is what a CUDA kernel has reported about its data, at Status (report in device.cuh). [Spec].Explain turns
// it into the error that the op returns on the host.
type Report struct {
	Shapes []tensor.Shape // of the inputs
	Number int            // which of the samples, or what the op says
	Value  float32        // there
}

// aboutClass is where the numbers of reports about classes begin.
const aboutClass = 1 << 30

// Class returns which class the report is about, if it is about one.
func (f Report) Class() (j int, ok bool) { return f.Number - aboutClass, f.Number >= aboutClass }

// Explainer returns what makes an error of the 64 bits at the Status of a.
func (s *Spec) Explainer(k Op, a *DeviceArgs) func(word uint64) error {
	shapes := a.orNone().Shapes
	return func(word uint64) error {
		f := Report{Shapes: shapes, Number: int(^uint32(word >> 32)), Value: math.Float32frombits(uint32(word))}
		if s != nil && s.Explain != nil {
			return s.Explain(f)
		}
		return errors.Errorf("%s reports %d, %v", Name(k), f.Number, f.Value)
	}
}
