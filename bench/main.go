// Command bench times the workloads that the project is judged by.
//
//	go run ./bench [-only a,b] [-threads 2] [-runs 5] [-peer FILE | -peer-command "python3 bench/torch_peers.py" -rounds 3] [-openblas PATH|auto] [-cpu] [-device cuda]
//
// It prints one JSON line a workload: its name, "impl": "whitebox", the median
// and the least time of a run in milliseconds. All but sparse coding is float32. With -peer
// it reads such lines of another implementation, made on the same machine at the
// same time, and prints the table of ratios, peer's least time by ours: above 1
// whitebox is faster. With -peer-command it runs the other implementation itself, in
// turn with ours, and takes the least times of all rounds. With -openblas the larger products are OpenBLAS's, for a
// comparison of kernels. With -roofline it prints what limits each kernel, and how the
// cost of R grows, instead.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/nn"

	"github.com/whitebox-nn/whitebox/openblas"
)

// A Line is the result of one workload, as printed.
type Line struct {
	Workload string  `json:"workload"`
	Impl     string  `json:"impl"`
	MS       float64 `json:"ms"`     // median
	MinMS    float64 `json:"min_ms"` // least
}

// A workload prepares something to be timed.
type workload struct {
	name string
	runs int  // at least; 0 is -runs
	host bool // it computes on the host whatever the device is
	// prepare returns one run, and what frees it.
	prepare func(o nn.Options) (run func() error, free func() error, err error)
}

func main() {
	only := flag.String("only", "", "comma-separated `prefixes` of the workloads to run; empty is all")
	threads := flag.Int("threads", runtime.NumCPU(), "`goroutines` that share the work")
	runs := flag.Int("runs", 5, "timed `runs` of a workload, after one that is not timed")
	peer := flag.String("peer", "", "`file` of a peer's lines: print the table of ratios")
	command := flag.String("peer-command", "", "`command` that prints a peer's lines, given --threads, --runs and --only: run it in turn with ours, and print the table of ratios")
	rounds := flag.Int("rounds", 3, "`times` that both are run, with -peer-command")
	roofs := flag.Bool("roofline", false, "print what limits each kernel, and how the cost of R grows, instead")
	cpu := flag.Bool("cpu", false, "measure processor time, of one thread: for a machine that others use too")
	lib := flag.String("openblas", "", "`file` of an OpenBLAS that computes the larger products, or auto for the system's; empty is our kernels")
	sweep := flag.String("sweep", "", "`directory`: instead, time constructions of ReduNets by their sizes, and draw them there")
	device := flag.String("device", "cpu", "where to compute: `cpu`, cuda or cuda:i")
	flag.Parse()
	if err := useOpenBLAS(os.Stderr, *lib); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	c, err := newClock(*cpu, *threads)
	switch {
	case err != nil:
	case *peer != "" && *command != "":
		err = errors.New("-peer and -peer-command are both set, want one")
	case *sweep != "":
		err = drawSweeps(os.Stdout, c, *sweep, *threads, *runs, sweeps())
	case *roofs:
		if err = roofline(os.Stdout, c, *threads); err == nil {
			err = costs(os.Stdout, c, *threads)
		}
	case *command != "":
		err = compete(os.Stdout, c, *command, *rounds, *only, *threads, *runs, *cpu)
	default:
		err = onDevice(os.Stdout, c, *device, *only, *threads, *runs, *peer)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// useOpenBLAS opens the library at path and says what it is.
func useOpenBLAS(w io.Writer, path string) error {
	if path == "" {
		return nil
	}
	if path == "auto" {
		path = ""
	}
	lib, err := openblas.Open(path)
	if err != nil {
		return err
	}
	nn.UseBLAS(lib)
	_, err = fmt.Fprintf(w, "products by %s (%s)\n", lib.Config(), lib.Path())
	return err
}

// onDevice is bench on the device that is named.
func onDevice(w io.Writer, c clock, device, only string, threads, runs int, peer string) (err error) {
	dev, err := cuda.Choose(device)
	if err != nil {
		return errors.WithMessage(err, "-device")
	}
	defer func() {
		if e := dev.Close(); err == nil {
			err = e
		}
	}()
	return bench(w, c, only, nn.Options{Workers: threads, Device: dev}, runs, peer)
}

// bench runs the chosen workloads and prints their lines, then the ratios.
func bench(w io.Writer, c clock, only string, o nn.Options, runs int, peer string) error {
	var peers []Line
	if peer != "" {
		var err error
		if peers, err = readLines(peer); err != nil {
			return err
		}
	}
	ours, err := measureAll(c, only, o, runs, json.NewEncoder(w).Encode)
	if err == nil && peer != "" {
		err = printRatios(w, ours, peers)
	}
	return err
}

// measureAll times the workloads that begin with one of the prefixes in only, and
// gives each line to print.
func measureAll(c clock, only string, o nn.Options, runs int, print func(line any) error) (lines []Line, err error) {
	if o.Workers < 1 || runs < 1 {
		return nil, errors.Errorf("%d threads and %d runs, want at least 1 each", o.Workers, runs)
	}
	prefixes := strings.FieldsFunc(only, func(r rune) bool { return r == ',' })
	for _, wl := range workloads(1) {
		if len(prefixes) > 0 && !slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(wl.name, p) }) {
			continue
		}
		if wl.host && o.Device != nil {
			continue
		}
		l, err := measure(c, wl, o, runs)
		if err != nil {
			return lines, errors.WithMessage(err, wl.name)
		}
		if err := print(l); err != nil {
			return lines, err
		}
		lines = append(lines, l)
	}
	if len(lines) == 0 {
		return nil, errors.Errorf("no workload begins with any of %q", prefixes)
	}
	return lines, nil
}

// measure times a workload.
func measure(c clock, wl workload, o nn.Options, runs int) (l Line, err error) {
	run, free, err := wl.prepare(o)
	if err != nil {
		return l, err
	}
	defer func() {
		if e := free(); err == nil {
			err = e
		}
	}()
	if err := run(); err != nil {
		return l, err
	}
	ms := make([]float64, max(runs, wl.runs))
	for i := range ms {
		start := c()
		if err := run(); err != nil {
			return l, err
		}
		ms[i] = float64((c() - start).Nanoseconds()) / 1e6
	}
	slices.Sort(ms)
	round := func(v float64) float64 { return math.Round(v*1e3) / 1e3 }
	return Line{wl.name, "whitebox", round(ms[len(ms)/2]), round(ms[0])}, nil
}
