package main

import (
	"encoding/json"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/train"
)

// settle writes the settings to the output directory, or with -resume compares
// them to what was written: a run goes on only as it began.
func (c *config) settle() error {
	text, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return errors.WithStack(err)
	}
	return train.Settle(c.Out, text, c.Resume)
}
