package main

import (
	"encoding/json"
	stderrors "errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/nn"
)

// counts returns the numbers of threads in a list such as 1,2,4.
func counts(list string) (several []int, err error) {
	for _, word := range strings.Split(list, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil || n < 1 {
			return nil, errors.Errorf("-threads %q, want numbers of at least 1, as 1,2,4", list)
		}
		several = append(several, n)
	}
	return several, nil
}

// byThreads times each workload with several numbers of threads, one after the other,
// prints the lines, and then how many times faster than with the first number each is;
// where one and two threads are timed, also what Amdahl's law makes of them for more.
func byThreads(w io.Writer, c clock, only string, several []int, runs int) error {
	if runs < 1 {
		return errors.Errorf("%d runs, want at least 1", runs)
	}
	chosen, err := choose(only, false)
	if err != nil {
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(t, "workload\t")
	for _, n := range several {
		fmt.Fprintf(t, "%d, ms\t", n)
	}
	for _, n := range several[1:] {
		fmt.Fprintf(t, "%d/%d\t", n, several[0])
	}
	one, two := slices.Index(several, 1), slices.Index(several, 2)
	if one >= 0 && two >= 0 {
		for _, n := range modelled {
			fmt.Fprintf(t, "model of %d, ms\t", n)
		}
	}
	fmt.Fprintln(t)
	for _, wl := range chosen {
		times := make([]float64, len(several))
		for i, n := range several {
			l, e := measure(c, wl, nn.Options{Workers: n}, runs)
			if e == nil {
				l.Threads, times[i] = n, l.MinMS
				e = json.NewEncoder(w).Encode(l)
			}
			if e != nil {
				err = stderrors.Join(err, errors.WithMessagef(e, "%s with %d threads", wl.name, n))
			}
		}
		fmt.Fprintf(t, "%s\t", wl.name)
		for _, ms := range times {
			fmt.Fprintf(t, "%.3f\t", ms)
		}
		for _, ms := range times[1:] {
			fmt.Fprintf(t, "%.2f\t", times[0]/ms)
		}
		if one >= 0 && two >= 0 {
			for _, n := range modelled {
				fmt.Fprintf(t, "%.3f\t", amdahl(times[one], times[two], n))
			}
		}
		fmt.Fprintln(t)
	}
	return stderrors.Join(err, t.Flush())
}

// modelled are the numbers of threads that a model is asked for.
var modelled = [...]int{4, 8, 16}

// amdahl returns the time on n threads, if one part of the work is done by one and the rest
// shared out evenly: one = serial + shared, two = serial + shared/2. Neither is below 0.
func amdahl(one, two float64, n int) float64 {
	serial := min(max(0, 2*two-one), one)
	return serial + (one-serial)/float64(n)
}
