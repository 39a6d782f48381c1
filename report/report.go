// Package report turns the logs and the features of runs into figures, as PNG
// and SVG, and one self-contained page of HTML.
//
// It does not depend on models or graphs: a [History] is read from a log, and spectra and cosines are computed by
// package metrics.
package report

import (
	stderrors "errors"
	"os"
	"path/filepath"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"
)

// ErrInput reports a log, or numbers, that cannot be drawn. Test for it with
// errors.Is.
var ErrInput = stderrors.New("report: bad input")

// A Run holds the data of one run that the figures show. Missing data are left out.
type Run struct {
	Name    string  // for titles and legends: "MCR²"
	History History // of the training

	Spectrum     []float64   // singular values of all features, the largest first
	ClassSpectra [][]float64 // of each class
	Cosines      mat.Matrix  // |cos| between samples sorted by class, n×n, in [0, 1]
	Starts       []int       // where each class begins in Cosines, and n

	Noise []float64 // test accuracy at each of the Report's Ratios
}

// A Row of a table: what it is, and a value for each run.
type Row struct {
	Name   string
	Values []string
	Note   string // what the number means, in a few words; may be empty
}

// A Section of the page: a heading, words, a table and figures below them.
type Section struct {
	Title   string
	Words   []string // paragraphs
	Figures []*Figure

	Columns []string // heads of the Table; none leaves the table out
	Table   []Row    // Values as many as Columns
}

// A Report is a page about some runs that are compared.
type Report struct {
	Title    string
	Lead     []string // paragraphs under the title: what was found
	Runs     []Run
	Table    []Row     // results; Values as many as Runs
	Settings []Row     // with one value each
	Ratios   []float64 // of wrong labels, for the Noise of each run
	Sections []Section // of the program's own, after those that the runs make
}

// Write draws every figure that the runs have numbers for, writes each to dir as
// NAME.png and NAME.svg, and report.html, which has them inside it. Each file
// appears whole or not at all. dir is made if it is not there.
//
// Errors: ErrInput if numbers do not fit; the file system's.
func (r *Report) Write(dir string) error {
	if err := r.check(); err != nil {
		return errors.WithMessagef(err, "report: write %s", dir)
	}
	sections, err := r.sections()
	if err != nil {
		return errors.WithMessagef(err, "report: write %s", dir)
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return errors.Wrap(err, "report: write")
	}
	colors := newPalette()
	for _, run := range r.Runs {
		colors.name(run.Name)
	}
	for _, s := range sections {
		colors.add(s.Figures...)
	}
	pngs := map[*Figure][]byte{}
	for _, s := range sections {
		for _, f := range s.Figures {
			if pngs[f], err = f.write(dir, colors); err != nil {
				return errors.WithMessage(err, "report: write")
			}
		}
	}
	return errors.WithMessage(r.writePage(filepath.Join(dir, "report.html"), sections, pngs), "report: write")
}

func (r *Report) check() error {
	if r == nil {
		return errors.Wrap(ErrInput, "no report")
	}
	if len(r.Runs) == 0 && len(r.Sections) == 0 {
		return errors.Wrap(ErrInput, "no runs and no sections")
	}
	for _, row := range r.Table {
		if len(row.Values) != len(r.Runs) {
			return errors.Wrapf(ErrInput, "row %q of the table has %d values for %d runs", row.Name, len(row.Values),
				len(r.Runs))
		}
	}
	for _, s := range r.Sections {
		for _, row := range s.Table {
			if len(row.Values) != len(s.Columns) {
				return errors.Wrapf(ErrInput, "section %q: row %q of the table has %d values for %d columns", s.Title,
					row.Name, len(row.Values), len(s.Columns))
			}
		}
	}
	for _, run := range r.Runs {
		if len(run.Noise) != 0 && len(run.Noise) != len(r.Ratios) {
			return errors.Wrapf(ErrInput, "run %q has %d accuracies for %d ratios of wrong labels", run.Name,
				len(run.Noise), len(r.Ratios))
		}
	}
	return nil
}

// sections returns the body of the page, without sections that have no figure.
func (r *Report) sections() ([]Section, error) {
	var sections []Section
	for _, s := range []struct {
		title, words string
		figure       func(*Report) (*Figure, error)
	}{
		{"Rates by step", ratesWords, rates},
		{"Training and test loss", lossWords, losses},
		{"Accuracy", accuracyWords, accuracies},
		{"Spectra and cosines of the features", geometryWords, geometry},
		{"Wrong labels", noiseWords, noise},
	} {
		f, err := s.figure(r)
		if err != nil {
			return nil, errors.WithMessage(err, s.title)
		}
		if f != nil {
			sections = append(sections, Section{Title: s.title, Words: []string{s.words}, Figures: []*Figure{f}})
		}
	}
	for _, s := range r.Sections {
		for i, f := range s.Figures {
			if f == nil {
				return nil, errors.Wrapf(ErrInput, "section %q: figure %d is nil", s.Title, i)
			}
		}
	}
	return append(sections, r.Sections...), nil
}
