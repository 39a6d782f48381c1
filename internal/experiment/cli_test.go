package experiment

import (
	"bytes"
	"context"
	"flag"
	"io"
	"testing"

	"github.com/pkg/errors"
	"github.com/stretchr/testify/require"
)

func TestHowAProgramEnds(t *testing.T) {
	var runs error
	p := Program[int]{
		Name: "count",
		Parse: func(args []string, w io.Writer) (n int, err error) {
			f := flag.NewFlagSet("count", flag.ContinueOnError)
			f.SetOutput(w)
			f.IntVar(&n, "n", 1, "how `many`")
			return n, Flags(f, args)
		},
		Run: func(_ context.Context, n int, out, _ io.Writer) error {
			if n == 3 {
				io.WriteString(out, "three")
			}
			return runs
		},
		Stopped: "nothing was written",
	}
	for _, want := range []struct {
		args          []string
		runs          error
		code          int
		out, progress string
	}{
		{[]string{"-n", "3"}, nil, 0, "three", ""},
		{[]string{"-help"}, errors.New("it ran"), 0, "", "how many"},
		{[]string{"-m"}, nil, 2, "", "flag provided but not defined: -m"},
		{[]string{"-n", "3", "4"}, nil, 2, "", `count: argument "4", want only flags`},
		{nil, errors.New("the disk is full"), 1, "", "count: the disk is full\n"},
		{nil, errors.WithMessage(context.Canceled, "step 7"), 130, "",
			"count: step 7: context canceled\ncount: stopped by Ctrl-C; nothing was written\n"},
	} {
		runs = want.runs
		var out, progress bytes.Buffer
		require.Equal(t, want.code, p.Main(want.args, &out, &progress), "%v", want.args)
		require.Equal(t, want.out, out.String())
		require.Contains(t, progress.String(), want.progress)
	}
}

type closer struct{ err error }

func (c closer) Close() error { return c.err }

func TestCloseKeepsTheFirstError(t *testing.T) {
	first, second := errors.New("first"), errors.New("second")
	err := error(nil)
	Close(closer{second}, &err)
	require.Equal(t, second, err)
	err = first
	Close(closer{second}, &err)
	require.Equal(t, first, err)
}

func TestOpenNamesTheFlag(t *testing.T) {
	d, err := Open("cpu")
	require.NoError(t, err)
	require.Nil(t, d)
	_, err = Open("tpu")
	require.ErrorContains(t, err, "-device tpu")
}
