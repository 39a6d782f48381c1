package data

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/internal/atomicfile"
)

// small is an MNIST of three images of 2×2, with the checksums of its files.
type small struct {
	images, labels mnistFile
	gz             map[string][]byte // by file name
	plain          map[string][]byte
}

func newSmall(t *testing.T) small {
	s := small{gz: map[string][]byte{}, plain: map[string][]byte{}}
	s.images = s.add(t, "images", append([]byte{0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 2}, 0, 51, 102, 153, 204, 255, 0, 0, 1, 2, 3, 4))
	s.labels = s.add(t, "labels", append([]byte{0, 0, 8, 1, 0, 0, 0, 3}, 7, 0, 9))
	return s
}

func (s small) add(t *testing.T, name string, plain []byte) mnistFile {
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	_, err := z.Write(plain)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	s.gz[name+".gz"], s.plain[name] = buf.Bytes(), plain
	return mnistFile{name, sumOf(buf.Bytes()), sumOf(plain), int64(buf.Len())}
}

func sumOf(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

func (s small) check(t *testing.T, set *Set, err error) {
	t.Helper()
	require.NoError(t, err)
	assert.Equal(t, []int{7, 0, 9}, set.Labels())
	row, err := set.Row(nil, 1)
	require.NoError(t, err)
	assert.InDeltaSlice(t, []float64{0.8, 1, 0, 0}, row, 1e-15)
}

// serve answers with the .gz files, as changed by spoil if it is not nil.
func (s small) serve(t *testing.T, spoil func(w http.ResponseWriter, r *http.Request, b []byte)) *httptest.Server {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, ok := s.gz[strings.TrimPrefix(r.URL.Path, "/")]
		switch {
		case !ok:
			http.NotFound(w, r)
		case spoil != nil:
			spoil(w, r, b)
		default:
			fmt.Fprintf(w, "%s", b)
		}
	}))
	t.Cleanup(server.Close)
	return server
}

// requireEmpty checks that dir has no file, not even a part of one.
func requireEmpty(t *testing.T, dir string) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if !os.IsNotExist(err) {
		require.NoError(t, err)
	}
	require.Empty(t, files)
}

func TestMNISTIsReadFromADirectory(t *testing.T) {
	s := newSmall(t)
	for name, files := range map[string]map[string][]byte{"plain": s.plain, "compressed": s.gz} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for file, b := range files {
				require.NoError(t, os.WriteFile(filepath.Join(dir, file), b, 0o600))
			}
			set, err := MNIST{Dir: dir}.set(t.Context(), s.images, s.labels)
			s.check(t, set, err)
			for file, b := range files {
				require.NoError(t, os.WriteFile(filepath.Join(dir, file), b[:len(b)-1], 0o600))
			}
			_, err = MNIST{Dir: dir, Download: true, URL: "http://127.0.0.1:0"}.set(t.Context(), s.images, s.labels)
			require.ErrorIs(t, err, ErrChecksum, "a file that is there is not replaced behind the user's back")
			assert.ErrorContains(t, err, dir)
		})
	}
}

func TestMNISTIsFetchedOnceAndOnRequestOnly(t *testing.T) {
	s := newSmall(t)
	asked := 0
	server := s.serve(t, func(w http.ResponseWriter, _ *http.Request, b []byte) {
		asked++
		fmt.Fprintf(w, "%s", b)
	})
	dir := filepath.Join(t.TempDir(), "new", "mnist")
	for name, m := range map[string]MNIST{
		"not asked for": {Dir: dir, URL: server.URL},
		"offline":       {Dir: dir, URL: server.URL, Download: true, Offline: true},
	} {
		_, err := m.set(t.Context(), s.images, s.labels)
		require.ErrorIs(t, err, ErrNotFound, name)
		assert.ErrorContains(t, err, "Download")
	}
	assert.Zero(t, asked)
	m := MNIST{Dir: dir, URL: server.URL, Download: true}
	for range 2 {
		set, err := m.set(t.Context(), s.images, s.labels)
		s.check(t, set, err)
		assert.Equal(t, 2, asked)
	}
	set, err := MNIST{Dir: dir}.set(t.Context(), s.images, s.labels)
	s.check(t, set, err)
}

func TestMNISTUsesTheCache(t *testing.T) {
	s := newSmall(t)
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("HOME", cache)
	t.Setenv("LocalAppData", cache)
	set, err := MNIST{URL: s.serve(t, nil).URL, Download: true}.set(t.Context(), s.images, s.labels)
	s.check(t, set, err)
	set, err = MNIST{}.set(t.Context(), s.images, s.labels)
	s.check(t, set, err)
}

func TestAFailedFetchLeavesNothing(t *testing.T) {
	s := newSmall(t)
	for name, c := range map[string]struct {
		spoil func(w http.ResponseWriter, r *http.Request, b []byte)
		says  string
	}{
		"wrong hash": {func(w http.ResponseWriter, _ *http.Request, b []byte) {
			b = bytes.Clone(b)
			b[len(b)-1] ^= 1
			fmt.Fprintf(w, "%s", b)
		}, "wrong checksum"},
		"cut connection": {func(w http.ResponseWriter, _ *http.Request, b []byte) {
			w.Header().Set("Content-Length", fmt.Sprint(len(b)))
			fmt.Fprintf(w, "%s", b[:10])
		}, "after 10 of"},
		"cut short": {func(w http.ResponseWriter, _ *http.Request, b []byte) {
			fmt.Fprintf(w, "%s", b[:10])
		}, "wrong checksum"},
		"endless": {func(w http.ResponseWriter, r *http.Request, _ []byte) {
			for r.Context().Err() == nil {
				fmt.Fprintf(w, "%s", make([]byte, 1<<16))
			}
		}, "wrong checksum"},
		"a page instead": {func(w http.ResponseWriter, _ *http.Request, _ []byte) {
			http.Error(w, "gone", http.StatusGone)
		}, "410"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			server := s.serve(t, c.spoil)
			m := MNIST{Dir: dir, URL: server.URL, Download: true}
			_, err := m.set(t.Context(), s.images, s.labels)
			require.ErrorContains(t, err, c.says)
			assert.ErrorContains(t, err, server.URL)
			requireEmpty(t, dir)
		})
	}
	t.Run("no server", func(t *testing.T) {
		dir := t.TempDir()
		_, err := MNIST{Dir: dir, URL: "http://127.0.0.1:0", Download: true}.set(t.Context(), s.images, s.labels)
		require.Error(t, err)
		requireEmpty(t, dir)
	})
	t.Run("interrupted", func(t *testing.T) {
		dir := t.TempDir()
		ctx, cancel := context.WithCancel(t.Context())
		server := s.serve(t, func(w http.ResponseWriter, r *http.Request, b []byte) {
			w.Header().Set("Content-Length", fmt.Sprint(len(b)))
			fmt.Fprintf(w, "%s", b[:10])
			cancel()
			<-r.Context().Done()
		})
		_, err := MNIST{Dir: dir, URL: server.URL, Download: true}.set(ctx, s.images, s.labels)
		require.ErrorIs(t, err, context.Canceled)
		requireEmpty(t, dir)
	})
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
	s := newSmall(t)
	dir := t.TempDir()
	m := MNIST{Dir: dir, URL: s.serve(t, nil).URL, Download: true}
	m.write = func(path string, fill func(io.Writer) error) error {
		return atomicfile.Write(path, func(w io.Writer) error { return fill(&full{w, 20}) })
	}
	_, err := m.set(t.Context(), s.images, s.labels)
	require.ErrorIs(t, err, syscall.ENOSPC)
	requireEmpty(t, dir)
}

func TestImagesAndLabelsMustBelongTogether(t *testing.T) {
	s := newSmall(t)
	dir := t.TempDir()
	for file, b := range s.plain {
		require.NoError(t, os.WriteFile(filepath.Join(dir, file), b, 0o600))
	}
	_, err := MNIST{Dir: dir}.set(t.Context(), s.labels, s.images)
	assert.ErrorIs(t, err, ErrFormat)
	_, err = MNIST{Dir: dir}.set(t.Context(), s.images, s.images)
	assert.ErrorIs(t, err, ErrFormat)
}

func TestLoadWantsTheFourPublishedFiles(t *testing.T) {
	dir := t.TempDir()
	_, _, err := MNIST{Dir: dir}.Load(t.Context())
	require.ErrorIs(t, err, ErrNotFound)
	assert.ErrorContains(t, err, "train-images-idx3-ubyte.gz")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "train-images-idx3-ubyte"), []byte("none"), 0o600))
	_, _, err = MNIST{Dir: dir}.Load(t.Context())
	assert.ErrorIs(t, err, ErrChecksum)
}
