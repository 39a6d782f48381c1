package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestThePictureIsThatOfTheImports draws it anew; go generate ./internal/arch writes it.
func TestThePictureIsThatOfTheImports(t *testing.T) {
	file := filepath.Join(t.TempDir(), "floors.svg")
	require.NoError(t, write(file))
	drawn, err := os.ReadFile(file)
	require.NoError(t, err)
	kept, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "img", "floors.svg"))
	require.NoError(t, err)
	require.Equal(t, string(kept), string(drawn), "go generate ./internal/arch")
	d := xml.NewDecoder(strings.NewReader(string(drawn)))
	for err == nil {
		_, err = d.Token()
	}
	require.True(t, errors.Is(err, io.EOF), err)
}

func TestArrowsGoDown(t *testing.T) {
	b := []floor{{"", []string{"top", "side"}}, {"", []string{"mid/*"}}, {"", []string{"low"}}}
	arrows, err := arrowsOf(b, map[string][]string{"top": {"mid/a", "low", "side"}, "mid/a": {"mid/b", "low"}})
	require.NoError(t, err)
	require.Len(t, arrows, 4)
	require.Equal(t, []arrow{{"mid/*", "low"}, {"top", "mid/*"}, {"top", "side"}}, reduced(arrows))

	_, err = arrowsOf(b, map[string][]string{"low": {"mid/a"}})
	require.ErrorContains(t, err, "low imports mid/a, which is on a higher floor")
	_, err = arrowsOf(b, map[string][]string{"attic": nil})
	require.ErrorContains(t, err, "attic is on no floor")
	_, err = arrowsOf(b, map[string][]string{"top": {"attic"}})
	require.ErrorContains(t, err, "attic is on no floor")
}
