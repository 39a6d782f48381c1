package optim

import (
	"slices"

	"gorgonia.org/tensor"

	adam_ "github.com/whitebox-nn/whitebox/internal/op/adam"
	"github.com/whitebox-nn/whitebox/internal/op/update"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/op"
)

// A ruled runs a Rule in the engine: one program for each list of gradients that it has been given, since a program
// reads the gradients in place.
type ruled struct {
	Rule
	states   [][]*nn.Param
	all      []*nn.Param // the states, one after the other
	numbers  *tensor.Dense
	programs []ruledProgram
	gate     *nn.Param // that of the step, on a device; nil is none
	opens    bool      // it is the first to look at the updates of a step
}

type ruledProgram struct {
	grads   []uintptr
	updates []*nn.Update // one for each dtype, or for some parameters of one
	of      [][]int      // which parameters each is of
}

// newRuled returns r with its states: values[k][i] is state k of parameter i.
func newRuled(r Rule, p []*nn.Param, values ...slots) *ruled {
	d := &ruled{Rule: r, numbers: tensor.New(tensor.WithShape(max(r.Count, 1)), tensor.Of(tensor.Float64))}
	for i, q := range p {
		var s []*nn.Param
		for k, role := range r.States {
			s = append(s, &nn.Param{Name: q.Name + "." + role, Value: values[k][i], Frozen: true})
		}
		d.states, d.all = append(d.states, s), append(d.all, s...)
	}
	return d
}

// step updates p from the updates u. Where spare has an entry, the update is in that instead. u may be nil.
func (r *ruled) step(step int, u []*tensor.Dense, p []*nn.Param, spare []*nn.Param) error {
	q, err := r.of(u, p, spare)
	if err != nil {
		return err
	}
	r.Numbers(step, r.numbers.Float64s()[:r.Count])
	for _, update := range q.updates {
		if err := update.Run(); err != nil {
			return err
		}
	}
	return nil
}

// of returns the programs for these gradients.
func (r *ruled) of(u []*tensor.Dense, p []*nn.Param, spare []*nn.Param) (*ruledProgram, error) {
	for i := range r.programs {
		if slices.ContainsFunc(r.programs[i].updates, (*nn.Update).Gone) {
			r.programs = slices.Delete(r.programs, i, i+1)
			break
		}
	}
	for i := range r.programs {
		if r.programs[i].reads(u) {
			return &r.programs[i], nil
		}
	}
	q := ruledProgram{}
	for _, t := range u {
		q.grads = append(q.grads, t.Uintptr())
	}
	dtypes, onDevice := dtypesOf(p), nn.OnDevice(p, u)
	for part, dt := range dtypes {
		if err := r.compile(&q, dt, u, p, spare, onDevice, func(k op.Op) (op.Op, []*nn.Param) {
			if r.gate == nil || !onDevice {
				return k, nil
			}
			return gated(k, r.opens && part == 0, part, len(dtypes)), []*nn.Param{r.gate}
		}); err != nil {
			return nil, err
		}
	}
	r.programs = append(r.programs, q)
	return &r.programs[len(r.programs)-1], nil
}

// dtypesOf returns the dtypes of parameters.
func dtypesOf(p []*nn.Param) (all []tensor.Dtype) {
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		if slices.ContainsFunc(p, func(q *nn.Param) bool { return q.Value.Dtype() == dt }) {
			all = append(all, dt)
		}
	}
	return all
}

// mostTogether is how many parameters one op of the host updates at most: Gorgonia takes
// n² steps to type an op of n inputs, a second for a thousand layers.
const mostTogether = 128

// together returns how many of n parameters one op updates: on a device all, for it
// launches once for all, and on the host too where the op looks at one for another.
func together(k op.Op, n int, onDevice bool) int {
	switch k.(type) {
	case update.Step, adam_.Step:
		if !onDevice {
			return min(n, mostTogether)
		}
	}
	return n
}

// compile adds the programs of the parameters of one dtype, whose op goes through gated,
// with what it shares.
func (r *ruled) compile(
	q *ruledProgram, dt tensor.Dtype, u []*tensor.Dense, p []*nn.Param, spare []*nn.Param, onDevice bool,
	gated func(op.Op) (op.Op, []*nn.Param),
) error {
	var params []*nn.Param
	var in []nn.UpdateInput
	var of []int
	for i, x := range p {
		if x.Value.Dtype() != dt {
			continue
		}
		one := nn.UpdateInput{Param: x, State: r.states[i]}
		switch {
		case spare != nil && spare[i] != nil:
			one.State = append([]*nn.Param{spare[i]}, one.State...)
		case u != nil:
			one.Grad = u[i]
		}
		params, in, of = append(params, x), append(in, one), append(of, i)
	}
	size := together(r.Op(params), len(params), onDevice)
	for lo := 0; lo < len(params); lo += size {
		hi := min(lo+size, len(params))
		k, shared := gated(r.Op(params[lo:hi]))
		program, err := nn.NewUpdate(k, in[lo:hi], r.numbers, shared...)
		if err != nil {
			return err
		}
		q.updates, q.of = append(q.updates, program), append(q.of, of[lo:hi])
	}
	return nil
}

// gated returns k with the gate as its last input.
func gated(k op.Op, opens bool, part, parts int) op.Op {
	switch k := k.(type) {
	case update.Measure:
		k.Opens, k.Part, k.Parts = opens, part, parts
		return k
	case interface{ Gated() op.Op }:
		return k.Gated()
	}
	return k
}

func (q *ruledProgram) reads(u []*tensor.Dense) bool {
	if len(q.grads) != len(u) {
		return false
	}
	for i, t := range u {
		if q.grads[i] != t.Uintptr() {
			return false
		}
	}
	return true
}
