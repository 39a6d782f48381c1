package atomicfile

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// victim is the variable that makes this test binary a process that writes
// versions of the file it names until it is killed.
const victim = "ATOMICFILE_VICTIM"

func TestMain(m *testing.M) {
	if path := os.Getenv(victim); path != "" {
		fmt.Fprintln(os.Stderr, writeVersions(path))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// TestAKillLeavesAWholeVersion kills a process that writes version after version
// of a file, at random moments, and finds a whole version every time, none older
// than the last.
func TestAKillLeavesAWholeVersion(t *testing.T) {
	path := filepath.Join(t.TempDir(), "versions")
	require.NoError(t, Write(path, version(1)))
	moments := rand.New(rand.NewPCG(1, 2))
	last := uint32(1)
	for range 50 {
		p := startVictim(t, path)
		time.Sleep(time.Duration(moments.Int64N(int64(20 * time.Millisecond))))
		require.NoError(t, p.Process.Kill())
		require.EqualError(t, p.Wait(), "signal: killed")
		v, err := readVersion(path)
		require.NoError(t, err)
		require.GreaterOrEqual(t, v, last)
		last = v
	}
	require.Greater(t, last, uint32(1), "no version was written")
	parts, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".versions.*.part"))
	require.NoError(t, err)
	require.NotEmpty(t, parts, "no kill came in the middle of a write")
	t.Logf("%d versions, %d kills in the middle of a write", last, len(parts))
}

// startVictim starts the process and waits until it is about to write.
func startVictim(t *testing.T, path string) *exec.Cmd {
	t.Helper()
	p := exec.Command(os.Args[0])
	p.Env = append(os.Environ(), victim+"="+path)
	p.Stderr = os.Stderr
	out, err := p.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, p.Start())
	_, err = io.ReadFull(out, make([]byte, len(ready)))
	require.NoError(t, err)
	return p
}

const ready = "ready"

// writeVersions writes the versions after the one at path, for ever.
func writeVersions(path string) error {
	v, err := readVersion(path)
	if err != nil {
		return err
	}
	fmt.Print(ready)
	for {
		v++
		if err := Write(path, version(v)); err != nil {
			return err
		}
	}
}

// version writes version v: its number, over and over, as often as versionWords
// says. No part of it is a whole version, and no mixture of two.
func version(v uint32) func(io.Writer) error {
	return func(w io.Writer) error {
		word := binary.LittleEndian.AppendUint32(nil, v)
		_, err := w.Write(bytes.Repeat(word, versionWords(v)))
		return err
	}
}

func versionWords(v uint32) int { return 20_000 + int(v%7)*5_000 }

// readVersion returns the version at path, which must be whole.
func readVersion(path string) (uint32, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	if len(b) < 4 {
		return 0, fmt.Errorf("%d bytes", len(b))
	}
	v := binary.LittleEndian.Uint32(b)
	if len(b) != 4*versionWords(v) {
		return 0, fmt.Errorf("version %d has %d bytes, want %d", v, len(b), 4*versionWords(v))
	}
	for i := 0; i < len(b); i += 4 {
		if w := binary.LittleEndian.Uint32(b[i:]); w != v {
			return 0, fmt.Errorf("version %d has word %d of version %d", v, i/4, w)
		}
	}
	return v, nil
}
