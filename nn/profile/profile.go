// Package profile describes what a program of package nn costs: where its time goes, how
// its memory is laid out, which ops it has. It is plain data.
package profile

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"
)

// An OpTime is the time that all runs of the ops of one kind and shape have taken.
type OpTime struct {
	Op    string
	Shape []int // of the output
	Count int   // ops of this kind and shape in the program
	Time  time.Duration
	FLOPs int64 // of all their runs; 0 where the op does not say
	Bytes int64 // read and written in all their runs
}

// Times says where the time of a program went, the most expensive op first.
type Times struct {
	Runs int
	Ops  []OpTime

	Device Traffic // of the last step, on a device: launches and bytes of the run, and of the update after it
	Graph  bool    // the launches of the run are one CUDA graph
}

// Traffic counts what a device was asked to do.
type Traffic struct {
	Launches int64 // kernels, library calls, copies and fills within the device
	In, Out  int64 // bytes from and to the host
}

// String returns the profile as a table, per run.
func (t Times) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "op\tshape\tcount\tµs\tGFLOP/s\tGB/s\t")
	runs := max(t.Runs, 1)
	for _, o := range t.Ops {
		sec := o.Time.Seconds()
		rate := func(n int64) string {
			if sec == 0 || n == 0 {
				return "–"
			}
			return fmt.Sprintf("%.2f", float64(n)/sec/1e9)
		}
		fmt.Fprintf(w, "%s\t%v\t%d\t%.1f\t%s\t%s\t\n", o.Op, o.Shape, o.Count,
			sec*1e6/float64(runs), rate(o.FLOPs), rate(o.Bytes))
	}
	w.Flush()
	if d := t.Device; d.Launches > 0 {
		fmt.Fprintf(&b, "%d launches on the device, %d bytes to it, %d bytes back\n", d.Launches, d.In, d.Out)
	}
	return b.String()
}

// An Op is one op of a program, in running order.
type Op struct {
	Name   string   // of its kernel: "conv.Conv"
	Inputs []string // names of the inputs and parameters that it reads
	Shape  []int    // of the output
	FLOPs  int64    // of a run; 0 where the op does not say
	Bytes  int64    // of the output
}

// A Buffer is the life of one piece of memory in the arena.
type Buffer struct {
	Name   string // of the op that writes it first
	Shape  []int
	Bytes  int
	First  int // the step that writes it; steps count from 0
	Last   int // the last step that needs it
	Offset int // in the arena
	Shared int // how many later ops write in place over it
}

// Memory is the plan of a program's memory.
type Memory struct {
	Buffers []Buffer
	Arena   int // bytes that all buffers take, laid over each other by liveness
	Naive   int // bytes if every intermediate had memory of its own
}

// String returns the plan as a table, in the order of the steps.
func (m Memory) String() string {
	var s strings.Builder
	w := tabwriter.NewWriter(&s, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "buffer\tshape\tbytes\toffset\tfirst\tlast\tin place\t")
	for _, b := range m.Buffers {
		fmt.Fprintf(w, "%s\t%v\t%d\t%d\t%d\t%d\t%d\t\n", b.Name, b.Shape, b.Bytes, b.Offset, b.First, b.Last, b.Shared)
	}
	w.Flush()
	fmt.Fprintf(&s, "arena %d bytes, %d without sharing\n", m.Arena, m.Naive)
	return s.String()
}
