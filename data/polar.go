package data

import (
	"math"

	"github.com/pkg/errors"
)

// Polar returns images in polar coordinates: signals of radii channels, one for each
// radius, over angles equal steps around the centre, so that turning an image is
// shifting its signals circularly.
//
//	out[c·radii+r, a] = image[c](centre + ρᵣ(cos φₐ, sin φₐ)),  ρᵣ = (r+½)/radii · min(h, w)/2,  φₐ = 2πa/angles
//
// by bilinear interpolation, 0 outside. Shapes: samples c×h×w, out c·radii × angles.
// Errors: ErrInput for samples that are no images, or sizes below 1.
//
// Reference: Chan et al. ReduNet. JMLR 2022, § 5.3; their code turns the image by
// splines and reads a column.
func (s *Set) Polar(radii, angles int) (*Set, error) {
	s = s.safe()
	if len(s.shape) != 3 || radii < 1 || angles < 1 {
		return nil, errors.Wrapf(ErrInput,
			"data: polar: samples of %v to %d radii and %d angles, want images c×h×w and at least 1 each", s.shape,
			radii, angles)
	}
	c, h, w := s.shape[0], s.shape[1], s.shape[2]
	if !fitsMemory(s.Len(), c, radii, angles) {
		return nil, errors.Wrapf(ErrInput,
			"data: polar: %d samples of %d channels, %d radii and %d angles, want at most %d numbers", s.Len(), c,
			radii, angles, maxNumbers)
	}
	half := float64(min(h, w)) / 2
	return s.mapped([]int{c * radii, angles}, func(out, x []float64) {
		for ch := range c {
			image := x[ch*h*w : (ch+1)*h*w]
			for r := range radii {
				rho := (float64(r) + 0.5) / float64(radii) * half
				for a := range angles {
					sin, cos := math.Sincos(2 * math.Pi * float64(a) / float64(angles))
					out[(ch*radii+r)*angles+a] = bilinear(image, h, w, float64(h-1)/2+rho*sin, float64(w-1)/2+rho*cos)
				}
			}
		}
	})
}

// bilinear returns the image, 0 outside, at a point between pixels.
func bilinear(image []float64, h, w int, y, x float64) float64 {
	i, j := int(math.Floor(y)), int(math.Floor(x))
	fy, fx := y-float64(i), x-float64(j)
	at := func(i, j int) float64 {
		if i < 0 || j < 0 || i >= h || j >= w {
			return 0
		}
		return image[i*w+j]
	}
	return (1-fy)*((1-fx)*at(i, j)+fx*at(i, j+1)) + fy*((1-fx)*at(i+1, j)+fx*at(i+1, j+1))
}

// Shifted returns samples that are shifted circularly by some steps along their last
// axes: one step for each axis, the last for the last.
//
//	out[…, (t + by) mod T] = x[…, t]
//
// Errors: ErrInput for more steps than axes.
func (s *Set) Shifted(by ...int) (*Set, error) {
	s = s.safe()
	if len(by) == 0 || len(by) > len(s.shape) || len(by) > 2 {
		return nil, errors.Wrapf(ErrInput,
			"data: shift samples of %v by %v, want a step for the last axis or the last two", s.shape, by)
	}
	w := s.shape[len(s.shape)-1]
	h, down, right := 1, 0, mod(by[len(by)-1], w)
	if len(by) == 2 {
		h = s.shape[len(s.shape)-2]
		down = mod(by[0], h)
	}
	return s.mapped(s.shape, func(out, x []float64) {
		for top := 0; top < len(x); top += h * w {
			for i := range h {
				row, to := x[top+i*w:top+(i+1)*w], out[top+(i+down)%h*w:]
				copy(to[right:w], row)
				copy(to[:right], row[w-right:])
			}
		}
	})
}

// mod returns a modulo n, from 0 on.
func mod(a, n int) int { return (a%n + n) % n }

// mapped returns f of each sample, as samples of another shape.
func (s *Set) mapped(shape []int, f func(out, x []float64)) (*Set, error) {
	d := 1
	for _, v := range shape {
		d *= v
	}
	t := *s
	t.shape = append([]int(nil), shape...)
	if s.x.beyond32() {
		t.x = mapped[float64](s.x, d, f)
	} else {
		t.x = mapped[float32](s.x, d, f)
	}
	if err := s.x.err(); err != nil {
		return nil, errors.WithMessage(err, "data")
	}
	t.file = nil
	return &t, nil
}

// mapped returns f of each row, d numbers, in T.
func mapped[T float32 | float64](r rows, d int, f func(out, x []float64)) rows {
	x := make([]T, 0, r.len()*d)
	in, out := make([]float64, r.width()), make([]float64, d)
	for i := range r.len() {
		r.fill64(in, i)
		f(out, in)
		for _, v := range out {
			x = append(x, T(v))
		}
	}
	return numbers[T]{x: x, scale: 1, d: d, beyond: r.beyond32()}
}
