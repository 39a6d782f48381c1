package data

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// content is what is fetched: larger than a buffer, and nowhere alike.
func content() []byte {
	var b []byte
	for i := 0; len(b) < 300_000; i++ {
		b = strconv.AppendInt(b, int64(i), 10)
	}
	return b
}

// A host answers with b, after what spoil does to the answer number n, from 1; spoil
// reports whether it has answered.
type host struct {
	*httptest.Server
	asked atomic.Int64
	mu    sync.Mutex
	seen  []string // the Range of each request
}

func newHost(t *testing.T, b []byte, spoil func(w http.ResponseWriter, r *http.Request, n int64) bool) *host {
	h := &host{}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		h.seen = append(h.seen, r.Header.Get("Range"))
		h.mu.Unlock()
		if n := h.asked.Add(1); spoil == nil || !spoil(w, r, n) {
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b))
		}
	}))
	t.Cleanup(h.Close)
	return h
}

// cut answers with the first n bytes of what is asked for, and closes the connection.
func cut(w http.ResponseWriter, b []byte, n int) bool {
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	_, err := w.Write(b[:n])
	return err == nil
}

// partial answers with the bytes from lo on, of a version.
func partial(w http.ResponseWriter, b []byte, lo, n int) bool {
	w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", lo, len(b)-1, len(b)))
	w.Header().Set("Content-Length", strconv.Itoa(len(b)-lo))
	w.WriteHeader(http.StatusPartialContent)
	_, err := w.Write(b[lo : lo+n])
	return err == nil
}

func fetchTo(t *testing.T, f fetcher, r remote) (path string, err error) {
	path = filepath.Join(t.TempDir(), "new dir", "[file]")
	return path, f.get(t.Context(), r, path)
}

func requireFetched(t *testing.T, path string, want []byte, err error) {
	t.Helper()
	require.NoError(t, err)
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	require.True(t, bytes.Equal(want, b), "%d bytes, want %d", len(b), len(want))
	files, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, files, 1, "nothing else is left")
}

func partOf(path string) string {
	return filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".download")
}

// TestABadNetworkOnlyTakesLonger fetches from hosts that fail once or more in one way.
func TestABadNetworkOnlyTakesLonger(t *testing.T) {
	b := content()
	n := len(b)
	other := bytes.Repeat([]byte("x"), n)
	for name, c := range map[string]struct {
		spoil func(w http.ResponseWriter, r *http.Request, n int64) bool
		asks  string // the ranges that it must ask for
	}{
		"nothing is wrong": {nil, "[]"},
		"503 and 429 before it goes": {func(w http.ResponseWriter, _ *http.Request, n int64) bool {
			if n < 3 {
				w.WriteHeader([]int{503, 429}[n-1])
			}
			return n < 3
		}, "[  ]"},
		"cut, then the rest": {func(w http.ResponseWriter, _ *http.Request, n int64) bool {
			return n == 1 &&
				cut(w, b, 100_000)
		},
			"[ bytes=100000-]"},
		"cut again and again": {func(w http.ResponseWriter, _ *http.Request, n int64) bool {
			return n == 1 && cut(w, b, 100_000) || n > 1 && n < 6 && partial(w, b, int(n-1)*100_000-99_990*int(n-2), 10)
		}, ""},
		"no ranges": {func(w http.ResponseWriter, r *http.Request, n int64) bool {
			r.Header.Del("Range")
			return n == 1 && cut(w, b, 100_000)
		}, "[ bytes=100000-]"},
		"another file at first": {func(w http.ResponseWriter, r *http.Request, n int64) bool {
			switch n {
			case 1: // half of it
				w.Header().Set("ETag", `"1"`)
				return cut(w, other, 100_000)
			case 2: // it is gone: the whole of the new one
				assert.Equal(t, `"1"`, r.Header.Get("If-Range"))
				w.Header().Set("ETag", `"2"`)
			}
			return false
		}, "[ bytes=100000-]"},
		"the wrong part": {func(w http.ResponseWriter, _ *http.Request, n int64) bool {
			return n == 1 && cut(w, b, 100_000) || n == 2 && partial(w, b, 50_000, 1000)
		}, "[ bytes=100000- ]"},
		"a part of a longer file": {func(w http.ResponseWriter, _ *http.Request, n int64) bool {
			return n == 1 && cut(w, b, 100_000) || n == 2 && partial(w, append(bytes.Clone(b), 0), 100_000, 1000)
		}, "[ bytes=100000- ]"},
		"a range that it will not have": {func(w http.ResponseWriter, _ *http.Request, n int64) bool {
			if n == 2 {
				w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
			}
			return n == 1 && cut(w, b, 100_000) || n == 2
		}, "[ bytes=100000- ]"},
		"an answer that does not come": {func(_ http.ResponseWriter, r *http.Request, n int64) bool {
			if n == 1 {
				<-r.Context().Done()
			}
			return n == 1
		}, "[ ]"},
		"bytes that cease to come": {func(w http.ResponseWriter, r *http.Request, n int64) bool {
			if n == 1 {
				cut(w, b, 1000)
				w.(http.Flusher).Flush()
				<-r.Context().Done()
			}
			return n == 1
		}, "[ bytes=1000-]"},
	} {
		for _, size := range []int64{int64(n), 0} {
			if size == 0 && name == "a part of a longer file" {
				continue // which nobody can know then
			}
			t.Run(fmt.Sprint(name, ", size ", size), func(t *testing.T) {
				h := newHost(t, b, c.spoil)
				last := int64(0)
				network := Network{Idle: 300 * time.Millisecond, Tries: 4, Wait: time.Millisecond}
				f := fetcher{network: network, progress: func(done, total int64) {
					last = done
					assert.EqualValues(t, n, total)
				}}
				path, err := fetchTo(t, f, remote{[]string{h.URL}, sha(b), size})
				requireFetched(t, path, b, err)
				assert.EqualValues(t, n, last)
				if c.asks != "" {
					assert.Equal(t, c.asks, fmt.Sprint(h.seen))
				}
			})
		}
	}
}

// TestAFailedFetchLeavesNoFile fetches from hosts that never deliver. Only what is worth
// going on from is left.
func TestAFailedFetchLeavesNoFile(t *testing.T) {
	b := content()
	wrong := bytes.Clone(b)
	wrong[len(b)-1] ^= 1
	for name, c := range map[string]struct {
		spoil func(w http.ResponseWriter, r *http.Request, n int64) bool
		says  string
		asked int64
		part  bool
	}{
		"another file": {func(w http.ResponseWriter, _ *http.Request, _ int64) bool { return cut(w, wrong, len(b)) },
			"wrong checksum", 1, false},
		"too short": {func(w http.ResponseWriter, _ *http.Request, _ int64) bool { return cut(w, b[:9], 9) },
			"it would be 9 bytes, want", 1, false},
		"too long": {func(w http.ResponseWriter, _ *http.Request, _ int64) bool {
			return cut(w, append(wrong, 1), 9)
		}, "it would be", 1, false},
		"a page": {func(w http.ResponseWriter, _ *http.Request, _ int64) bool {
			http.Error(w, "", http.StatusGone)
			return true
		}, "410", 1, false},
		"broken for ever": {func(w http.ResponseWriter, _ *http.Request, _ int64) bool {
			w.WriteHeader(500)
			return true
		}, "gave up after 2 tries", 2, false},
		"cut for ever": {func(w http.ResponseWriter, r *http.Request, n int64) bool {
			if n > 1 {
				w.WriteHeader(502)
				return true
			}
			return cut(w, b, 1000)
		}, "gave up after 2 tries", 3, true},
		"short without a length": {func(w http.ResponseWriter, _ *http.Request, _ int64) bool {
			w.(http.Flusher).Flush()
			_, err := w.Write(b[:10])
			return err == nil
		}, "after 10 of", 3, true},
		"endless": {func(w http.ResponseWriter, r *http.Request, _ int64) bool {
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 1<<16)); err != nil {
					break
				}
			}
			return true
		}, "more than", 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t, b, c.spoil)
			path, err := fetchTo(t, fetcher{network: hasty}, remote{[]string{h.URL}, sha(b), int64(len(b))})
			require.ErrorContains(t, err, c.says)
			assert.ErrorContains(t, err, h.URL)
			assert.Equal(t, c.asked, h.asked.Load())
			if !c.part {
				requireEmpty(t, filepath.Dir(path))
				return
			}
			_, err = os.Stat(path)
			require.ErrorIs(t, err, os.ErrNotExist)
			_, err = os.Stat(partOf(path))
			require.NoError(t, err, "to go on from")
		})
	}
	t.Run("no host", func(t *testing.T) {
		path, err := fetchTo(t, fetcher{network: hasty}, remote{[]string{"http://127.0.0.1:0"}, sha(b), 0})
		require.Error(t, err)
		requireEmpty(t, filepath.Dir(path))
	})
	t.Run("a limit of the caller", func(t *testing.T) {
		h := newHost(t, b, func(_ http.ResponseWriter, r *http.Request, _ int64) bool {
			<-r.Context().Done()
			return true
		})
		path, err := fetchTo(t, fetcher{client: &http.Client{Timeout: time.Millisecond}},
			remote{[]string{h.URL}, sha(b), 0})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		requireEmpty(t, filepath.Dir(path))
	})
	t.Run("no context", func(t *testing.T) {
		var none context.Context
		_, _, err := MNIST{}.Load(none)
		require.ErrorIs(t, err, ErrInput)
		_, _, err = CIFAR100{}.Load(none)
		require.ErrorIs(t, err, ErrInput)
	})
	t.Run("no URL", func(t *testing.T) {
		path, err := fetchTo(t, fetcher{network: hasty}, remote{[]string{"::", "file:///etc/passwd", "zero"}, sha(b),
			0})
		require.ErrorContains(t, err, `scheme "", want http or https`)
		requireEmpty(t, filepath.Dir(path))
	})
}

// TestTheNextRunGoesOnFromAPart stops a fetch in three ways, and starts another.
func TestTheNextRunGoesOnFromAPart(t *testing.T) {
	b := content()
	r := func(h *host) remote { return remote{[]string{h.URL}, sha(b), int64(len(b))} }
	for name, part := range map[string][]byte{"of the same file": b[:200_000],
		"of another file": []byte(strings.Repeat("x", 200_000)),
		"that is whole":   b, "too long": append(bytes.Clone(b), 1, 2)} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t, b, nil)
			path := filepath.Join(t.TempDir(), "file")
			require.NoError(t, os.WriteFile(partOf(path), part, 0o600)) // as a process leaves it that was killed
			requireFetched(t, path, b, fetcher{network: hasty}.get(t.Context(), r(h), path))
			if name == "that is whole" {
				assert.Empty(t, h.seen)
				return
			}
			assert.Equal(t, fmt.Sprintf("bytes=%d-", len(part)), h.seen[0])
		})
	}
	t.Run("interrupted", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		h := newHost(t, b, func(w http.ResponseWriter, r *http.Request, n int64) bool {
			if n == 1 {
				cut(w, b, 70_000)
				w.(http.Flusher).Flush()
				<-r.Context().Done()
			}
			return n == 1
		})
		f := fetcher{network: hasty, progress: func(done, _ int64) {
			if done >= 60_000 {
				cancel()
			}
		}}
		path := filepath.Join(t.TempDir(), "file")
		err := f.get(ctx, r(h), path)
		require.ErrorIs(t, err, context.Canceled)
		_, err = os.Stat(path)
		require.ErrorIs(t, err, os.ErrNotExist)
		requireFetched(t, path, b, fetcher{network: hasty}.get(t.Context(), r(h), path))
		assert.NotEmpty(t, h.seen[1], "a range")
	})
	t.Run("while it waits", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		h := newHost(t, b, func(w http.ResponseWriter, _ *http.Request, _ int64) bool {
			w.WriteHeader(500)
			time.AfterFunc(10*time.Millisecond, cancel)
			return true
		})
		start := time.Now()
		err := fetcher{network: Network{Wait: time.Hour}}.get(ctx, r(h), filepath.Join(t.TempDir(), "file"))
		require.ErrorIs(t, err, context.Canceled)
		assert.Less(t, time.Since(start), time.Minute)
	})
}

func TestMirrorsAreTriedInTurn(t *testing.T) {
	b := content()
	gone := newHost(t, b, func(w http.ResponseWriter, _ *http.Request, _ int64) bool {
		http.Error(w, "", 404)
		return true
	})
	busy := newHost(t, b, func(w http.ResponseWriter, _ *http.Request, _ int64) bool {
		w.WriteHeader(503)
		return true
	})
	wrong := newHost(t, bytes.ToUpper(append(bytes.Clone(b[:len(b)-1]), 'x')), nil)
	half := newHost(t, b, func(w http.ResponseWriter, r *http.Request, n int64) bool {
		if n == 1 {
			return cut(w, b, 150_000)
		}
		w.WriteHeader(500)
		return true
	})
	good := newHost(t, b, nil)
	path, err := fetchTo(t, fetcher{network: hasty}, remote{[]string{gone.URL, busy.URL, wrong.URL, half.URL, good.URL},
		sha(b), int64(len(b))})
	requireFetched(t, path, b, err)
	assert.EqualValues(t, 1, gone.asked.Load())
	assert.Equal(t, []string{"bytes=150000-"}, good.seen, "it goes on from what another had")
	path, err = fetchTo(t, fetcher{network: hasty}, remote{[]string{gone.URL, wrong.URL}, sha(b), 0})
	require.ErrorIs(t, err, ErrChecksum)
	requireEmpty(t, filepath.Dir(path))
}

// full is a disk with room for n more bytes.
type full struct {
	w io.Writer
	n int
}

func (f *full) Write(b []byte) (int, error) {
	n, err := f.w.Write(b[:min(len(b), f.n)])
	f.n -= n
	if err == nil && n < len(b) {
		err = syscall.ENOSPC
	}
	return n, err
}

func TestAFullDiskLeavesNothing(t *testing.T) {
	b := content()
	h := newHost(t, b, nil)
	f := fetcher{network: hasty, disk: func(w io.Writer) io.Writer { return &full{w, 70_000} }}
	path, err := fetchTo(t, f, remote{[]string{h.URL}, sha(b), 0})
	require.ErrorIs(t, err, syscall.ENOSPC)
	assert.EqualValues(t, 1, h.asked.Load(), "another try would fill it again")
	requireEmpty(t, filepath.Dir(path))
}
