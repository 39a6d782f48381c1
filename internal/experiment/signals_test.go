//go:build unix

package experiment

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// victim is the variable that makes this test binary a program that says "ready", and
// runs until a signal ends it, or two.
const victim = "CLI_VICTIM"

func TestMain(m *testing.M) {
	how := os.Getenv(victim)
	if how == "" {
		os.Exit(m.Run())
	}
	p := Program[string]{
		Name:  "victim",
		Parse: func([]string, io.Writer) (string, error) { return how, nil },
		Run: func(ctx context.Context, how string, out, progress io.Writer) error {
			fmt.Fprint(out, "ready")
			if how == "prints" {
				for range 100 {
					fmt.Fprintln(progress, "and so on")
				}
				return nil
			}
			<-ctx.Done()
			if how == "stays" {
				select {}
			}
			if how == "ends late" {
				time.Sleep(2 * together)
			}
			return ctx.Err()
		},
		Stopped: "nothing was written",
	}
	os.Exit(p.Main(nil, os.Stdout, os.Stderr))
}

// start starts a victim and waits until it runs.
func start(t *testing.T, how string, stderr io.Writer) *exec.Cmd {
	t.Helper()
	p := exec.Command(os.Args[0])
	p.Env, p.Stderr = append(os.Environ(), victim+"="+how), stderr
	out, err := p.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, p.Start())
	_, err = io.ReadFull(out, make([]byte, len("ready")))
	require.NoError(t, err)
	return p
}

// code returns the exit code of a process that has ended.
func code(t *testing.T, err error) int {
	t.Helper()
	var e *exec.ExitError
	require.True(t, err == nil || errors.As(err, &e), "%v", err)
	if err == nil {
		return 0
	}
	return e.ExitCode()
}

func TestSignalsEndAProgramWell(t *testing.T) {
	for s, want := range map[os.Signal]string{os.Interrupt: "130 Ctrl-C", syscall.SIGTERM: "143 SIGTERM",
		syscall.SIGHUP: "129 SIGHUP"} {
		var said bytes.Buffer
		p := start(t, "ends", &said)
		require.NoError(t, p.Process.Signal(s))
		got := code(t, p.Wait())
		require.Equal(t, want, fmt.Sprint(got, " ", stops()[s].name))
		require.Equal(t, "victim: context canceled\nvictim: stopped by "+stops()[s].name+"; nothing was written\n",
			said.String())
	}
}

func TestASecondSignalEndsAtOnce(t *testing.T) {
	var said bytes.Buffer
	p := start(t, "stays", &said)
	require.NoError(t, p.Process.Signal(syscall.SIGTERM))
	time.Sleep(2 * together)
	require.NoError(t, p.Process.Signal(os.Interrupt))
	require.Equal(t, 130, code(t, p.Wait()))
	require.Equal(t, "victim: ended at once, by Ctrl-C after SIGTERM\n", said.String())
}

// TestTwoSignalsAtOnceAreOneRequest: timeout(1) signals the program, and then its process
// group.
func TestTwoSignalsAtOnceAreOneRequest(t *testing.T) {
	for range 5 {
		p := start(t, "ends late", nil)
		require.NoError(t, p.Process.Signal(syscall.SIGTERM))
		require.NoError(t, p.Process.Signal(syscall.SIGTERM))
		require.NoError(t, p.Process.Signal(syscall.SIGHUP))
		require.Contains(t, []int{143, 129}, code(t, p.Wait())) // they may come in another order
	}
	timeout, err := exec.LookPath("timeout")
	if err != nil {
		return // GNU's is not here
	}
	var said bytes.Buffer
	p := exec.Command(timeout, "0.3", os.Args[0])
	p.Env, p.Stderr = append(os.Environ(), victim+"=ends late"), &said
	p.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	_ = p.Run() // timeout has a code of its own
	require.Equal(t, "victim: context canceled\nvictim: stopped by SIGTERM; nothing was written\n", said.String())
}

// TestNohupHolds: what has ignored SIGHUP for the program wants it to go on.
func TestNohupHolds(t *testing.T) {
	p := exec.Command("sh", "-c", `trap "" HUP; exec "$0"`, os.Args[0])
	p.Env = append(os.Environ(), victim+"=ends")
	out, err := p.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, p.Start())
	_, err = io.ReadFull(out, make([]byte, len("ready")))
	require.NoError(t, err)
	require.NoError(t, p.Process.Signal(syscall.SIGHUP))
	time.Sleep(50 * time.Millisecond)
	require.NoError(t, p.Process.Signal(syscall.SIGTERM))
	require.Equal(t, 143, code(t, p.Wait()))
}

// TestNobodyNeedsToRead gives a program a pipe without a reader, and a full disk.
func TestNobodyNeedsToRead(t *testing.T) {
	r, w, err := os.Pipe()
	require.NoError(t, err)
	p := exec.Command(os.Args[0])
	p.Env, p.Stdout, p.Stderr = append(os.Environ(), victim+"=prints"), w, w
	require.NoError(t, r.Close())
	require.NoError(t, p.Run())
	require.NoError(t, w.Close())
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if os.IsNotExist(err) {
		return // no such device here
	}
	require.NoError(t, err)
	var said bytes.Buffer
	p = exec.Command(os.Args[0])
	p.Env, p.Stdout, p.Stderr = append(os.Environ(), victim+"=prints"), full, &said
	require.NoError(t, p.Run())
	require.Contains(t, said.String(), "victim: the output could not be written: ")
	p = exec.Command(os.Args[0])
	p.Env, p.Stdout, p.Stderr = append(os.Environ(), victim+"=prints"), full, full
	require.NoError(t, p.Run())
	require.NoError(t, full.Close())
}

func TestALockHasACodeOfItsOwn(t *testing.T) {
	dir := t.TempDir()
	f, err := OpenFolder(dir, io.Discard)
	require.NoError(t, err)
	p := Program[string]{Parse: func([]string, io.Writer) (string, error) { return dir, flag.ErrHelp }}
	require.Equal(t, ok, p.Main(nil, io.Discard, io.Discard))
	p.Parse = func([]string, io.Writer) (string, error) { return dir, nil }
	p.Run = func(_ context.Context, dir string, _, progress io.Writer) error {
		_, err := OpenFolder(dir, progress)
		return err
	}
	require.Equal(t, locked, p.Main(nil, io.Discard, io.Discard))
	require.NoError(t, f.Close())
}
