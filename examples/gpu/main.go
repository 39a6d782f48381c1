// Command gpu trains on a GPU, where there is one, and on the processor, and compares the
// losses and the time.
//
//	go run -tags whitebox_cuda ./examples/gpu
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/optim"
	"github.com/whitebox-nn/whitebox/train"
)

func main() {
	fmt.Printf("on the processor: %s\n", learn(nn.Options{}))
	if err := cuda.Check(); err != nil {
		fmt.Printf("no GPU: %v\n", err) // the sentence says what is missing
		return
	}
	device := must(cuda.Open(0))
	defer func() { check(device.Close()) }()
	fmt.Printf("on the GPU:       %s\n", learn(nn.Options{Device: device}))
}

// learn trains a perceptron under MCR² and returns what came out.
func learn(options nn.Options) string {
	digits, _, err := data.Digits()
	check(err)
	net := must(models.NewMLP(models.MLPConfig{Dims: []int{64, 512, 128}, Normalize: true}))
	batches := must(data.NewBatches(digits, data.BatchConfig{Size: 719, Shuffle: true}))
	adam := must(optim.NewAdam(net.Params(), optim.Constant(0.003), optim.Adam{}))
	var last float64
	loop := train.Loop{Model: net, Loss: losses.MCR2{Classes: 10}, Optimizer: adam, Source: batches, Steps: 50,
		Options: options, Hooks: []train.Hook{
			train.HookFunc(func(e *train.Event) error { last = e.Loss; return nil })}}
	start := time.Now()
	check(loop.Run(context.Background()))
	took := time.Since(start)
	check(loop.Close())
	return fmt.Sprintf("−ΔR is %.4f after 50 steps, %.1f s", last, took.Seconds())
}

func must[T any](v T, err error) T { check(err); return v }

func check(err error) {
	if err != nil {
		slog.Error(err.Error())
		os.Exit(1)
	}
}
