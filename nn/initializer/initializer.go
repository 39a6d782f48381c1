// Package initializer gives parameters their first values, from a seed: see nn.Rand and
// nn.Initializer.
package initializer

import (
	"math"
	"math/rand/v2"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/op"
)

// NewParam returns a parameter with initial values that depend on the seed and its name
// alone. The zero dtype is float32.
func NewParam(name string, dt tensor.Dtype, seed uint64, init nn.Initializer, shape ...int) (*nn.Param, error) {
	if init == nil {
		return nil, errors.Errorf("initializer: %q: no initial values", name)
	}
	if dt == (tensor.Dtype{}) {
		dt = tensor.Float32
	}
	p, err := nn.NewParam(name, dt, shape...)
	if err != nil {
		return nil, err
	}
	return p, init.Fill(p, nn.Rand(seed, name))
}

// fans returns how many inputs an output of p has, and how many outputs an input:
// for out×in, and for out×in×h×w with h·w of each. A vector has one input.
func fans(p *nn.Param) (in, out int) {
	s := p.Value.Shape()
	switch len(s) {
	case 0:
		return 1, 1
	case 1:
		return 1, s[0]
	}
	field := 1
	for _, d := range s[2:] {
		field *= d
	}
	return s[1] * field, s[0] * field
}

// drawn reports a parameter that cannot be filled from r.
func drawn(p *nn.Param, r *rand.Rand) error {
	if err := p.Check(); err != nil {
		return errors.WithMessage(err, "initializer")
	}
	if r == nil {
		return errors.Errorf("initializer: %q: no generator: take one from nn.Rand", p.Name)
	}
	return nil
}

// fill sets every element of p by draw.
func fill(p *nn.Param, draw func() float64) error {
	if err := p.Check(); err != nil {
		return errors.WithMessage(err, "initializer")
	}
	values := make([]float64, p.Value.Size())
	for i := range values {
		values[i] = draw()
	}
	return errors.WithMessagef(nn.SetFloats(p.Value, values), "initializer: %q", p.Name)
}

// constant sets every element of p to c.
func constant(p *nn.Param, c float64) error {
	if err := p.Check(); err != nil {
		return errors.WithMessage(err, "initializer")
	}
	if p.Value.Dtype() == tensor.Float64 {
		set(p.Value.Float64s(), c)
		return nil
	}
	if math.IsInf(float64(float32(c)), 0) && !math.IsInf(c, 0) {
		return errors.Wrapf(op.ErrInput, "initializer: %q: %v, and float32 ends at %.2g: use float64", p.Name, c,
			math.MaxFloat32)
	}
	set(p.Value.Float32s(), float32(c))
	return nil
}

func set[T float32 | float64](dst []T, c T) {
	for i := range dst {
		dst[i] = c
	}
}

// uniform sets every element of p by U(−bound, bound).
func uniform(p *nn.Param, r *rand.Rand, bound float64) error {
	return fill(p, func() float64 { return bound * (2*r.Float64() - 1) })
}

// Zeros sets every element to 0.
type Zeros struct{}

// Fill implements nn.Initializer.
func (Zeros) Fill(p *nn.Param, _ *rand.Rand) error { return constant(p, 0) }

// Ones sets every element to 1.
type Ones struct{}

// Fill implements nn.Initializer.
func (Ones) Fill(p *nn.Param, _ *rand.Rand) error { return constant(p, 1) }

// Constant sets every element to Value.
type Constant struct{ Value float64 }

// Fill implements nn.Initializer.
func (c Constant) Fill(p *nn.Param, _ *rand.Rand) error {
	return constant(p, c.Value)
}

// Normal draws from N(Mean, Std²).
type Normal struct {
	Mean float64
	Std  float64 // 0 or above
}

// Fill implements nn.Initializer.
func (n Normal) Fill(p *nn.Param, r *rand.Rand) error {
	if err := drawn(p, r); err != nil {
		return err
	}
	if !(n.Std >= 0) {
		return errors.Errorf("initializer: %q: standard deviation %v, want it 0 or above", p.Name, n.Std)
	}
	return fill(p, func() float64 { return n.Mean + n.Std*r.NormFloat64() })
}

// Uniform draws from [Lo, Hi).
type Uniform struct{ Lo, Hi float64 }

// Fill implements nn.Initializer.
func (u Uniform) Fill(p *nn.Param, r *rand.Rand) error {
	if err := drawn(p, r); err != nil {
		return err
	}
	if !(u.Lo <= u.Hi) {
		return errors.Errorf("initializer: %q: uniform from %v to %v", p.Name, u.Lo, u.Hi)
	}
	return fill(p, func() float64 { return u.Lo + (u.Hi-u.Lo)*r.Float64() })
}

// Glorot keeps the variance of signals in both directions: a variance of
// g²·2/(fan_in + fan_out), uniform or normal.
//
// Reference: Glorot, Bengio. Understanding the difficulty of training deep
// feedforward neural networks. AISTATS 2010, eq. 16.
type Glorot struct {
	Gain   float64 // g; 0 is 1
	Normal bool
}

// Fill implements nn.Initializer.
func (g Glorot) Fill(p *nn.Param, r *rand.Rand) error {
	if err := drawn(p, r); err != nil {
		return err
	}
	in, out := fans(p)
	return spread(p, r, orOne(g.Gain)*math.Sqrt(2/float64(in+out)), g.Normal)
}

// He keeps the variance of signals through ReLU: a variance of g²/fan with g = √2,
// uniform or normal.
//
// Reference: He, Zhang, Ren, Sun. Delving deep into rectifiers. ICCV 2015, eq. 10
// and, with FanOut, 14.
type He struct {
	Gain   float64 // g; 0 is √2
	Normal bool
	FanOut bool // keep the variance of gradients instead
}

// Fill implements nn.Initializer.
func (h He) Fill(p *nn.Param, r *rand.Rand) error {
	if err := drawn(p, r); err != nil {
		return err
	}
	fan, out := fans(p)
	if h.FanOut {
		fan = out
	}
	gain := h.Gain
	if gain == 0 {
		gain = math.Sqrt2
	}
	return spread(p, r, gain/math.Sqrt(float64(fan)), h.Normal)
}

// spread draws with a standard deviation of sd.
func spread(p *nn.Param, r *rand.Rand, sd float64, normal bool) error {
	if normal {
		return Normal{Std: sd}.Fill(p, r)
	}
	return uniform(p, r, math.Sqrt(3)*sd)
}

func orOne(v float64) float64 {
	if v == 0 {
		return 1
	}
	return v
}

// Orthogonal makes the rows of p, or the columns where they are fewer, orthonormal,
// uniformly among all such matrices, times Gain. More than two axes count as two:
// the first, and the others together.
//
// Reference: Saxe, McClelland, Ganguli. Exact solutions to the nonlinear dynamics
// of learning in deep linear neural networks. ICLR 2014.
type Orthogonal struct {
	Gain float64 // 0 is 1
}

// Fill implements nn.Initializer.
func (o Orthogonal) Fill(p *nn.Param, r *rand.Rand) error {
	if err := drawn(p, r); err != nil {
		return err
	}
	s := p.Value.Shape()
	if len(s) < 2 {
		return errors.Errorf("initializer: %q: orthogonal needs a matrix, not shape %v", p.Name, s)
	}
	rows := s[0]
	cols := p.Value.Size() / rows
	tall := mat.NewDense(max(rows, cols), min(rows, cols), nil)
	tall.Apply(func(int, int, float64) float64 { return r.NormFloat64() }, tall)
	var qr mat.QR // gonum's, for the bits that weights have always had
	qr.Factorize(tall)
	var q, upper mat.Dense
	qr.QTo(&q)
	qr.RTo(&upper)
	// The signs of R's diagonal make Q unique, and with that uniform.
	values := make([]float64, 0, rows*cols)
	for i := range rows {
		for j := range cols {
			a, b := i, j
			if rows < cols {
				a, b = j, i
			}
			values = append(values, orOne(o.Gain)*math.Copysign(1, upper.At(b, b))*q.At(a, b))
		}
	}
	return errors.WithMessagef(nn.SetFloats(p.Value, values), "initializer: %q", p.Name)
}

// KaimingUniform draws from U(±g·√(3/fan_in)) with the gain g = √(2/(1 + a²)). Its zero
// value is PyTorch's default for the weights of linear layers and convolutions, a = √5,
// which is U(±1/√fan_in).
//
// Reference: He, Zhang, Ren, Sun. Delving deep into rectifiers. ICCV 2015, with the gain
// of a leaky ReLU of slope a.
type KaimingUniform struct {
	A float64 // a; 0 is √5. See He for a ReLU
}

// Fill implements nn.Initializer.
func (k KaimingUniform) Fill(p *nn.Param, r *rand.Rand) error {
	if err := drawn(p, r); err != nil {
		return err
	}
	in, _ := fans(p)
	if k.A == 0 {
		return uniform(p, r, 1/math.Sqrt(float64(in)))
	}
	return uniform(p, r, math.Sqrt(6/((1+k.A*k.A)*float64(in))))
}

// BiasUniform is PyTorch's default for the biases of those layers, U(±1/√fan_in).
type BiasUniform struct {
	FanIn int // of the weights; at least 1
}

// Fill implements nn.Initializer.
func (b BiasUniform) Fill(p *nn.Param, r *rand.Rand) error {
	if err := drawn(p, r); err != nil {
		return err
	}
	if b.FanIn < 1 {
		return errors.Errorf("initializer: %q: fan-in of %d, want at least 1", p.Name, b.FanIn)
	}
	return uniform(p, r, 1/math.Sqrt(float64(b.FanIn)))
}
