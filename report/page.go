package report

import (
	_ "embed" // the page
	"encoding/base64"
	"fmt"
	"html/template"
	"io"

	"github.com/pkg/errors"
	"gonum.org/v1/plot/vg"

	"github.com/whitebox-nn/whitebox/internal/atomicfile"
)

//go:embed page.html
var pageText string

// writePage writes the page with every figure inside it, numbered.
func (r *Report) writePage(path string, sections []Section, pngs map[*Figure][]byte) error {
	image := func(f *Figure) template.URL {
		return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(pngs[f]))
	}
	figures := 0
	number := func() int { figures++; return figures }
	page, err := template.New("page").Funcs(template.FuncMap{"image": image, "width": pageWidth, "number": number,
		"ratio": Percent}).Parse(pageText)
	if err != nil {
		return errors.WithStack(err)
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		return errors.WithStack(page.Execute(w, struct {
			*Report
			Sections []Section
		}{r, sections}))
	})
}

// pageWidth returns how many pixels wide a figure is on the page, so that letters are as large in all of them.
func pageWidth(f *Figure) int {
	const perInch = 104 // three plots of 3.2 inches fill the page
	w, _ := f.plotsSize()
	return int(perInch * w / vg.Inch)
}

// Percent returns a share as a percentage with one decimal: "97.2 %".
func Percent(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }
