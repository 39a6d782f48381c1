package conformance

import (
	"encoding/json"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/conv"
)

// Pair returns a size down and across, from a number or a list of one or two, or
// def for both if the case sets none of the names.
func (p Params) Pair(def int, names ...string) ([2]int, error) {
	for _, name := range names {
		raw, ok := p[name]
		if !ok || string(raw) == "null" {
			continue
		}
		var n int
		if err := json.Unmarshal(raw, &n); err == nil {
			return conv.Pair(n), nil
		}
		var list []int
		if err := json.Unmarshal(raw, &list); err != nil || len(list) < 1 || len(list) > 2 {
			return [2]int{}, errors.Errorf("conformance: parameter %s is %s, want a size or two", name, raw)
		}
		return [2]int{list[0], list[len(list)-1]}, nil
	}
	return conv.Pair(def), nil
}

// pairs reads several pairs.
func (p Params) pairs(into map[*[2]int][]string, def map[*[2]int]int) error {
	for to, names := range into {
		var err error
		if *to, err = p.Pair(def[to], names...); err != nil {
			return err
		}
	}
	return nil
}

// flag returns a flag that is def where the case does not set it.
func (p Params) flag(name string, def bool) (bool, error) { return get(p, name, def) }

// conv reads the settings of a convolution.
func (p Params) conv() (c conv.Geometry, more [2]int, err error) {
	err = p.pairs(map[*[2]int][]string{
		&c.Stride: {"stride"}, &c.Padding: {"padding", "pad"}, &c.Dilation: {"dilation"}, &more: {"output_padding"},
	}, map[*[2]int]int{&c.Stride: 1, &c.Dilation: 1})
	if err != nil {
		return c, more, err
	}
	c.Groups, err = get(p, "groups", 1)
	return c, more, err
}

// named returns the first of some names that the case has a tensor of, "" for none.
func (r *Reference) named(names ...string) string {
	for _, name := range names {
		if _, ok := r.Tensors[name]; ok {
			return name
		}
	}
	return ""
}

// optional adds the first of some tensors that the case has, nil for none.
func (b *bench) optional(names ...string) (*gorgonia.Node, error) {
	if name := b.r.named(names...); name != "" {
		return b.in(name)
	}
	return nil, nil
}

// required adds the first of some tensors that the case has.
func (b *bench) required(names ...string) (*gorgonia.Node, error) {
	n, err := b.optional(names...)
	if err == nil && n == nil {
		_, err = b.r.tensor(names[0])
	}
	return n, err
}

// filters returns the check of an op of x, w and perhaps b.
func filters(op func(p Params, x, w, bias *gorgonia.Node) (*gorgonia.Node, error)) check {
	return func(r *Reference, dt tensor.Dtype) ([]comparison, error) {
		b := newBench(r, dt)
		x, err := b.required("x")
		if err != nil {
			return nil, err
		}
		w, err := b.required("w", "weight")
		if err != nil {
			return nil, err
		}
		bias, err := b.optional("b", "bias")
		if err != nil {
			return nil, err
		}
		out, err := op(r.Params, x, w, bias)
		if err != nil {
			return nil, err
		}
		return b.op(out)
	}
}

// conv2D pads by mode first, as torch.nn.Conv2d does.
func conv2D(p Params, x, w, bias *gorgonia.Node) (*gorgonia.Node, error) {
	c, _, err := p.conv()
	if err != nil {
		return nil, err
	}
	mode, err := p.padMode("padding_mode")
	if err != nil {
		return nil, err
	}
	if mode != conv.PadZeros {
		if x, err = conv.Pad(x, mode, conv.Padding{Top: c.Padding[0], Bottom: c.Padding[0], Left: c.Padding[1],
			Right: c.Padding[1]}); err != nil {
			return nil, err
		}
		c.Padding = [2]int{}
	}
	return conv.Conv2D(x, w, bias, c)
}

func convTranspose2D(p Params, x, w, bias *gorgonia.Node) (*gorgonia.Node, error) {
	c, more, err := p.conv()
	if err != nil {
		return nil, err
	}
	return conv.ConvTranspose2D(x, w, bias, c, more)
}

// padMode reads one of torch's modes.
func (p Params) padMode(name string) (conv.PadMode, error) {
	mode, err := get(p, name, "zeros")
	if err != nil {
		return 0, err
	}
	known := map[string]conv.PadMode{"zeros": conv.PadZeros, "constant": conv.PadZeros, "reflect": conv.PadReflect,
		"circular": conv.PadCircular, "replicate": conv.PadReplicate}
	m, ok := known[mode]
	if !ok {
		return 0, errors.Errorf("conformance: %s %q", name, mode)
	}
	return m, nil
}

// pad is torch.nn.functional.pad: left, right, top, bottom, or one number for all.
func pad(r *Reference, dt tensor.Dtype) ([]comparison, error) {
	mode, err := r.Params.padMode("mode")
	if err != nil {
		return nil, err
	}
	value, err := r.Params.Float("value", 0)
	if err != nil {
		return nil, err
	}
	if value != 0 {
		return nil, errors.Errorf("conformance: padding with %v, want 0", value)
	}
	var sides []int
	if err := json.Unmarshal(r.Params["padding"], &sides); err != nil {
		all, err := r.Params.Pair(0, "padding", "pad")
		if err != nil {
			return nil, err
		}
		sides = []int{all[0], all[0], all[0], all[0]}
	}
	if len(sides) != 4 {
		return nil, errors.Errorf("conformance: padding %v, want left, right, top and bottom", sides)
	}
	return unary(func(x *gorgonia.Node) (*gorgonia.Node, error) {
		return conv.Pad(x, mode, conv.Padding{Left: sides[0], Right: sides[1], Top: sides[2], Bottom: sides[3]})
	})(r, dt)
}

// pooled returns the check of pooling.
func pooled(op func(x *gorgonia.Node, p conv.Window) (*gorgonia.Node, error)) check {
	return func(r *Reference, dt tensor.Dtype) ([]comparison, error) {
		var p conv.Window
		err := r.Params.pairs(map[*[2]int][]string{
			&p.Kernel: {"kernel", "kernel_size"}, &p.Stride: {"stride"}, &p.Padding: {"padding", "pad"},
			&p.Dilation: {"dilation"},
		}, map[*[2]int]int{&p.Dilation: 1})
		if err != nil {
			return nil, err
		}
		if p.CeilMode, err = r.Params.Bool("ceil_mode"); err != nil {
			return nil, err
		}
		counted, err := r.Params.flag("count_include_pad", true)
		if err != nil {
			return nil, err
		}
		p.CountIncludePad = counted
		return unary(func(x *gorgonia.Node) (*gorgonia.Node, error) { return op(x, p) })(r, dt)
	}
}

// globalPool is the mean of each channel; torch keeps the two axes.
func globalPool(r *Reference, dt tensor.Dtype) ([]comparison, error) {
	size, err := r.Params.Pair(1, "output_size")
	if err != nil {
		return nil, err
	}
	if size != conv.Pair(1) {
		return nil, errors.Errorf("conformance: adaptive pooling to %v, want 1×1", size)
	}
	g, err := r.tensor("G")
	if err != nil {
		return nil, err
	}
	return unary(func(x *gorgonia.Node) (*gorgonia.Node, error) {
		y, err := conv.GlobalAveragePool(x)
		if err != nil || len(g.Shape) == 2 {
			return y, err
		}
		return nn.Reshape(y, g.Shape...)
	})(r, dt)
}
