package compare

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/data"
)

// idxFiles are files of the format of MNIST, of noise that has a bright row by class.
func idxFiles(t *testing.T) map[string][]byte {
	t.Helper()
	const n, k, side = 40, 10, 28
	files := map[string][]byte{}
	r := rand.New(rand.NewPCG(1, 2))
	for _, part := range []string{"train", "t10k"} {
		images := binary.BigEndian.AppendUint32(nil, 0x803)
		for _, d := range []uint32{n, side, side} {
			images = binary.BigEndian.AppendUint32(images, d)
		}
		labels := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, 0x801), n)
		for i := range n {
			labels = append(labels, byte(i%k))
			for p := range side * side {
				v := byte(r.IntN(50))
				if p/side == 2*(i%k) {
					v += 200
				}
				images = append(images, v)
			}
		}
		files[part+"-images-idx3-ubyte"], files[part+"-labels-idx1-ubyte"] = images, labels
	}
	return files
}

// TestOtherDataHaveTheirOwnChecksums, or none.
func TestOtherDataHaveTheirOwnChecksums(t *testing.T) {
	dir := t.TempDir()
	var by256, by5 strings.Builder
	fmt.Fprintln(&by256, "# ours")
	for name, text := range idxFiles(t) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o666))
		fmt.Fprintf(&by256, "%x  some/folder/%s\n", sha256.Sum256(text), name)
		fmt.Fprintf(&by5, "%X *%s\n\n", md5.Sum(text), name)
	}
	sums := func(text string) string {
		path := filepath.Join(t.TempDir(), "sums")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o666))
		return path
	}
	of := func(more ...string) []string {
		return append([]string{"-data", "mnist", "-dir", dir, "-epochs", "1", "-batch", "20", "-dim", "12"}, more...)
	}
	_, err := command(t.Context(), t, args(t.TempDir(), of()...))
	require.ErrorIs(t, err, data.ErrChecksum)
	require.ErrorContains(t, err, "-sums gives checksums, and -unchecked does without")
	dirOf := t.TempDir()
	_, err = command(t.Context(), t, args(dirOf, of("-unchecked")...))
	require.NoError(t, err)
	want, _ := readSummary(t, dirOf)
	for _, text := range []string{by256.String(), by5.String()} {
		dirOf := t.TempDir()
		_, err := command(t.Context(), t, args(dirOf, of("-sums", sums(text))...))
		require.NoError(t, err)
		got, _ := readSummary(t, dirOf)
		require.Equal(t, want.MCR2.DeltaR, got.MCR2.DeltaR)
	}
	other := strings.Map(func(c rune) rune {
		if c == '7' {
			return '8'
		}
		return c
	}, by256.String())
	_, err = command(t.Context(), t, args(t.TempDir(), of("-sums", sums(other))...))
	require.ErrorIs(t, err, data.ErrChecksum)
	for text, says := range map[string]string{
		"": "it has no checksums", "abc  file": "line 1 is", "# x\n" + strings.Repeat("0", 64): "line 2 is",
	} {
		_, err = command(t.Context(), t, args(t.TempDir(), of("-sums", sums(text))...))
		require.ErrorContains(t, err, says)
	}
	_, err = command(t.Context(), t, args(t.TempDir(), of("-sums", "no/such/file")...))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = parse([]string{"-unchecked"}, &strings.Builder{})
	require.ErrorContains(t, err, "-sums or -unchecked with -data digits")
}

func FuzzParseSums(f *testing.F) {
	f.Add(strings.Repeat("0a", 32) + "  file\n")
	f.Add(strings.Repeat("0A", 16) + " *a/b\n# no\n\n")
	f.Add("\x00")
	f.Fuzz(func(t *testing.T, text string) {
		sums, err := parseSums(strings.NewReader(text))
		if err != nil {
			return
		}
		if len(sums) == 0 {
			t.Error("no checksums and no error")
		}
		for name, sum := range sums {
			if n := len(sum); n != 64 && n != 32 || strings.ToLower(sum) != sum ||
				strings.ContainsRune(name, filepath.Separator) && name != "/" {
				t.Errorf("%q of %q", sum, name)
			}
		}
	})
}
