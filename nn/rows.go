package nn

import (
	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/op/launch"
)

// CopyRows copies the rows lo, …, hi−1 of a gradient or a value of p, as Grads, Value and Probe return it, into p's
// parameter or another program's, from row on. On a device nothing crosses the bus; both have to be on the same one.
// It lets one program compute with the results of another.
//
// Errors: rows that are not there, another size of a row or another dtype, a
// parameter that is not on p's device.
func (p *Program) CopyRows(to *Param, row int, from *tensor.Dense, lo, hi int) error {
	if p.none() {
		return errNone()
	}
	if isEmpty(from) || from.Dims() == 0 {
		return errors.New("nn: copy of rows of no tensor")
	}
	if err := to.Check(); err != nil {
		return errors.WithMessage(err, "nn: copy")
	}
	if to.Value.Dims() == 0 {
		return errors.Errorf("nn: copy of rows to %q, which is a scalar", to.Name)
	}
	width := from.Size() / from.Shape()[0]
	v := to.Value
	switch {
	case v.Dtype() != from.Dtype() || v.Size() != v.Shape()[0]*width:
		return errors.Errorf("nn: copy of %v rows of %d elements to %q, of %v %v", from.Dtype(), width, to.Name,
			v.Dtype(), v.Shape())
	case lo < 0 || lo > hi || hi > from.Shape()[0] || row < 0 || row+hi-lo > v.Shape()[0]:
		return errors.Errorf("nn: copy of rows %d to %d of %d to row %d of %d of %q", lo, hi, from.Shape()[0], row,
			v.Shape()[0], to.Name)
	}
	if r := p.resides; r != nil {
		at, ok := r.at[from]
		if !ok || to.device == nil || to.device.mirror.Device() != r.Device {
			return errors.Errorf("nn: copy to %q: it, or what is copied, is not on %v", to.Name, r.Device)
		}
		width *= int(v.Dtype().Size())
		r.move = move{to, row * width, at + launch.Ptr(lo*width), (hi - lo) * width}
		return errors.WithMessage(r.Device.Do(r.copy), "nn: copy")
	}
	if v.Dtype() == tensor.Float32 {
		copy(v.Float32s()[row*width:], from.Float32s()[lo*width:hi*width])
	} else {
		copy(v.Float64s()[row*width:], from.Float64s()[lo*width:hi*width])
	}
	return nil
}

// A move is a copy within a device.
type move struct {
	to     *Param
	offset int // bytes
	from   launch.Ptr
	size   int
}

// doMove puts the move in hand into the stream. For the rest of the parameter, the newer of the host's and the
// device's values is kept.
func (r *deviceState) doMove() error {
	s, err := r.Device.Compute()
	if err != nil {
		return err
	}
	m := r.move
	to := m.to.device.mirror
	if err := to.Push(); err != nil {
		return err
	}
	if err := s.Copy(to.Ptr()+launch.Ptr(m.offset), m.from, m.size); err != nil {
		return err
	}
	to.Written()
	return nil
}
