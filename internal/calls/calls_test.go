package calls

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// spared are the beginnings of the names of targets that are not called: those of
// package onsite, which is the main function of a program that runs others.
var spared = []string{"onsite."}

// known is how many faults there are: places that panic, crashes, hangs and calls that
// take absurd memory.
const known = 0

// asChild is set for the children.
const asChild = "WHITEBOX_CALLS_CHILD"

// shards is how the targets are shared out, on any machine alike.
const shards = 8

// maxCrashes is how many children may end with one target before the rest of its
// calls is given up.
const maxCrashes = 5

func TestMain(m *testing.M) {
	if os.Getenv(asChild) == "" {
		os.Exit(m.Run())
	}
	if err := runChild(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func TestEveryExportedFunctionTakesAnything(t *testing.T) {
	var only []string
	if name := os.Getenv("WHITEBOX_CALLS_ONLY"); name != "" {
		only = strings.Split(name, ",")
	}
	r := campaign(t, only)
	sites := r.sites()
	t.Logf("%d calls of %d targets, %d of them with arguments that they take: %d faults at %d places, %d of them "+
		"documented",
		r.calls, r.targets, r.found, len(r.faults), len(sites), len(documented))
	if path := os.Getenv("WHITEBOX_CALLS_LOG"); path != "" {
		require.NoError(t, os.WriteFile(path, r.text(), 0o644))
	}
	assert.Greater(t, r.found*10, r.targets*7, "most targets have arguments that they take")
	if len(sites) > known {
		t.Errorf("%d places, want at most %d\n%s", len(sites), known, r.text())
	}
}

// A result is what the children have found.
type result struct {
	sync.Mutex
	calls, targets, found int
	faults                map[string]fault // by label and kind
	memos                 []string
}

// campaign runs all shards.
func campaign(t *testing.T, only []string) *result {
	r := &result{faults: map[string]fault{}}
	var wg sync.WaitGroup
	slots := make(chan struct{}, max(2, runtime.GOMAXPROCS(0)))
	for shard := range shards {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			o := order{Shard: shard, Of: shards, Only: only, Patience: patience, Skip: map[string]bool{},
				Less: map[string]bool{}}
			if s, err := time.ParseDuration(os.Getenv("WHITEBOX_CALLS_PATIENCE")); err == nil {
				o.Patience = s
			}
			for ended := map[string]int{}; ; {
				f, err := r.child(t, &o)
				if !assert.NoError(t, err) || f == nil {
					return
				}
				o.Skip[f.Label] = true
				if ended[f.Target]++; ended[f.Target] >= maxCrashes {
					o.Less[f.Target] = true
				}
				r.Lock()
				r.faults[f.Label+f.Kind] = *f
				r.watched("%s %s %s", f.Kind, f.Label, f.Full)
				r.Unlock()
			}
		})
	}
	wg.Wait()
	return r
}

// child runs a child and returns the call that ended it, nil if it is through.
func (r *result) child(t *testing.T, o *order) (*fault, error) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	what, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(exe)
	cmd.Dir = dir
	none := "http://127.0.0.1:1" // so that nothing is fetched
	cmd.Env = append(os.Environ(), asChild+"=1", "GOMAXPROCS=2", "GOTRACEBACK=all", "TMPDIR="+dir, "HOME="+dir,
		"XDG_CACHE_HOME="+dir,
		"HTTP_PROXY="+none, "HTTPS_PROXY="+none, "http_proxy="+none, "https_proxy="+none, "NO_PROXY=", "no_proxy=")
	cmd.Stdin = bytes.NewReader(what)
	said := &tail{}
	cmd.Stderr = said
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	label, done := r.listen(out, o)
	err = cmd.Wait()
	if err == nil && done {
		return nil, nil
	}
	f := &fault{Kind: "crash", Label: label, Target: strings.Split(label, "/")[0], What: fmt.Sprint(err)}
	if cmd.ProcessState.ExitCode() == hung {
		f.Kind, f.What = "hang", fmt.Sprintf("more than %v", patience)
	}
	f.Site, f.Full = stack(said.String())
	if f.Site == "" {
		f.Site = f.Target
	}
	return f, nil
}

// listen takes the messages of a child. It returns the last call that began.
func (r *result) listen(out io.Reader, o *order) (label string, done bool) {
	in := bufio.NewReader(out)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return label, done
		}
		var m message
		if json.Unmarshal(line, &m) != nil {
			continue // what a function has printed
		}
		r.Lock()
		switch {
		case m.Call != "":
			label = m.Call
		case m.Fault != nil:
			r.faults[m.Fault.Label+m.Fault.Kind] = *m.Fault
			r.watched("%s %s", m.Fault.Kind, m.Fault.Site)
		case m.Done:
			done = true
		case m.Took > 0:
			r.memos = append(r.memos, m.Memo)
			r.watched("%s", m.Memo)
		case m.Target != "":
			r.targets++
			r.calls += m.Count
			o.From = m.Target // and again, to find the next
			if m.Found {
				r.found++
			} else {
				r.memos = append(r.memos, "no arguments: "+m.Target)
			}
		}
		r.Unlock()
	}
}

// sites returns the faults by place, but for those that are documented.
func (r *result) sites() map[string][]fault {
	all := map[string][]fault{}
	for _, f := range r.faults {
		if !f.documented() {
			all[f.Site] = append(all[f.Site], f)
		}
	}
	return all
}

// watched says what has happened to who looks on.
func (r *result) watched(format string, args ...any) {
	if os.Getenv("WHITEBOX_CALLS_LOG") != "" {
		fmt.Fprintf(os.Stderr, format+"\n", args...)
	}
}

// text lists the faults.
func (r *result) text() []byte {
	var b bytes.Buffer
	sites := r.sites()
	var keys []string
	for k := range sites {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	fmt.Fprintf(&b, "%d calls, %d targets, %d found, %d faults, %d places\n", r.calls, r.targets, r.found,
		len(r.faults), len(keys))
	for _, k := range keys {
		fs := sites[k]
		fmt.Fprintf(&b, "\n%s: %d × %s\n", k, len(fs), fs[0].Kind)
		for i, f := range fs {
			if i < 4 {
				fmt.Fprintf(&b, "\t%s(%s): %.300s\n", f.Label, strings.Join(f.Args, ", "), f.What)
			}
		}
		fmt.Fprintf(&b, "\t  %.500s\n", fs[0].Full)
	}
	slices.Sort(r.memos)
	for _, m := range r.memos {
		fmt.Fprintln(&b, m)
	}
	return b.Bytes()
}

// A tail keeps the end of what is written to it.
type tail struct {
	sync.Mutex
	last []byte
}

func (t *tail) Write(b []byte) (int, error) {
	t.Lock()
	defer t.Unlock()
	t.last = append(t.last, b...)
	if n := len(t.last); n > 1<<17 {
		t.last = append([]byte(nil), t.last[n-1<<16:]...)
	}
	return len(b), nil
}

// String returns what was said from the fatal error on, if there is one.
func (t *tail) String() string {
	t.Lock()
	defer t.Unlock()
	s := string(t.last)
	for _, mark := range []string{"\nfatal error: ", "\npanic: ", "\nSIG"} {
		if i := strings.LastIndex(s, mark); i >= 0 {
			return s[i:]
		}
	}
	return s
}

// stack returns the place of the module where a process ended, and all of the
// module's functions on the stack.
func stack(trace string) (site, full string) {
	lines := strings.Split(trace, "\n")
	var all []string
	for i, l := range lines {
		if strings.HasPrefix(l, module) && i+1 < len(lines) {
			if strings.Contains(l, "/internal/calls.") {
				break
			}
			place, _, _ := strings.Cut(strings.TrimSpace(lines[i+1]), " ")
			name, _, _ := strings.Cut(l, "({")
			name, _, _ = strings.Cut(name, "(0x")
			line := short(place) + " " + name[strings.LastIndex(name, "/")+1:]
			all = append(all, line)
			if site == "" && !strings.Contains(l, "/internal/par.") {
				site = line
			}
		}
	}
	reason := ""
	if len(lines) > 1 {
		reason = lines[1] + ": "
	}
	return site, reason + strings.Join(all, " < ")
}
