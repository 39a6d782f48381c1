package train

import (
	stderrors "errors"
	"fmt"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/nn"
)

// diverged returns the error of a step whose loss is not finite, or in which an op met
// a number that is not, err: ErrDiverged with what was the first, or what is wrong with
// the data.
func (l *Loop) diverged(loss float64, err error) error {
	cause := l.checkFinite()
	said := fmt.Sprintf("the loss is %v", loss)
	if err != nil {
		said = err.Error()
	}
	var where *nn.NotFinite
	switch {
	case !stderrors.As(cause, &where) && err != nil:
		return errors.WithStack(fmt.Errorf("%w: %w", err, ErrDiverged))
	case where == nil:
		return errors.Wrapf(ErrDiverged, "%s: a smaller learning rate?", said)
	case where.Input != "":
		return errors.WithStack(fmt.Errorf("%s: the data are not finite: %w: %w", said, where, ErrDiverged))
	}
	return errors.WithStack(fmt.Errorf("%s: %w: a smaller learning rate?: %w", said, where, ErrDiverged))
}

// checkFinite is nn.Program.CheckFinite of the last step.
func (l *Loop) checkFinite() error {
	c := l.chunked
	if c == nil {
		return l.program.CheckFinite()
	}
	n := l.x.Shape()[0] / c.size
	for j := range n {
		c.load(c.ahead, l.x, l.step+1, j, n)
		if err := c.ahead.Run(); err != nil {
			return errors.WithMessagef(err, "chunk %d of %d", j+1, n)
		}
		if err := c.ahead.CheckFinite(); err != nil {
			return errors.WithMessagef(err, "chunk %d of %d", j+1, n)
		}
	}
	return c.loss.CheckFinite()
}
