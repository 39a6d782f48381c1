package train

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzDifferences compares records that lie in folders, which anybody may have written.
func FuzzDifferences(f *testing.F) {
	f.Add([]byte(`{"rate":0.02,"hooks":[{"name":"a","x":1},{"kind":"b"}],"out":"x"}`),
		[]byte(`{"rate":1e-3,"hooks":[{"name":"a","x":"1"}]}`))
	f.Add([]byte(`{"kind":"Adam","beta1":0.9}`), []byte(`{"kind":"SGD"}`))
	f.Add([]byte(`[[],{"is":"text"},null,1e999,"\ud800"]`), []byte(`[[1],{"is":5},true]`))
	f.Add([]byte(`{"a":1}{`), []byte(``))
	f.Fuzz(func(t *testing.T, was, is []byte) {
		for _, text := range [][]byte{was, is} {
			lines, err := Differences(text, text)
			if err == nil {
				require.Empty(t, lines, "of a record and itself")
			}
			if json.Valid(text) {
				require.NoError(t, err)
			}
		}
		forth, err1 := Differences(was, is, "out", "hooks.x")
		back, err2 := Differences(is, was, "out", "hooks.x")
		require.Equal(t, err1 == nil, err2 == nil)
		require.Equal(t, len(forth) == 0, len(back) == 0)
	})
}

// FuzzLogs goes on in logs that a kill or an editor has spoilt: what is kept is whole
// lines from the start.
func FuzzLogs(f *testing.F) {
	f.Add([]byte(`{"step":1,"epoch":0,"split":"train","loss":1}`+"\n"+`{"step":2,"epoch":0,"split":"train"}`+"\n"+
		`{"st`), 1)
	f.Add([]byte("step,epoch,\"a\n\"\"b\"\"\"\n1,0,0.5\n2,0,\n3,"), 2)
	f.Add([]byte("step,epoch\r\n1,0\r\n\r\nx,0\r\n"), 5)
	f.Fuzz(func(t *testing.T, text []byte, step int) {
		for _, keep := range []keeper{(&JSONL{every: 1}).keep, (&CSV{}).keep} {
			kept, last, every, err := keep(text, step)
			if err != nil {
				require.Zero(t, kept)
				continue
			}
			require.LessOrEqual(t, kept, len(text))
			require.True(t, kept == 0 || text[kept-1] == '\n')
			require.GreaterOrEqual(t, every, 1)
			if last > 0 {
				require.LessOrEqual(t, last, step)
			}
			again, _, _, err := keep(text[:kept], step)
			require.NoError(t, err)
			require.Equal(t, kept, again, "what is kept is kept")
		}
	})
}
