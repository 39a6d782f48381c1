//go:build whitebox_cuda

package crossentropy

import (
	_ "embed"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/opkit"
	"github.com/whitebox-nn/whitebox/op/launch"
)

//go:embed crossentropy.ptx
var ptx string

func (k LogSoftmax) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	d := a.Shape[k.Rank-1]
	return a.Kernel("crossentropy", ptx, "crossentropy_log_softmax", launch.Rows(a.N()/d), launch.I(a.N()/d), launch.I(d), a.Y(), a.X(0))
}

func (k logSoftmaxGrad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	d := a.Shape[k.Of.Rank-1]
	return a.Kernel("crossentropy", ptx, "crossentropy_log_softmax_grad", launch.Rows(a.N()/d), launch.I(a.N()/d), launch.I(d), a.Y(), a.X(0), a.X(1))
}

func (k Mean) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n, classes := a.Shapes[0][0], a.Shapes[0][1]
	return a.Kernel("crossentropy", ptx, "crossentropy_mean", launch.LongRows(1, n*classes), launch.I(n), launch.I(classes), a.Y(), a.X(1), a.X(2), launch.F64(k.Smoothing), launch.P(a.Status))
}

// Explain implements opkit.Explained.
func (k Mean) Explain(f opkit.Finding) error {
	return errors.Wrapf(opkit.ErrInput, "cross-entropy: the label of sample %d is %v, want an integer from 0 to %d", f.Number, f.Value, f.Shapes[0][1]-1)
}

func (k meanGrad) BindCUDA(a *opkit.DeviceArgs) (opkit.Run, error) {
	n, classes := a.Shape[0], a.Shape[1]
	return a.Kernel("crossentropy", ptx, "crossentropy_mean_grad", launch.Elements(a.N()), launch.I(n), launch.I(classes), a.Y(), a.X(0), a.X(1), a.X(2), launch.F64(k.Of.Smoothing))
}
