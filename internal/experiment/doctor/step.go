package doctor

import (
	"math"
	"time"

	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/initializer"
)

// try runs the loss of a small network and its gradient on a device, and on the CPU,
// and says how long the first run takes, which loads the kernels, and the others.
func (p *page) try(d *cuda.Device) error {
	d.ResetPeak()
	start := time.Now()
	on, closeOn, err := program(nn.Options{Device: d})
	if err != nil {
		return err
	}
	defer closeOn()
	off, closeOff, err := program(nn.Options{})
	if err != nil {
		return err
	}
	defer closeOff()
	if err := on.Run(); err != nil {
		return err
	}
	first, later := time.Since(start), time.Duration(math.MaxInt64)
	for range 5 {
		start := time.Now()
		if err := on.Run(); err != nil {
			return err
		}
		later = min(later, time.Since(start))
	}
	if err := off.Run(); err != nil {
		return err
	}
	p.line("", "a first step took %.3f s, later ones %.3f ms at least, in %.1f MiB at most", first.Seconds(),
		later.Seconds()*1e3, float64(d.PeakMemory())/(1<<20))
	if on, off := on.Loss(), off.Loss(); !(math.Abs(on-off) <= 1e-3*math.Abs(off)) {
		p.line("", "its loss is WRONG: %v, and %v on the CPU", on, off)
		p.advice("please report this, with all of these lines")
		return nil
	}
	p.line("", "its loss is that of the CPU, %.6g", off.Loss())
	return nil
}

// program is the MCR² loss of a perceptron on 200 samples of 10 classes, and its
// gradient.
func program(o nn.Options) (*nn.Program, func(), error) {
	model, err := models.NewMLP(models.MLPConfig{Dims: []int{64, 128, 32}, Normalize: true})
	if err != nil {
		return nil, nil, err
	}
	x, err := nn.NewParam("x", tensor.Float32, 200, 64)
	if err != nil {
		return nil, nil, err
	}
	if err := (initializer.Normal{Std: 1}).Fill(x, nn.Rand(0, "x")); err != nil {
		return nil, nil, err
	}
	labels := make([]float32, 200)
	for i := range labels {
		labels[i] = float32(i % 10)
	}
	g := nn.NewGraph(nn.Train)
	in, err := g.Input("x", x.Value)
	if err != nil {
		return nil, nil, err
	}
	y, err := g.Input("labels", tensor.New(tensor.WithShape(200), tensor.WithBacking(labels)))
	if err != nil {
		return nil, nil, err
	}
	z, err := model.Forward(g, in)
	if err != nil {
		return nil, nil, err
	}
	loss, err := losses.MCR2{Classes: 10}.Loss(g, z, y)
	if err != nil {
		return nil, nil, err
	}
	p, err := nn.Compile(g, nn.Outputs{Loss: loss, Wrt: model.Params()}, o)
	if err != nil {
		return nil, nil, err
	}
	return p, func() { _ = p.Close() }, nil
}
