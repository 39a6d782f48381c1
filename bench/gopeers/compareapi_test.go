package main

import (
	"os"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/backends/simplego"
	. "github.com/gomlx/gomlx/pkg/core/graph" //nolint:revive // as its documents do
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"github.com/gomlx/gomlx/pkg/ml/context"
	"github.com/gomlx/gomlx/pkg/ml/datasets"
	"github.com/gomlx/gomlx/pkg/ml/layers"
	"github.com/gomlx/gomlx/pkg/ml/layers/activations"
	"github.com/gomlx/gomlx/pkg/ml/train"
	"github.com/gomlx/gomlx/pkg/ml/train/losses"
	"github.com/gomlx/gomlx/pkg/ml/train/optimizers"
)

// sideBySide is the code of docs/compare-api.md.
func sideBySide(backend backends.Backend, digits *datasets.InMemoryDataset) error {
	model := func(ctx *context.Context, _ any, inputs []*Node) []*Node {
		x := activations.Relu(layers.DenseWithBias(ctx.In("hidden"), inputs[0], 128))
		return []*Node{layers.DenseWithBias(ctx.In("readout"), x, 10)}
	}
	ctx := context.New()
	ctx.SetParam(optimizers.ParamLearningRate, 1e-3)
	batches := digits.Infinite(true).Shuffle().BatchSize(64, true)
	loop := train.NewLoop(train.NewTrainer(backend, ctx, model, losses.SparseCategoricalCrossEntropyLogits,
		optimizers.Adam().Done(), nil, nil))
	_, err := loop.RunSteps(batches, 20)
	return err
}

// TestThePageOfOtherLibrariesShowsThisCode compares the page with what is compiled here,
// and runs it, on draws in place of digits.
func TestThePageOfOtherLibrariesShowsThisCode(t *testing.T) {
	page, err := os.ReadFile("../../docs/compare-api.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("compareapi_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(source), "digits *datasets.InMemoryDataset) error {\n")
	body, _, _ = strings.Cut(body, "}\n\n//")
	if body = strings.ReplaceAll(body, "\n\t", "\n")[1:]; len(body) < 300 || !strings.Contains(string(page), body) {
		t.Errorf("docs/compare-api.md does not show\n%s", body)
	}
	backend, err := simplego.New("")
	if err != nil {
		t.Fatal(err)
	}
	labels := make([]int32, 128)
	for i := range labels {
		labels[i] = int32(i % 10)
	}
	digits, err := datasets.InMemoryFromData(backend, "digits",
		[]any{tensors.FromFlatDataAndDimensions(normal(128*64, 1), 128, 64)},
		[]any{tensors.FromFlatDataAndDimensions(labels, 128, 1)})
	if err != nil {
		t.Fatal(err)
	}
	if err := sideBySide(backend, digits); err != nil {
		t.Fatal(err)
	}
}
