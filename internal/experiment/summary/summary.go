// Package summary is the program that says what a file of models.Save holds.
package summary

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/internal/experiment"
	"github.com/whitebox-nn/whitebox/metrics"
	"github.com/whitebox-nn/whitebox/models"
)

// Help is what -help says above the flags.
func Help() experiment.Help {
	return experiment.Help{
		Name: "summary",
		Does: "summary reads a model that models.Save wrote, and says what it is: the kind of network, what\n" +
			"it is for, how samples are prepared, and its layers with their shapes and parameters.",
		Usage: "[flags] FILE",
		Examples: []experiment.Example{
			{Flags: "wine.safetensors", For: "what a file holds"},
			{Flags: "-shape 3,32,32 net.safetensors", For: "of a network whose file does not say how large images are"},
		},
	}
}

// config is what the command line says.
type config struct {
	File  string
	Shape []int
}

// Main runs the program, and returns its exit code.
func Main(args []string, out, progress io.Writer) int {
	program := experiment.Program[config]{
		Name: "summary", Parse: parse, Stopped: "nothing was written",
		Run: func(_ context.Context, c config, out, _ io.Writer) error { return c.run(out) },
	}
	return program.Main(args, out, progress)
}

// parse reads the command line.
func parse(args []string, w io.Writer) (c config, err error) {
	f := experiment.NewFlags(Help(), w)
	shape := f.String("shape", "", "`sizes` of a sample, 3,32,32, where the file does not say them")
	if err := f.Parse(args); err != nil {
		return c, err
	}
	if f.NArg() != 1 {
		return c, errors.Errorf("%d arguments, want the file of a model behind the flags", f.NArg())
	}
	c.File = f.Arg(0)
	for text := range strings.SplitSeq(*shape, ",") {
		if *shape == "" {
			break
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return c, errors.Errorf("-shape %q, want numbers of at least 1 with commas between", *shape)
		}
		c.Shape = append(c.Shape, n)
	}
	return c, nil
}

// run writes what the file holds.
func (c config) run(w io.Writer) error {
	s, err := models.Load(c.File)
	if err != nil {
		return err
	}
	p := &page{w: w}
	p.line("file", "%s", c.File)
	p.line("network", "%s", s.Kind)
	if params := s.Model.Params(); len(params) > 0 {
		p.line("numbers", "%v", params[0].Value.Dtype())
	}
	p.columns("columns", s.Schema.Columns)
	p.columns("targets", s.Schema.Targets)
	for _, step := range s.Prepare {
		p.line("prepare", "%s", stepText(step))
	}
	if s.Classifies() {
		p.classes(s)
	}
	shape := slices.Clone(c.Shape)
	if shape == nil {
		shape = shapeOf(s)
	}
	if shape == nil {
		p.line("samples", "of a shape that the file does not say: -shape, for the layers")
		return p.err
	}
	p.line("samples", "%s", times(shape))
	table, err := models.Summarize(s.Model, append([]int{1}, shape...)...)
	if err != nil {
		return errors.WithMessagef(err, "samples of shape %s", times(shape))
	}
	if p.err == nil {
		_, p.err = fmt.Fprintf(w, "\n%v", table)
	}
	return p.err
}

// shapeOf returns the shape of a sample, nil where the file does not say.
func shapeOf(s models.Saved) []int {
	if s.Shape != nil {
		return s.Shape
	}
	if net, ok := s.Model.(*models.ReduNet); ok {
		return net.Config().Shape
	}
	d := len(s.Schema.Columns)
	if d == 0 {
		return nil
	}
	x := make([]float64, d)
	set, err := data.New(x, 1, []int{d}, []int{0}, 1)
	if err != nil {
		return nil
	}
	if set, err = s.Prepare.Apply(set); err != nil {
		return nil
	}
	return set.Shape()
}

// A page is what is written, until the first error.
type page struct {
	w   io.Writer
	err error
}

func (p *page) line(what, format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, "%-12s"+format+"\n", append([]any{what}, args...)...)
	}
}

// columns writes the names of columns.
func (p *page) columns(what string, columns []data.Column) {
	var names []string
	for _, c := range columns {
		name := c.Name
		if n := len(c.Categories); n > 0 {
			name += fmt.Sprintf(" (%d categories)", n)
		}
		names = append(names, name)
	}
	if len(names) > 0 {
		p.line(what, "%d: %s", len(names), some(names))
	}
}

// classes writes their names, and what tells them.
func (p *page) classes(s models.Saved) {
	if names := s.Schema.Label.Categories; len(names) > 0 {
		p.line("classes", "%d: %s", len(names), some(names))
	}
	by := "the largest output"
	switch c := s.Classifier.(type) {
	case *metrics.Subspaces:
		_, bases := c.Bases()
		dims := make([]string, len(bases))
		for j, b := range bases {
			_, r := b.Dims()
			dims[j] = strconv.Itoa(r)
		}
		by = fmt.Sprintf("the nearest of %d subspaces, of dimensions %s", len(bases), some(dims))
	case *metrics.Linear:
		by = "a linear probe"
	case nil:
		if _, ok := s.Model.(*models.ReduNet); ok {
			by = "the largest membership"
		}
	}
	p.line("class by", "%s", by)
}

// stepText says what a step of a preparation does.
func stepText(t data.Step) string {
	if t.Categories != nil {
		columns := 0
		for _, k := range t.Categories {
			columns += max(k, 1)
		}
		return fmt.Sprintf("one-hot: %d columns become %d", len(t.Categories), columns)
	}
	return fmt.Sprintf("(x − m)/s of %d channels, m = %s, s = %s", len(t.Mean), numbers(t.Mean), numbers(t.Std))
}

// numbers writes some numbers.
func numbers(x []float64) string {
	words := make([]string, len(x))
	for i, v := range x {
		words[i] = strconv.FormatFloat(v, 'g', 4, 64)
	}
	return some(words)
}

// some joins the first few of words.
func some(words []string) string {
	const most = 8
	if n := len(words) - most; n > 0 {
		words = append(slices.Clone(words[:most]), fmt.Sprintf("and %d more", n))
	}
	return strings.Join(words, ", ")
}

// times writes a shape as 3×32×32.
func times(shape []int) string {
	words := make([]string, len(shape))
	for i, n := range shape {
		words[i] = strconv.Itoa(n)
	}
	return strings.Join(words, "×")
}
