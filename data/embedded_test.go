package data

import (
	"bytes"
	"compress/gzip"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzReadDigits reads texts as the embedded file of digits: of what it takes, each label
// has its 64 pixels.
func FuzzReadDigits(f *testing.F) {
	line := strings.Repeat("7,", 64)
	f.Add(line + "3\n")
	f.Add(line + "3\r\n" + line + "\"9\"\n\n")
	f.Add(line + "256\n")
	f.Add(line[2:] + "1\n")
	f.Fuzz(func(t *testing.T, text string) {
		var gz bytes.Buffer
		w := gzip.NewWriter(&gz)
		_, err := w.Write([]byte(text))
		require.NoError(t, err)
		require.NoError(t, w.Close())
		pixels, labels, err := readDigits(gz.Bytes())
		if err == nil && len(pixels) != 64*len(labels) {
			t.Errorf("%d pixels of %d digits", len(pixels), len(labels))
		}
		if _, _, err := readDigits([]byte(text)); err == nil && !strings.HasPrefix(text, "\x1f\x8b") {
			t.Error("what is not compressed was read")
		}
	})
}

// FuzzReadIris is FuzzReadDigits for four numbers and a class.
func FuzzReadIris(f *testing.F) {
	f.Add("a,b,c,d,e\n5.1,3.5,1.4,0.2,0\n")
	f.Add("a,b,c,d,e\r\n1,2,3,4,5\n\n1e308,-0x1p-2,Inf,nan,-9\n")
	f.Add("")
	f.Add("1,2,3,4,5")
	f.Fuzz(func(t *testing.T, text string) {
		x, labels, err := readIris([]byte(text))
		if err != nil {
			return
		}
		if len(x) != 4*len(labels) {
			t.Errorf("%d numbers of %d flowers", len(x), len(labels))
		}
		set, err := New(x, 1, []int{4}, labels, 3)
		for i, v := range x {
			if bad := v-v != 0 || labels[i/4] < 0 || labels[i/4] > 2; bad && err == nil {
				t.Errorf("%v of class %d was taken", v, labels[i/4])
			}
		}
		if err == nil && (set.Len() != len(labels) || math.IsNaN(x[0])) {
			t.Errorf("%d flowers of %d", set.Len(), len(labels))
		}
	})
}
