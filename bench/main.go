// Command bench times the workloads that the project is judged by.
//
//	go run ./bench [-only a,b] [-threads 2 | -threads 1,2,4] [-runs 5] [-level avx512,avx2] \
//		[-peer FILE | -peer-command "python3 bench/torch_peers.py" -rounds 3 | -change auto] \
//		[-openblas PATH|auto] [-cpu] [-device cuda]
//
// It prints one JSON line a workload: its name, "impl": "whitebox", the median
// and the least time of a run in milliseconds, the time until the first run was
// over, with all that was prepared for it, and the most memory of the process that was
// resident while it ran, with what was prepared (resident_mib, on Linux): workloads before
// it may have left some, so that memory is told best of one alone. On a device, which is waited for before a
// clock is read, it also tells the most memory that was allocated there (peak_mib). All
// but sparse coding and what is named f64 is float32. With a list of -threads it prints
// a line for each, and a table of how much faster more threads are. With -level it does
// all on that set of instructions, and tells PyTorch, OpenBLAS and oneDNN to do so too;
// on a list, on one after the other. With -peer
// it reads such lines of another implementation, made on the same machine at the
// same time, and prints the table of ratios, peer's least time by ours: above 1
// whitebox is faster. With -peer-command it runs the other implementation itself, in
// turn with ours, and takes the least times of all rounds. With -change it compares the
// working tree with a commit in the same way. With -openblas the larger products are OpenBLAS's, for a
// comparison of kernels. With -versus it times matrix products of ours and OpenBLAS's
// in turn instead, with -roofline it prints what limits each kernel, and how the cost
// of R grows.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strconv"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/cuda"
	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/nn/backend"
	"github.com/whitebox-nn/whitebox/openblas"
)

// flags are those of the command line.
type flags struct {
	request
	several               []int // numbers of threads
	peer, command, change string
	versus, sweep, device string
	openblas, list, level string
	rounds                int
	roofs                 bool
}

func parse() *flags {
	f := new(flags)
	flag.StringVar(&f.only, "only", "", "comma-separated `prefixes` of the workloads to run; empty is all")
	flag.StringVar(&f.list, "threads", strconv.Itoa(runtime.NumCPU()),
		"`goroutines` that share the work; comma-separated numbers are timed one after the other")
	flag.IntVar(&f.runs, "runs", 5, "timed `runs` of a workload, after one that is not timed")
	flag.StringVar(&f.peer, "peer", "", "`file` of a peer's lines: print the table of ratios")
	flag.StringVar(&f.command, "peer-command", "", "`command` that prints a peer's lines, given --threads, --runs and "+
		"--only: run it in turn with ours, and print the table of ratios")
	flag.StringVar(&f.change, "change", "", "`commit`, or auto for the parent: build its bench and that of the "+
		"working tree, run both in turn, and print what differs, instead")
	flag.IntVar(&f.rounds, "rounds", 3, "`times` that both are run, with -peer-command and -change")
	flag.StringVar(&f.level, "level", "", "comma-separated `instruction sets` to compute with, one after the other: "+
		"avx512, avx2, or purego, which has no assembly; empty is the best of this machine")
	flag.BoolVar(&f.roofs, "roofline", false, "print what limits each kernel, and how the cost of R grows, instead")
	flag.BoolVar(&f.cpu, "cpu", false, "measure processor time, of one thread: for a machine that others use too")
	flag.StringVar(&f.openblas, "openblas", "",
		"`file` of an OpenBLAS that computes the larger products, or auto for the system's; empty is our kernels")
	flag.StringVar(&f.versus, "versus", "",
		"`file` of an OpenBLAS, or auto for the system's: time its products and ours in turn, on one thread, instead")
	flag.StringVar(&f.sweep, "sweep", "",
		"`directory`: instead, measure the families that -only begins by their sizes, and draw them there")
	flag.StringVar(&f.device, "device", "cpu", "where to compute: `cpu`, cuda or cuda:i")
	flag.Parse()
	return f
}

func main() {
	f := parse()
	if err := useOpenBLAS(os.Stderr, f.openblas); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	var err error
	if f.several, err = counts(f.list); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
	f.threads = f.several[0]
	on, err := levels(f.level)
	for i := 0; i < len(on) && err == nil; i++ {
		if len(on) > 1 {
			fmt.Printf("level %v\n", on[i])
		}
		if err = simd.Use(on[i]); err == nil {
			err = f.run(os.Stdout)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run does what the flags say on the level in use.
func (f *flags) run(w io.Writer) error {
	c, err := newClock(f.cpu, slices.Max(f.several))
	several := len(f.several) > 1
	switch {
	case err != nil:
		return err
	case several && (f.peer+f.command+f.change+f.sweep != "" || f.roofs || f.device != "cpu"):
		return errors.Errorf("-threads %s: several numbers are for timings of the processor alone", f.list)
	case several:
		return byThreads(w, c, f.only, f.several, f.runs)
	case f.peer != "" && f.command != "":
		return errors.New("-peer and -peer-command are both set, want one")
	case f.change != "":
		return change(w, f.change, f.rounds, f.request)
	case f.versus != "":
		return versus(w, c, f.versus, max(1, f.runs), duels)
	case f.sweep != "":
		return drawSweeps(w, c, f.sweep, f.only, f.threads, f.runs, families(1))
	case f.roofs:
		if err := roofline(w, c, f.threads); err != nil {
			return err
		}
		return costs(w, c, f.threads)
	case f.command != "":
		return compete(w, c, f.command, f.rounds, f.request)
	}
	return onDevice(w, c, f.device, f.only, f.threads, f.runs, f.peer)
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
	if e := printRatios(w, pairUp([][]Line{ours}, [][]Line{peers})); err == nil {
		err = e
	}
	return err
}
