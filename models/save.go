package models

import (
	"encoding/json"
	stderrors "errors"
	"slices"

	"github.com/pkg/errors"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/internal/given"
	"github.com/whitebox-nn/whitebox/internal/safetensors"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/metrics"
	"github.com/whitebox-nn/whitebox/nn"
)

// ErrFile reports a file that does not hold a model, or whose contents contradict each other. Test for it with
// errors.Is.
var ErrFile = stderrors.New("models: not the file of a model")

// A Saved is a network together with everything else that a prediction of new data needs: [Save] and [Load] keep them
// in one file.
type Saved struct {
	Model   layers.Layer
	Prepare data.Preparation // of samples, before the network sees them
	Schema  data.Schema      // columns, and names of the classes

	// Classifier makes classes of the outputs: that of a train.Fitted, a *metrics.Subspaces or a *metrics.Linear.
	// Nil takes the largest.
	Classifier metrics.Classifier

	Shape []int // of a sample, prepared; nil is not known

	Kind string // of the Model, which Load says: "Sequential of Linear, ReLU, Linear"
}

// Classifies reports whether the model predicts classes: by its Classifier, the largest membership of a ReduNet, or
// the largest output. Those that predict the Targets of a Schema, and unrolled networks, which make codes, do not.
func (s Saved) Classifies() bool {
	_, codes := s.Model.(layers.Unrolled)
	return s.Classifier != nil || len(s.Schema.Targets) == 0 && !codes
}

// Scores returns the network whose outputs the Classifier classifies, or whose largest output is the class where
// there is none: the Model, or of a ReduNet the memberships that it estimates.
func (s Saved) Scores() layers.Layer {
	if net, ok := s.Model.(*ReduNet); ok && net != nil && s.Classifier == nil {
		return memberships{net}
	}
	return s.Model
}

// memberships is a ReduNet whose outputs are the memberships of classes, n×k.
type memberships struct{ *ReduNet }

// Forward implements layers.Layer.
func (m memberships) Forward(g *nn.Graph, x *gorgonia.Node) (*gorgonia.Node, error) {
	_, pi, err := m.Classify(g, x)
	return pi, err
}

// Table returns the samples of a table, as data.LoadCSV reads it by the Schema, prepared.
func (s Saved) Table(path string) (*data.Set, error) {
	set, err := data.LoadCSV(path, data.CSVConfig{Schema: &s.Schema})
	if err != nil {
		return nil, err
	}
	return s.Prepare.Apply(set)
}

// saved is what the file holds besides the weights.
type saved struct {
	Network made             `json:"network"`
	Dtype   string           `json:"dtype"`
	Prepare data.Preparation `json:"prepare,omitempty"`
	Schema  data.Schema      `json:"schema"`
	Shape   []int            `json:"shape,omitempty"`

	Classifier *classes `json:"classifier,omitempty"`
}

// The names in the metadata, and the version of the layout.
const (
	savedKey    = "model"
	formatKey   = "format"
	savedFormat = "whitebox-model-1"
)

// Save writes a network to a safetensors file that appears whole or not at all: its weights by their names, and, as
// JSON in the metadata, how it is made, how samples are prepared, and what classes are called. Another process loads
// it by the file alone. Networks of this package, those of the LISTA family, and layers.Sequential and Classifier of
// stock layers are known; others have a Kind, which Load needs too.
//
// Errors: a network of no known Kind, or a Classifier of another type; a name of a parameter that the file needs for
// itself, as "config.A" of a dictionary; the file system's.
func Save(path string, s Saved, kinds ...Kind) error {
	return errors.WithMessagef(save(path, s, kinds), "models: save %s", path)
}

func save(path string, s Saved, kinds []Kind) error {
	if given.Nil(s.Model) {
		return errors.New("no Model")
	}
	kinds, err := known(kinds)
	if err != nil {
		return err
	}
	doc := saved{Prepare: s.Prepare, Schema: s.Schema, Shape: s.Shape, Dtype: tensor.Float32.String()}
	constants := make(matrices)
	if doc.Network, err = describe(s.Model, kinds, "", constants); err != nil {
		return err
	}
	if doc.Classifier, err = describeClasses(s.Classifier, constants); err != nil {
		return err
	}
	params := s.Model.Params()
	if err := nn.Sync(params); err != nil {
		return err
	}
	tensors, err := constants.tensors()
	if err != nil {
		return err
	}
	for i, p := range params {
		if p == nil || p.Value == nil {
			return errors.Errorf("parameter %d of the network is nil", i)
		}
		t, err := tensorOf(p)
		if err != nil {
			return err
		}
		tensors, doc.Dtype = append(tensors, t), p.Value.Dtype().String()
	}
	text, err := json.Marshal(doc)
	if err != nil {
		return errors.WithStack(err)
	}
	return safetensors.WriteFile(path, tensors, map[string]string{formatKey: savedFormat, savedKey: string(text)})
}

// tensorOf returns a parameter in the form in which the file stores it.
func tensorOf(p *nn.Param) (safetensors.Tensor, error) {
	shape := p.Value.Shape()
	switch dt := p.Value.Dtype(); dt {
	case tensor.Float32:
		return safetensors.New(p.Name, p.Value.Float32s(), shape...)
	case tensor.Float64:
		return safetensors.New(p.Name, p.Value.Float64s(), shape...)
	default:
		return safetensors.Tensor{}, errors.Errorf("parameter %q is %v, want float32 or float64", p.Name, dt)
	}
}

// Load reads what Save wrote. kinds are those of networks of your own.
//
// Errors: a file that is damaged or cut short (those of safetensors); a file that is not a model's, or whose weights
// do not fit the network that it describes ([ErrFile]).
func Load(path string, kinds ...Kind) (Saved, error) {
	s, err := load(path, kinds)
	return s, errors.WithMessagef(err, "models: load %s", path)
}

func load(path string, kinds []Kind) (s Saved, err error) {
	if kinds, err = known(kinds); err != nil {
		return s, err
	}
	f, err := safetensors.ReadFile(path)
	if err != nil {
		return s, err
	}
	if got := f.Meta[formatKey]; got != savedFormat {
		return s, errors.Wrapf(ErrFile, "format %.40q, want %q: weights alone are read by train.LoadParams", got,
			savedFormat)
	}
	var doc saved
	if err := json.Unmarshal([]byte(f.Meta[savedKey]), &doc); err != nil {
		return s, errors.Wrapf(ErrFile, "what the file says of its model: %v", err)
	}
	dt := tensor.Float32
	if doc.Dtype == tensor.Float64.String() {
		dt = tensor.Float64
	} else if doc.Dtype != dt.String() {
		return s, errors.Wrapf(ErrFile, "weights of %.40q, want float32 or float64", doc.Dtype)
	}
	if s, err = doc.saved(f, kinds, dt); err != nil {
		return Saved{}, errors.Wrap(ErrFile, err.Error())
	}
	return s, nil
}

// saved makes what the file holds.
func (doc *saved) saved(f *safetensors.File, kinds []Kind, dt tensor.Dtype) (s Saved, err error) {
	weights := 0.0
	for _, t := range f.Tensors {
		weights += product(t.Shape...)
	}
	from := source{f: f, used: make(map[string]bool)}
	if s.Model, err = doc.Network.build(kinds, dt, weights, from.matrix, 0); err != nil {
		return s, err
	}
	if s.Classifier, err = doc.Classifier.build(from.matrix); err != nil {
		return s, err
	}
	s.Prepare, s.Schema, s.Shape, s.Kind = doc.Prepare, doc.Schema, doc.Shape, doc.Network.String()
	return s, fill(s.Model.Params(), f, from.used)
}

// fill reads the weights of a network. The file must hold all of them, and, apart from tensors of the given names, no
// others.
func fill(params []*nn.Param, f *safetensors.File, names map[string]bool) error {
	for _, p := range params {
		names[p.Name] = true
		shape := slices.Clone(p.Value.Shape())
		var err error
		if p.Value.Dtype() == tensor.Float64 {
			var v []float64
			if v, err = safetensors.Reals[float64](f, p.Name, false, shape...); err == nil {
				copy(p.Value.Float64s(), v)
			}
		} else {
			var v []float32
			if v, err = safetensors.Reals[float32](f, p.Name, false, shape...); err == nil {
				copy(p.Value.Float32s(), v)
			}
		}
		if err != nil {
			return err
		}
	}
	for _, t := range f.Tensors {
		if !names[t.Name] {
			return errors.Errorf("the file holds a tensor %q, which the network has not", t.Name)
		}
	}
	nn.Changed(params)
	return nil
}
