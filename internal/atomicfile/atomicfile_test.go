package atomicfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

// requireOnly checks that the directory of path holds that file with that text
// and nothing else.
func requireOnly(t *testing.T, path, want string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, entries, 1)
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, want, string(got))
}

func TestTheFileHoldsWhatFillWrote(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.txt")
	long := strings.Repeat("0123456789", 100_000)
	for _, s := range []string{"old", "newer", "", long} {
		require.NoError(t, Write(path, text(s)))
		requireOnly(t, path, s)
	}
}

func TestAPathWithoutADirectoryIsInTheCurrentOne(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, Write("a.txt", text("new")))
	requireOnly(t, "a.txt", "new")
}

func TestAReplacedFileKeepsItsPermissions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.txt")
	for _, mode := range []fs.FileMode{0o600, 0o640} {
		require.NoError(t, os.WriteFile(path, []byte("old"), 0o600))
		require.NoError(t, os.Chmod(path, mode))
		require.NoError(t, Write(path, text("new")))
		info, err := os.Stat(path)
		require.NoError(t, err)
		assert.Equal(t, mode, info.Mode())
	}
}

func TestANewFileHasThePermissionsOfAnyNewFile(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "plain"), nil, 0o666))
	require.NoError(t, Write(filepath.Join(dir, "ours"), text("")))
	plain, err := os.Stat(filepath.Join(dir, "plain"))
	require.NoError(t, err)
	ours, err := os.Stat(filepath.Join(dir, "ours"))
	require.NoError(t, err)
	assert.Equal(t, plain.Mode(), ours.Mode())
}

func TestALinkIsReplacedAndItsTargetIsNot(t *testing.T) {
	dir, elsewhere := t.TempDir(), filepath.Join(t.TempDir(), "target")
	path := filepath.Join(dir, "link")
	require.NoError(t, os.WriteFile(elsewhere, []byte("old"), 0o600))
	require.NoError(t, os.Symlink(elsewhere, path))
	require.NoError(t, Write(path, text("new")))
	requireOnly(t, path, "new")
	requireOnly(t, elsewhere, "old")
}

// faulty is a file that fails at one of its methods, as a full or broken disk
// would.
type faulty struct {
	file
	at  string
	err error
}

func (f faulty) fail(method string, do func() error) error {
	if method == f.at {
		return f.err
	}
	return do()
}

func (f faulty) Chmod(m fs.FileMode) error {
	return f.fail("chmod", func() error { return f.file.Chmod(m) })
}
func (f faulty) Sync() error  { return f.fail("sync", f.file.Sync) }
func (f faulty) Close() error { return f.fail("close", f.file.Close) }
func (f faulty) Write(b []byte) (n int, err error) {
	return n, f.fail("write", func() error { n, err = f.file.Write(b); return err })
}

func TestAFaultOfTheDiskLeavesTheOldFile(t *testing.T) {
	for _, at := range []string{"chmod", "write", "sync", "close"} {
		for _, size := range []int{1, 1 << 20} {
			path := filepath.Join(t.TempDir(), "a.txt")
			require.NoError(t, os.WriteFile(path, []byte("old"), 0o600))
			err := write(path, text(strings.Repeat("x", size)), func(path string) (file, error) {
				f, err := create(path)
				return faulty{f, at, syscall.ENOSPC}, err
			}, (*os.File).Sync)
			require.ErrorIs(t, err, syscall.ENOSPC, at)
			requireOnly(t, path, "old")
		}
	}
}

// TestTheDirectoryIsSyncedAfterTheRename: the new name is there when the directory is
// synced, and a directory that cannot be synced is an error, unless its file system
// has no such thing.
func TestTheDirectoryIsSyncedAfterTheRename(t *testing.T) {
	for cause, want := range map[error]error{nil: nil, syscall.EIO: syscall.EIO, syscall.EINVAL: nil} {
		path := filepath.Join(t.TempDir(), "a.txt")
		synced := ""
		err := write(path, text("new"), create, func(dir *os.File) error {
			got, err := os.ReadFile(path)
			require.NoError(t, err)
			synced = dir.Name() + ": " + string(got)
			return cause
		})
		require.Equal(t, filepath.Dir(path)+": new", synced)
		require.ErrorIs(t, err, want)
		requireOnly(t, path, "new")
	}
}

func TestAFillThatFailsLeavesTheOldFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.txt")
	require.NoError(t, Write(path, text("old")))
	cause := errors.New("out of ideas")
	err := Write(path, func(w io.Writer) error {
		require.NoError(t, text("half of the new")(w))
		return cause
	})
	require.ErrorIs(t, err, cause)
	assert.EqualError(t, err, "atomicfile: write "+path+": out of ideas")
	requireOnly(t, path, "old")
}

func TestAFillThatPanicsLeavesTheOldFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.txt")
	require.NoError(t, Write(path, text("old")))
	require.Panics(t, func() { _ = Write(path, func(io.Writer) error { panic("a bug") }) })
	requireOnly(t, path, "old")
}

func TestAMissingDirectoryIsAnError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "missing", "a.txt")
	called := false
	err := Write(path, func(io.Writer) error { called = true; return nil })
	require.ErrorIs(t, err, fs.ErrNotExist)
	assert.ErrorContains(t, err, path)
	assert.False(t, called)
}

func TestADirectoryAtThePathIsAnError(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	require.NoError(t, os.Mkdir(path, 0o755))
	require.Error(t, Write(path, text("new")))
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1)
}

func TestOneOfTwoWritersWins(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.txt")
	contents := []string{strings.Repeat("a", 1<<17), strings.Repeat("b", 1<<17)}
	var wg sync.WaitGroup
	for _, s := range contents {
		wg.Go(func() {
			for range 20 {
				assert.NoError(t, Write(path, text(s)))
			}
		})
	}
	wg.Wait()
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Contains(t, contents, string(got))
	requireOnly(t, path, string(got))
}
