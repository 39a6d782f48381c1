package conformance

import (
	"math"
	"slices"
	"strings"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/build"
	"github.com/whitebox-nn/whitebox/layers/csc"
	"github.com/whitebox-nn/whitebox/layers/tokens"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/conv"
)

// ErrUnsupported reports a kind of reference that nothing here knows.
var ErrUnsupported = errors.New("unsupported kind")

// A check computes a case through the public API, and tells the bench what comes out.
// It may abandon the case by must and build.Check.
type check func(b *bench)

// A kind is known by the prefix of a name, up to the end of a word, of which the longest
// counts; golden vectors by the fields that all of them have, whatever their name.
type kind struct {
	sign string
	check
}

// kinds lists what is known; a sign of several words is of golden vectors.
func kinds() []kind {
	return []kind{
		{"mcr2_", mcr2},
		{"crate", transformer(models.NewCRATE)},
		{"crate_mae", nil}, // not built
		{"crate_alpha", transformer(models.NewCRATEAlpha)},
		{"crate_alpha_odl", plain(tokens.NewOvercomplete)},
		{"tost_attention", plain(tokens.NewTokenStatistics)},
		{"tost_block", tokenLayer(tostBlock)},
		{"tost_class_attention_block", tokenLayer(tostClassBlock)},
		{"tost_causal_attention", plain(tokens.NewCausalTokenStatistics)},
		{"tost_position", tostPosition},
		{"tost_language_model", tostLanguageModel},
		{"lasso", lasso},
		{"lista_", lista},
		{"rate_reduction_", rateReduction},
		{"redunet_", reduNet},
		{"op_cross_entropy", crossEntropy},
		{"op_l2_normalize", normalize},
		{"op_layernorm", layerNorm},
		{"op_layer_norm", layerNorm},
		{"op_softmax", one(nn.Softmax)},
		{"op_log_softmax", one(nn.LogSoftmax)},
		{"op_softshrink", softThreshold},
		{"op_soft_threshold", softThreshold},
		{"op_relu", one(nn.ReLU)},
		{"op_linear", linear},
		{"op_matmul", matMul},
		{"op_add", pair(nn.Add)},
		{"op_sub", pair(nn.Sub)},
		{"op_mul", pair(nn.Mul)},
		{"op_div", pair(nn.Div)},
		{"op_max", reduce(nn.Max)},
		{"op_min", reduce(nn.Min)},
		{"op_sum", reduce(nn.Sum)},
		{"op_mean", reduce(nn.Mean)},
		{"op_mse", squaredError},
		{"op_conv2d", conv2D},
		{"op_conv_transpose2d", convTranspose2D},
		{"op_convtranspose2d", convTranspose2D},
		{"op_batchnorm", batchNorm},
		{"op_maxpool2d", pooled(conv.MaxPool)},
		{"op_max_pool2d", pooled(conv.MaxPool)},
		{"op_avgpool2d", pooled(conv.AveragePool)},
		{"op_avg_pool2d", pooled(conv.AveragePool)},
		{"op_adaptive_avg_pool2d", globalPool},
		{"op_adaptive_avgpool2d", globalPool},
		{"op_global_avgpool2d", globalPool},
		{"op_global_avg_pool2d", globalPool},
		{"op_pad", pad},
		{"optim_sgd", sgd},
		{"optim_adam", adam},
		{"optim_adamw", adamW},
		{"ml_ista", multilayer(csc.NewMLISTA)},
		{"ml_fista", multilayer(csc.NewMLFISTA)},
		{"ml_lista", multilayer(csc.NewMLLISTA)},
		{"layered_bp", multilayer(csc.NewLayeredBP)},
		{"all_free", multilayer(csc.NewAllFree)},
		{"cscnet", cscNet},
		{"sdnet", sdNet},
		{"pudle", unrolledDictionary},
		{"crsae", crsae},
		{"Z y eps2 R_nats Rc_nats", goldenRates},
		{"X y eta eps2 lmbda layers Z_train", goldenReduNet},
		{"alpha eps2 EZ approx", goldenNeumann},
		{"Nk eps2 lambda_half_convention sigma F_global", goldenOptimum},
		{"W eps labels total_bits", goldenLossy},
		{"A y lam ista_iter1to5 fista_iter1to5", goldenISTA},
		{"v theta out", goldenSupport},
		{"A b theta alista_W init_LISTA_layers1to4", goldenLISTA},
	}
}

// check returns the check of r's kind, nil if nothing here knows it.
func (r *Reference) check() (do check) {
	longest := -1
	for _, k := range kinds() {
		if fields := strings.Fields(k.sign); r.golden || len(fields) > 1 {
			lacks := func(field string) bool { return r.Params[field] == nil }
			if r.golden && len(fields) > 1 && !slices.ContainsFunc(fields, lacks) {
				return k.check
			}
			continue
		}
		rest, ok := strings.CutPrefix(r.Name, k.sign)
		whole := rest == "" || strings.HasSuffix(k.sign, "_") || rest[0] == '_' || rest[0] >= '0' && rest[0] <= '9'
		if ok && whole && len(k.sign) > longest {
			do, longest = k.check, len(k.sign)
		}
	}
	return do
}

// Run checks r in one dtype and returns the largest error of any tensor,
// relative to that tensor's largest magnitude, and the tensor's name.
func Run(r *Reference, dt tensor.Dtype) (maxRelErr float64, worst string, err error) {
	defer build.Catch(&err, "conformance: %s", r.Name)
	do := r.check()
	if do == nil {
		return 0, "", ErrUnsupported
	}
	b := newBench(r, dt)
	do(b)
	if len(b.found) == 0 {
		return 0, "", errors.New("nothing was compared")
	}
	for _, c := range b.found {
		if e := relErr(c.got, c.want); !(e <= maxRelErr) || worst == "" {
			maxRelErr, worst = e, c.name
		}
	}
	return maxRelErr, worst, nil
}

// Tolerance returns the error that r is allowed: single precision where the
// reference or we compute in it, as the reference does weights in the Fourier domain.
func Tolerance(r *Reference, dt tensor.Dtype) float64 {
	said := r.Source + string(r.Params["dtype"])
	single := strings.Contains(said, "complex64") || strings.Contains(said, "float32") || r.Tensors["E_first"].Re != nil
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
