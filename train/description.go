package train

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/safetensors"
	"github.com/whitebox-nn/whitebox/nn"
)

// A description describes a run, in the form in which it is written to a checkpoint.
type description struct {
	Settings   any              `json:"settings,omitempty"` // the program's own
	Model      any              `json:"model"`
	Dtype      string           `json:"dtype"`
	Parameters []map[string]any `json:"parameters"`
	Optimizer  any              `json:"optimizer"`
	Loss       any              `json:"loss"`
	Source     any              `json:"source"`
	BatchSize  int              `json:"batch_size"`
	Batches    int              `json:"batches_an_epoch"`
	Sample     []int            `json:"sample_shape"`
	Target     []int            `json:"target_shape"`
	Chunk      int              `json:"chunk"`
	Hooks      []map[string]any `json:"hooks"`
	Steps      int              `json:"steps"`
}

// Description describes the run as JSON: the Settings; the model and the names and shapes of its parameters; the
// optimizer's chain and its rates over TotalSteps; the loss; the source and its batches; the hooks that have a state.
// Save keeps it in the checkpoint and Resume compares it; [Differences] of two of them are the differences between
// two runs.
//
// Each part is described by its type and
//
//   - what its method Config returns, if it has one, of no arguments and one result:
//     for those with settings that are not exported;
//   - else its exported fields, by their names or json tags ("-" leaves one out), and
//     those of what they hold;
//   - else what it writes as JSON or text (json.Marshaler, encoding.TextMarshaler).
//
// Long lists of numbers are described by a checksum, of some of them if they are very many. Functions are left out,
// but for a Schedule, which is described by its values. So a user's own Transform, Loss, Source or Layer needs no
// method as long as its settings are exported fields.
func (l *Loop) Description() (json.RawMessage, error) {
	if err := l.check(); err != nil {
		return nil, errors.WithMessage(err, "train: description")
	}
	text, err := l.describe(l.TotalSteps())
	return text, errors.WithMessage(err, "train: description")
}

// describe returns the description with the rates of so many steps.
func (l *Loop) describe(steps int) (json.RawMessage, error) {
	d := describer{steps: steps}
	doc := description{
		Settings: l.Settings, Model: d.of(l.Model), Optimizer: l.describeOptimizer(d), Loss: d.of(l.Loss),
		Source: d.of(l.source()), BatchSize: l.Source.BatchSize(), Batches: l.source().Batches(),
		Sample: l.Source.SampleShape(), Target: l.Source.TargetShape(), Chunk: l.Chunk, Steps: steps,
	}
	params := l.Model.Params()
	for i, p := range params {
		one := map[string]any{"name": p.Name, "shape": shapeText(p.Value)}
		if i == 0 {
			doc.Dtype = p.Value.Dtype().String()
		} else if dt := p.Value.Dtype().String(); dt != doc.Dtype {
			one["dtype"] = dt
		}
		if p.NoDecay {
			one["no_decay"] = true
		}
		if p.Frozen {
			one["fixed"] = true
		}
		doc.Parameters = append(doc.Parameters, one)
	}
	err := l.remembering(func(key string, h Hook) error {
		one := map[string]any{"name": key}
		if m, ok := d.of(h).(map[string]any); ok {
			for k, v := range m {
				one[k] = v
			}
		}
		doc.Hooks = append(doc.Hooks, one)
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(doc.Hooks, func(a, b map[string]any) int {
		return strings.Compare(a["name"].(string), b["name"].(string))
	})
	text, err := json.Marshal(doc)
	return text, errors.WithStack(err)
}

// describeOptimizer describes the chain: by its rule, with what comes before it, or as
// a chain without one.
func (l *Loop) describeOptimizer(d describer) any {
	chain, rule := l.Optimizer.Chain()
	out, ok := d.of(rule).(map[string]any)
	if !ok {
		out = map[string]any{"kind": "chain"}
	}
	transforms := make([]any, len(chain))
	for i, t := range chain {
		transforms[i] = d.of(t)
	}
	out["transforms"] = transforms
	if of := l.Optimizer.Params(); !slices.Equal(of, nn.Trained(l.Model.Params())) {
		names := make([]any, len(of))
		for i, p := range of {
			names[i] = map[string]any{"name": p.Name}
		}
		out["parameters"] = names
	}
	return out
}

// The names of the description and of its checksum in a checkpoint's metadata.
const (
	describedKey = "run"
	checksumKey  = "run.sha256"
)

// describedBy returns the metadata of a checkpoint of the described run.
func describedBy(text json.RawMessage) map[string]string {
	sum := sha256.Sum256(text)
	return map[string]string{"format": format, describedKey: string(text), checksumKey: hex.EncodeToString(sum[:])}
}

// An OtherRun is the error of a checkpoint that another run wrote; it wraps
// ErrCheckpoint.
type OtherRun struct {
	Lines []string // the differences, as by [Differences]
}

// Error returns a line for each difference, of the first of them.
func (e *OtherRun) Error() string {
	if e == nil {
		e = &OtherRun{}
	}
	const most = 24
	lines := e.Lines
	if more := len(lines) - most; more > 0 {
		lines = append(slices.Clone(lines[:most]), fmt.Sprintf("and %d more", more))
	}
	what := "difference"
	if len(e.Lines) > 1 {
		what += "s"
	}
	return fmt.Sprintf("%v: it is of another run, in %d %s:\n\t%s", ErrCheckpoint, len(e.Lines), what,
		strings.Join(lines, "\n\t"))
}

// Unwrap returns ErrCheckpoint.
func (e *OtherRun) Unwrap() error { return ErrCheckpoint }

// compare reports the differences between the run that wrote f and l.
func (l *Loop) compare(f *safetensors.File) error {
	text, ok := f.Meta[describedKey]
	if !ok {
		return errors.Wrap(ErrCheckpoint, "the file does not say of what run it is: it holds parameters alone, or "+
			"is of an older version. Start anew, from its parameters by LoadParams if you like")
	}
	if sum := sha256.Sum256([]byte(text)); f.Meta[checksumKey] != hex.EncodeToString(sum[:]) {
		return errors.Wrapf(ErrCheckpoint, "what the file says of its run has another checksum than %q: it was changed",
			f.Meta[checksumKey])
	}
	var was struct {
		Steps int `json:"steps"`
	}
	if err := json.Unmarshal([]byte(text), &was); err != nil {
		return errors.Wrapf(ErrCheckpoint, "what the file says of its run: %v", err)
	}
	now, err := l.describe(was.Steps)
	if err != nil {
		return err
	}
	lines, err := Differences([]byte(text), now, append([]string{"steps", "Workers"}, l.Free...)...)
	if err != nil {
		return errors.Wrap(ErrCheckpoint, err.Error())
	}
	switch total := l.TotalSteps(); {
	case l.open || total == was.Steps:
	case total < was.Steps:
		lines = append(lines, fmt.Sprintf("steps %d → %d", was.Steps, total))
	case slices.ContainsFunc(lines, func(line string) bool {
		return strings.Contains(line, "learning rate") && strings.Contains(line, " step ")
	}):
		lines = append(lines, fmt.Sprintf("steps %d → %d, which is free only where no learning rate depends on it",
			was.Steps, total))
	}
	if len(lines) > 0 {
		return errors.WithStack(&OtherRun{lines})
	}
	return nil
}

// left reports what f holds that the run has no use for.
func (l *Loop) left(f *safetensors.File) error {
	wanted := map[string]bool{positionName: true}
	for _, p := range l.Model.Params() {
		wanted[p.Name] = true
	}
	for _, s := range l.Optimizer.State() {
		wanted[s.Name] = true
	}
	hooks, err := l.hookStates()
	for _, s := range hooks {
		wanted[s.Name] = true
	}
	var lines []string
	for _, t := range f.Tensors {
		if !wanted[t.Name] {
			lines = append(lines, fmt.Sprintf("tensor %s %v → %s", t.Name, tensor.Shape(t.Shape), none))
		}
	}
	if err == nil && len(lines) > 0 {
		slices.Sort(lines)
		err = errors.WithStack(&OtherRun{lines})
	}
	return err
}
