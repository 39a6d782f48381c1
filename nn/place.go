package nn

import (
	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/cuda"
	driver "github.com/whitebox-nn/whitebox/internal/cuda"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// A deviceCopy is a parameter's copy on a device, while there are programs there
// that it is bound into.
type deviceCopy struct {
	mirror *driver.Mirror
	users  int
	grads  map[*tensor.Dense]gradient // of the users

	updates []*Update // of the parameter, which end when it leaves
}

// A gradient says where a gradient is in a device's memory, and which program it belongs to.
type gradient struct {
	at launch.Ptr
	of *Program
}

// driverOf returns the driver's device: nil for the host, and a closed device for a Device that is not from
// cuda.Open.
func driverOf(d *cuda.Device) *driver.Device {
	switch {
	case d == nil:
		return nil
	case d.Driver == nil:
		return new(driver.Device)
	}
	return d.Driver
}

// mirror returns p's copy on a device, nil if it is on none.
func (p *Param) mirror() *driver.Mirror {
	if p == nil || p.device == nil {
		return nil
	}
	return p.device.mirror
}

// onDevice returns p's copy on a device and where the gradient that grad, one of
// Program.Grads, stands for lies there. It is not ok if p is on no device or grad is
// of another program.
func (p *Param) onDevice(grad *tensor.Dense) (value *driver.Mirror, at launch.Ptr, ok bool) {
	if p == nil || p.device == nil {
		return nil, 0, false
	}
	g, ok := p.device.grads[grad]
	return p.device.mirror, g.at, ok
}

// account adds the device traffic of an update by a gradient to the profile of the program that the gradient belongs
// to.
func (p *Param) account(grad *tensor.Dense, t driver.Traffic) {
	if p.device != nil && p.device.grads[grad].of != nil {
		p.device.grads[grad].of.run.Account(t)
	}
}

// OnDevice reports whether all parameters are on one device, if grads is nil, or else
// whether each of grads is a gradient of a program on the device of its parameter: then
// an Update of them runs there.
func OnDevice(params []*Param, grads []*tensor.Dense) bool {
	for i, p := range params {
		if p.mirror() == nil {
			return false
		}
		if grads == nil {
			if p.mirror().Device() != params[0].mirror().Device() {
				return false
			}
			continue
		}
		if i >= len(grads) {
			return false
		}
		if _, _, ok := p.onDevice(grads[i]); !ok {
			return false
		}
	}
	return len(params) > 0
}

// Sync copies the values of params from their device to the host, where the device has changed them: call it before
// reading a Value on the host while a program on a device trains it. A Value that is changed after a Sync, and before
// the next step, goes to the device by itself; see Changed for one that was not synchronised. Parameters that are on
// no device are left alone.
func Sync(params []*Param) error {
	for _, p := range params {
		if p == nil || p.device == nil {
			continue
		}
		m := p.device.mirror
		if err := m.Device().Do(m.Pull); err != nil {
			return errors.WithMessagef(err, "nn: synchronise %q", p.Name)
		}
	}
	return nil
}

// Changed says that the Values of params were set on the host and replace the device's copies.
func Changed(params []*Param) {
	for _, p := range params {
		if p != nil && p.device != nil {
			p.device.mirror.Changed()
		}
	}
}

// enter gives the parameters of g copies on a device, one for all programs together.
func (g *Graph) enter(d *driver.Device, params []*Param) (map[*gorgonia.Node]*driver.Mirror, error) {
	mirrors := make(map[*gorgonia.Node]*driver.Mirror, len(params))
	entered := params[:0:0]
	err := d.Do(func() error {
		for _, p := range params {
			if p.device != nil && p.device.mirror.Device() != d {
				return errors.Errorf("parameter %q is on %v: close the programs there first", p.Name,
					p.device.mirror.Device())
			}
			if p.device == nil {
				x, err := op.OperandOf(p.Value)
				if err != nil {
					return errors.WithMessagef(err, "parameter %q", p.Name)
				}
				m, err := driver.NewMirror(d, x.Bytes, "parameter "+p.Name)
				if err != nil {
					return err
				}
				p.device = &deviceCopy{mirror: m, grads: make(map[*tensor.Dense]gradient)}
			}
			p.device.users++
			entered = append(entered, p)
			mirrors[g.bound[p]] = p.device.mirror
		}
		return nil
	})
	if err == nil {
		return mirrors, nil
	}
	if e := leave(d, entered); e != nil {
		return nil, errors.WithMessagef(err, "%v; and then", e)
	}
	return nil, err
}

// leave takes a program's parameters from a device, with their values, where no
// other program there needs them. It returns the first error, and frees all.
func leave(d *driver.Device, params []*Param) error {
	var first error
	keep := func(err error) {
		if first == nil {
			first = err
		}
	}
	for _, p := range params {
		if p.device.users == 1 {
			for _, u := range p.device.updates {
				keep(u.close())
			}
		}
	}
	return d.Do(func() error {
		for _, p := range params {
			if p.device.users--; p.device.users > 0 {
				continue
			}
			keep(p.device.mirror.Pull())
			keep(p.device.mirror.Free())
			p.device = nil
		}
		return first
	})
}
