package lista

import (
	"context"
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/experiment"
	"github.com/whitebox-nn/whitebox/sparse"
)

// A result is what is measured of a method on the test set.
type result struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"` // of training, or of the solver
	Steps   int     `json:"steps"`   // of training, of each stage if layer by layer; 0 of an algorithm
	Tuned   float64 `json:"tuned"`   // λ or α of an algorithm, by the validation set
	Curve   numbers `json:"curve"`   // NMSE in dB after each layer, from 0 on

	Sparsity   numbers `json:"sparsity"` // elements of a code that are not 0, after each layer from 1 on
	Precision  numbers `json:"precision"`
	Recall     numbers `json:"recall"`
	Thresholds numbers `json:"thresholds"` // of a network, the mean over atoms if they have their own
}

// numbers are written as JSON with null for what is not finite, and read so.
type numbers []float64

// MarshalJSON implements json.Marshaler.
func (ns numbers) MarshalJSON() ([]byte, error) {
	all := make([]*float64, len(ns))
	for i, v := range ns {
		if v-v == 0 {
			all[i] = &v
		}
	}
	text, err := json.Marshal(all)
	return text, errors.WithStack(err)
}

// UnmarshalJSON implements json.Unmarshaler.
func (ns *numbers) UnmarshalJSON(text []byte) error {
	var all []*float64
	if err := json.Unmarshal(text, &all); err != nil {
		return errors.WithStack(err)
	}
	*ns = nil
	for _, v := range all {
		if v == nil {
			*ns = append(*ns, math.NaN())
		} else {
			*ns = append(*ns, *v)
		}
	}
	return nil
}

// last returns the NMSE after the last layer, NaN without one.
func (r *result) last() float64 {
	if len(r.Curve) == 0 {
		return math.NaN()
	}
	return r.Curve[len(r.Curve)-1]
}

// check reports a result that is not one of a method of that name and so many layers, as
// a file may hold whatever it was made by.
func (r *result) check(name string, layers int) error {
	if r.Name != name {
		return errors.Errorf("it is of %q, want %q: remove it", r.Name, name)
	}
	if len(r.Curve) != layers+1 {
		return errors.Errorf("the NMSE after %d layers, want %d, the 0th too: remove it", len(r.Curve), layers+1)
	}
	for _, l := range []struct {
		what string
		by   numbers
	}{{"a sparsity", r.Sparsity}, {"a precision", r.Precision}, {"a recall", r.Recall}, {"a threshold", r.Thresholds}} {
		if len(l.by) > layers { // fewer if it diverged
			return errors.Errorf("%s of %d layers, want at most %d: remove it", l.what, len(l.by), layers)
		}
	}
	return nil
}

// result runs a method, or with -resume reads what it gave.
func (p *problem) result(ctx context.Context, m method, progress io.Writer) (*result, error) {
	dir := filepath.Join(p.cfg.Out, m.dir())
	path := filepath.Join(dir, "result.json")
	if p.cfg.Resume {
		r := &result{}
		if found, err := experiment.ReadResult(path, p.cfg, r); found || err != nil {
			if err == nil {
				err = errors.WithMessagef(r.check(m.name, p.cfg.Layers), "-resume: %s", path)
			}
			return r, err
		}
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, errors.WithStack(err)
	}
	var r *result
	var err error
	if m.net == nil {
		r, err = p.solve(ctx, m)
	} else {
		r, err = p.learn(ctx, m, dir, progress)
	}
	if err != nil {
		return nil, err
	}
	return r, experiment.WriteResult(path, p.cfg, r)
}

// solve runs an algorithm with each value of its grid on the validation set, and
// with the best of them on the test set.
func (p *problem) solve(ctx context.Context, m method) (*result, error) {
	best, value := math.Inf(1), 0.0
	for _, v := range m.grid {
		if err := ctx.Err(); err != nil {
			return nil, errors.WithStack(err)
		}
		r, err := p.curve(m, p.tuning, p.tuningTruth, v)
		if err != nil {
			return nil, err
		}
		if r.last() < best {
			best, value = r.last(), v
		}
	}
	start := time.Now()
	r, err := p.curve(m, p.measured, p.truth, value)
	if err != nil {
		return nil, err
	}
	r.Name, r.Tuned, r.Seconds = m.name, value, time.Since(start).Seconds()
	return r, nil
}

// curve runs an algorithm and measures the code after each iteration.
func (p *problem) curve(m method, x, truth *mat.Dense, value float64) (*result, error) {
	r := &result{}
	var failed error
	err := m.solve(p, x, value, func(_ int, z *mat.Dense) {
		if failed == nil {
			failed = r.add(z, truth)
		}
	})
	if err == nil {
		err = failed
	}
	for len(r.Curve) <= p.cfg.Layers && err == nil { // diverged
		r.Curve = append(r.Curve, math.Inf(1))
	}
	return r, err
}

// add measures the code after one more iteration.
func (r *result) add(z, truth *mat.Dense) error {
	nmse, err := sparse.NMSE(z, truth)
	if err != nil {
		return err
	}
	if r.Curve = append(r.Curve, nmse); len(r.Curve) == 1 {
		return nil
	}
	s, err := sparse.NewSupport(z, truth, 0)
	if err != nil {
		return err
	}
	r.Sparsity, r.Precision, r.Recall = append(r.Sparsity, s.Size), append(r.Precision, s.Precision),
		append(r.Recall, s.Recall)
	return nil
}
