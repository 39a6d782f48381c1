package conformance

import (
	"gorgonia.org/gorgonia"

	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/conv"
)

// sides returns a size down and across, from a number or a list of one or two, or def
// for both if the case sets none of the names.
func (b *bench) sides(def int, names ...string) [2]int {
	list := ints(b.list(names...))
	switch len(list) {
	case 0:
		return conv.Pair(def)
	case 1, 2:
		return [2]int{list[0], list[len(list)-1]}
	}
	fail("setting %s is %v, want a size or two", names[0], list)
	return [2]int{}
}

// filters returns the operands and settings of a convolution.
func (b *bench) filters() (x, w, bias *gorgonia.Node, c conv.Geometry) {
	return b.in("x"), b.in("w", "weight"), b.maybe("b", "bias"), conv.Geometry{
		Stride: b.sides(1, "stride"), Padding: b.sides(0, "padding", "pad"), Dilation: b.sides(1, "dilation"),
		Groups: b.whole(1, "groups"),
	}
}

// conv2D pads by mode first, as torch.nn.Conv2d does.
func conv2D(b *bench) {
	x, w, bias, c := b.filters()
	if mode := b.padMode("padding_mode"); mode != conv.PadZeros {
		p := conv.Padding{Top: c.Padding[0], Bottom: c.Padding[0], Left: c.Padding[1], Right: c.Padding[1]}
		x, c.Padding = must(conv.Pad(x, mode, p)), [2]int{}
	}
	b.op(must(conv.Conv2D(x, w, bias, c)))
}

func convTranspose2D(b *bench) {
	x, w, bias, c := b.filters()
	b.op(must(conv.ConvTranspose2D(x, w, bias, c, b.sides(0, "output_padding"))))
}

// padMode reads one of torch's modes.
func (b *bench) padMode(name string) conv.PadMode {
	known := map[string]conv.PadMode{"zeros": conv.PadZeros, "constant": conv.PadZeros, "reflect": conv.PadReflect,
		"circular": conv.PadCircular, "replicate": conv.PadReplicate}
	m, ok := known[b.text("zeros", name)]
	if !ok {
		fail("%s is %s", name, b.Params[name])
	}
	return m
}

// pad is torch.nn.functional.pad: left, right, top, bottom, or one number for all.
func pad(b *bench) {
	x, sides := b.x(), ints(b.list("padding", "pad"))
	if len(sides) == 1 {
		sides = []int{sides[0], sides[0], sides[0], sides[0]}
	}
	if value := b.number(0, "value"); len(sides) != 4 || value != 0 {
		fail("padding %v with %v, want left, right, top and bottom with 0", sides, value)
	}
	p := conv.Padding{Left: sides[0], Right: sides[1], Top: sides[2], Bottom: sides[3]}
	b.op(must(conv.Pad(x, b.padMode("mode"), p)))
}

// pooled returns the check of pooling.
func pooled(op func(x *gorgonia.Node, p conv.Window) (*gorgonia.Node, error)) check {
	return func(b *bench) {
		b.op(must(op(b.x(), conv.Window{
			Kernel: b.sides(0, "kernel", "kernel_size"), Stride: b.sides(0, "stride"),
			Padding: b.sides(0, "padding", "pad"), Dilation: b.sides(1, "dilation"),
			CeilMode: b.flag(false, "ceil_mode"), CountIncludePad: b.flag(true, "count_include_pad"),
		})))
	}
}

// globalPool is the mean of each channel; torch keeps the two axes.
func globalPool(b *bench) {
	if size := b.sides(1, "output_size"); size != conv.Pair(1) {
		fail("adaptive pooling to %v, want 1×1", size)
	}
	y := must(conv.GlobalAveragePool(b.x()))
	if g := b.tensor("G"); len(g.Shape) != 2 {
		y = must(nn.Reshape(y, g.Shape...))
	}
	b.op(y)
}
