package data

import (
	"context"
	"net/http"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestSeveralThatWantOneFileTakeTurns fetches a file at once from many, each with its
// own open file, as processes have.
func TestSeveralThatWantOneFileTakeTurns(t *testing.T) {
	b := content()
	h := newHost(t, b, func(w http.ResponseWriter, _ *http.Request, n int64) bool { return n == 1 && cut(w, b, 1000) })
	path := filepath.Join(t.TempDir(), "file")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			assert.NoError(t, fetcher{network: hasty}.get(t.Context(), remote{[]string{h.URL}, sha(b), int64(len(b))},
				path))
		})
	}
	wg.Wait()
	requireFetched(t, path, b, nil)
	if runtime.GOOS == "windows" {
		return // which has no such locks
	}
	assert.EqualValues(t, 2, h.asked.Load(), "one has fetched it for all")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	other := filepath.Join(t.TempDir(), "file")
	part, err := claim(ctx, other)
	require.NoError(t, err)
	defer part.Close()
	_, err = claim(ctx, other)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.ErrorContains(t, err, "another process fetches it")
}
