package rundir

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// write writes a file of that name and text into dir, which it makes.
func write(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o777))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o666))
}

// names returns what is in dir.
func names(t *testing.T, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func TestAFolderHasOneWriter(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "runs", "a")
	f, err := Open(dir)
	require.NoError(t, err)
	_, err = Open(dir)
	require.ErrorIs(t, err, ErrLocked)
	require.ErrorContains(t, err, fmt.Sprintf("rundir: %s: process %d on ", dir, os.Getpid()))
	require.ErrorContains(t, err, "locked")
	require.ErrorContains(t, err, " since 20")
	require.ErrorContains(t, err, filepath.Base(os.Args[0]))
	require.NoError(t, f.Close())
	require.NoDirExists(t, dir, "nothing was written to it")
	f, err = Open(dir)
	require.NoError(t, err)
	require.Empty(t, f.Died())
	write(t, dir, "result", "")
	require.NoError(t, f.Close())
	require.Equal(t, []string{"result"}, names(t, dir))
}

func TestAnOlderRunIsSetAside(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "run")
	for i := range 4 {
		f, err := Open(dir)
		require.NoError(t, err)
		empty, err := f.Empty()
		require.NoError(t, err)
		if !empty {
			to, err := f.SetAside()
			require.NoError(t, err)
			require.Equal(t, fmt.Sprint(f.Path(), ".", i), to)
		}
		_, err = Open(dir)
		require.ErrorIs(t, err, ErrLocked, "the new folder is locked")
		write(t, dir, "stage/result", fmt.Sprint("run ", i))
		require.NoError(t, f.Close())
	}
	for i, at := range []string{"run.1", "run.2", "run.3", "run"} {
		text, err := os.ReadFile(filepath.Join(root, at, "stage", "result"))
		require.NoError(t, err)
		require.Equal(t, fmt.Sprint("run ", i), string(text))
		require.Equal(t, []string{"stage"}, names(t, filepath.Join(root, at)), "no lock is left")
	}
	require.NoError(t, os.RemoveAll(filepath.Join(root, "run.2")))
	write(t, root, "run.1/notes", "")
	f, err := Open(dir)
	require.NoError(t, err)
	to, err := f.SetAside()
	require.NoError(t, err)
	require.Equal(t, f.Path()+".2", to)
	require.NoError(t, f.Close())
	require.Equal(t, []string{"run.1", "run.2", "run.3"}, names(t, root), "a new folder without a file goes")
}

func TestALinkStaysALink(t *testing.T) {
	root := t.TempDir()
	write(t, root, "disk/run/result", "old")
	link := filepath.Join(root, "link")
	require.NoError(t, os.Symlink(filepath.Join(root, "disk", "run"), link))
	f, err := Open(link)
	require.NoError(t, err)
	_, err = f.SetAside()
	require.NoError(t, err)
	write(t, link, "result", "new")
	require.NoError(t, f.Close())
	for at, want := range map[string]string{"disk/run.1/result": "old", "disk/run/result": "new"} {
		text, err := os.ReadFile(filepath.Join(root, at))
		require.NoError(t, err)
		require.Equal(t, want, string(text))
	}
}

func TestTheWorkingDirectoryIsNotMoved(t *testing.T) {
	root := t.TempDir()
	write(t, root, "run/inner/result", "old")
	t.Chdir(filepath.Join(root, "run", "inner"))
	for _, dir := range []string{".", ".."} {
		f, err := Open(dir)
		require.NoError(t, err)
		_, err = f.SetAside()
		require.ErrorContains(t, err, "where this process works")
		require.NoError(t, f.Close())
	}
	require.Equal(t, []string{"run"}, names(t, root))
	require.Equal(t, []string{"result"}, names(t, "."))
}

func TestWhatCannotBeWrittenToIsFoundAtOnce(t *testing.T) {
	root := t.TempDir()
	write(t, root, "file", "")
	for _, dir := range []string{"file", "file/run", "\x00"} {
		_, err := Open(filepath.Join(root, dir))
		require.ErrorContains(t, err, "rundir: ")
	}
	require.Equal(t, []string{"file"}, names(t, root))
}

func TestSweepRemovesWhatDeadWritersLeft(t *testing.T) {
	dir := t.TempDir()
	const random = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	for _, name := range []string{".last.safetensors." + random + ".part", "stage/.settings.json." + random + ".part",
		"a/b/.c." + random + ".part", ".mine.part", "b.part"} {
		write(t, dir, name, "")
	}
	f, err := Open(dir)
	require.NoError(t, err)
	require.NoError(t, f.Sweep())
	require.NoError(t, f.Close())
	require.Equal(t, []string{".mine.part", "a", "b.part", "stage"}, names(t, dir), "nobody else's")
	require.Empty(t, names(t, filepath.Join(dir, "stage")))
	require.NotEmpty(t, names(t, filepath.Join(dir, "a", "b")), "no run writes so deep")
}

// TestWritersTakeTurns has many of them open a folder, move what they find aside, and
// leave something: at no time are there two, and nothing is lost.
func TestWritersTakeTurns(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "run")
	var in, done atomic.Int32
	var all sync.WaitGroup
	for w := range 8 {
		all.Go(func() {
			for done.Load() < 30 {
				f, err := Open(dir)
				if err != nil {
					// the one before removed its folder between the two steps of Open
					if !os.IsNotExist(errorCause(err)) {
						require.ErrorIs(t, err, ErrLocked)
					}
					continue
				}
				empty, err := f.Empty()
				require.NoError(t, err)
				if !empty {
					_, err = f.SetAside()
				}
				if err == nil {
					require.EqualValues(t, 1, in.Add(1), "writers")
					require.NoError(t, os.WriteFile(filepath.Join(f.Path(), "result"), []byte{byte(w)}, 0o666))
					done.Add(1)
					in.Add(-1)
				} else { // another writer came between the two renamings, and has it
					require.ErrorIs(t, err, ErrLocked)
				}
				require.NoError(t, f.Close())
			}
		})
	}
	all.Wait()
	require.Len(t, names(t, root), int(done.Load()), "a folder for each that was written")
	for _, at := range names(t, root) {
		require.Equal(t, []string{"result"}, names(t, filepath.Join(root, at)))
	}
}
