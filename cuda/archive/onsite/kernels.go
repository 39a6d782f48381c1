package onsite

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/pkg/errors"
)

// A kernel is what Nsight Compute measured of all launches of a kernel.
type kernel struct {
	name     string
	launches int
	sums     []float64 // of the metrics: first the time
}

// most is how many kernels are shown.
const most = 5

// kernels prints the kernels that took the longest in all, of what ncu printed with
// --csv --page raw: a row of names, a row of units, a row a launch. The first metric
// is gpu__time_duration.sum; of the others the means are shown.
func kernels(w io.Writer, path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return errors.WithStack(err)
	}
	at := bytes.Index(text, []byte(`"ID"`))
	if at < 0 {
		return errors.Errorf("%s: no kernel was measured: %s", path, bytes.TrimSpace(text[:min(len(text), 500)]))
	}
	r := csv.NewReader(bytes.NewReader(text[at:]))
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil {
		return errors.Wrap(err, path)
	}
	if len(rows) < 3 {
		return errors.Errorf("%s: %d rows, want one of names, one of units and one a launch", path, len(rows))
	}
	names, units := rows[0], rows[1]
	kernelAt, metrics := columns(names)
	if kernelAt < 0 || len(metrics) == 0 || names[metrics[0]] != duration {
		return errors.Errorf("%s: want the columns Kernel Name and %s", path, duration)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "kernel\tlaunches\ttotal, %s", units[metrics[0]])
	for _, m := range metrics {
		fmt.Fprintf(t, "\t%s, %s", names[m], units[m])
	}
	fmt.Fprintln(t)
	for _, k := range longest(rows[2:], kernelAt, metrics) {
		fmt.Fprintf(t, "%s\t%d\t%.5g", k.name, k.launches, k.sums[0])
		for _, s := range k.sums {
			fmt.Fprintf(t, "\t%.4g", s/float64(k.launches))
		}
		fmt.Fprintln(t)
	}
	return errors.WithStack(t.Flush())
}

const duration = "gpu__time_duration.sum"

// columns returns which column holds the name of the kernel, and which hold metrics,
// the time first.
func columns(names []string) (kernelAt int, metrics []int) {
	kernelAt = slices.Index(names, "Kernel Name")
	if at := slices.Index(names, duration); at >= 0 {
		metrics = append(metrics, at)
	}
	for i, n := range names {
		if n != duration && strings.Contains(n, "__") {
			metrics = append(metrics, i)
		}
	}
	return kernelAt, metrics
}

// longest sums the rows by kernel and returns those that took the most time in all.
func longest(rows [][]string, kernelAt int, metrics []int) []kernel {
	by := make(map[string]*kernel)
	var all []*kernel
	for _, row := range rows {
		if len(row) <= max(kernelAt, slices.Max(metrics)) {
			continue
		}
		k := by[row[kernelAt]]
		if k == nil {
			k = &kernel{name: row[kernelAt], sums: make([]float64, len(metrics))}
			by[k.name], all = k, append(all, k)
		}
		k.launches++
		for i, m := range metrics {
			v, err := strconv.ParseFloat(strings.ReplaceAll(row[m], ",", ""), 64)
			if err == nil {
				k.sums[i] += v
			}
		}
	}
	slices.SortStableFunc(all, func(a, b *kernel) int { return cmp.Compare(b.sums[0], a.sums[0]) })
	var out []kernel
	for _, k := range all[:min(most, len(all))] {
		out = append(out, *k)
	}
	return out
}
