package tell_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/tell"
)

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestWriterNeverFails(t *testing.T) {
	var b bytes.Buffer
	fmt.Fprint(tell.Writer{&b}, "hello")
	require.Equal(t, "hello", b.String())
	n, err := tell.Writer{full{}}.Write([]byte("hello"))
	require.NoError(t, err)
	require.Equal(t, 5, n)
	var none *bytes.Buffer
	require.Equal(t, os.Stderr, tell.To(nil))
	require.Equal(t, os.Stderr, tell.To(none))
	closed, err := os.CreateTemp(t.TempDir(), "")
	require.NoError(t, err)
	require.NoError(t, closed.Close())
	_, err = tell.Writer{closed}.Write([]byte("hello"))
	require.NoError(t, err)
}

// A child process, whose standard error has no reader, ends well.
func TestWriterOutlivesItsReader(t *testing.T) {
	if os.Getenv("TELL_TO_NOBODY") != "" {
		for range 100 {
			fmt.Fprintln(tell.Writer{}, "is anybody there?")
		}
		return
	}
	r, w, err := os.Pipe()
	require.NoError(t, err)
	require.NoError(t, r.Close())
	cmd := exec.Command(os.Args[0], "-test.run=^TestWriterOutlivesItsReader$")
	cmd.Env = append(os.Environ(), "TELL_TO_NOBODY=1")
	cmd.Stderr = w
	require.NoError(t, cmd.Run())
	require.NoError(t, w.Close())
}
