package gelu_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTheDocumentShowsThisCode looks up the listings of docs/add/op.md: they are what an
// operation consists of.
func TestTheDocumentShowsThisCode(t *testing.T) {
	root := filepath.Join("..", "..", "..")
	page, err := os.ReadFile(filepath.Join(root, "docs", "add", "op.md"))
	require.NoError(t, err)
	var code strings.Builder
	name := filepath.Join(root, "nn", "activation", "activation.go")
	for _, file := range []string{"op.go", "op_test.go", "gelu.cu", name} {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		code.Write(text)
	}
	listings := regexp.MustCompile("(?s)```(?:go|c)\n(.*?)\n```").FindAllStringSubmatch(string(page), -1)
	require.Len(t, listings, 4)
	for _, l := range listings {
		require.Contains(t, code.String(), l[1])
	}
}
