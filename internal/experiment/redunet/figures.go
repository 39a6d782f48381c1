package redunet

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/metrics"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/report"
)

// sections returns the figures with words.
func (r *result) sections() (all []report.Section, err error) {
	for _, s := range []struct {
		title, words string
		figure       func() (*report.Figure, error)
	}{
		{"Rates by layer", "R, Rᶜ and ΔR = R − Rᶜ of the training features, before the first layer and after each.",
			r.ratesFigure},
		{"Cosines before and after", "|cos| between training samples, sorted by class: blocks on the diagonal are " +
			"classes, white beside them is orthogonality.", r.cosinesFigure},
		{"The features on the sphere",
			"Before the first layer and after the last: each class goes to a line, orthogonal to the others.",
			r.sphereFigure},
		{"The first layer", "E, which expands all features, and Cⱼ, which compress class j, without their " +
			"diagonals where they are large. Blue is below 0, red above; of complex matrices their size.",
			r.weightsFigure},
		{"All shifts", "Accuracy of the nearest subspace on test samples that are shifted, by the shift.",
			r.shiftsFigure},
	} {
		f, err := s.figure()
		if err != nil {
			return nil, err
		}
		if f != nil {
			all = append(all, report.Section{Title: s.title, Words: []string{s.words}, Figures: []*report.Figure{f}})
		}
	}
	return all, nil
}

func (r *result) ratesFigure() (*report.Figure, error) {
	x := make([]float64, len(r.rates))
	whole, parts, delta := make([]float64, len(x)), make([]float64, len(x)), make([]float64, len(x))
	for i, v := range r.rates {
		x[i], whole[i], parts[i], delta[i] = float64(i), v.R, v.Rc, v.DeltaR
	}
	curves := []report.Curve{{Name: "R", X: x, Y: whole}, {Name: "Rᶜ", X: x, Y: parts}, {Name: "ΔR", X: x, Y: delta}}
	if opt, ok := r.cfg.optimum(); ok {
		curves = append(curves, report.Curve{Name: "best ΔR", X: []float64{0, x[len(x)-1]}, Y: []float64{opt, opt},
			Dashed: true})
	}
	return report.Compose("rates", "R, Rᶜ and ΔR by layer.", 8.4, 3,
		[]report.Plot{{X: "layer", Y: "nats", Curves: curves}})
}

// optimum returns the largest ΔR of d classes of one size on orthogonal lines in ℝᵈ,
// where each class has one direction:
//
//	R = (d/2) ln(1 + 1/ε²)        Rᶜ = ½ ln(1 + d/ε²)
func (c config) optimum() (float64, bool) {
	d := float64(c.Dim)
	return d/2*math.Log(1+1/c.Eps2) - math.Log(1+d/c.Eps2)/2, c.Data == "gaussians"
}

// mostMapped is the most samples of a cosine map, which takes memory by the square.
const mostMapped = 1000

func (r *result) cosinesFigure() (*report.Figure, error) {
	var row []report.Plot
	for _, f := range []struct {
		title string
		features
	}{{"before", r.before}, {"after " + fmt.Sprint(r.Layers) + " layers", r.train}} {
		some := f.thinned(mostMapped)
		m, starts, err := metrics.CosineMap(some.z, some.labels, some.classes)
		if err != nil {
			return nil, err
		}
		row = append(row, report.Plot{Title: f.title, X: "samples by class", Picture: report.CosineMap(m, starts)})
	}
	return report.Compose("cosines", "Cosines between samples before and after the network.", 4.2, 3.9, row)
}

// thinned returns at most n samples, evenly over the set.
func (f features) thinned(n int) features {
	rows, d := f.z.Dims()
	if rows <= n {
		return f
	}
	z, labels := mat.NewDense(n, d, nil), make([]int, n)
	for i := range n {
		from := i * rows / n
		z.SetRow(i, f.z.RawRowView(from))
		labels[i] = f.labels[from]
	}
	return features{z: z, labels: labels, classes: f.classes}
}

// sphereFigure draws features of two or three dimensions; of three, seen along the
// diagonal.
func (r *result) sphereFigure() (*report.Figure, error) {
	_, d := r.train.z.Dims()
	if d != 2 && d != 3 {
		return nil, nil
	}
	var row []report.Plot
	for _, f := range []struct {
		title string
		features
	}{{"before", r.before}, {"training samples, after", r.train}, {"test samples, after", r.test}} {
		p := report.Plot{Title: f.title, Square: true, Curves: []report.Curve{circle()}}
		for j := range f.classes {
			c := report.Cloud{Name: fmt.Sprint("class ", j), Class: j}
			for i, y := range f.labels {
				if y == j {
					x, y := project(f.z.RawRowView(i))
					c.X, c.Y = append(c.X, x), append(c.Y, y)
				}
			}
			p.Clouds = append(p.Clouds, c)
		}
		row = append(row, p)
	}
	return report.Compose("sphere", "The features on the unit sphere, before and after the network.", 3, 3, row)
}

// project returns a point of the plane.
func project(z []float64) (x, y float64) {
	if len(z) == 2 {
		return z[0], z[1]
	}
	return (z[1] - z[0]) / math.Sqrt2, (2*z[2] - z[0] - z[1]) / math.Sqrt(6)
}

func circle() report.Curve {
	c := report.Curve{Dashed: true}
	for i := range 181 {
		a := 2 * math.Pi * float64(i) / 180
		c.X, c.Y = append(c.X, math.Cos(a)), append(c.Y, math.Sin(a))
	}
	return c
}

// weightsFigure draws E and up to three Cⱼ of the first layer; of a
// translation-invariant one, their size at the second frequency.
func (r *result) weightsFigure() (*report.Figure, error) {
	const most = 3
	params := r.net.Layers()[0].Params()
	e, err := nn.Floats(nil, params[0].Value)
	if err != nil {
		return nil, err
	}
	d := params[0].Value.Shape()[params[0].Value.Dims()-1]
	row := []report.Plot{{Title: "E", Picture: r.matrix(e, d)}}
	for j := range min(most, r.sets.train.Classes()) {
		c, err := r.compression(params, j, d, len(e))
		if err != nil {
			return nil, err
		}
		row = append(row, report.Plot{Title: fmt.Sprintf("C of class %d", j), Picture: r.matrix(c, d)})
	}
	return report.Compose("weights", "E and the first Cⱼ of the first layer.", 3.1, 2.7, row)
}

// matrix returns the picture of a d×d matrix, or of the size of a complex one at the
// second frequency, or the only one. The diagonal, which is much larger than the
// rest, is left white in pictures of more than three rows.
func (r *result) matrix(w []float64, d int) *report.Picture {
	m := mat.NewDense(d, d, nil)
	at := 0
	if len(w) > 2*d*d {
		at = 2 * d * d
	}
	m.Apply(func(i, j int, _ float64) float64 {
		switch v := w[at+i*d+j]; {
		case i == j && d > 3:
			return math.NaN()
		case len(w) > d*d:
			return math.Hypot(v, w[at+d*d+i*d+j])
		default:
			return v
		}
	}, m)
	return &report.Picture{Values: m, Signed: true, Bar: "weight"}
}

// compression returns Cⱼ of a layer, size numbers.
func (r *result) compression(params []*nn.Param, j, d, size int) ([]float64, error) {
	values, err := nn.Floats(nil, params[1].Value)
	if err != nil || len(params) == 3 {
		return values[j*size : (j+1)*size], err
	}
	alpha, err := nn.Floats(nil, params[2].Value)
	if err != nil {
		return nil, err
	}
	rows := r.net.Config().Rows
	at := 0
	for _, n := range rows[:j] {
		at += n * d
	}
	b := mat.NewDense(rows[j], d, values[at:at+rows[j]*d])
	var c mat.Dense
	c.Mul(b.T(), b)
	c.Apply(func(p, q int, v float64) float64 {
		if p == q {
			v--
		}
		return -alpha[j] * v
	}, &c)
	return c.RawMatrix().Data, nil
}

// A shifted is the accuracy on samples shifted by some steps, of their features and
// of what the first layer gets.
type shifted struct{ by, after, before float64 }

func (r *result) shiftsFigure() (*report.Figure, error) {
	if len(r.shifts) == 0 {
		return nil, nil
	}
	after, before := report.Curve{Name: "features"}, report.Curve{Name: "lifted samples, before the first layer"}
	for _, s := range r.shifts {
		after.X, after.Y = append(after.X, s.by), append(after.Y, s.after)
		before.X, before.Y = append(before.X, s.by), append(before.Y, s.before)
	}
	return report.Compose("shifts", "Accuracy by the shift of the samples.", 8.4, 3,
		[]report.Plot{{X: "shift", Y: "accuracy", Curves: []report.Curve{after, before}}})
}
