// Command resume interrupts a training in the middle, as Ctrl-C would, goes on from its checkpoint, and shows that
// the weights are those of an uninterrupted training.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/optim"
	"github.com/whitebox-nn/whitebox/train"
)

func main() {
	dir := must(os.MkdirTemp("", "resume"))
	defer func() { _ = os.RemoveAll(dir) }()
	undisturbed, _ := newLoop("")
	check(undisturbed.Run(context.Background()))

	first, _ := newLoop(dir)
	ctx, cancel := context.WithCancel(context.Background())
	first.Hooks = append(first.Hooks, train.HookFunc(func(e *train.Event) error {
		if e.Step == 33 {
			cancel()
		}
		return nil
	}))
	fmt.Printf("the first part ends: %v\n", first.Run(ctx))
	check(first.Close())

	second, net := newLoop(dir)
	check(second.Resume(filepath.Join(dir, "last.safetensors")))
	fmt.Printf("the second part goes on after step %d\n", second.Step())
	check(second.Run(context.Background()))

	equal := true
	for i, p := range undisturbed.Model.Params() {
		equal = equal && slices.Equal(p.Value.Float32s(), net.Params()[i].Value.Float32s())
	}
	fmt.Printf("after step %d the weights are those of a training without interruption, bit by bit: %v\n",
		second.Step(), equal)
	check(second.Close())
	check(undisturbed.Close())
}

// newLoop returns a training of 60 steps, with checkpoints in dir, if it is not empty.
func newLoop(dir string) (*train.Loop, *models.MLP) {
	digits, _, err := data.Digits()
	check(err)
	net := must(models.NewMLP(models.MLPConfig{Dims: []int{64, 128, 32}, Normalize: true}))
	batches := must(data.NewBatches(digits, data.BatchConfig{Size: 200, Shuffle: true}))
	adam := must(optim.NewAdam(net.Params(), optim.CosineAnnealing(0.003, 60, 0), optim.Adam{}))
	loop := &train.Loop{Model: net, Loss: losses.MCR2{Classes: 10}, Optimizer: adam, Source: batches, Steps: 60}
	if dir != "" {
		loop.Hooks = []train.Hook{&train.Checkpoint{Dir: dir, Every: 20}}
	}
	return loop, net
}

func must[T any](v T, err error) T {
	check(err)
	return v
}

func check(err error) {
	if err != nil {
		slog.Error(err.Error())
		os.Exit(1)
	}
}
