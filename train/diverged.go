package train

import (
	"cmp"
	stderrors "errors"
	"fmt"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/nn"
)

// diverged returns the error of a step whose loss is not finite, or in which an op was given a number that is not
// finite (err): [ErrDiverged] with the first place that was not finite, or what is wrong with the data. The learning
// rate is mentioned as a cause only after at least one step.
func (l *Loop) diverged(loss float64, err error) error {
	cause := l.checkFinite()
	said := fmt.Sprintf("the loss is %v", loss)
	if err != nil {
		said = err.Error()
	}
	advice := "a smaller learning rate?"
	if l.step == 0 {
		advice = "no step was taken yet: are the data, or the first parameters, too large?"
	}
	at := fmt.Sprintf("diverged at step %d, and the parameters are those before it", l.step+1)
	var where *nn.NotFinite
	switch {
	case !stderrors.As(cause, &where) && err != nil:
		return errors.WithStack(fmt.Errorf("%s: %w: %w", at, err, ErrDiverged))
	case where == nil:
		return errors.WithStack(fmt.Errorf("%s: %s: %s: %w", at, said, advice, ErrDiverged))
	case where.Input != "":
		return errors.WithStack(fmt.Errorf("%s: %s: the data are not finite: %w: %w", at, said, where, ErrDiverged))
	}
	return errors.WithStack(fmt.Errorf("%s: %s: %w: %s: %w", at, said, where, advice, ErrDiverged))
}

// checkFinite is nn.Program.CheckFinite of the last step.
func (l *Loop) checkFinite() error {
	c, x := l.graph.chunked, l.graph.x
	if c == nil {
		return l.graph.program.CheckFinite()
	}
	n := x.Shape()[0] / c.size
	for j := range n {
		c.load(c.ahead, x, l.step+1, j, n)
		refused := c.ahead.Run() // by an op that met what another one made
		if err := cmp.Or(c.ahead.CheckFinite(), refused); err != nil {
			return errors.WithMessagef(err, "chunk %d of %d", j+1, n)
		}
	}
	return c.loss.CheckFinite()
}
