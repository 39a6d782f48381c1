package layers

// The methods named Config return what a checkpoint records about a layer: its settings, with defaults filled in.

// Config returns the settings of the layer.
func (l *Linear) Config() LinearConfig {
	if l == nil || l.weight == nil {
		return LinearConfig{}
	}
	return l.cfg
}

// Config returns the settings of the layer.
func (l *LayerNorm) Config() LayerNormConfig {
	if l == nil || l.gamma == nil {
		return LayerNormConfig{}
	}
	return l.cfg
}

// Config returns the settings of the layer.
func (l *BatchNorm) Config() BatchNormConfig {
	if l == nil || l.gamma == nil {
		return BatchNormConfig{}
	}
	return l.cfg
}

// Config returns the settings of the layer.
func (l *Conv2D) Config() ConvConfig {
	if l == nil || l.weight == nil {
		return ConvConfig{}
	}
	return l.cfg
}

// Config returns the settings of the layer.
func (l *ConvTranspose2D) Config() ConvConfig {
	if l == nil || l.weight == nil {
		return ConvConfig{}
	}
	return l.cfg
}

// Config returns the settings of the layer.
func (l *RandomConv) Config() RandomConvConfig {
	if l == nil || l.weight == nil {
		return RandomConvConfig{}
	}
	return l.cfg
}

// Config returns the settings of the layer.
func (l *ReduNet) Config() ReduNetConfig {
	if l == nil || l.e == nil {
		return ReduNetConfig{}
	}
	return l.cfg
}

// Config returns the settings of the network.
func (l *LISTA) Config() LISTAConfig {
	if l == nil || l.unrolled == nil {
		return LISTAConfig{}
	}
	c := l.cfg
	c.UnrollConfig = l.unrolled.cfg
	return c
}

// Config returns the settings of the network.
func (l *LISTACP) Config() LISTACPConfig {
	if l == nil || l.unrolled == nil {
		return LISTACPConfig{}
	}
	c := l.cfg
	c.UnrollConfig = l.unrolled.cfg
	return c
}

// Config returns the settings of the network.
func (l *GLISTA) Config() GLISTAConfig {
	if l == nil || l.unrolled == nil {
		return GLISTAConfig{}
	}
	c := l.cfg
	c.UnrollConfig = l.unrolled.cfg
	return c
}

// Config returns the settings of the network.
func (l *LFISTA) Config() LFISTAConfig {
	if l == nil || l.unrolled == nil {
		return LFISTAConfig{}
	}
	c := l.cfg
	c.UnrollConfig = l.unrolled.cfg
	return c
}

// Config returns the settings of the network.
func (l *LIHT) Config() LIHTConfig {
	if l == nil || l.unrolled == nil {
		return LIHTConfig{}
	}
	c := l.cfg
	c.UnrollConfig = l.unrolled.cfg
	return c
}

// Config returns the settings of the network.
func (l *LAMP) Config() LAMPConfig {
	if l == nil || l.unrolled == nil {
		return LAMPConfig{}
	}
	c := l.cfg
	c.UnrollConfig = l.unrolled.cfg
	return c
}

// Config returns the settings of the network.
func (l *TiLISTA) Config() TiLISTAConfig {
	if l == nil || l.unrolled == nil {
		return TiLISTAConfig{}
	}
	return TiLISTAConfig{l.cfg, l.sel}
}

// Config returns the settings of the network; W is the weight that it computes with.
func (l *ALISTA) Config() ALISTAConfig {
	if l == nil || l.unrolled == nil {
		return ALISTAConfig{}
	}
	return ALISTAConfig{UnrollConfig: l.cfg, Select: l.sel, W: l.weight}
}

// Config returns the settings of the network.
func (l *StepLISTA) Config() StepLISTAConfig {
	if l == nil || l.unrolled == nil {
		return StepLISTAConfig{}
	}
	return StepLISTAConfig{l.cfg}
}
