package denoise

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/report"
)

// sections returns what the page says of the sensing.
func (s *sensing) sections() ([]report.Section, error) {
	titles, strips := []string{"clean"}, []*images{s.clean}
	var rows []report.Row
	for _, r := range s.Recoveries {
		titles, strips = append(titles, fmt.Sprintf("%s, %.2f dB", r.Name, r.PSNR)), append(strips, r.images)
		rows = append(rows, report.Row{Name: r.Name, Values: r.cells(), Note: r.note})
	}
	pictured, err := pictures(titles, strips)
	if err != nil {
		return nil, err
	}
	before, err := report.Compose("sensed", "Test images, and what the methods recover of them.", 7.5, 1.05,
		pictured...)
	if err != nil {
		return nil, err
	}
	curves, err := report.Compose("sensing", "PSNR by layer or iteration.", 7.5, 3.4, []report.Plot{s.byLayer()})
	if err != nil {
		return nil, err
	}
	return []report.Section{{
		Title: "Compressive sensing", Words: s.words(), Figures: []*report.Figure{before, curves},
		Columns: []string{"PSNR, dB", "λ, or atoms", "µs a block"}, Table: rows,
	}}, nil
}

// byLayer returns the curves of the methods that have layers, dashed those of solvers,
// and the line that FISTA converges to.
func (s *sensing) byLayer() report.Plot {
	p := report.Plot{WholeX: true, X: "layer, or iteration", Y: "PSNR in dB"}
	layers := float64(s.cfg.Layers)
	for _, r := range s.Recoveries {
		c := report.Curve{Name: r.Name, Y: r.ByLayer, Dashed: r.Learned == 0}
		for layer := range r.ByLayer {
			c.X = append(c.X, float64(layer))
		}
		if r.Name == nameLASSO {
			c.X, c.Y = []float64{0, layers}, []float64{r.PSNR, r.PSNR}
		}
		if len(c.X) > 0 {
			p.Curves = append(p.Curves, c)
		}
	}
	return p
}

// cells returns the numbers of a row of the table.
func (r *recovery) cells() []string {
	tuned := "–"
	if r.Tuned != 0 {
		tuned = strconv.FormatFloat(r.Tuned, 'g', 3, 64)
	}
	return []string{fmt.Sprintf("%.2f", r.PSNR), tuned, fmt.Sprintf("%.0f", 1e6*r.Seconds)}
}

// words says what was done and what came out.
func (s *sensing) words() []string {
	p, n := s.atoms.Dims()
	last := s.Recoveries[len(s.Recoveries)-1]
	best := s.Recoveries[0]
	for _, r := range s.Recoveries {
		if r.Learned == 0 && r.PSNR > best.PSNR {
			best = r
		}
	}
	verdict := fmt.Sprintf("%.2f dB more than %s, the best of the solvers", last.PSNR-best.PSNR, best.Name)
	if last.PSNR < best.PSNR {
		verdict = fmt.Sprintf("%.2f dB less than %s, which it should not be; were these enough steps?",
			best.PSNR-last.PSNR, best.Name)
	}
	return []string{
		fmt.Sprintf("Of each block x of %d pixels of the test images there are %d measurements y = Φx, with a "+
			"Gaussian Φ that is the same for all. "+
			"What was measured is looked for among what the %d atoms of the dictionary, and a constant one, write "+
			"with few of them: y ≈ ΦDz, x = Dz.", p, s.Measurements, n-1),
		fmt.Sprintf("The networks are %d layers of LISTA-CP, unrolled for ΦD and trained for %d steps on "+
			"measurements of patches of the training images. "+
			"The one that knows the patches reaches %.2f dB, %s.", s.cfg.Layers, s.cfg.Steps, last.PSNR, verdict),
	}
}

// print writes the table. Without a sensing it writes nothing.
func (s *sensing) print(w io.Writer) error {
	if s == nil {
		return nil
	}
	p, _ := s.atoms.Dims()
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "\n%d of %d measurements\tPSNR, dB\tλ, or atoms\tµs a block\t\n", s.Measurements, p)
	for _, r := range s.Recoveries {
		fmt.Fprintf(t, "%s\t%s\t\n", r.Name, strings.Join(r.cells(), "\t"))
	}
	return errors.WithStack(t.Flush())
}
