package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"text/tabwriter"
)

// A pair is a workload as two implementations ran it, in turn.
type pair struct {
	workload, impl string
	theirs, ours   []float64 // the least times of each round, in milliseconds
	mib            float64   // the most that was resident in ours
}

// pairUp returns a pair for each workload of ours and each implementation of a peer's
// that has it; ours[i] and theirs[i] are the lines of round i.
func pairUp(ours, theirs [][]Line) (pairs []pair) {
	for _, o := range ours[0] {
		for _, t := range theirs[0] {
			if t.Workload != o.Workload {
				continue
			}
			p := pair{workload: o.Workload, impl: t.Impl}
			for i := range ours {
				mine, other := find(ours[i], o), find(theirs[i], t)
				if mine.MinMS > 0 && other.MinMS > 0 {
					p.ours, p.theirs = append(p.ours, mine.MinMS), append(p.theirs, other.MinMS)
				}
				p.mib = max(p.mib, mine.ResidentMiB)
			}
			if len(p.ours) > 0 {
				pairs = append(pairs, p)
			}
		}
	}
	return pairs
}

// find returns the line of like's workload and implementation, or none.
func find(lines []Line, like Line) Line {
	i := slices.IndexFunc(lines, func(l Line) bool { return l.Workload == like.Workload && l.Impl == like.Impl })
	if i < 0 {
		return Line{}
	}
	return lines[i]
}

// ratio returns the peer's least time by ours: above 1 ours is faster.
func (p pair) ratio() float64 { return slices.Min(p.theirs) / slices.Min(p.ours) }

// rounds returns the ratio of each round, least first.
func (p pair) rounds() []float64 {
	ratios := make([]float64, len(p.ours))
	for i := range ratios {
		ratios[i] = p.theirs[i] / p.ours[i]
	}
	slices.Sort(ratios)
	return ratios
}

// verdict says whether the median ratio of the rounds is farther from 1 than half of
// what they differ by. Of a single round it says nothing.
func (p pair) verdict() string {
	r := p.rounds()
	noise, middle := (r[len(r)-1]-r[0])/2, r[len(r)/2]
	switch {
	case len(r) < 2:
		return "one round tells no noise"
	case noise >= math.Abs(middle-1):
		return "noise is larger than the difference"
	case middle > 1:
		return "faster"
	}
	return "slower"
}

// printRatios prints the pairs: the ratio, and the least and the largest of a round.
func printRatios(w io.Writer, pairs []pair) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "workload\tpeer\tpeer min ms\tour min ms\tratio\tof a round\tour MiB\t")
	for _, p := range pairs {
		r := p.rounds()
		fmt.Fprintf(t, "%s\t%s\t%.3f\t%.3f\t%.2f\t%.2f to %.2f\t%.0f\t\n", p.workload, p.impl, slices.Min(p.theirs),
			slices.Min(p.ours), p.ratio(), r[0], r[len(r)-1], p.mib)
	}
	return t.Flush()
}
