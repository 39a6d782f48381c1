// Command bench times the workloads that the project is judged by.
//
//	go run ./bench [-only a,b] [-threads 2 | -threads 1,2,4] [-runs 5] \
//		[-peer FILE | -peer-command "python3 bench/torch_peers.py" -rounds 3] \
//		[-openblas PATH|auto] [-cpu] [-device cuda]
//
// It prints one JSON line a workload: its name, "impl": "whitebox", the median
// and the least time of a run in milliseconds, and the time until the first run was
// over, with all that was prepared for it. On a device, which is waited for before a
// clock is read, it also tells the most memory that was allocated there. All but sparse
// coding is float32. With a list of -threads it prints a line for each, and a table of
// how much faster more threads are. With -peer
// it reads such lines of another implementation, made on the same machine at the
// same time, and prints the table of ratios, peer's least time by ours: above 1
// whitebox is faster. With -peer-command it runs the other implementation itself, in
// turn with ours, and takes the least times of all rounds. With -openblas the larger products are OpenBLAS's, for a
// comparison of kernels. With -versus it times matrix products of ours and OpenBLAS's
// in turn instead, with -roofline it prints what limits each kernel, and how the cost
// of R grows.
package main

import (
	"encoding/json"
	stderrors "errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/nn"

	"github.com/whitebox-nn/whitebox/nn/backend"
	"github.com/whitebox-nn/whitebox/openblas"
)

// A Line is the result of one workload, as printed.
type Line struct {
	Workload string  `json:"workload"`
	Impl     string  `json:"impl"`
	MS       float64 `json:"ms"`     // median
	MinMS    float64 `json:"min_ms"` // least

	FirstMS float64 `json:"first_ms,omitempty"` // until the first run was over
	PeakMiB float64 `json:"peak_mib,omitempty"` // of a device's memory
	Threads int     `json:"threads,omitempty"`  // where several numbers are timed
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
	list := flag.String("threads", strconv.Itoa(runtime.NumCPU()),
		"`goroutines` that share the work; comma-separated numbers are timed one after the other")
	runs := flag.Int("runs", 5, "timed `runs` of a workload, after one that is not timed")
	peer := flag.String("peer", "", "`file` of a peer's lines: print the table of ratios")
	command := flag.String("peer-command", "", "`command` that prints a peer's lines, given --threads, --runs and "+
		"--only: run it in turn with ours, and print the table of ratios")
	rounds := flag.Int("rounds", 3, "`times` that both are run, with -peer-command")
	roofs := flag.Bool("roofline", false, "print what limits each kernel, and how the cost of R grows, instead")
	cpu := flag.Bool("cpu", false, "measure processor time, of one thread: for a machine that others use too")
	lib := flag.String("openblas", "",
		"`file` of an OpenBLAS that computes the larger products, or auto for the system's; empty is our kernels")
	against := flag.String("versus", "",
		"`file` of an OpenBLAS, or auto for the system's: time its products and ours in turn, on one thread, instead")
	sweep := flag.String("sweep", "",
		"`directory`: instead, time constructions of ReduNets by their sizes, and draw them there")
	device := flag.String("device", "cpu", "where to compute: `cpu`, cuda or cuda:i")
	flag.Parse()
	if err := useOpenBLAS(os.Stderr, *lib); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	several, err := counts(*list)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
	threads := several[0]
	c, err := newClock(*cpu, slices.Max(several))
	switch {
	case err != nil:
	case len(several) > 1 && (*peer != "" || *command != "" || *sweep != "" || *roofs || *device != "cpu"):
		err = errors.Errorf("-threads %s: several numbers are for timings of the processor alone", *list)
	case len(several) > 1:
		err = byThreads(os.Stdout, c, *only, several, *runs)
	case *peer != "" && *command != "":
		err = errors.New("-peer and -peer-command are both set, want one")
	case *against != "":
		err = versus(os.Stdout, c, *against, max(1, *runs), []int{512, 1024})
	case *sweep != "":
		err = drawSweeps(os.Stdout, c, *sweep, threads, *runs, sweeps())
	case *roofs:
		if err = roofline(os.Stdout, c, threads); err == nil {
			err = costs(os.Stdout, c, threads)
		}
	case *command != "":
		err = compete(os.Stdout, c, *command, *rounds, *only, threads, *runs, *cpu)
	default:
		err = onDevice(os.Stdout, c, *device, *only, threads, *runs, *peer)
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
	backend.Use(lib)
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
	if peer == "" || len(ours) == 0 {
		return err
	}
	if e := printRatios(w, ours, peers); err == nil {
		err = e
	}
	return err
}

// measureAll times the workloads that begin with one of the prefixes in only, and
// gives each line to print. One that fails does not keep the others from being timed.
func measureAll(c clock, only string, o nn.Options, runs int, print func(line any) error) (lines []Line, err error) {
	if o.Workers < 1 || runs < 1 {
		return nil, errors.Errorf("%d threads and %d runs, want at least 1 each", o.Workers, runs)
	}
	chosen, err := choose(only, o.Device != nil)
	if err != nil {
		return nil, err
	}
	for _, wl := range chosen {
		l, e := measure(c, wl, o, runs)
		if e == nil {
			lines, e = append(lines, l), print(l)
		}
		if e != nil {
			err = stderrors.Join(err, errors.WithMessage(e, wl.name))
		}
		if stderrors.Is(e, cuda.ErrDeviceLost) { // for the others too
			break
		}
	}
	return lines, err
}

// choose returns the workloads that begin with one of the prefixes in only.
func choose(only string, onDevice bool) (chosen []workload, err error) {
	prefixes := strings.FieldsFunc(only, func(r rune) bool { return r == ',' })
	for _, wl := range workloads(1) {
		if len(prefixes) > 0 && !slices.ContainsFunc(prefixes,
			func(p string) bool { return strings.HasPrefix(wl.name, p) }) || wl.host && onDevice {
			continue
		}
		chosen = append(chosen, wl)
	}
	if len(chosen) == 0 {
		return nil, errors.Errorf("no workload begins with any of %q", prefixes)
	}
	return chosen, nil
}

// measure times a workload.
func measure(c clock, wl workload, o nn.Options, runs int) (l Line, err error) {
	begin, wait := c(), waiter(o)
	if o.Device != nil {
		o.Device.ResetPeak()
	}
	run, free, err := wl.prepare(o)
	if err != nil {
		return l, err
	}
	defer func() {
		if e := free(); err == nil {
			err = e
		}
	}()
	once := func(start time.Duration) (float64, error) {
		if err := run(); err != nil {
			return 0, err
		}
		err := wait()
		return float64((c() - start).Nanoseconds()) / 1e6, err
	}
	first, err := once(begin)
	ms := make([]float64, max(runs, wl.runs))
	for i := 0; i < len(ms) && err == nil; i++ {
		ms[i], err = once(c())
	}
	if err != nil {
		return l, err
	}
	slices.Sort(ms)
	round := func(v float64) float64 { return math.Round(v*1e3) / 1e3 }
	l = Line{Workload: wl.name, Impl: "whitebox", MS: round(ms[len(ms)/2]), MinMS: round(ms[0]), FirstMS: round(first)}
	if o.Device != nil {
		l.PeakMiB = round(float64(o.Device.PeakMemory()) / (1 << 20))
	}
	return l, nil
}

// waiter returns what waits until everything on the device is done.
func waiter(o nn.Options) func() error {
	if o.Device == nil {
		return func() error { return nil }
	}
	return func() error { return o.Device.Synchronize() }
}
