package train_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/train"
)

func TestStatusWritesFewLinesToWhatIsNoTerminal(t *testing.T) {
	var out bytes.Buffer
	s := train.Status{Out: &out}
	s.Show("one of three")
	s.Show("two of three") // at once: not worth a line
	s.Clear()
	require.Equal(t, "one of three\n", out.String())
}
