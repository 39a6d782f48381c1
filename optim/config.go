package optim

// The methods named Config return what a checkpoint records about a transform.

// AdamSettings are the settings of [NewAdam] and [NewAdamW], with defaults filled in.
type AdamSettings struct {
	Kind         string `json:"kind"` // "Adam" or "AdamW"
	LearningRate Schedule
	Adam
}

// Config returns the settings.
func (a *adam) Config() AdamSettings {
	s := AdamSettings{"Adam", a.rate, Adam{a.Beta1, a.Beta2, a.Eps, a.l2}}
	if a.decoupled {
		s.Kind, s.WeightDecay = "AdamW", a.decay
	}
	return s
}

// SGDSettings are the settings of [NewSGD].
type SGDSettings struct {
	Kind         string `json:"kind"` // "SGD"
	LearningRate Schedule
	SGD
}

// Config returns the settings.
func (s *sgd) Config() SGDSettings { return SGDSettings{"SGD", s.rate, s.cfg} }

// LearningRateSettings are the settings of a [LearningRate].
type LearningRateSettings struct{ LearningRate Schedule }

// Config returns the settings.
func (s LearningRate) Config() LearningRateSettings { return LearningRateSettings{s.Rate} }

// Chain returns the transforms of o in order, and the rule at its end that writes to
// the parameters: that of NewSGD, NewAdam or NewAdamW, nil for New.
func (o *Optimizer) Chain() (chain []Transform, rule Transform) {
	if o.made() != nil {
		return nil, nil
	}
	last := len(o.chain) - 1
	chain, rule = append(chain, o.chain[:last]...), o.chain[last]
	if _, plain := rule.(subtract); plain {
		rule = nil
	}
	return chain, rule
}
