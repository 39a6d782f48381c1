package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/pkg/errors"
)

// change builds bench of the working tree and of the commit ref, runs both in turn, and
// prints for each workload the least times, their ratio (ref's by ours: above 1 the change
// is faster), those of the rounds, and whether they tell more than noise. ref auto is the
// parent of what is here: HEAD where files differ from it, else the commit before.
func change(w io.Writer, ref string, rounds int, r request) (err error) {
	if rounds < 1 {
		return errors.Errorf("%d rounds, want at least 1", rounds)
	}
	root, err := output("git", "rev-parse", "--show-toplevel")
	if err != nil {
		return err
	}
	if ref == "auto" {
		if ref, err = parent(root); err != nil {
			return err
		}
	}
	dir, err := os.MkdirTemp("", "whitebox-bench-change-")
	if err != nil {
		return errors.WithStack(err)
	}
	defer os.RemoveAll(dir)
	before, now := filepath.Join(dir, "bench-before"), filepath.Join(dir, "bench-now")
	if err := checkOut(root, ref, filepath.Join(dir, "source")); err != nil {
		return err
	}
	if err := compile(filepath.Join(dir, "source"), before); err != nil {
		return err
	}
	if err := compile(root, now); err != nil {
		return err
	}
	commit, err := output("git", "-C", root, "log", "-1", "--format=%h %s", ref)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "before: %s\n", commit)
	return alternate(w, before, now, rounds, r)
}

// parent returns what the working tree is a change of.
func parent(root string) (string, error) {
	differs, err := output("git", "-C", root, "status", "--porcelain")
	if err != nil || differs != "" {
		return "HEAD", err
	}
	return "HEAD~1", nil
}

// checkOut writes the files of a commit to dir.
func checkOut(root, ref, dir string) error {
	archive := dir + ".tar"
	if _, err := output("git", "-C", root, "archive", "-o", archive, ref); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o777); err != nil {
		return errors.WithStack(err)
	}
	_, err := output("tar", "-x", "-f", archive, "-C", dir)
	return err
}

// compile builds bench of the module in dir.
func compile(dir, to string) error {
	_, err := output("go", "build", "-C", dir, "-o", to, "./bench")
	return err
}

// output runs a command and returns what it prints.
func output(words ...string) (string, error) {
	var bad strings.Builder
	run := exec.Command(words[0], words[1:]...)
	run.Stderr = &bad
	out, err := run.Output()
	return strings.TrimSpace(string(out)), errors.Wrapf(err, "%s: %s", strings.Join(words, " "),
		strings.TrimSpace(bad.String()))
}

// alternate runs two commands in turn, each first as often as the other, and prints what
// differs.
func alternate(w io.Writer, before, now string, rounds int, r request) error {
	lines := map[string][][]Line{}
	for round := range rounds {
		turn := []string{before, now}
		if round%2 == 1 {
			slices.Reverse(turn)
		}
		fmt.Fprintf(os.Stderr, "round %d of %d\n", round+1, rounds)
		for _, command := range turn {
			l, err := ask(command, r)
			if err != nil {
				return err
			}
			lines[command] = append(lines[command], l)
		}
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "workload\tbefore min ms\tnow min ms\tratio\tof a round\tMiB\t\t")
	for _, p := range pairUp(lines[now], lines[before]) {
		rs := p.rounds()
		fmt.Fprintf(t, "%s\t%.3f\t%.3f\t%.3f\t%.3f to %.3f\t%.0f\t%s\t\n", p.workload, slices.Min(p.theirs),
			slices.Min(p.ours), p.ratio(), rs[0], rs[len(rs)-1], p.mib, p.verdict())
	}
	return t.Flush()
}
