package models_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/conv"
	"github.com/whitebox-nn/whitebox/nn/initializer"
)

func resnet(t testing.TB, cfg models.ResNetConfig) *models.ResNet {
	t.Helper()
	r, err := models.NewResNet(cfg)
	require.NoError(t, err)
	return r
}

// filters is the number of weights of a k×k convolution and of γ and β after it.
func filters(in, out, k int) int { return in*out*k*k + 2*out }

// residual counts the weights of a ResNet without head.
func residual(channels, width int, blocks ...int) int {
	n, in := filters(channels, width, 3), width
	for i, count := range blocks {
		out := width << i
		for j := range count {
			n += filters(in, out, 3) + filters(out, out, 3)
			if i > 0 && j == 0 {
				n += filters(in, out, 1)
			}
			in = out
		}
	}
	return n
}

// ownHead counts the weights of the authors' head.
func ownHead(h, d int) int { return h*h + 2*h + h*d + d }

// 11 173 962 is the well-known number of ResNet-18 for CIFAR-10 with ten classes,
// 9 231 114 that of VGG-11 with batch norm.
func TestNumbersOfParameters(t *testing.T) {
	classes := 512*10 + 10
	r18 := resnet(t, models.ResNetConfig{NoHead: true})
	require.Equal(t, 512, r18.Out())
	require.Equal(t, 11173962, nn.Size(r18.Params())+classes)
	require.Equal(t, residual(3, 64, 2, 2, 2, 2), nn.Size(r18.Params()))

	own := resnet(t, models.ResNetConfig{Normalize: true})
	require.Equal(t, 128, own.Out())
	require.Equal(t, residual(3, 64, 2, 2, 2, 2)+ownHead(512, 128), nn.Size(own.Params()))
	require.Equal(t, 11497664, nn.Size(own.Params()))

	r10 := resnet(t, models.ResNetConfig{Depth: 10, Channels: 1})
	require.Equal(t, residual(1, 64, 1, 1, 1, 1)+ownHead(512, 128), nn.Size(r10.Params()))
	require.Equal(t, residual(3, 8, 3, 4, 6, 3), nn.Size(resnet(t, models.ResNetConfig{Depth: 34, Width: 8,
		NoHead: true}).Params()))

	vgg, err := models.NewVGG11(models.VGG11Config{NoHead: true})
	require.NoError(t, err)
	n, in := 0, 3
	for _, out := range []int{64, 128, 256, 256, 512, 512, 512, 512} {
		n += filters(in, out, 3) + out
		in = out
	}
	require.Equal(t, n, nn.Size(vgg.Params()))
	require.Equal(t, 9231114, nn.Size(vgg.Params())+classes)
	require.Equal(t, 512, vgg.Out())
}

func TestImageNetworksNameTheirParameters(t *testing.T) {
	names := make(map[string]bool)
	for _, p := range resnet(t, models.ResNetConfig{Width: 2, Name: "enc"}).Params() {
		require.False(t, names[p.Name], p.Name)
		names[p.Name] = true
	}
	for _, name := range []string{"enc.conv1.weight", "enc.bn1.weight", "enc.layer1.0.conv1.weight",
		"enc.layer2.0.downsample.0.weight",
		"enc.layer4.1.bn2.running_var", "enc.head.linear0.weight", "enc.head.norm.running_mean",
		"enc.head.linear1.bias"} {
		require.True(t, names[name], name)
	}
	require.False(t, names["enc.layer1.0.downsample.0.weight"])
	require.False(t, names["enc.conv1.bias"])
}

// Features on the sphere, for both sizes of images, from both modes.
func TestImageNetworksEndOnTheSphere(t *testing.T) {
	for _, c := range []struct {
		model layers.Layer
		shape []int
	}{
		{resnet(t, models.ResNetConfig{Width: 4, Features: 6, Normalize: true, Dtype: tensor.Float64}),
			[]int{2, 3, 32, 32}},
		{resnet(t, models.ResNetConfig{Depth: 10, Channels: 1, Width: 4, Features: 6, Normalize: true,
			Dtype: tensor.Float64}), []int{2, 1, 28, 28}},
		{vgg(t), []int{2, 3, 32, 32}},
	} {
		for _, mode := range []nn.Mode{nn.Train, nn.Eval} {
			_, out := run(t, mode, one(c.model), c.shape...)
			rows, cols := out[0].Dims()
			require.Equal(t, [2]int{2, 6}, [2]int{rows, cols})
			for i := range rows {
				require.InDelta(t, 1, mat.Norm(out[0].RowView(i), 2), 1e-12)
			}
		}
	}
}

func vgg(t testing.TB) *models.VGG11 {
	v, err := models.NewVGG11(models.VGG11Config{Width: 4, Features: 6, Normalize: true, Dtype: tensor.Float64})
	require.NoError(t, err)
	return v
}

// An identity block: where the weights of the last norm are 0, what comes out is
// the shortcut.
func TestABlockIsAroundItsShortcut(t *testing.T) {
	r := resnet(t, models.ResNetConfig{Depth: 10, Channels: 2, Width: 3, NoHead: true, Dtype: tensor.Float64})
	for _, p := range r.Params() {
		switch p.Name {
		case "layer1.0.bn2.weight", "layer2.0.bn2.weight", "layer3.0.bn2.weight",
			"layer4.0.bn2.weight":
			require.NoError(t, initializer.Zeros{}.Fill(p, nil))
		}
	}
	_, whole := run(t, nn.Train, one(r), 3, 2, 8, 8)
	var parts layers.Sequential // the stem and the projections alone, with the same parameters
	params := make(map[string]*nn.Param)
	for _, p := range r.Params() {
		params[p.Name] = p
	}
	add := func(filters, standard string, in, out, kernel, stride int) {
		c, err := layers.NewConv2D(layers.ConvConfig{Name: filters, In: in, Out: out, Kernel: conv.Pair(kernel),
			Geometry: conv.Geometry{Stride: conv.Pair(stride), Padding: conv.Pair(kernel / 2)}, NoBias: true,
			Dtype: tensor.Float64})
		require.NoError(t, err)
		n, err := layers.NewBatchNorm(layers.BatchNormConfig{Name: standard, Channels: out, Dtype: tensor.Float64})
		require.NoError(t, err)
		for _, p := range append(c.Params(), n.Params()...) {
			require.NotNil(t, params[p.Name], p.Name)
			copy(p.Value.Float64s(), params[p.Name].Value.Float64s())
		}
		parts = append(parts, c, n, layers.ReLU{})
	}
	add("conv1", "bn1", 2, 3, 3, 1)
	add("layer2.0.downsample.0", "layer2.0.downsample.1", 3, 6, 1, 2)
	add("layer3.0.downsample.0", "layer3.0.downsample.1", 6, 12, 1, 2)
	add("layer4.0.downsample.0", "layer4.0.downsample.1", 12, 24, 1, 2)
	_, want := run(t, nn.Train, one(append(parts, layers.GlobalAveragePool{})), 3, 2, 8, 8)
	require.True(t, mat.EqualApprox(want[0], whole[0], 1e-12))
}

// The directional derivative of the whole network's loss, by all its parameters.
func TestTheGradientOfAResNet(t *testing.T) {
	r := resnet(t, models.ResNetConfig{Depth: 10, Channels: 1, Width: 2, Features: 4, Normalize: true,
		Dtype: tensor.Float64})
	g := nn.NewGraph(nn.Train)
	v := tensor.New(tensor.WithShape(6, 1, 8, 8), tensor.Of(tensor.Float64))
	require.NoError(t, nn.SetFloats(v, draws(3, v.Size())))
	y := tensor.New(tensor.WithShape(6), tensor.WithBacking([]float64{0, 1, 0, 1, 0, 1}))
	x, err := g.Input("x", v)
	require.NoError(t, err)
	labels, err := g.Input("y", y)
	require.NoError(t, err)
	z, err := r.Forward(g, x)
	require.NoError(t, err)
	loss, err := losses.MCR2{Classes: 2}.Loss(g, z, labels)
	require.NoError(t, err)
	p, err := nn.Compile(g, nn.Outputs{Loss: loss, Wrt: r.Params()})
	require.NoError(t, err)
	defer p.Close()
	require.Len(t, p.Grads(), len(nn.Trained(r.Params())))

	const h = 1e-6
	var slope float64
	require.NoError(t, p.Run())
	direction := draws(4, nn.Size(p.Params()))
	at := 0
	for _, d := range p.Grads() {
		for j, e := range d.Float64s() {
			slope += e * direction[at+j]
		}
		at += d.Size()
	}
	move := func(by float64) float64 {
		at := 0
		for _, q := range p.Params() {
			for j := range q.Value.Float64s() {
				q.Value.Float64s()[j] += by * direction[at+j]
			}
			at += q.Value.Size()
		}
		require.NoError(t, p.Run())
		return p.Loss()
	}
	up := move(h)
	down := move(-2 * h)
	require.InDelta(t, (up-down)/(2*h), slope, 1e-6*max(1, slope, -slope))
}

func TestBadImageNetworks(t *testing.T) {
	_, err := models.NewResNet(models.ResNetConfig{Depth: 50})
	require.ErrorContains(t, err, `models: ResNet "": Depth is 50, want 10, 18 or 34`)
	_, err = models.NewResNet(models.ResNetConfig{Channels: -1})
	require.ErrorContains(t, err, `layers: Conv2D "conv1": -1 channels in`)
	_, err = models.NewVGG11(models.VGG11Config{Width: -1})
	require.ErrorContains(t, err, `models: VGG11 "vgg11": layers: Conv2D "vgg11.conv0"`)
	g := nn.NewGraph(nn.Train)
	x, err := g.Input("x", tensor.New(tensor.WithShape(2, 3, 28, 28), tensor.Of(tensor.Float64)))
	require.NoError(t, err)
	_, err = vgg(t).Forward(g, x)
	require.ErrorContains(t, err, `models: VGG11 "vgg11": layers: Sequential: layer 20: layers: MaxPool: pool: a `+
		`window of 2 pixels does not fit into 1`)
	_, err = resnet(t, models.ResNetConfig{Width: 2, Channels: 1, Dtype: tensor.Float64}).Forward(g, x)
	require.ErrorContains(t, err, "x has 3 channels but the filters")
}
