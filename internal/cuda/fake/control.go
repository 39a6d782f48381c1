//go:build whitebox_cuda && linux && (amd64 || arm64)

package fake

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unsafe"

	"github.com/ebitengine/purego"
	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/cuda"
)

// A Control reaches into the software device that a test uses.
type Control struct {
	lib uintptr
	t   testing.TB
}

// Use makes package cuda find the software device for the rest of the test, as if
// it had just been plugged in, and checks at its end that nothing was done that a
// strict device refuses and that nothing leaked. With WHITEBOX_REQUIRE=cuda it
// does neither, for the real device, and returns nil.
func Use(t testing.TB) *Control {
	t.Helper()
	if os.Getenv("WHITEBOX_REQUIRE") == "cuda" {
		require.NoError(t, cuda.Check(), "WHITEBOX_REQUIRE=cuda")
		return nil
	}
	dir, err := Build()
	require.NoError(t, err)
	return use(t, dir)
}

// Only is Use for a test that a real device cannot pass, which it skips there, saying
// why: "it makes a call fail".
func Only(t testing.TB, why string) *Control {
	t.Helper()
	c := Use(t)
	if c == nil {
		t.Skip("needs the software device: " + why)
	}
	return c
}

// Last returns the name of the last device that there is, such as "cuda:1" on the
// software device, for a test to show what takes device 0 for granted, and its number.
func Last(t testing.TB) (name string, i int) {
	t.Helper()
	all, err := cuda.Devices()
	require.NoError(t, err)
	return fmt.Sprintf("cuda:%d", len(all)-1), len(all) - 1
}

func use(t testing.TB, dir string) *Control {
	t.Helper()
	setenv(t, cuda.PathVariable, dir)
	lib, err := purego.Dlopen(filepath.Join(dir, "libcuda.so.1"), purego.RTLD_NOW|purego.RTLD_GLOBAL)
	require.NoError(t, err)
	c := &Control{lib, t}
	c.call("fake_reset")
	t.Cleanup(func() {
		if n := c.call("fake_violations"); n > 0 {
			t.Errorf("the device refused %d things:\n%s", n, c.Report())
		}
		if n := c.call("fake_live"); n > 0 {
			t.Errorf("%d allocations and objects on the device are not freed", n)
		}
	})
	return c
}

// setenv sets a variable for the rest of the test, also of one that runs beside
// others, for all set it to the same.
func setenv(t testing.TB, name, value string) {
	before, was := os.LookupEnv(name)
	require.NoError(t, os.Setenv(name, value))
	t.Cleanup(func() {
		if was {
			require.NoError(t, os.Setenv(name, before))
		} else {
			require.NoError(t, os.Unsetenv(name))
		}
	})
}

func (c *Control) call(name string, args ...uintptr) int {
	f, err := purego.Dlsym(c.lib, name)
	require.NoError(c.t, err)
	r, _, _ := purego.SyscallN(f, args...)
	return int(int64(r))
}

// Fail makes the nth call from now of a driver's or library's function return a
// code, without doing anything; from 700 to 719, but 701, the device is lost then.
func (c *Control) Fail(call string, nth, code int) {
	name := append([]byte(call), 0)
	f, err := purego.Dlsym(c.lib, "fake_fail")
	require.NoError(c.t, err)
	purego.SyscallN(f, uintptr(unsafe.Pointer(&name[0])), uintptr(nth), uintptr(code))
}

// Version sets the version of CUDA that the driver is for, as 12020 for 12.2.
func (c *Control) Version(v int) { c.call("fake_set_version", uintptr(v)) }

// Memory sets how many bytes the device has.
func (c *Control) Memory(n int) { c.call("fake_set_memory", uintptr(n)) }

// Live returns how many allocations, streams, events, modules and graphs there are.
func (c *Control) Live() int { return c.call("fake_live") }

// Launched returns how many kernels, calls of libraries, copies within the device
// and graphs were launched since Use.
func (c *Control) Launched() int { return c.call("fake_launched") }

// Moved returns how many bytes were copied to the device and from it since Use.
func (c *Control) Moved() (in, out int) { return c.call("fake_in"), c.call("fake_out") }

// Forgive returns what the device has refused so far and forgets it, for a test
// that provoked it.
func (c *Control) Forgive() string {
	s := c.Report()
	c.call("fake_reset")
	return s
}

// Hasty makes copies to the device be done at once, with what their stream waits
// for and nothing else: for a test of what a copy has to wait for. Without it they
// are done as late as all other work.
func (c *Control) Hasty(on bool) {
	if on {
		c.call("fake_hasty", 1)
	} else {
		c.call("fake_hasty", 0)
	}
}

// Note begins to note the calls of the driver and the libraries, anew.
func (c *Control) Note() { c.call("fake_note", 1) }

// Noted returns the names of the calls since Note, in their order.
func (c *Control) Noted() []string { return strings.Fields(c.text("fake_notes")) }

// Report returns what the device has refused so far, a line each.
func (c *Control) Report() string { return c.text("fake_report") }

// text returns the string that a function returns.
func (c *Control) text(name string) string {
	f, err := purego.Dlsym(c.lib, name)
	require.NoError(c.t, err)
	r, _, _ := purego.SyscallN(f)
	p := *(**byte)(unsafe.Pointer(&r))
	n := 0
	for *(*byte)(unsafe.Add(unsafe.Pointer(p), n)) != 0 {
		n++
	}
	return string(unsafe.Slice(p, n))
}

// Without makes package cuda find a driver that lacks one function.
func Without(t testing.TB, symbol string) {
	t.Helper()
	dir, err := BuildWithout(symbol)
	require.NoError(t, err)
	setenv(t, cuda.PathVariable, dir)
}
