//go:build whitebox_cuda && linux && (amd64 || arm64)

package fake_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/cuda"
	"github.com/whitebox-nn/whitebox/internal/cuda/fake"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// strict runs f on the software device, where it must do something that a strict
// device refuses and reports.
func strict(t *testing.T, f func(d *cuda.Device, s *cuda.Stream) error) {
	t.Helper()
	c := fake.Only(t, "it tests that")
	d, err := cuda.Open(0)
	require.NoError(t, err)
	require.NoError(t, d.Do(func() error {
		s, err := d.NewStream()
		require.NoError(t, err)
		require.Error(t, f(d, s))
		said := c.Forgive()
		require.NotEmpty(t, said)
		t.Log(said)
		return s.Free()
	}))
	require.NoError(t, d.Close())
}

// launch runs relu on n elements at x, to out.
func start(t *testing.T, d *cuda.Device, s *cuda.Stream, n int, out, x launch.Ptr) error {
	t.Helper()
	ptx, err := os.ReadFile("../../op/relu/relu.ptx")
	require.NoError(t, err)
	m, err := d.Module("relu", string(ptx))
	require.NoError(t, err)
	l, err := m.Launch("relu_relu_f32", launch.Elements(n), launch.I(n), launch.P(out), launch.P(x))
	require.NoError(t, err)
	if err := l.Do(s); err != nil {
		return err
	}
	return s.Synchronize()
}

func TestTheDeviceIsStrict(t *testing.T) {
	fake.Only(t, "it tests that")
	alloc := func(d *cuda.Device, n int) *cuda.Mem {
		m, err := d.Alloc(n, "x")
		require.NoError(t, err)
		return m
	}
	for name, f := range map[string]func(d *cuda.Device, s *cuda.Stream) error{
		"a kernel that writes behind its operand": func(d *cuda.Device, s *cuda.Stream) error {
			m, x := alloc(d, 4*10), alloc(d, 4*12)
			require.NoError(t, s.Fill(x.Ptr, 1, 4*12))
			err := start(t, d, s, 12, m.Ptr, x.Ptr)
			require.Error(t, m.Free(), "the device is lost")
			require.Error(t, x.Free())
			return err
		},
		"a kernel that leaves its operand far behind": func(d *cuda.Device, s *cuda.Stream) error {
			m := alloc(d, 4*256)
			err := start(t, d, s, 5000, m.Ptr, m.Ptr)
			require.Error(t, m.Free(), "the device is lost")
			return err
		},
		"a copy out of bounds": func(d *cuda.Device, s *cuda.Stream) error {
			m := alloc(d, 16)
			err := s.Upload(m.Ptr, make([]byte, 17))
			require.NoError(t, m.Free())
			return err
		},
		"a use after free": func(d *cuda.Device, s *cuda.Stream) error {
			m := alloc(d, 4*64)
			at := m.Ptr
			require.NoError(t, m.Free())
			return start(t, d, s, 64, at, at)
		},
		"a free of what is free": func(d *cuda.Device, s *cuda.Stream) error {
			m := alloc(d, 16)
			again := *m
			require.NoError(t, m.Free())
			return again.Free()
		},
	} {
		t.Run(name, func(t *testing.T) { strict(t, f) })
	}
}

// TestWorkIsDoneWhenSomebodyWaits reads pinned memory before and after a wait.
func TestWorkIsDoneWhenSomebodyWaits(t *testing.T) {
	fake.Only(t, "it tests that")
	d, err := cuda.Open(0)
	require.NoError(t, err)
	require.NoError(t, d.Do(func() error {
		s, err := d.NewStream()
		require.NoError(t, err)
		m, err := d.Alloc(8, "x")
		require.NoError(t, err)
		p, err := d.AllocPinned(8, "p")
		require.NoError(t, err)
		require.NoError(t, s.Fill(m.Ptr, 7, 8))
		require.NoError(t, s.Download(p.Bytes, m.Ptr))
		require.Equal(t, byte(0xff), p.Bytes[0], "nothing has happened yet")
		require.NoError(t, s.Synchronize())
		require.Equal(t, byte(7), p.Bytes[0])
		require.NoError(t, p.Free())
		require.NoError(t, m.Free())
		return s.Free()
	}))
	require.NoError(t, d.Close())
}

// TestAnEventOrdersStreams fills in one stream and copies in another, with an event
// between them and without.
func TestAnEventOrdersStreams(t *testing.T) {
	fake.Only(t, "it tests that")
	d, err := cuda.Open(0)
	require.NoError(t, err)
	require.NoError(t, d.Do(func() error {
		for _, ordered := range []bool{true, false} {
			first, err := d.NewStream()
			require.NoError(t, err)
			second, err := d.NewStream()
			require.NoError(t, err)
			e, err := d.NewEvent()
			require.NoError(t, err)
			m, err := d.Alloc(8, "x")
			require.NoError(t, err)
			require.NoError(t, first.Fill(m.Ptr, 7, 8))
			if ordered {
				require.NoError(t, e.Record(first))
				require.NoError(t, second.Wait(e))
			}
			got := make([]byte, 8)
			require.NoError(t, second.Download(got, m.Ptr))
			require.NoError(t, second.Synchronize())
			require.Equal(t, ordered, got[0] == 7)
			require.NoError(t, m.Free())
			require.NoError(t, e.Free())
			require.NoError(t, first.Free())
			require.NoError(t, second.Free())
		}
		return nil
	}))
	require.NoError(t, d.Close())
}

// TestGraphsReplay captures a fill and replays it.
func TestGraphsReplay(t *testing.T) {
	fake.Only(t, "it tests that")
	d, err := cuda.Open(0)
	require.NoError(t, err)
	require.NoError(t, d.Do(func() error {
		s, err := d.NewStream()
		require.NoError(t, err)
		m, err := d.Alloc(8, "x")
		require.NoError(t, err)
		g, err := s.Capture(func() error { return s.Fill(m.Ptr, 9, 8) })
		require.NoError(t, err)
		got := make([]byte, 8)
		require.NoError(t, s.Download(got, m.Ptr))
		require.Equal(t, byte(0xff), got[0], "captured, not done")
		require.NoError(t, s.Replay(g))
		require.NoError(t, s.Download(got, m.Ptr))
		require.Equal(t, byte(9), got[0])
		require.NoError(t, g.Free())
		require.NoError(t, m.Free())
		return s.Free()
	}))
	require.NoError(t, d.Close())
}

// TestAGraphMayNotCopyMemoryOfTheHost captures a copy from pinned memory, which a
// library might hide in a call.
func TestAGraphMayNotCopyMemoryOfTheHost(t *testing.T) {
	real := fake.Use(t) == nil
	d, err := cuda.Open(0)
	require.NoError(t, err)
	require.NoError(t, d.Do(func() error {
		s, err := d.NewStream()
		require.NoError(t, err)
		m, err := d.Alloc(8, "x")
		require.NoError(t, err)
		p, err := d.AllocPinned(8, "p")
		require.NoError(t, err)
		for _, f := range []func() error{
			func() error { return s.Upload(m.Ptr, p.Bytes) },
			func() error { return s.Download(p.Bytes, m.Ptr) },
		} {
			g, err := s.Capture(func() error {
				if err := s.Fill(m.Ptr, 1, 8); err != nil {
					return err
				}
				return f()
			})
			if real && err == nil { // a driver may call all memory of one kind
				t.Log("the driver does not tell memory of the host in a graph")
				require.NoError(t, g.Free())
				continue
			}
			require.Nil(t, g)
			require.ErrorContains(t, err, "node 1 of 2 of a graph calls the host or copies its memory")
		}
		require.NoError(t, p.Free())
		require.NoError(t, m.Free())
		return s.Free()
	}))
	require.NoError(t, d.Close())
}
