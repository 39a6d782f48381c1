package compare

import (
	"context"
	"fmt"
	"io"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/internal/experiment"
)

// robustness trains each objective again for each share of -noises and stores
// the accuracies on the clean test set.
func robustness(ctx context.Context, cfg config, train, test *data.Set, results []*result, progress io.Writer) error {
	for _, ratio := range cfg.Noises {
		wrong, err := train.CorruptUniform(ratio, cfg.Seed)
		if err != nil {
			return err
		}
		for _, r := range results {
			accuracy, err := accuracyOn(ctx, r.task.objective, cfg, wrong, test)
			if err != nil {
				return errors.WithMessagef(err, "%s with %v of the labels replaced", r.task.name, ratio)
			}
			r.NoiseAccuracy = append(r.NoiseAccuracy, accuracy)
			fmt.Fprintf(progress, "%s with %.0f %% of the labels replaced: test accuracy %.4f\n", r.task.name,
				100*ratio, accuracy)
		}
	}
	return nil
}

// accuracyOn trains on a set, without logs, and returns the test accuracy.
func accuracyOn(ctx context.Context, o objective, cfg config, train, test *data.Set) (accuracy float64, err error) {
	t, err := newTask(o, cfg, train, test)
	if err != nil {
		return 0, err
	}
	c, err := t.collector()
	if err != nil {
		return 0, err
	}
	defer experiment.Close(c, &err)
	loop, ahead, err := t.loop()
	if err != nil {
		return 0, err
	}
	defer experiment.Close(ahead, &err)
	defer experiment.Close(loop, &err)
	if err := loop.Run(ctx); err != nil {
		return 0, err
	}
	fit, err := featuresOf(ctx, c, train)
	if err != nil {
		return 0, err
	}
	on, err := featuresOf(ctx, c, test)
	if err != nil {
		return 0, err
	}
	_, accuracy, _, err = t.accuracies(fit, on)
	return accuracy, err
}
