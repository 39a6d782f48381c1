package rundir

import (
	"encoding/json"
	stderrors "errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/filelock"
)

// victim is the variable that makes this test binary a process that holds the folder
// it names until it is killed.
const victim = "RUNDIR_VICTIM"

func TestMain(m *testing.M) {
	if dir := os.Getenv(victim); dir != "" {
		_, err := Open(dir)
		fmt.Print(err)
		if err == nil {
			time.Sleep(time.Hour)
		}
	}
	os.Exit(m.Run())
}

// errorCause returns the innermost error.
func errorCause(err error) error {
	for {
		inner := stderrors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}

func TestALockOfAKilledProcessIsTakenOver(t *testing.T) {
	dir := t.TempDir()
	p := exec.Command(os.Args[0])
	p.Env = append(os.Environ(), victim+"="+dir)
	out, err := p.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, p.Start())
	text := make([]byte, len("<nil>"))
	_, err = io.ReadFull(out, text)
	require.NoError(t, err)
	require.Equal(t, "<nil>", string(text))
	_, err = Open(dir)
	require.ErrorIs(t, err, ErrLocked)
	require.ErrorContains(t, err, fmt.Sprint("process ", p.Process.Pid, " on "))
	require.NoError(t, p.Process.Kill())
	require.EqualError(t, p.Wait(), "signal: killed")
	require.Equal(t, []string{LockName}, names(t, dir))
	f, err := Open(dir)
	require.NoError(t, err)
	require.Contains(t, f.Died(), fmt.Sprint("process ", p.Process.Pid, " on "))
	require.NoError(t, f.Close())
	require.Empty(t, names(t, dir))
}

// never is a file system without locks.
func never(*os.File) error { return filelock.ErrNever }

func TestWithoutLocksTheFileIsTheLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), LockName)
	l, err := take(path, never)
	require.NoError(t, err)
	_, err = take(path, never)
	require.ErrorIs(t, err, ErrLocked)
	require.ErrorContains(t, err, "remove "+path)
	require.NoError(t, l.release())
	require.NoFileExists(t, path)
	l, err = take(path, never)
	require.NoError(t, err)
	require.Empty(t, l.died)
	require.NoError(t, l.release())
}

// TestWithoutLocksTheDeadAreToldFromTheLiving by what the file says of its holder.
func TestWithoutLocksTheDeadAreToldFromTheLiving(t *testing.T) {
	done := exec.Command(os.Args[0], "-test.run", "^$")
	require.NoError(t, done.Run())
	dead, reused, elsewhere := self(), self(), self()
	dead.PID, dead.Process = done.Process.Pid, ""
	elsewhere.PID, elsewhere.Host = done.Process.Pid, "another.machine"
	require.NotEmpty(t, reused.Process, "proc is mounted where tests run")
	reused.Process += "0"
	for name, c := range map[string]struct {
		of    *holder // nil is an empty file
		age   time.Duration
		taken bool
	}{
		"a process that has ended":            {of: &dead, taken: true},
		"a later process of the same number":  {of: &reused, taken: true},
		"a process of another machine":        {of: &elsewhere},
		"a process that has just made it":     {},
		"a process that died when it made it": {age: time.Minute, taken: true},
	} {
		path := filepath.Join(t.TempDir(), LockName)
		var text []byte
		if c.of != nil {
			var err error
			text, err = json.Marshal(c.of)
			require.NoError(t, err)
		}
		require.NoError(t, os.WriteFile(path, text, 0o666))
		require.NoError(t, os.Chtimes(path, time.Time{}, time.Now().Add(-c.age)))
		l, err := take(path, never)
		if !c.taken {
			require.ErrorIs(t, err, ErrLocked, name)
			continue
		}
		require.NoError(t, err, name)
		require.NotEmpty(t, l.died, name)
		require.NoError(t, l.release(), name)
		require.Empty(t, names(t, filepath.Dir(path)), name)
	}
}
