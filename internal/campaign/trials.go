package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/rundir"
)

// killsOfARun is how many times one run is killed at most: then it may end.
const killsOfARun = 7

// kills kills runs at random moments and goes on with them, until enough are killed and
// the last one is done.
func (b *bench) kills() (string, error) {
	killed, runs := 0, 0
	for killed < b.wanted {
		runs++
		name := fmt.Sprint("killed", runs)
		begun, most := time.Now(), min(killed+killsOfARun, b.wanted)
		for done := false; !done; {
			p, err := b.start(name, "-resume")
			if err != nil {
				return "", err
			}
			if killed == most || p.endsBefore(b.moment()) {
				done = true
				if err := p.ends(0); err != nil {
					return "", errors.WithMessagef(err, "after kill %d", killed)
				}
			} else if p.signal(os.Kill) {
				killed++
				if _, err := readRun(b.at(name)); err != nil {
					return "", errors.WithMessagef(err, "after kill %d", killed)
				}
			}
		}
		if err := b.check(name, time.Since(begun)); err != nil {
			return "", errors.WithMessagef(err, "run %d, kill %d", runs, killed)
		}
	}
	return fmt.Sprintf("%d kills in %d runs: equal", killed, runs), nil
}

// terms ends a run by SIGTERM up to three times, and goes on; runs, until one was ended.
func (b *bench) terms() (string, error) {
	for runs := 1; ; runs++ {
		name := fmt.Sprint("terms", runs)
		begun, stopped := time.Now(), 0
		for stopped < 3 {
			ended, err := b.term(name, b.moment()/time.Duration(2*runs))
			if err != nil {
				return "", err
			}
			if !ended {
				break
			}
			stopped++
		}
		if err := b.finish(name, begun); err != nil {
			return "", err
		}
		if stopped > 0 {
			return fmt.Sprintf("stopped %d times with code 143: equal", stopped), nil
		}
		if runs == 10 {
			return "", errors.New("no SIGTERM comes before a run is done")
		}
	}
}

// term goes on with a run, ends it by SIGTERM so long after it has begun, and reports
// whether it was not done before.
func (b *bench) term(name string, after time.Duration) (bool, error) {
	p, err := b.start(name, "-resume")
	if err != nil {
		return false, err
	}
	if err := b.waitFor(filepath.Join(b.at(name), "settings.json")); err != nil {
		return false, err
	}
	// At the end a report is written, whatever comes.
	if p.endsBefore(after) || !p.signal(syscall.SIGTERM) || p.ended(0) == nil {
		return false, nil
	}
	if err := p.ended(128 + 15); err != nil {
		return false, err
	}
	return true, b.checkLeft(name)
}

// finish goes on with a run until it is done, and checks it.
func (b *bench) finish(name string, begun time.Time) error {
	p, err := b.start(name, "-resume")
	if err != nil {
		return err
	}
	if err := p.ends(0); err != nil {
		return err
	}
	return b.check(name, time.Since(begun))
}

// twoWriters starts a second run in the folder of one that runs.
func (b *bench) twoWriters() (string, error) {
	begun := time.Now()
	first, err := b.start("two")
	if err != nil {
		return "", err
	}
	if err := b.waitFor(filepath.Join(b.at("two"), rundir.LockName)); err != nil {
		return "", err
	}
	for _, more := range [][]string{nil, {"-resume"}} {
		second, err := b.start("two", more...)
		if err != nil {
			return "", err
		}
		if err := second.ends(3); err != nil {
			return "", errors.WithMessage(err, "the second writer")
		}
		said, pid := second.stderr.String(), fmt.Sprint("process ", first.cmd.Process.Pid, " ")
		if !strings.Contains(said, "locked") || !strings.Contains(said, pid) {
			return "", errors.Errorf("the second writer says %q, want who holds the lock", tail(said))
		}
	}
	if err := first.ends(0); err != nil {
		return "", err
	}
	return "the second ends with code 3, the first: equal", b.check("two", time.Since(begun))
}

// noReader closes the pipe of both outputs, and gives a full device.
func (b *bench) noReader() (string, error) {
	begun := time.Now()
	r, w, err := os.Pipe()
	if err != nil {
		return "", errors.WithStack(err)
	}
	defer w.Close()
	if err := r.Close(); err != nil {
		return "", errors.WithStack(err)
	}
	p, err := b.startAt(b.at("pipe"), w, w)
	if err != nil {
		return "", err
	}
	if err := p.ends(0); err != nil {
		return "", err
	}
	seen := "a pipe that is closed"
	if err := b.check("pipe", time.Since(begun)); err != nil {
		return "", err
	}
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if os.IsNotExist(err) {
		return seen + ": equal", nil
	} else if err != nil {
		return "", errors.WithStack(err)
	}
	defer full.Close()
	begun = time.Now()
	if p, err = b.startAt(b.at("full-output"), full, full); err != nil {
		return "", err
	}
	if err := p.ends(0); err != nil {
		return "", err
	}
	return seen + ", a full device: equal", b.check("full-output", time.Since(begun))
}

// again starts where a run lies, with another seed and with the same.
func (b *bench) again() (string, error) {
	begun := time.Now()
	for _, more := range [][]string{{"-seed", "7"}, nil} {
		p, err := b.startAt(b.at("twice"), io.Discard, nil, more...)
		if err != nil {
			return "", err
		}
		if err := p.ends(0); err != nil {
			return "", err
		}
	}
	if err := b.check("twice", time.Since(begun)); err != nil {
		return "", err
	}
	older, err := readRun(b.at("twice.1"))
	if err != nil {
		return "", err
	}
	if len(older.differences(b.want)) == 0 {
		return "", errors.New("the older run is not the one with another seed")
	}
	return "the older is kept, the new: equal", b.checkLeft("twice.1")
}
