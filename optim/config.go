package optim

// What the methods named Config return is what a checkpoint says of a transform.

// AdamSettings is what NewAdam and NewAdamW are made of, with the defaults.
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

// SGDSettings is what NewSGD is made of.
type SGDSettings struct {
	Kind         string `json:"kind"` // "SGD"
	LearningRate Schedule
	SGD
}

// Config returns the settings.
func (s *sgd) Config() SGDSettings { return SGDSettings{"SGD", s.rate, s.cfg} }

// LearningRateSettings is what a LearningRate is made of.
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
