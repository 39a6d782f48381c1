package train_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/optim"
	"github.com/whitebox-nn/whitebox/train"
)

// sideBySide is the code of docs/compare-api.md.
func sideBySide(ctx context.Context, digits *data.Set) error {
	model := must(models.NewMLP(models.MLPConfig{Dims: []int{64, 128, 10}}))
	batches := must(data.NewBatches(digits, data.BatchConfig{Size: 64, Shuffle: true}))
	adam := must(optim.NewAdam(model.Params(), optim.Constant(1e-3), optim.Adam{}))
	loop := train.Loop{Model: model, Loss: losses.CrossEntropy{}, Optimizer: adam, Source: batches, Steps: 20}
	defer loop.Close()
	return loop.Run(ctx)
}

// TestThePageOfOtherLibrariesShowsThisCode compares the page with what is compiled here, and runs it.
func TestThePageOfOtherLibrariesShowsThisCode(t *testing.T) {
	page, err := os.ReadFile("../docs/compare-api.md")
	require.NoError(t, err)
	source, err := os.ReadFile("compareapi_test.go")
	require.NoError(t, err)
	_, body, _ := strings.Cut(string(source), "digits *data.Set) error {\n")
	body, _, _ = strings.Cut(body, "}\n\n//")
	require.Contains(t, string(page), strings.ReplaceAll(body, "\n\t", "\n")[1:])
	digits, _, err := data.Digits()
	require.NoError(t, err)
	require.NoError(t, sideBySide(t.Context(), digits))
}
