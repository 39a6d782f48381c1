// Package onsite is what the archive's program of tests does on the machine with the
// GPU: it runs the tests of one package or of all, and puts results side by side.
package onsite

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/cuda"
)

// A Package is the tests of a package. Run runs them as os.Args says, in the flags of
// go test, and ends the process.
type Package struct {
	Name string // its import path within the module, which is its folder
	Run  func()
}

const usage = `want one of
  list                                     the packages
  run PACKAGE [FLAGS OF A TEST]            the tests of one
  all [-tree DIR] [-log FILE] [-limit T]   the tests of all, a line a package
  beside DIR DIR                           two runs of compare, side by side
  kernels FILE                             the longest kernels that ncu --csv --page raw saw
`

// Main does what the arguments say and returns the exit code: 0, 1 where tests fail or
// something goes wrong, 2 for wrong arguments.
func Main(args []string, out, progress io.Writer, packages []Package) int {
	if len(args) == 0 {
		fmt.Fprint(progress, usage)
		return 2
	}
	var err error
	ok := true
	switch verb, rest := args[0], args[1:]; {
	case verb == "list":
		for _, p := range packages {
			fmt.Fprintln(out, p.Name)
		}
	case verb == "run" && len(rest) > 0:
		err = runOne(packages, rest)
	case verb == "all":
		ok, err = runAll(packages, rest, out, progress)
	case verb == "beside" && len(rest) == 2:
		err = beside(out, rest[0], rest[1])
	case verb == "kernels" && len(rest) == 1:
		err = kernels(out, rest[0])
	default:
		fmt.Fprint(progress, usage)
		return 2
	}
	if err != nil {
		fmt.Fprintln(progress, "tests:", err)
		return 1
	}
	if !ok {
		return 1
	}
	return 0
}

// freshContexts is the environment variable that, set to 1, has every test make a
// context of its own. Without it the process keeps one, which saves each some tenths
// of a second.
const freshContexts = "WHITEBOX_FRESH_CONTEXTS"

// runOne runs the tests of a package and ends the process.
func runOne(packages []Package, args []string) error {
	for _, p := range packages {
		if p.Name != args[0] {
			continue
		}
		if onHardware() && os.Getenv(freshContexts) != "1" {
			if d, err := cuda.Open(0); err == nil {
				defer runtime.KeepAlive(d) // until the process ends
			}
		}
		os.Args = append([]string{p.Name}, args[1:]...)
		p.Run()
		return nil
	}
	return errors.Errorf("there are no tests of package %q: list says of which there are", args[0])
}

// onHardware reports whether tests are to run on a real device.
func onHardware() bool { return os.Getenv("WHITEBOX_REQUIRE") == "cuda" }

// runAll runs the tests of all packages.
func runAll(packages []Package, args []string, out, progress io.Writer) (ok bool, err error) {
	self, err := os.Executable()
	if err != nil {
		return false, errors.WithStack(err)
	}
	s := suite{out: out, self: []string{self, "run"}}
	f := flag.NewFlagSet("all", flag.ContinueOnError)
	f.SetOutput(progress)
	f.StringVar(&s.tree, "tree", ".", "`folder` of the packages' folders")
	f.DurationVar(&s.limit, "limit", time.Hour, "`time` for all")
	f.IntVar(&s.jobs, "jobs", max(1, min(4, runtime.NumCPU()/2)), "`packages` at the same time")
	f.BoolVar(&s.short, "short", false, "tell the tests to be short")
	path := f.String("log", os.DevNull, "`file` for all that the tests print")
	only := f.String("only", "", "comma-separated `beginnings` of packages")
	if err := f.Parse(args); err != nil || f.NArg() > 0 {
		return false, errors.Errorf("all %q: want only flags", f.Args())
	}
	for _, p := range packages {
		if begins(p.Name, *only) {
			s.names = append(s.names, p.Name)
		}
	}
	if len(s.names) == 0 {
		return false, errors.Errorf("-only %q: no package begins so", *only)
	}
	log, err := os.Create(*path)
	if err != nil {
		return false, errors.WithStack(err)
	}
	s.log = log
	ok = s.run()
	return ok, errors.WithStack(log.Close())
}
