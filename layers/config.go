package layers

// What the methods named Config return is what a checkpoint says of a layer: its
// settings, with their defaults.

// Config returns the settings of the layer.
func (l *Linear) Config() LinearConfig { return l.cfg }

// Config returns the settings of the layer.
func (l *LayerNorm) Config() LayerNormConfig { return l.cfg }

// Config returns the settings of the layer.
func (l *BatchNorm) Config() BatchNormConfig { return l.cfg }

// Config returns the settings of the layer.
func (l *Conv2D) Config() ConvConfig { return l.cfg }

// Config returns the settings of the layer.
func (l *ConvTranspose2D) Config() ConvConfig { return l.cfg }

// Config returns the settings of the layer.
func (l *Lift) Config() LiftConfig { return l.cfg }

// Config returns the settings of the layer.
func (l *ReduNet) Config() ReduNetConfig { return l.cfg }

// Config returns the settings of the network.
func (l *LISTA) Config() LISTAConfig {
	c := l.cfg
	c.UnrollConfig = l.unrolled.cfg
	return c
}

// Config returns the settings of the network.
func (l *LISTACP) Config() LISTACPConfig {
	c := l.cfg
	c.UnrollConfig = l.unrolled.cfg
	return c
}

// Config returns the settings of the network.
func (l *GLISTA) Config() GLISTAConfig {
	c := l.cfg
	c.UnrollConfig = l.unrolled.cfg
	return c
}

// Config returns the settings of the network.
func (l *LFISTA) Config() LFISTAConfig {
	c := l.cfg
	c.UnrollConfig = l.unrolled.cfg
	return c
}

// Config returns the settings of the network.
func (l *LIHT) Config() LIHTConfig {
	c := l.cfg
	c.UnrollConfig = l.unrolled.cfg
	return c
}

// Config returns the settings of the network.
func (l *LAMP) Config() LAMPConfig {
	c := l.cfg
	c.UnrollConfig = l.unrolled.cfg
	return c
}

// Config returns the settings of the network.
func (l *TiLISTA) Config() TiLISTAConfig { return TiLISTAConfig{l.cfg, l.sel} }

// Config returns the settings of the network; W is the weight that it computes with.
func (l *ALISTA) Config() ALISTAConfig {
	return ALISTAConfig{UnrollConfig: l.cfg, Select: l.sel, W: l.weight}
}

// Config returns the settings of the network.
func (l *StepLISTA) Config() StepLISTAConfig { return StepLISTAConfig{l.cfg} }
