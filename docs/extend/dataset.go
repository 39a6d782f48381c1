package extend

import (
	"io"
	"math"
	"math/rand/v2"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
)

// Waves makes batches of sines under noise, and the sines as targets: a data.Source that
// has nothing in memory. What it makes is a function of Seed and the position.
type Waves struct {
	Size, Length int // samples a batch, numbers a sample
	Count        int // batches an epoch
	Seed         uint64

	at  data.Position
	pcg rand.PCG
}

// Next implements data.Source.
func (w *Waves) Next(x, y *tensor.Dense) error {
	if x.Dtype() != tensor.Float32 || y.Dtype() != tensor.Float32 {
		return errors.Errorf("waves: a batch of %v and %v, want float32", x.Dtype(), y.Dtype())
	}
	if w.at.Batch == int64(w.Count) {
		w.at = data.Position{Epoch: w.at.Epoch + 1}
		return io.EOF
	}
	w.pcg.Seed(w.Seed, uint64(w.at.Epoch)<<32|uint64(w.at.Batch))
	r := rand.New(&w.pcg)
	noisy, clean := x.Float32s(), y.Float32s()
	for i := range w.Size {
		frequency, phase := 0.1+r.Float64(), 6*r.Float64()
		for j := range w.Length {
			v := math.Sin(frequency*float64(j) + phase)
			clean[i*w.Length+j], noisy[i*w.Length+j] = float32(v), float32(v+0.3*r.NormFloat64())
		}
	}
	w.at.Batch++
	return nil
}

// What the trainer asks of a data.Source.
func (w *Waves) BatchSize() int              { return w.Size }
func (w *Waves) Batches() int                { return w.Count }
func (w *Waves) SampleShape() []int          { return []int{w.Length} }
func (w *Waves) TargetShape() []int          { return []int{w.Length} }
func (w *Waves) Position() data.Position     { return w.at }
func (w *Waves) Seek(to data.Position) error { w.at = to; return nil }
