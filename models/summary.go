package models

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/internal/given"
	"github.com/whitebox-nn/whitebox/internal/sizes"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/profile"
)

// A Row of a Summary is an operation with its parameters: those with one prefix, such
// as the statistics of a batch norm and the norm itself, are one row.
type Row struct {
	Layer  string // the prefix of its parameters: "layer1.0.conv1"; "" without any
	Op     string // "conv.Conv"
	Shape  []int  // of the output
	Params int    // numbers that are trained
	FLOPs  int64  // of a forward pass; 0 where the operation does not say
	Bytes  int64  // of the output
}

// A Summary lists what a model is made of, for one shape of inputs. String returns it as a table.
type Summary struct {
	Input  []int
	Rows   []Row
	Params int   // numbers that are trained
	Frozen int   // numbers that are not: running statistics
	FLOPs  int64 // of a forward pass
	Eval   int   // bytes of memory besides the parameters, for a forward pass
	Train  int   // the same for a step of training, without the loss and the optimizer
}

// Summarize returns the summary of a model for inputs of a shape, n×d or n×c×h×w. It
// compiles the model twice, and runs nothing.
func Summarize(m layers.Layer, shape ...int) (s *Summary, err error) {
	defer build.Catch(&err, "models: summary")
	if given.Nil(m) {
		return nil, errors.New("no model")
	}
	params := m.Params()
	for i, p := range params {
		if p == nil || p.Value == nil {
			return nil, errors.Errorf("parameter %d of the model is nil: a layer that New did not make?", i)
		}
	}
	dt := tensor.Float32
	if len(params) > 0 {
		dt = params[0].Value.Dtype()
	}
	s = &Summary{Input: shape}
	size := make(map[string]int) // of what is trained
	for _, p := range params {
		if _, again := size[p.Name]; again {
			continue
		}
		if size[p.Name] = p.Value.Size(); p.Frozen {
			s.Frozen += p.Value.Size()
			size[p.Name] = 0
		}
		s.Params += size[p.Name]
	}
	eval, err := compileFor(m, nn.Eval, dt, shape)
	if err != nil {
		return nil, err
	}
	s.Eval = eval.Memory().Arena
	s.fill(eval.Ops(), size)
	if err := eval.Close(); err != nil || len(nn.Trained(params)) == 0 {
		return s, err
	}
	train, err := compileFor(m, nn.Train, dt, shape)
	if err != nil {
		return nil, err
	}
	s.Train = train.Memory().Arena
	return s, train.Close()
}

// compileFor compiles a model with inputs of zeros; in training, with the gradient of
// the sum of its outputs.
func compileFor(m layers.Layer, mode nn.Mode, dt tensor.Dtype, shape []int) (p *nn.Program, err error) {
	for _, n := range shape {
		if n < 1 {
			return nil, errors.Errorf("inputs of %v, want every dimension at least 1", shape)
		}
	}
	if err := sizes.Check("inputs", shape...); err != nil {
		return nil, err
	}
	g := nn.NewGraph(mode)
	x, err := g.Input("x", tensor.New(tensor.WithShape(shape...), tensor.Of(dt)))
	if err != nil {
		return nil, err
	}
	y, err := m.Forward(g, x)
	if err != nil {
		return nil, err
	}
	if mode == nn.Eval || len(nn.Trained(m.Params())) == 0 {
		return nn.Compile(g, nn.Outputs{Values: gorgonia.Nodes{y}})
	}
	sum, err := nn.Sum(y)
	if err != nil {
		return nil, err
	}
	return nn.Compile(g, nn.Outputs{Loss: sum, Wrt: m.Params()})
}

// fill makes the rows.
func (s *Summary) fill(ops []profile.Op, size map[string]int) {
	counted := make(map[string]bool)
	for _, op := range ops {
		row := Row{Op: op.Name, Shape: op.Shape, FLOPs: op.FLOPs, Bytes: op.Bytes}
		for _, in := range op.Inputs {
			if _, ours := size[in]; !ours {
				continue
			}
			row.Layer = in[:max(0, strings.LastIndexByte(in, '.'))]
			if !counted[in] {
				row.Params += size[in]
				counted[in] = true
			}
		}
		s.FLOPs += op.FLOPs
		if n := len(s.Rows); n > 0 && row.Layer != "" && s.Rows[n-1].Layer == row.Layer {
			last := &s.Rows[n-1]
			row.Params, row.FLOPs = row.Params+last.Params, row.FLOPs+last.FLOPs
			*last = row
			continue
		}
		s.Rows = append(s.Rows, row)
	}
}

// String returns the summary as a table.
func (s *Summary) String() string {
	if s == nil {
		return ""
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "layer\toperation\toutput\tparameters\tMFLOP\tMB")
	number := func(n int) string {
		if n == 0 {
			return "–"
		}
		return fmt.Sprint(n)
	}
	for _, r := range s.Rows {
		flops := "–"
		if r.FLOPs > 0 {
			flops = fmt.Sprintf("%.2f", float64(r.FLOPs)/1e6)
		}
		layer := r.Layer
		if layer == "" {
			layer = "–"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%.2f\n", layer, r.Op, times(r.Shape), number(r.Params), flops,
			float64(r.Bytes)/1e6)
	}
	w.Flush()
	fmt.Fprintf(&b,
		"%s in: %d parameters, %d fixed; %.2f GFLOP forward; memory %.1f MB to evaluate, %.1f MB to train\n",
		times(s.Input), s.Params, s.Frozen, float64(s.FLOPs)/1e9, float64(s.Eval)/1e6, float64(s.Train)/1e6)
	return b.String()
}

// times writes a shape as 32×64.
func times(shape []int) string {
	if len(shape) == 0 {
		return "1"
	}
	parts := make([]string, len(shape))
	for i, n := range shape {
		parts[i] = fmt.Sprint(n)
	}
	return strings.Join(parts, "×")
}
