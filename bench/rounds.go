package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/nn"
)

// compete runs the peer's command and our workloads in turn, so that both see the
// machine in the same states, prints our lines, each with the least time of all
// rounds, and the ratios.
func compete(w io.Writer, c clock, command string, rounds int, only string, threads, runs int, cpu bool) error {
	if rounds < 1 {
		return errors.Errorf("%d rounds, want at least 1", rounds)
	}
	var ours, peers []Line
	for round := range rounds {
		fmt.Fprintf(os.Stderr, "round %d of %d\n", round+1, rounds)
		lines, err := ask(command, only, threads, runs, cpu)
		if err != nil {
			return err
		}
		peers = best(peers, lines)
		if lines, err = measureAll(c, only, nn.Options{Workers: threads}, runs,
			func(any) error { return nil }); err != nil {
			return err
		}
		ours = best(ours, lines)
	}
	for _, l := range ours {
		if err := json.NewEncoder(w).Encode(l); err != nil {
			return err
		}
	}
	return printRatios(w, ours, peers)
}

// ask runs the command and reads the lines that it prints.
func ask(command, only string, threads, runs int, cpu bool) ([]Line, error) {
	words := strings.Fields(command)
	words = append(words, "--threads", strconv.Itoa(threads), "--runs", strconv.Itoa(runs), "--only", only)
	if cpu {
		words = append(words, "--cpu")
	}
	run := exec.Command(words[0], words[1:]...)
	run.Stderr = os.Stderr
	out, err := run.Output()
	if err != nil {
		return nil, errors.Wrapf(err, "%s", strings.Join(words, " "))
	}
	return parseLines(bytes.NewReader(out), words[0])
}

// best returns the lines of both, one for each workload and implementation, with the
// lesser times.
func best(all, more []Line) []Line {
next:
	for _, l := range more {
		for i := range all {
			if b := &all[i]; b.Workload == l.Workload && b.Impl == l.Impl {
				b.MS, b.MinMS = min(b.MS, l.MS), min(b.MinMS, l.MinMS)
				continue next
			}
		}
		all = append(all, l)
	}
	return all
}
