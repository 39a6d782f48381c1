package compare

import (
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// writeTable writes a table of two Gaussians and a ring around them, whose units differ.
func writeTable(t *testing.T) (path string) {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	b := []byte("\ufeffx,y,noise,class,shape\r\n")
	for i := range 300 {
		k := i % 3
		x, y := 3*float64(k)+0.6*rng.NormFloat64(), -2*float64(k)+0.6*rng.NormFloat64()
		if k == 2 {
			at := 2 * math.Pi * rng.Float64()
			x, y = 6*math.Cos(at)+0.3*rng.NormFloat64(), 6*math.Sin(at)+0.3*rng.NormFloat64()
		}
		class := []string{"red", "blue", `"ring, outer"`}[k]
		b = fmt.Appendf(b, "%.5f,%.5f,%.5f,%s,%s\r\n", 1e4+100*x, 1e-3*y, rng.NormFloat64(), class, "uv"[i%2:i%2+1])
	}
	path = filepath.Join(t.TempDir(), "table.csv")
	require.NoError(t, os.WriteFile(path, b, 0o666))
	return path
}

func TestCompareRunsOnATable(t *testing.T) {
	dir := t.TempDir()
	_, err := command(t.Context(), t, []string{"-data", writeTable(t), "-label", "class", "-out", dir})
	require.NoError(t, err)
	s, _ := readSummary(t, dir)
	require.GreaterOrEqual(t, s.MCR2.TestAccuracy, 0.93)
	require.GreaterOrEqual(t, s.CE.TestAccuracy, 0.93)
	require.Len(t, s.CE.ClassRank95, 3)
	require.Equal(t, 200, s.CE.Steps)
}

func TestCompareSaysWhatIsWrongWithATable(t *testing.T) {
	dir := t.TempDir()
	bad := filepath.Join(dir, "bad.csv")
	require.NoError(t, os.WriteFile(bad, []byte("x,y,class\n1,2,a\n3,oops,b\n"), 0o666))
	for _, c := range []struct{ flags, want string }{
		{"-data " + bad, `line 3, column 2 ("y"): the text "oops"`},
		{"-data " + filepath.Join(dir, "none.csv"), "none.csv: file does not exist"},
		{"-data " + dir + "/bad.xls", "bad.xls"},
		{"-model resnet10 -data " + writeTable(t), "takes images"},
		{"-label kind -data " + writeTable(t), `Label "kind": no such column`},
	} {
		_, err := command(t.Context(), t, append(strings.Fields(c.flags), "-out", filepath.Join(dir, "out")))
		require.ErrorContains(t, err, c.want, c.flags)
	}
	for _, flags := range []string{"-data digit", "-data digits -label x", "-augment -data " + bad} {
		_, err := parse(strings.Fields(flags), io.Discard)
		require.Error(t, err, flags)
	}
}
