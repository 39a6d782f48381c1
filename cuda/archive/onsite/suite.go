package onsite

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/pkg/errors"
)

// A suite runs packages' tests, each in a process of its own.
type suite struct {
	names []string
	self  []string // the command that runs a package's tests, given its name
	tree  string
	limit time.Duration
	jobs  int
	short bool
	out   io.Writer // a line a package
	log   io.Writer // all that the tests print

	mu    sync.Mutex
	total struct{ ok, failed, unrun, passed, skipped int }
}

// begins reports whether a name begins with one of comma-separated prefixes, or there
// are none.
func begins(name, prefixes string) bool {
	for _, p := range strings.Split(prefixes, ",") {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

// run runs all, several at a time, and reports whether all passed.
func (s *suite) run() bool {
	ctx, cancel := context.WithTimeout(context.Background(), s.limit)
	defer cancel()
	names, start := make(chan string), time.Now()
	var workers sync.WaitGroup
	for range s.jobs {
		workers.Go(func() {
			for name := range names {
				s.report(name, s.test(ctx, name))
			}
		})
	}
	for _, name := range s.names {
		names <- name
	}
	close(names)
	workers.Wait()
	t := s.total
	fmt.Fprintf(s.out, "%d packages: %d ok, %d failed, %d not run to the end; %d tests passed, %d skipped; %.0f s\n",
		len(s.names), t.ok, t.failed, t.unrun, t.passed, t.skipped, time.Since(start).Seconds())
	return t.failed+t.unrun == 0
}

// test runs a package's tests. On hardware it runs them again after a failure, with a
// context a test: a fault in one spoils the context for those after it.
func (s *suite) test(ctx context.Context, name string) outcome {
	o := s.once(ctx, name)
	if !o.failed || !onHardware() || ctx.Err() != nil {
		return o
	}
	again := s.once(ctx, name, freshContexts+"=1")
	if again.unrun {
		return o
	}
	if !again.failed {
		again.note = "passed with a context a test, failed with one for all: " + strings.Join(o.failures, ", ")
		again.failed = true
	}
	again.seconds += o.seconds
	return again
}

// once runs a package's tests with some more variables.
func (s *suite) once(ctx context.Context, name string, env ...string) outcome {
	if ctx.Err() != nil {
		return outcome{unrun: true, note: "the time was up"}
	}
	args := append(append([]string{}, s.self[1:]...), name, "-test.v", "-test.timeout", s.limit.String())
	if s.short {
		args = append(args, "-test.short")
	}
	run := exec.CommandContext(ctx, s.self[0], args...)
	run.Dir, run.Env, run.WaitDelay = filepath.Join(s.tree, filepath.FromSlash(name)), append(os.Environ(), env...),
		time.Second
	start := time.Now()
	text, err := run.CombinedOutput()
	o := parse(text)
	o.seconds = time.Since(start).Seconds()
	s.mu.Lock()
	fmt.Fprintf(s.log, "==== %s %s\n%s\n", name, strings.Join(env, " "), text)
	s.mu.Unlock()
	switch {
	case ctx.Err() != nil:
		o.unrun, o.note = true, "the time was up in "+o.current
	case err != nil:
		o.failed = true
		if len(o.failures) == 0 {
			o.note = fmt.Sprintf("%v in %s: %s", errors.Cause(err), o.current, o.last)
		}
	}
	return o
}

// report prints the line of a package, and one for each test that failed or was skipped.
func (s *suite) report(name string, o outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, word := &s.total, "ok"
	switch {
	case o.failed:
		word, t.failed = "FAIL", t.failed+1
	case o.unrun:
		word, t.unrun = "none", t.unrun+1
	default:
		t.ok++
	}
	t.passed, t.skipped = t.passed+o.passed, t.skipped+len(o.skips)
	fmt.Fprintf(s.out, "%-5s %-28s %d passed, %d skipped, %d failed, %.1f s\n", word, name, o.passed, len(o.skips),
		len(o.failures), o.seconds)
	if o.note != "" {
		fmt.Fprintf(s.out, "        %s\n", o.note)
	}
	for _, f := range o.failures {
		fmt.Fprintf(s.out, "        failed %s\n", f)
	}
	for _, k := range o.skips {
		fmt.Fprintf(s.out, "        skipped %s: %s\n", k.name, k.why)
	}
}
