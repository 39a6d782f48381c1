package data

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// What is fetched, and what is in the cache, must be the published archive.
func TestCIFARIsFetchedOnRequestAndChecked(t *testing.T) {
	body := archiveOf(t, tiny()...)
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		_, _ = w.Write(body)
	}))
	defer server.Close()
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("HOME", cache)
	t.Setenv("LocalAppData", cache)
	at := filepath.Join(must(os.UserCacheDir()), "whitebox", "cifar-10")

	for _, c := range []CIFAR10{{URL: server.URL}, {URL: server.URL, Download: true, Offline: true}} {
		_, _, err := c.Load(t.Context())
		require.ErrorIs(t, err, ErrNotFound)
		require.ErrorContains(t, err, "Download to fetch the archive (170 MB)")
	}
	require.Zero(t, asked)
	_, _, err := CIFAR10{URL: server.URL, Download: true}.Load(t.Context())
	require.ErrorIs(t, err, ErrChecksum, "these are not the published images")
	requireEmpty(t, at)

	mine := cifar10()
	mine.archive.sum, mine.archive.size = sha(body), int64(len(body))
	var seen int64
	progress := func(done, total int64) {
		require.EqualValues(t, len(body), total)
		seen = done
	}
	for range 2 {
		train, test, err := mine.load(t.Context(), place{url: server.URL, download: true,
			fetcher: fetcher{progress: progress}}, 0)
		require.EqualValues(t, len(body), seen)
		checkTiny(t, train, test, err)
		require.Equal(t, 2, asked)
	}
	put(t, at, member{name: "cifar-10-binary.tar.gz", body: body[:len(body)-1]})
	_, _, err = mine.load(t.Context(), place{url: server.URL, download: true}, 0)
	require.ErrorIs(t, err, ErrChecksum)
	require.ErrorContains(t, err, "to fetch it anew, give it another name")
	require.Equal(t, 2, asked, "a file that is there is not replaced behind the user's back")
}
