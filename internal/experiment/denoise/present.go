package denoise

import (
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"text/tabwriter"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/experiment"
	"github.com/whitebox-nn/whitebox/report"
)

// shown is how many images are drawn.
const shown = 10

// write writes summary.json, the figures and report.html.
func (r *result) write(cfg config) error {
	figures, err := r.figures(cfg)
	if err != nil {
		return err
	}
	if r.Sensing != nil {
		sensed, err := r.Sensing.sections()
		if err != nil {
			return err
		}
		figures = slices.Insert(figures, 1, sensed...)
	}
	page := report.Report{
		Title: fmt.Sprintf("Denoising of %s with a learned dictionary", cfg.Data), Lead: r.findings(cfg),
		Table:    []report.Row{{Name: "PSNR, dB", Note: "over all pixels of the test images; more is better"}},
		Settings: settings(cfg), Sections: figures,
	}
	for _, name := range r.names {
		page.Runs = append(page.Runs, report.Run{Name: name})
		page.Table[0].Values = append(page.Table[0].Values, fmt.Sprintf("%.2f", r.PSNR[name]))
	}
	if err := page.Write(cfg.Out); err != nil {
		return err
	}
	return experiment.WriteJSON(filepath.Join(cfg.Out, "summary.json"), struct {
		config
		*result
	}{cfg, r})
}

// findings says in words what the numbers show.
func (r *result) findings(cfg config) []string {
	learned, cosines := r.PSNR["learned dictionary"], r.PSNR["cosines"]
	than := "more than a dictionary of cosines that nobody learned"
	if learned < cosines {
		than = "less than a dictionary of cosines that nobody learned, which it should not be; were these enough " +
			"passes?"
	}
	return []string{
		fmt.Sprintf("Noise of standard deviation %v leaves the test images %.2f dB. A dictionary of %d atoms, "+
			"learned by %s from %d patches of clean training images, brings them to %.2f dB, %.2f dB %s.",
			cfg.Sigma, r.PSNR["noisy"], cfg.Atoms, title(cfg.Method), r.Patches, learned, math.Abs(learned-cosines),
			than),
		fmt.Sprintf("A noisy patch is written as %.1f atoms, on average, beside its mean.", r.AtomsPerPatch),
	}
}

func title(method string) string {
	return map[string]string{"mod": "MOD", "ksvd": "K-SVD", "online": "online learning"}[method]
}

// figures returns the pictures, the dictionary and the objective.
func (r *result) figures(cfg config) ([]report.Section, error) {
	rows, err := r.strips()
	if err != nil {
		return nil, err
	}
	pictures, err := report.Compose("images", "Clean images, noisy ones, and what the methods make of them.", 7.5, 1.05,
		rows...)
	if err != nil {
		return nil, err
	}
	atoms, err := report.Tiles(r.sorted(), cfg.Patch, cfg.Patch, int(math.Ceil(1.5*math.Sqrt(float64(cfg.Atoms)))))
	if err != nil {
		return nil, err
	}
	h, w := atoms.Dims()
	dictionary, err := report.Compose("dictionary", "The atoms of the learned dictionary as patches.", 7.5,
		7.5*float64(h)/float64(w)+0.2,
		[]report.Plot{{Picture: &report.Picture{Values: atoms, Signed: true, Bar: "value"}}})
	if err != nil {
		return nil, err
	}
	passes := make([]float64, len(r.Objective))
	for i := range passes {
		passes[i] = float64(i + 1)
	}
	objective, err := report.Compose("objective", "The objective of the learning by pass.", 5, 3,
		[]report.Plot{{WholeX: true, X: "pass", Y: "objective",
			Curves: []report.Curve{{X: passes, Y: r.Objective, Dots: true}}}})
	if err != nil {
		return nil, err
	}
	return []report.Section{
		{Title: "Before and after",
			Words:   []string{"Some of the test images, and what each method makes of the noisy ones."},
			Figures: []*report.Figure{pictures}},
		{Title: "The dictionary",
			Words:   []string{"Its atoms, those that most of the noisy patches use first: red above 0, blue below."},
			Figures: []*report.Figure{dictionary}},
		{Title: "Learning", Words: []string{objectiveWords(cfg.Method)}, Figures: []*report.Figure{objective}},
	}, nil
}

func objectiveWords(method string) string {
	if method == "online" {
		return "½‖x − Dz‖² + λ‖z‖₁, the mean of the training patches, by pass: each batch as it was coded, before " +
			"it changed the dictionary."
	}
	return "½‖x − Dz‖², the mean of the training patches, by pass."
}

// strips returns the images and what the methods make of them.
func (r *result) strips() ([][]report.Plot, error) {
	titles, strips := []string{"clean"}, []*images{r.clean}
	for i, name := range r.names {
		titles, strips = append(titles, fmt.Sprintf("%s, %.2f dB", name, r.PSNR[name])), append(strips, r.estimates[i])
	}
	return pictures(titles, strips)
}

// pictures returns rows of the first images, each under its title.
func pictures(titles []string, strips []*images) (rows [][]report.Plot, err error) {
	for i, x := range strips {
		n, d := x.pixels.Dims()
		n = min(n, shown)
		tiles, err := report.Tiles(x.pixels.Slice(0, n, 0, d), x.h, x.w, n)
		if err != nil {
			return nil, err
		}
		rows = append(rows, []report.Plot{{Title: titles[i], Picture: &report.Picture{Values: tiles, Lo: 0, Hi: 1}}})
	}
	return rows, nil
}

// sorted returns the atoms as rows, the most used first, each scaled to reach 1.
func (r *result) sorted() *mat.Dense {
	order := make([]int, len(r.used))
	for j := range order {
		order[j] = j
	}
	slices.SortStableFunc(order, func(a, b int) int { return r.used[b] - r.used[a] })
	d := mat.DenseCopyOf(r.dictionary.D.T())
	n, m := d.Dims()
	out := mat.NewDense(n, m, nil)
	for i, j := range order {
		atom := mat.NewVecDense(m, d.RawRowView(j))
		atom.ScaleVec(1/mat.Norm(atom, math.Inf(1)), atom)
		out.SetRow(i, atom.RawVector().Data)
	}
	return out
}

// print writes the table.
func (r *result) print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\tPSNR, dB\t")
	for _, name := range r.names {
		fmt.Fprintf(t, "%s\t%.2f\t\n", name, r.PSNR[name])
	}
	if err := t.Flush(); err != nil {
		return errors.WithStack(err)
	}
	if err := r.Sensing.print(w); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%d patches learned from in %.1f s; %.1f atoms a noisy patch; denoised in %.1f s\n",
		r.Patches, r.Learning, r.AtomsPerPatch, r.Denoising)
	return errors.WithStack(err)
}

// settings returns what the dictionary was made with, for the page.
func settings(cfg config) []report.Row {
	row := func(name string, value any, note string) report.Row {
		return report.Row{Name: name, Values: []string{fmt.Sprint(value)}, Note: note}
	}
	rows := []report.Row{
		row("data", cfg.Data, ""), row("noise", cfg.Sigma, "-sigma"), row("method", title(cfg.Method), "-method"),
		row("atoms", cfg.Atoms, "-atoms"),
		row("patch", fmt.Sprintf("%d×%d", cfg.Patch, cfg.Patch), "-patch"), row("passes", cfg.Iters, "-iters"),
		row("images", cfg.Images, "-images"), row("seed", cfg.Seed, "-seed"),
	}
	if cfg.Rate > 0 {
		rows = append(rows, row("measurements of a pixel", cfg.Rate, "-rate: of compressive sensing"),
			row("layers", cfg.Layers, "-layers"), row("steps", cfg.Steps, "-steps: of each network"))
	}
	if cfg.Method == "online" {
		return append(rows, row("λ", cfg.Lambda, "-lambda"))
	}
	return append(rows, row("atoms of a patch", cfg.Sparsity, "-sparsity: while it learns"))
}
