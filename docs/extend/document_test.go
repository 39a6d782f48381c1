package extend_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTheDocumentShowsThisCode looks up every listing of docs/extend.md in the files here.
func TestTheDocumentShowsThisCode(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "extend.md"))
	require.NoError(t, err)
	listings := regexp.MustCompile("(?s)```(?:go|c)\n(.*?)\n```").FindAllStringSubmatch(string(page), -1)
	require.GreaterOrEqual(t, len(listings), 11)
	var code strings.Builder
	for _, pattern := range []string{"*.go", "*.cu"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, f := range files {
			text, err := os.ReadFile(f)
			require.NoError(t, err)
			code.Write(text)
		}
	}
	for _, l := range listings {
		require.Contains(t, code.String(), l[1])
	}
}
