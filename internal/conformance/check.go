package conformance

import (
	"math"
	"strings"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/conv"
)

// ErrUnsupported reports a kind of reference that nothing here knows.
var ErrUnsupported = errors.New("unsupported kind")

// A comparison is one tensor of ours beside the reference's.
type comparison struct {
	name      string
	got, want []float64
}

// A check computes a case through the public API in one dtype.
type check func(r *Reference, dt tensor.Dtype) ([]comparison, error)

// kinds lists what each prefix of a name means, up to the end of a word; the
// longest that fits counts.
func kinds() map[string]check {
	return map[string]check{
		"mcr2_":                  mcr2,
		"lasso":                  lasso,
		"lista_":                 lista,
		"rate_reduction_":        rateReduction,
		"redunet_":               reduNet,
		"op_cross_entropy":       opOf(crossEntropy),
		"op_l2_normalize":        opOf(normalize),
		"op_layernorm":           opOf(layerNorm),
		"op_layer_norm":          opOf(layerNorm),
		"op_softmax":             opOf(one(nn.Softmax)),
		"op_log_softmax":         opOf(one(nn.LogSoftmax)),
		"op_softshrink":          opOf(softThreshold),
		"op_soft_threshold":      opOf(softThreshold),
		"op_relu":                opOf(one(nn.ReLU)),
		"op_linear":              opOf(linear),
		"op_matmul":              opOf(matMul),
		"op_add":                 opOf(pair(nn.Add)),
		"op_sub":                 opOf(pair(nn.Sub)),
		"op_mul":                 opOf(pair(nn.Mul)),
		"op_div":                 opOf(pair(nn.Div)),
		"op_max":                 opOf(reduce(nn.Max)),
		"op_min":                 opOf(reduce(nn.Min)),
		"op_sum":                 opOf(reduce(nn.Sum)),
		"op_mean":                opOf(reduce(nn.Mean)),
		"op_mse":                 opOf(squaredError),
		"op_conv2d":              filters(conv2D),
		"op_conv_transpose2d":    filters(convTranspose2D),
		"op_convtranspose2d":     filters(convTranspose2D),
		"op_batchnorm":           batchNorm,
		"op_maxpool2d":           pooled(conv.MaxPool),
		"op_max_pool2d":          pooled(conv.MaxPool),
		"op_avgpool2d":           pooled(conv.AveragePool),
		"op_avg_pool2d":          pooled(conv.AveragePool),
		"op_adaptive_avg_pool2d": globalPool,
		"op_adaptive_avgpool2d":  globalPool,
		"op_global_avgpool2d":    globalPool,
		"op_global_avg_pool2d":   globalPool,
		"op_pad":                 pad,
		"optim_sgd":              trajectory(sgd),
		"optim_adam":             trajectory(adam),
		"optim_adamw":            trajectory(adamW),
	}
}

// Run checks r in one dtype and returns the largest error of any tensor,
// relative to that tensor's largest magnitude, and the tensor's name.
func Run(r *Reference, dt tensor.Dtype) (maxRelErr float64, worst string, err error) {
	defer build.Catch(&err, "conformance: %s", r.Name)
	do := checkOf(r)
	if do == nil {
		return 0, "", ErrUnsupported
	}
	cs, err := do(r, dt)
	if err != nil {
		return 0, "", err
	}
	if len(cs) == 0 {
		return 0, "", errors.New("nothing was compared")
	}
	for _, c := range cs {
		if e := relErr(c.got, c.want); !(e <= maxRelErr) || worst == "" {
			maxRelErr, worst = e, c.name
		}
	}
	return maxRelErr, worst, nil
}

// checkOf returns the check of r's kind, nil if nothing here knows it.
func checkOf(r *Reference) (do check) {
	if r.golden {
		return goldenCheck(r.Params)
	}
	longest := -1
	for prefix, f := range kinds() {
		rest, ok := strings.CutPrefix(r.Name, prefix)
		whole := rest == "" || strings.HasSuffix(prefix, "_") || rest[0] == '_' || rest[0] >= '0' && rest[0] <= '9'
		if ok && whole && len(prefix) > longest {
			do, longest = f, len(prefix)
		}
	}
	return do
}

// Tolerance returns the error that r is allowed: single precision where the
// reference or we compute in it.
func Tolerance(r *Reference, dt tensor.Dtype) float64 {
	said := r.Source + string(r.Params["dtype"])
	single := strings.Contains(said, "complex64") || strings.Contains(said, "float32") || complexWeights(r)
	if single || dt == tensor.Float32 {
		return 1e-4
	}
	return 1e-9
}

// relErr returns max|got−want| / max|want|, or the numerator where want is 0.
func relErr(got, want []float64) float64 {
	if len(got) != len(want) {
		return math.Inf(1)
	}
	worst, scale := 0.0, 0.0
	for i := range want {
		scale = max(scale, math.Abs(want[i]))
		worst = max(worst, math.Abs(got[i]-want[i])) // NaN if one is
	}
	if scale > 0 {
		worst /= scale
	}
	return worst
}
