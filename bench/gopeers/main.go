// Command gopeers times workloads of ../ in two other libraries of Go, each as its own documents write them: gomlx on
// its backend in pure Go, and Gorgonia as it is. It is a module of its own, so that modules that use ours do not
// depend on it.
//
//	go build -C bench/gopeers -o gopeers .
//	go run ./bench -only gemm_nn,conv3x3,mlp_ce -peer-command bench/gopeers/gopeers
//
// It prints a line a workload as other peers do. Both libraries compute with float32. gomlx
// has no momentum in its gradient descent, which so does less than ours.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// A workload is one run of something by one library, after what it prepares.
type workload struct {
	name, impl string
	prepare    func() (run func() error, err error)
}

func workloads() []workload {
	var ws []workload
	for _, n := range []int{128, 512, 1024} {
		name := fmt.Sprintf("gemm_nn_%d", n)
		ws = append(ws,
			workload{name, "gomlx-go", func() (func() error, error) { return gomlxProduct(n) }},
			workload{name, "gorgonia", func() (func() error, error) { return gorgoniaProduct(n) }})
	}
	conv, step := "conv3x3_64_32x32_b8", "mlp_ce_step_b512"
	return append(ws,
		workload{conv, "gomlx-go", func() (func() error, error) { return gomlxConvolution(8, 64, 32) }},
		workload{conv, "gorgonia", func() (func() error, error) { return gorgoniaConvolution(8, 64, 32) }},
		workload{step, "gomlx-go", func() (func() error, error) { return gomlxStep(512) }},
		workload{step, "gorgonia", func() (func() error, error) { return gorgoniaStep(512) }})
}

func main() {
	threads := flag.Int("threads", runtime.NumCPU(), "processors that Go may use")
	runs := flag.Int("runs", 5, "timed `runs` of a workload, after one that is not timed")
	only := flag.String("only", "", "comma-separated `prefixes` of the workloads to run; empty is all")
	flag.Bool("cpu", false, "refused: neither library computes on one thread only")
	flag.Parse()
	lines := os.Stdout
	os.Stdout = os.Stderr // for what gomlx says by itself
	if err := all(lines, *only, *threads, *runs); err != nil {
		fmt.Fprintln(os.Stderr, "gopeers:", err)
		os.Exit(1)
	}
}

// all prints the lines of the workloads that begin with one of the prefixes in only.
func all(w io.Writer, only string, threads, runs int) error {
	if threads < 1 || runs < 1 {
		return fmt.Errorf("%d threads and %d runs, want at least 1 each", threads, runs)
	}
	if cpu := flag.Lookup("cpu"); cpu != nil && cpu.Value.String() == "true" {
		return fmt.Errorf("-cpu: %s", cpu.Usage)
	}
	runtime.GOMAXPROCS(threads)
	prefixes := strings.FieldsFunc(only, func(r rune) bool { return r == ',' })
	for _, wl := range workloads() {
		begins := func(prefix string) bool { return strings.HasPrefix(wl.name, prefix) }
		if len(prefixes) > 0 && !slices.ContainsFunc(prefixes, begins) {
			continue
		}
		l, err := wl.time(runs)
		if err != nil {
			return fmt.Errorf("%s, %s: %w", wl.name, wl.impl, err)
		}
		if err := json.NewEncoder(w).Encode(l); err != nil {
			return err
		}
	}
	return nil
}

// A line is what is printed of a workload.
type line struct {
	Workload string  `json:"workload"`
	Impl     string  `json:"impl"`
	MS       float64 `json:"ms"`     // median
	MinMS    float64 `json:"min_ms"` // least
}

func (w workload) time(runs int) (l line, err error) {
	run, err := w.prepare()
	if err != nil {
		return l, err
	}
	if err := run(); err != nil {
		return l, err
	}
	ms := make([]float64, runs)
	for i := range ms {
		start := time.Now()
		if err := run(); err != nil {
			return l, err
		}
		ms[i] = math.Round(float64(time.Since(start).Nanoseconds())/1e3) / 1e3
	}
	slices.Sort(ms)
	return line{w.name, w.impl, ms[runs/2], ms[0]}, nil
}

// normal returns n draws of that standard deviation.
func normal(n int, std float64) []float32 {
	r, x := rand.New(rand.NewPCG(1, 2)), make([]float32, n)
	for i := range x {
		x[i] = float32(std * r.NormFloat64())
	}
	return x
}
