// Package predict is the program that predicts new data with a model that models.Save wrote.
package predict

import (
	"context"
	"encoding/csv"
	"io"
	"os"
	"strconv"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/internal/atomicfile"
	"github.com/whitebox-nn/whitebox/internal/experiment"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/train"
)

// Help is what -help says above the flags.
func Help() experiment.Help {
	return experiment.Help{
		Name: "predict",
		Does: "predict reads a model that models.Save wrote, and new data, which it prepares as the training\n" +
			"data were, and writes a CSV line a sample: the class, its probabilities, or the numbers.",
		Usage: "-model FILE -data DATA [flags]",
		Examples: []experiment.Example{
			{Flags: "-model wine.safetensors -data new.csv", For: "classes by name of the lines of a table"},
			{Flags: "-model pets.safetensors -data photos -show probability", For: "of all images in a folder"},
			{Flags: "-model lista.safetensors -data x.npy -show output -out codes.csv", For: "the codes of signals"},
		},
	}
}

// config is what the command line says.
type config struct {
	Model, Data, Show, Out string
}

// What -show may be.
const (
	class       = "class"
	probability = "probability"
	output      = "output"
)

// Main runs the program, and returns its exit code.
func Main(args []string, out, progress io.Writer) int {
	program := experiment.Program[config]{
		Name: "predict", Parse: parse, Stopped: "nothing was written",
		Run: func(ctx context.Context, c config, out, _ io.Writer) error { return c.run(ctx, out) },
	}
	return program.Main(args, out, progress)
}

// parse reads the command line.
func parse(args []string, w io.Writer) (c config, err error) {
	f := experiment.NewFlags(Help(), w)
	f.StringVar(&c.Model, "model", "", "`file` of the model")
	f.StringVar(&c.Data, "data", "", "`data`: a table (.csv, .tsv, .txt), whose columns are found by name, and whose\n"+
		"class may be there or not; an array of NumPy (.npy); a folder of images")
	f.StringVar(&c.Show, "show", "", "`what` to write: class; probability, of each class, of a model trained under\n"+
		"cross-entropy; output, the numbers of the network. Empty is the class, or the numbers\n"+
		"where the model predicts numbers or makes codes")
	f.StringVar(&c.Out, "out", "", "`file` to write, which appears whole or not at all; empty is the standard output")
	if err := experiment.Flags(f, args); err != nil {
		return c, err
	}
	switch {
	case c.Model == "" || c.Data == "":
		return c, errors.New("want both -model and -data: predict -help has examples")
	case c.Show != "" && c.Show != class && c.Show != probability && c.Show != output:
		return c, errors.Errorf("-show %q, want %s, %s or %s", c.Show, class, probability, output)
	}
	return c, nil
}

// run predicts and writes.
func (c config) run(ctx context.Context, out io.Writer) error {
	saved, err := models.Load(c.Model)
	if err != nil {
		return errors.WithMessage(err, "-model")
	}
	set, names, err := read(ctx, c.Data, saved)
	if err != nil {
		return errors.WithMessage(err, "-data")
	}
	if want := saved.Shape; want != nil && !equal(want, set.Shape()) {
		return errors.Errorf("-data %s: samples of shape %v, and the model is for %v", c.Data, set.Shape(), want)
	}
	lines, err := c.predict(ctx, saved, set)
	if err != nil {
		return err
	}
	header := []string{"sample"}
	if len(names) > 0 {
		header[0] = "file"
	}
	if c.Out == "" {
		return write(out, header, names, lines)
	}
	return atomicfile.Write(c.Out, func(w io.Writer) error { return write(w, header, names, lines) })
}

func equal(a, b []int) bool {
	if len(a) != len(b) {
		return false
	}
	for i, n := range a {
		if b[i] != n {
			return false
		}
	}
	return true
}

// predict returns the header, and the cells of each sample.
func (c config) predict(ctx context.Context, s models.Saved, set *data.Set) (lines [][]string, err error) {
	show := c.Show
	classifies := s.Classifies()
	if show == "" {
		if show = class; !classifies {
			show = output
		}
	}
	if show != output && !classifies {
		return nil, errors.Errorf("-show %s: the model predicts numbers, not classes: want -show %s", show, output)
	}
	if show == class {
		fitted := &train.Fitted{Model: s.Scores(), Classifier: s.Classifier}
		y, err := fitted.Predict(ctx, set)
		return classLines(y, s.Schema.Label.Categories), err
	}
	if _, net := s.Model.(*models.ReduNet); show == probability && (net || s.Classifier != nil) {
		return nil, errors.Errorf("-show %s: the model was not trained under cross-entropy: want -show %s or %s", show,
			class, output)
	}
	var z *mat.Dense
	if show == probability {
		z, err = train.PredictProba(ctx, s.Model, set)
	} else {
		z, err = train.Features(ctx, s.Model, set)
	}
	if err != nil {
		return nil, err
	}
	return numberLines(z, show, s.Schema), nil
}

// classLines returns the header and the name of each class.
func classLines(y []int, names []string) [][]string {
	lines := [][]string{{class}}
	for _, c := range y {
		lines = append(lines, []string{nameOf(c, names)})
	}
	return lines
}

// nameOf returns the name of a class, its number if it has none.
func nameOf(c int, names []string) string {
	if c < len(names) {
		return names[c]
	}
	return strconv.Itoa(c)
}

// numberLines returns the header and a row of numbers for each sample.
func numberLines(z *mat.Dense, show string, schema data.Schema) [][]string {
	n, d := z.Dims()
	lines := [][]string{make([]string, d)}
	for j := range d {
		switch {
		case show == probability:
			lines[0][j] = nameOf(j, schema.Label.Categories)
		case len(schema.Targets) == d:
			lines[0][j] = schema.Targets[j].Name
		default:
			lines[0][j] = "z" + strconv.Itoa(j)
		}
	}
	for i := range n {
		line := make([]string, d)
		for j, v := range z.RawRowView(i) {
			line[j] = strconv.FormatFloat(v, 'g', -1, 64)
		}
		lines = append(lines, line)
	}
	return lines
}

// write writes the lines, each with the name of its sample before it.
func write(w io.Writer, first, names []string, lines [][]string) error {
	table := csv.NewWriter(w)
	for i, line := range lines {
		name := first[0]
		switch {
		case i > 0 && len(names) > 0:
			name = names[i-1]
		case i > 0:
			name = strconv.Itoa(i - 1)
		}
		if err := table.Write(append([]string{name}, line...)); err != nil {
			return errors.Wrap(err, "write")
		}
	}
	table.Flush()
	return errors.Wrap(table.Error(), "write")
}

// isFolder reports whether path is one.
func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
