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

	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/nn"
)

// A request says what to time, here and by a peer.
type request struct {
	only          string
	threads, runs int
	cpu           bool
}

// compete runs the peer's command and our workloads in turn, so that both see the
// machine in the same states, prints our lines, each with the least time of all
// rounds, and the ratios.
func compete(w io.Writer, c clock, command string, rounds int, r request) error {
	if rounds < 1 {
		return errors.Errorf("%d rounds, want at least 1", rounds)
	}
	var ours, peers [][]Line
	for round := range rounds {
		fmt.Fprintf(os.Stderr, "round %d of %d\n", round+1, rounds)
		lines, err := ask(command, r)
		if err != nil {
			return err
		}
		peers = append(peers, lines)
		if lines, err = measureAll(c, r.only, nn.Options{Workers: r.threads}, r.runs,
			func(any) error { return nil }); err != nil {
			return err
		}
		ours = append(ours, lines)
	}
	var all []Line
	for _, lines := range ours {
		all = best(all, lines)
	}
	for _, l := range all {
		if err := json.NewEncoder(w).Encode(l); err != nil {
			return err
		}
	}
	return printRatios(w, pairUp(ours, peers))
}

// ask runs the command and reads the lines that it prints.
func ask(command string, r request) ([]Line, error) {
	words := strings.Fields(command)
	if len(words) == 0 {
		return nil, errors.New("-peer-command: no command")
	}
	words = append(words, "--threads", strconv.Itoa(r.threads), "--runs", strconv.Itoa(r.runs), "--only", r.only)
	if r.cpu {
		words = append(words, "--cpu")
	}
	run := exec.Command(words[0], words[1:]...)
	run.Stderr = os.Stderr
	run.Env = peerEnvironment(os.Environ(), simd.Active())
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
				b.ResidentMiB = max(b.ResidentMiB, l.ResidentMiB)
				continue next
			}
		}
		all = append(all, l)
	}
	return all
}
